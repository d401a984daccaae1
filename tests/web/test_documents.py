"""Things, documents about them, and addresses that are unknown or withdrawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import BASE, address, publish

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
TOTAL, PERSON, SOURCE = address("total/a"), address("ana"), address("report")


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        (BROWSER["accept"], "html"),
        ("*/*", "html"),
        ("text/turtle", "ttl"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "rdf"),
        ("application/ld+json", "jsonld"),
        ("text/html;q=0.5, application/ld+json", "jsonld"),
    ],
)
def test_a_thing_leads_to_its_document(client: TestClient, accept: str, suffix: str) -> None:
    answer = client.get(f"/id/{TOTAL}", headers={"accept": accept})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"../../doc/{TOTAL}.{suffix}"
    assert answer.headers["vary"] == "Accept, Accept-Datetime"
    followed = client.get(f"/id/{TOTAL}", headers={"accept": accept}, follow_redirects=True)
    assert followed.status_code == 200
    assert str(followed.url).endswith(f"/doc/{TOTAL}.{suffix}")


def test_a_node_below_a_finding_leads_into_its_document(client: TestClient) -> None:
    answer = client.get(f"/id/{TOTAL}/quantity", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"../../../doc/{TOTAL}.html#quantity"


def test_all_siblings_hold_the_same_triples(client: TestClient) -> None:
    found = {
        suffix: set(ox.parse(client.get(f"/doc/{TOTAL}.{suffix}").content, kind))
        for suffix, kind in FORMATS.items()
    }
    assert len(found["nt"]) > 50
    assert all(triples == found["nt"] for triples in found.values())
    assert not any(isinstance(triple.subject, ox.BlankNode) for triple in found["nt"])


def test_a_document_names_its_topic_its_data_set_and_its_licence(client: TestClient) -> None:
    text = client.get(f"/doc/{TOTAL}", headers={"accept": "application/n-triples"}).text
    doc = f"<{BASE}doc/{TOTAL}>"
    assert f"{doc} <http://xmlns.com/foaf/0.1/primaryTopic> <{BASE}id/{TOTAL}> ." in text
    assert f"{doc} <http://rdfs.org/ns/void#inDataset> <{BASE}release/2026-02-01.1> ." in text
    assert "creativecommons.org/licenses/by/4.0" in text


def test_a_document_names_its_other_forms(client: TestClient) -> None:
    answer = client.get(f"/doc/{PERSON}", headers=BROWSER)
    name = PERSON.rpartition("/")[2]
    assert answer.headers["content-location"] == f"{name}.html"
    assert f'<{name}.ttl>; rel="alternate"; type="text/turtle"' in answer.headers["link"]


def test_a_document_is_not_sent_twice(client: TestClient) -> None:
    first = client.get(f"/doc/{SOURCE}.ttl")
    again = client.get(
        f"/doc/{SOURCE}.ttl", headers={"if-none-match": f'W/"other", {first.headers["etag"]}'}
    )
    assert (again.status_code, again.content) == (304, b"")


AWKWARD = (
    "%D0%90%D0%BB%D0%B5%D1%81%D1%8C",
    "Алесь",
    "a%20b",
    "a+b",
    "a%2Bb",
    "%22%3E%3Cscript%3E",
    "a'b",
    "a%22b",
    "%2e%2e%2f%2e%2e",
    "a%2Fb",
    "100%25",
    "100%",
    "%",
    "%zz",
    "%00",
    "%0A",
    "anaveld000000001%0A",
    "%FF%FE",
    "%ED%A0%80",
    "%E2%80%AE",
    "a}",
    "{identifier}",
    "ANAVELD000000001",
    "a" * 3000,
    "-",
    "~",
    ".",
    "..",
    ".ttl",
)


#: An address that is still one (``.`` is the folder itself), one that leads on, or none.
_CALM = frozenset({200, 302, 303, 308, 404, 406})


@pytest.mark.parametrize("key", AWKWARD, ids=ascii)
def test_awkward_addresses_are_never_an_error_of_ours(client: TestClient, key: str) -> None:
    for path in (
        f"/id/person/{key}",
        f"/id/{key}/anaveld000000001",
        f"/id/person/anaveld000000001/{key}",
        f"/doc/person/{key}",
        f"/doc/person/{key}.ttl",
        f"/doc/person/{key}/",
        f"/doc/{key}/anaveld000000001",
        f"/doc/violation/{key}",
        f"/doc/person/anaveld000000001.{key}",
        f"/doc/person/anaveld000000001?release={key}",
        f"/timemap/id/person/{key}",
    ):
        for headers in ({}, BROWSER, {"accept-datetime": "Tue, 20 Jan 2026 12:00:00 GMT"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code in _CALM, path
            assert "<script>" not in answer.text
            if not headers and answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/id/finding/zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "/id/finding/zzzzzzzzzzzzzzzzzzzzzzzzzz/quantity",
        "/id/nothing/anaveld000000001",
        "/id/person",
        "/doc/finding/nope.ttl",
        "/doc/finding/nope",
        "/doc/finding/nope/",
        "/doc/violation/no-such-type",
        "/doc/violation/../x",
        "/id/violation/torture/x",
        "/nowhere",
    ],
)
def test_what_never_existed_is_404(client: TestClient, path: str) -> None:
    for headers in ({}, BROWSER):
        answer = client.get(path, headers=headers, follow_redirects=True)
        assert answer.status_code == 404
        assert "<script>" not in answer.text


@pytest.mark.parametrize("name", [f"{TOTAL}.docx", f"{TOTAL}.", f"{TOTAL}.ttl.gz", f"{TOTAL}.TTL"])
def test_an_unknown_suffix_is_406_with_what_is_offered(client: TestClient, name: str) -> None:
    answer = client.get(f"/doc/{name}")
    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["offered"]


@pytest.mark.parametrize("path", [f"/id/{TOTAL}", f"/doc/{TOTAL}"])
def test_what_nobody_accepts_is_406_with_what_is_offered(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["offered"] == [
        "text/html",
        "text/turtle",
        "application/ld+json",
        "application/n-triples",
        "application/rdf+xml",
        "application/json",
    ]


def test_a_slash_at_the_end_leads_to_the_address_without(client: TestClient) -> None:
    answer = client.get(f"/doc/{TOTAL}.ttl/?release=2026-02-01.1")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"../../../doc/{TOTAL}.ttl?release=2026-02-01.1"
    followed = client.get(f"/doc/{TOTAL}.ttl/", follow_redirects=True)
    assert (followed.status_code, followed.headers["content-type"]) == (
        200,
        "text/turtle; charset=utf-8",
    )
    thing = client.get(f"/id/{TOTAL}/", headers={"accept": "text/turtle"}, follow_redirects=True)
    assert (thing.status_code, str(thing.url).rpartition("/doc/")[2]) == (200, f"{TOTAL}.ttl")


@pytest.mark.parametrize("suffix", ["", ".html", *(f".{one}" for one in FORMATS)])
def test_head_has_the_headers_of_get(client: TestClient, suffix: str) -> None:
    path = f"/doc/{TOTAL}{suffix}"
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers} == {**got.headers}
    assert client.head(f"/id/{TOTAL}").status_code == 303
    assert client.head("/doc/finding/nope").status_code == 404


@pytest.mark.parametrize("path", [f"/id/{TOTAL}", f"/doc/{TOTAL}.ttl"])
def test_a_document_can_only_be_read(client: TestClient, path: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


def test_a_withdrawn_address_is_410_and_tells_nothing(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    publish(releases)
    gone = f"{BASE}id/finding/withdrawn00000000000000000"
    (releases / "withdrawals.json").write_text(
        json.dumps({"withdrawn": [gone], "editions": {}}), encoding="utf-8"
    )
    app = create_app(
        releases, settings=Settings(), service_factory=lambda _release: FakeQueries(tmp_path)
    )
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        for path in (
            "/id/finding/{}",
            "/doc/finding/{}",
            "/doc/finding/{}.ttl",
            "/id/finding/{}/time",
        ):
            answer = client.get(path.format("withdrawn00000000000000000"))
            assert answer.status_code == 410
            assert answer.json() == {
                "type": "https://w3id.org/casegraph/problems#no-longer-published",
                "title": "No longer published",
                "status": 410,
            }
        page = client.get("/doc/finding/withdrawn00000000000000000", headers=BROWSER)
        assert page.status_code == 410
        assert "No longer published" in page.text


def test_the_page_of_a_finding_shows_words_times_number_and_readings(client: TestClient) -> None:
    page = client.get(f"/doc/{TOTAL}.html").text
    for words in (
        "last year at least 900 people were sentenced",
        "A year of trials",
        "Text not published",
        "True for",
        "<dt>Reckoned from</dt><dd>2026: the bulletin is of that year</dd>",
        "Said on",
        "2026-01-05",
        "In this database since",
        "2026-01-12",
        "900 or more",
        "<em>during</em> 2025",
        "Harbour Rights Monitor",
        "the bulletin says so",
        "the total was larger a year before &lt;script&gt;alert(1)&lt;/script&gt;",
        "until 2025-12",
        "politically motivated conviction",
        "Its parts",
    ):
        assert words in page, words
    assert "<script>" not in page


def test_the_page_of_a_cited_place_says_that_it_was_not_confirmed(client: TestClient) -> None:
    page = client.get(f"/doc/{address('freed')}.html").text
    assert "Cited, not stored: read in an excerpt on 2026-01-09, not yet confirmed" in page
    assert "Place: p. 3" in page
    assert "Contradicts" in page


def test_the_page_of_a_person_leads_with_the_newest_state(client: TestClient) -> None:
    page = client.get(f"/doc/{PERSON}.html").text
    newest, earlier = page.index("at liberty"), page.index("Earlier, or not dated")
    assert newest < earlier < page.index("in custody")
    assert "A. Veldt" in page
    assert 'lang="be"' in page


def test_the_page_of_a_source_lists_its_words_with_findings(client: TestClient) -> None:
    page = client.get(f"/doc/{SOURCE}.html").text
    assert "5 quotations" in page
    assert "among them 210 women" in page
    assert "refuted reading" in page
    assert 'href="https://courier.example.org/trials" rel="noopener nofollow"' in page


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sentenced", "Smaller populations within it"),
        ("editors-case", "17/2025"),
        ("monitor", "What it says"),
        ("colony", "prisoners in Colony No. 9"),
    ],
)
def test_pages_of_other_things(client: TestClient, key: str, words: str) -> None:
    answer = client.get(f"/doc/{address(key)}.html")
    assert answer.status_code == 200
    assert words in answer.text


def test_the_pages_of_a_type_and_of_a_provision(client: TestClient) -> None:
    page = client.get("/doc/violation/torture", headers=BROWSER).text
    assert "prisoners in Colony No. 9" in page
    assert "Reviewed by a lawyer" in page
    assert 'href="../../doc/provision/' in page
    assert client.get("/doc/provision/iccpr-7", headers=BROWSER).status_code == 200


def test_a_revised_finding_says_so_first(client: TestClient) -> None:
    page = client.get(f"/doc/{address('denial')}.html").text
    note = page.index("<strong>Dispute</strong> on 2026-01-20")
    assert note < page.index("the ministry denies torture")
    assert "The ministry says that it never spoke of this." in page
    assert client.get("/doc/revision/revision00000001.html").status_code == 200


def test_a_chain_of_speakers_is_shown_in_order(client: TestClient) -> None:
    page = client.get(f"/doc/{address('custody')}.html").text
    speakers = page[page.index("Who says it") :].partition("</section>")[0]
    assert speakers.index("Ministry of Order") < speakers.index("passed on by")
    assert speakers.index("passed on by") < speakers.index("The Veldania Courier")


def test_quotations_have_pages(client: TestClient) -> None:
    page = client.get(f"/doc/{TOTAL}.nt").text
    quotation = page.split("<https://w3id.org/casegraph/ns#evidencedBy> <")[1].split(">")[0]
    answer = client.get(f"/doc/{quotation.removeprefix(f'{BASE}id/')}.html")
    assert "last year at least 900 people" in answer.text


def test_a_state_that_another_ended_says_so_and_leads_to_it(client: TestClient) -> None:
    page = client.get(f"/doc/{address('custody')}", headers=BROWSER).text
    assert "Something later is stored. Newest state that is stored:" in page
    assert f'href="../../doc/{address("freed")}"' in page
    newest = client.get(f"/doc/{address('freed')}", headers=BROWSER).text
    assert "Newest state that is stored" not in newest
    assert "may no longer hold" not in newest


def test_a_state_older_than_the_shelf_life_is_marked_on_its_own_page(releases: Path) -> None:
    """The setting and the day of the release decide, and both are printed; a flow never ages."""
    settings = Settings(query_workers=1, shelf_life_days=90)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url="http://127.0.0.1:8000") as visitor:
        old, flow = (
            visitor.get(f"/doc/{address(key)}", headers=BROWSER).text
            for key in ("custody", "total/a")
        )
    assert (
        "Last said of 2025-06-01, more than 90 days before this release of 2026-02-01: it may no"
        " longer hold."
    ) in old
    assert "may no longer hold" not in flow

"""The past can be visited: TimeGate, TimeMap and mementos (RFC 7089), and what they hold."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from casegraph.errors import NotFound
from casegraph.graph.store import build_store
from casegraph.release.manifest import DATASET
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.http.problems import RefusedRequestError
from casegraph.web.releases import memento
from casegraph.web.releases.shelf import Shelf
from casegraph.web.server import service_factory
from tests.web.fake_queries import FakeQueries
from tests.web.releases_in_time import ALL, FIRST, LATE, SECOND, THIRD, TOTAL, publish_three
from tests.web.small_release import BASE, address, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casegraph.web.releases.shelf import Release

HOME = "http://127.0.0.1:8000"
BEFORE = "Mon, 01 Jan 2024 00:00:00 GMT"
BETWEEN = "Tue, 20 Jan 2026 12:00:00 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
SUFFIXES = ("ttl", "jsonld", "nt", "rdf")
_LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"(?:; (?:type|datetime)="([^"]*)")?')


def links(header: str) -> dict[str, tuple[str, str]]:
    """Every relation of a Link header, with where it leads and its date or type."""
    return {
        relation: (target, said)
        for target, relations, said in _LINK.findall(header)
        for relation in relations.split()
        if relation not in {"alternate", "memento"}
    }


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    publish_three(folder / "releases", folder)
    return folder / "releases"


def visitor_of(releases: Path, stores: Path | None = None) -> TestClient:
    settings = Settings(query_workers=1)
    start = service_factory(settings, stores)
    app = create_app(releases, settings=settings, service_factory=start)
    return TestClient(app, base_url=HOME, follow_redirects=False)


@pytest.fixture(scope="module")
def visitor(past: Path) -> Iterator[TestClient]:
    with visitor_of(past) as client:
        yield client


# -- dates --------------------------------------------------------------------------------


def test_releases_of_one_day_begin_one_second_apart(past: Path) -> None:
    dates = [memento.begins(one) for one in memento.oldest_first(Shelf(past).releases())]
    assert [memento.http_date(date) for date in dates] == [
        "Thu, 15 Jan 2026 00:00:00 GMT",
        "Thu, 15 Jan 2026 00:00:01 GMT",
        "Sun, 01 Feb 2026 00:00:00 GMT",
    ]


@pytest.mark.parametrize(
    ("header", "release"),
    [
        (BEFORE, FIRST),
        ("Thu, 15 Jan 2026 00:00:00 GMT", FIRST),
        ("Thu, 15 Jan 2026 00:00:01 GMT", SECOND),
        (BETWEEN, SECOND),
        ("Sat, 31 Jan 2026 23:59:59 GMT", SECOND),
        ("Sun, 01 Feb 2026 00:30:00 +0100", SECOND),
        ("Sun, 01 Feb 2026 00:00:00 GMT", THIRD),
        (LATER, THIRD),
    ],
)
def test_the_release_in_force_at_a_time(past: Path, header: str, release: str) -> None:
    assert memento.release_at(Shelf(past), header).id == release


@pytest.mark.parametrize(
    "header",
    ["", "yesterday", "2026-01-20", "Mon, 99 Jan 2026 00:00:00 GMT", "\x00", "9" * 5000, "Ⅷ"],
)
def test_what_is_no_date_is_refused(header: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        memento.asked_moment(header)
    assert refused.value.document.status == 400


def test_where_nothing_is_published_there_is_no_past(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        memento.release_at(Shelf(tmp_path), BETWEEN)


def test_a_date_without_a_zone_is_gmt() -> None:
    assert memento.asked_moment("Tue, 20 Jan 2026 12:00:00") == datetime(
        2026, 1, 20, 12, tzinfo=UTC
    )


def test_the_past_of_the_endpoint_is_that_of_the_releases(past: Path) -> None:
    shelf = Shelf(past)
    original = memento.of_whole_site(shelf, "https://data.example.org/", "sparql")
    headers = memento.headers_of(original, shelf.release(SECOND))
    assert headers["Memento-Datetime"] == "Thu, 15 Jan 2026 00:00:01 GMT"
    found = links(headers["Link"])
    assert found["original"][0] == "https://data.example.org/sparql"
    assert found["timemap"][0] == "https://data.example.org/timemap/sparql"
    assert found["next"][0] == f"https://data.example.org/sparql?release={THIRD}"


# -- the original and its TimeGate --------------------------------------------------------


@pytest.mark.parametrize("path", [f"/id/{TOTAL}", f"/doc/{TOTAL}", f"/doc/{TOTAL}.ttl"])
def test_an_original_names_its_timegate_and_its_timemap(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    found = links(answer.headers["link"])
    assert found["original"] == found["timegate"] == (f"{HOME}{path}", "")
    assert found["timemap"] == (f"{HOME}/timemap{path}", "application/link-format")
    assert "Accept-Datetime" in answer.headers["vary"]
    assert "memento-datetime" not in answer.headers


@pytest.mark.parametrize(
    "path", [f"/id/{TOTAL}", f"/id/{TOTAL}/quantity", f"/doc/{TOTAL}", f"/doc/{TOTAL}.ttl"]
)
@pytest.mark.parametrize(
    ("moment", "release"), [(BEFORE, FIRST), (BETWEEN, SECOND), (LATER, THIRD)]
)
def test_a_timegate_leads_to_the_memento(
    visitor: TestClient, path: str, moment: str, release: str
) -> None:
    gate = visitor.get(path, headers={"accept-datetime": moment})
    assert gate.status_code == 302
    assert gate.content == b""
    assert "accept-datetime" in gate.headers["vary"].lower()
    assert "memento-datetime" not in gate.headers
    assert links(gate.headers["link"])["original"][0] == f"{HOME}{path}"
    target = urljoin(f"{HOME}{path}", gate.headers["location"])
    assert target == f"{HOME}{path}?release={release}"
    followed = visitor.get(path, headers={"accept-datetime": moment}, follow_redirects=True)
    assert followed.status_code == 200
    assert followed.headers["x-casegraph-release"] == release


def test_a_timegate_leads_only_where_the_thing_is(visitor: TestClient) -> None:
    gate = visitor.get(f"/doc/{LATE}.ttl", headers={"accept-datetime": BEFORE})
    assert gate.headers["location"].endswith(f"?release={THIRD}")


@pytest.mark.parametrize(("moment", "status"), [("soon", 400), (BETWEEN, 404)])
def test_a_timegate_refuses(visitor: TestClient, moment: str, status: int) -> None:
    path = f"/doc/{TOTAL}" if status == 400 else "/doc/finding/zzzzzzzzzzzzzzzzzzzzzzzzzz"
    answer = visitor.get(path, headers={"accept-datetime": moment})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


# -- mementos -----------------------------------------------------------------------------


def test_a_memento_says_when_it_is_of_and_where_the_others_are(visitor: TestClient) -> None:
    path = f"/doc/{TOTAL}.ttl"
    answer = visitor.get(f"{path}?release={SECOND}")
    assert answer.headers["memento-datetime"] == "Thu, 15 Jan 2026 00:00:01 GMT"
    assert answer.headers["x-casegraph-release"] == SECOND
    assert answer.headers["cache-control"] == "public, max-age=86400"
    found = links(answer.headers["link"])
    assert found["original"] == found["timegate"] == (f"{HOME}{path}", "")
    assert (
        found["first"]
        == found["prev"]
        == (
            f"{HOME}{path}?release={FIRST}",
            "Thu, 15 Jan 2026 00:00:00 GMT",
        )
    )
    assert (
        found["last"]
        == found["next"]
        == (
            f"{HOME}{path}?release={THIRD}",
            "Sun, 01 Feb 2026 00:00:00 GMT",
        )
    )
    assert f'<{HOME}{path}?release={SECOND}>; rel="memento"' in answer.headers["link"]


def test_a_memento_stays_in_its_release(visitor: TestClient) -> None:
    """From the thing to the document, and from one form of a document to the others."""
    thing = visitor.get(f"/id/{TOTAL}?release={FIRST}", headers={"accept": "text/turtle"})
    assert thing.status_code == 303
    assert thing.headers["location"] == f"../../doc/{TOTAL}.ttl?release={FIRST}"
    assert thing.headers["memento-datetime"] == "Thu, 15 Jan 2026 00:00:00 GMT"
    document = visitor.get(f"/doc/{TOTAL}?release={FIRST}", headers={"accept": "text/turtle"})
    name = TOTAL.rpartition("/")[2]
    assert document.headers["content-location"] == f"{name}.ttl?release={FIRST}"
    assert f'<{name}.nt?release={FIRST}>; rel="alternate"' in document.headers["link"]


def test_a_release_that_is_named_is_not_asked_for_its_time(visitor: TestClient) -> None:
    answer = visitor.get(f"/doc/{TOTAL}.nt?release={FIRST}", headers={"accept-datetime": LATER})
    assert (answer.status_code, answer.headers["x-casegraph-release"]) == (200, FIRST)


def test_a_memento_holds_what_its_release_held(visitor: TestClient) -> None:
    source = f"/doc/{address('report')}.nt"
    texts = [visitor.get(f"{source}?release={one}").text for one in ALL]
    assert ["A year of many trials" in text for text in texts] == [False, True, False]
    assert all(f"{BASE}release/{one}>" in text for one, text in zip(ALL, texts, strict=True))


def test_what_was_not_there_yet_has_no_memento(visitor: TestClient) -> None:
    answer = visitor.get(f"/doc/{LATE}.ttl?release={FIRST}")
    assert answer.status_code == 404
    assert f"?release={THIRD}" in answer.json()["hint"]
    assert visitor.get(f"/doc/{LATE}.ttl?release={THIRD}").status_code == 200


@pytest.mark.parametrize("name", ["2026-01-15.3", "latest", "", "../x", "2026-01-15.1%00"])
@pytest.mark.parametrize("path", [f"/id/{TOTAL}", f"/doc/{TOTAL}.ttl", f"/doc/{TOTAL}.html"])
def test_an_unknown_release_is_404_and_names_the_list(
    visitor: TestClient, path: str, name: str
) -> None:
    answer = visitor.get(f"{path}?release={name}")
    assert answer.status_code == 404
    assert "/release/" in answer.json()["hint"]


def test_two_releases_at_once_are_refused(visitor: TestClient) -> None:
    answer = visitor.get(f"/doc/{TOTAL}?release={FIRST}&release={SECOND}")
    assert answer.status_code == 400


def test_rdf_of_an_old_release_is_what_it_was_when_it_was_current(
    past: Path, tmp_path: Path
) -> None:
    """Byte for byte: then from memory, later from a store on disk, whatever is current."""
    shelf = Shelf(past)
    stores = tmp_path / "store"
    for release in shelf.releases():
        plain = tmp_path / f"{release.id}.nq"
        plain.write_bytes(gzip.decompress((release.directory / DATASET).read_bytes()))
        build_store([plain], stores, release.manifest.dataset_sha256)
    with visitor_of(past, stores) as visitor:
        for release in shelf.releases():
            then = tmp_path / release.id
            then.mkdir()
            (then / release.id).symlink_to(release.directory)
            (then / "current").write_text(f"{release.id}\n", encoding="utf-8")
            with visitor_of(then) as client:
                for key in (TOTAL, address("ana"), address("report"), "violation/torture"):
                    for suffix in SUFFIXES:
                        current = client.get(f"/doc/{key}.{suffix}")
                        later = visitor.get(f"/doc/{key}.{suffix}?release={release.id}")
                        assert current.status_code == later.status_code == 200
                        assert current.content == later.content
                        assert current.headers["etag"] == later.headers["etag"]


def test_the_page_of_an_old_release_says_so_and_leads_to_the_newest(visitor: TestClient) -> None:
    page = visitor.get(f"/doc/{TOTAL}.html?release={FIRST}").text
    banner = page[page.index('role="note"') :].partition("</p>")[0]
    assert f"release {FIRST} of 2026-01-15" in banner
    assert f'href="../../release/{THIRD}/"' in banner
    assert f'href="../../doc/{TOTAL}.html"' in banner
    assert f'Release <a href="../../release/{FIRST}/">{FIRST}</a>' in page
    for field in ("", f"?release={THIRD}"):
        assert "as it stood" not in visitor.get(f"/doc/{TOTAL}.html{field}").text


def test_the_links_of_an_old_page_stay_in_its_release(visitor: TestClient) -> None:
    page = visitor.get(f"/doc/{TOTAL}.html?release={FIRST}").text
    main = page[page.index("<main") :]
    inside = re.findall(r'<a href="[^"]*doc/[^"]*"', main)
    assert inside
    assert all(f"?release={FIRST}" in link for link in inside)
    assert "?release=" not in visitor.get(f"/doc/{TOTAL}.html").text.partition("<main")[2]


def test_the_old_page_of_what_is_gone_from_the_newest_says_that(past: Path, tmp_path: Path) -> None:
    for release_id in ALL:
        (tmp_path / release_id).symlink_to(past / release_id)
    (tmp_path / "current").write_text(f"{FIRST}\n", encoding="utf-8")
    with visitor_of(tmp_path) as client:
        page = client.get(f"/doc/{LATE}.html?release={THIRD}").text
        assert "this page is no longer in it" in page
        gone = client.get(f"/doc/{LATE}.ttl")
        assert (gone.status_code, THIRD in gone.json()["hint"]) == (404, True)


# -- 304 without a worker -----------------------------------------------------------------


def test_nothing_is_asked_for_what_the_reader_has_or_what_is_not_there(
    past: Path, tmp_path: Path
) -> None:
    fake = FakeQueries(tmp_path)
    started: list[str] = []

    def start(release: Release, **_old: bool) -> FakeQueries:
        started.append(release.id)
        return fake

    app = create_app(past, settings=Settings(), service_factory=start)
    with TestClient(app, base_url=HOME, follow_redirects=False) as client:
        tags = {one: client.get(f"/doc/{TOTAL}.ttl?release={one}").headers["etag"] for one in ALL}
        assert len(set(tags.values())) == 3
        client.get(f"/doc/{TOTAL}.ttl")
        asked, opened = len(fake.asked), list(started)
        for _ in range(3):
            for one, tag in tags.items():
                again = client.get(
                    f"/doc/{TOTAL}.ttl?release={one}", headers={"if-none-match": f'"x", {tag}'}
                )
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["etag"] == tag
                assert again.headers["memento-datetime"]
                assert client.get(f"/id/{TOTAL}?release={one}").status_code == 303
            assert client.get(f"/timemap/doc/{TOTAL}").status_code == 200
            assert client.get("/doc/person/zzzzzzzzzzzzzzzz.ttl").status_code == 404
            same = client.get(f"/doc/{TOTAL}.ttl", headers={"if-none-match": tags[THIRD]})
            assert same.status_code == 304
            other = client.get(f"/doc/{TOTAL}.nt", headers={"if-none-match": tags[FIRST]})
            assert other.status_code == 200
        assert len(fake.asked) == asked + 1
        assert started == opened


# -- TimeMaps -----------------------------------------------------------------------------


def test_a_timemap_lists_every_memento(visitor: TestClient) -> None:
    path = f"/doc/{TOTAL}.ttl"
    answer = visitor.get(f"/timemap{path}")
    assert answer.headers["content-type"] == "application/link-format"
    assert (
        answer.text
        == f"""\
<{HOME}{path}>; rel="original timegate",
<{HOME}/timemap{path}>; rel="self"; type="application/link-format"; \
from="Thu, 15 Jan 2026 00:00:00 GMT"; until="Sun, 01 Feb 2026 00:00:00 GMT",
<{HOME}{path}?release={FIRST}>; rel="first memento"; datetime="Thu, 15 Jan 2026 00:00:00 GMT",
<{HOME}{path}?release={SECOND}>; rel="memento"; datetime="Thu, 15 Jan 2026 00:00:01 GMT",
<{HOME}{path}?release={THIRD}>; rel="last memento"; datetime="Sun, 01 Feb 2026 00:00:00 GMT"
"""
    )
    for target in re.findall(r"<([^>]+release=[^>]+)>", answer.text):
        assert visitor.get(target).status_code == 200


@pytest.mark.parametrize("how", [{"headers": {"accept": "application/json"}}, {}])
def test_a_timemap_as_json(visitor: TestClient, how: dict[str, dict[str, str]]) -> None:
    field = "" if how else "?format=json"
    answer = visitor.get(f"/timemap/doc/{TOTAL}{field}", **how)
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["original_uri"] == said["timegate_uri"] == f"{HOME}/doc/{TOTAL}"
    assert [one["release"] for one in said["mementos"]["list"]] == list(ALL)
    assert said["mementos"]["first"]["datetime"] == "2026-01-15T00:00:00Z"
    assert visitor.get(said["timemap_uri"]["json_format"]).json() == said


def test_a_timemap_lists_only_releases_that_have_the_thing(visitor: TestClient) -> None:
    for path in (f"id/{LATE}", f"doc/{LATE}", f"doc/{LATE}.html"):
        text = visitor.get(f"/timemap/{path}").text
        assert re.findall(r"release=([^>]+)>", text) == [THIRD]
        assert 'rel="first last memento"' in text


def test_the_timemap_of_the_endpoint_lists_every_release(visitor: TestClient) -> None:
    text = visitor.get("/timemap/sparql").text
    assert re.findall(rf"<{HOME}/sparql\?release=([^>]+)>", text) == list(ALL)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "id",
        "doc/finding",
        "doc/finding/zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "id/nothing/anaveld000000001",
        f"doc/{TOTAL}/quantity",
        "release/2026-01-15.1",
        "id/person/%D0%90%D0%BB%D0%B5%D1%81%D1%8C",
        "id/person/a%20b",
        "id/person/%00",
        "../static/site.css",
        "http://127.0.0.1/doc/x/y",
    ],
)
def test_there_is_no_timemap_of_anything_else(visitor: TestClient, path: str) -> None:
    answer = visitor.get(f"/timemap/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_timemap_in_no_offered_format_is_406(visitor: TestClient) -> None:
    answer = visitor.get(f"/timemap/doc/{TOTAL}", headers={"accept": "text/turtle"})
    assert answer.status_code == 406
    assert "application/link-format" in answer.json()["offered"]


# -- withdrawals --------------------------------------------------------------------------


def test_what_was_withdrawn_is_gone_from_every_release_and_from_its_timemap(
    tmp_path: Path,
) -> None:
    releases = tmp_path / "releases"
    for release_id in ALL:
        publish(releases, release_id=release_id)
    kind, _, name = "finding/withdrawn00000000000000000".partition("/")
    gone = json.dumps({"withdrawn": [f"{BASE}id/{kind}/{name}"], "editions": {}})
    (releases / "withdrawals.json").write_text(gone, encoding="utf-8")
    app = create_app(
        releases,
        settings=Settings(),
        service_factory=lambda _release, **_old: FakeQueries(tmp_path),
    )
    with TestClient(app, base_url=HOME, follow_redirects=False) as client:
        for field in ("", *(f"?release={one}" for one in ALL)):
            for path in (f"/id/{kind}/{name}", f"/doc/{kind}/{name}", f"/doc/{kind}/{name}.ttl"):
                assert client.get(f"{path}{field}").status_code == 410
        for path in (f"/timemap/doc/{kind}/{name}.nt", f"/timemap/id/{kind}/{name}/quantity"):
            answer = client.get(path)
            assert (answer.status_code, set(answer.json())) == (410, {"type", "title", "status"})
        late = client.get(f"/doc/{kind}/{name}", headers={"accept-datetime": BETWEEN})
        assert late.status_code == 410


def test_while_a_takedown_is_under_way_the_files_of_its_releases_wait_too(
    past: Path, tmp_path: Path
) -> None:
    """The list names a record that an edition still carries; others are served."""
    for release_id in ALL:
        (tmp_path / release_id).symlink_to(past / release_id)
        (tmp_path / f"{release_id}.zip").write_bytes(b"PK")
    (tmp_path / "current").write_text(f"{FIRST}\n", encoding="utf-8")
    gone = json.dumps({"withdrawn": [f"{BASE}id/{LATE}"], "editions": {}})
    (tmp_path / "withdrawals.json").write_text(gone, encoding="utf-8")
    with visitor_of(tmp_path) as client:
        for path in ("/casegraph.nq.gz", "/casegraph.ttl", ".zip", "/"):
            answer = client.get(f"/release/{THIRD}{path}")
            assert (path, answer.status_code) == (path, 503)
            assert answer.headers["retry-after"]
            assert client.get(f"/release/{FIRST}{path}").status_code == 200
        for path in (f"/doc/{TOTAL}.ttl", f"/id/{TOTAL}"):
            assert client.get(f"{path}?release={THIRD}").status_code == 503
            assert client.get(path).status_code in {200, 303}
        assert client.get(f"/doc/{LATE}").status_code == 410
        assert client.get(f"/doc/{LATE}?release={THIRD}").status_code in {410, 503}

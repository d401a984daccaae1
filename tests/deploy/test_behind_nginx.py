"""deploy/nginx.conf before a served release: nothing is lost on the way, nothing is noted."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx
import pytest

from tests.deploy.conftest import NAME
from tests.web.small_release import RELEASE, address

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deploy.conftest import Front

CANARY = "zqxcanary"
ASK = f"ASK {{ ?{CANARY} ?p ?o }}"
ROWS = "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 3"
DIRECT = {"Content-Type": "application/sparql-query"}


def followed(front: Front, answer: httpx.Response) -> httpx.Response:
    """Where a redirect leads, as a browser at the public address would go."""
    here = f"https://{NAME}{answer.request.url.path}"
    there = urljoin(here, answer.headers["location"])
    assert there.startswith(f"https://{NAME}{front.prefix}/"), there
    path = there.removeprefix(f"https://{NAME}").partition("#")[0]
    return front.client.get(path, headers={"Accept": "*/*"})


@pytest.mark.parametrize("path", ["/", "/release/", f"/release/{RELEASE}", "/ns", "/sparql"])
def test_pages_and_everything_they_link_to(front: Front, path: str) -> None:
    """Links of a page lead on below the prefix, and there is something at their ends."""
    answer = front.client.get(front.prefix + path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    links = set(re.findall(r'(?:href|src|action)="([^"#:?]+)[#?"]', answer.text))
    assert links
    # The release of the tests is not signed.
    unsigned = ("manifest.json.minisig", "minisign.pub")
    for link in sorted(link for link in links if not link.endswith(unsigned)):
        there = urljoin(f"https://{NAME}{front.prefix}{path}", link)
        assert there.startswith(f"https://{NAME}{front.prefix}/"), link
        status = front.client.head(there.removeprefix(f"https://{NAME}")).status_code
        assert status in {200, 202, 302, 303}, (link, status)


def test_sparql_in_every_form(front: Front) -> None:
    where = f"{front.prefix}/sparql"
    client = front.client
    answers = [
        client.get(where, params={"query": ROWS}),
        client.post(where, data={"query": ROWS}),
        client.post(where, content=ROWS, headers=DIRECT),
        client.post(where, content=ROWS, headers=DIRECT | {"Accept-Encoding": "gzip"}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["x-casegraph-release"] for answer in answers} == {RELEASE}
    for kind in ("text/csv", "text/tab-separated-values", "application/sparql-results+xml"):
        answer = client.get(where, params={"query": ROWS}, headers={"Accept": kind})
        assert answer.headers["content-type"].startswith(kind)
    head = client.head(where, params={"query": ROWS})
    assert (head.status_code, head.content) == (200, b"")


def test_a_long_query_in_the_address_and_a_long_body(front: Front) -> None:
    long = ROWS + " #" + "x" * 50_000
    where = f"{front.prefix}/sparql"
    assert front.client.get(where, params={"query": long}).status_code == 200
    longer = ROWS + " #" + "x" * 1_500_000
    refused = front.client.post(where, content=longer, headers=DIRECT)
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["text/turtle", "text/html", "application/ld+json"])
def test_a_thing_leads_to_its_document(front: Front, kind: str) -> None:
    answer = front.client.get(f"{front.prefix}/id/{address('monitor')}", headers={"Accept": kind})
    assert answer.status_code == 303
    there = followed(front, answer)
    assert there.status_code == 200
    assert there.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("path", ["/release/latest", "/release/latest/casegraph.ttl"])
def test_moving_addresses_lead_to_the_release(front: Front, path: str) -> None:
    assert followed(front, front.client.get(front.prefix + path)).status_code == 200


def test_an_encoded_slash_stays_encoded(front: Front) -> None:
    """What nginx decodes would be another address; only the variant that it takes away does."""
    answer = front.client.get(f"{front.prefix}/doc/person%2Fx", headers={"Accept": "text/html"})
    assert answer.status_code == 404


def test_downloads_whole_and_in_parts(front: Front, releases: Path) -> None:
    where = f"{front.prefix}/release/{RELEASE}/casegraph.nq.gz"
    data = (releases / RELEASE / "casegraph.nq.gz").read_bytes()
    whole = front.client.get(where, headers={"Accept-Encoding": "identity"})
    assert hashlib.sha256(whole.content).digest() == hashlib.sha256(data).digest()
    assert whole.headers["content-length"] == str(len(data))
    part = front.client.get(where, headers={"Range": "bytes=10-109"})
    assert (part.status_code, part.content) == (206, data[10:110])
    tag = whole.headers["etag"]
    known = front.client.get(where, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    head = front.client.head(where, headers={"Accept-Encoding": "identity"})
    assert (head.headers["content-length"], head.content) == (str(len(data)), b"")


def test_tags_and_digests_arrive_as_casegraph_made_them(front: Front) -> None:
    where = f"{front.prefix}/sparql"
    for coding in ("identity", "gzip"):
        behind, through = (
            client.get(
                where, params={"query": ROWS}, headers={"Accept-Encoding": coding, "Host": NAME}
            )
            for client in (front.behind.client, front.client)
        )
        for name in ("etag", "repr-digest", "content-type", "vary", "cache-control"):
            assert behind.headers.get(name) == through.headers.get(name), name
        assert behind.content == through.content


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("SELECT {{", 400, "query"),
        ("SELECT * { SERVICE <http://x.example/> {} }", 403, "not-allowed"),
    ],
)
def test_problem_documents_pass_through(front: Front, query: str, status: int, name: str) -> None:
    answer = front.client.get(f"{front.prefix}/sparql", params={"query": query})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(f"#{name}")
    assert "no-store" in answer.headers["cache-control"]


def test_absolute_addresses_are_the_public_ones(front: Front) -> None:
    answer = front.client.get(f"{front.prefix}/sparql", headers={"Accept": "text/turtle"})
    assert f"https://{NAME}{front.prefix}/sparql" in answer.text
    assert "127.0.0.1" not in answer.text


def test_plain_http_leads_to_tls(front: Front) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{front.plain_port}/sparql?query=x",
        headers={"Host": NAME},
        trust_env=False,
    )
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://{NAME}/sparql?query=x"


def test_nginx_writes_down_nothing_of_who_asked_what(front: Front) -> None:
    where = f"{front.prefix}/sparql"
    headers = {"User-Agent": CANARY, "Referer": f"https://{CANARY}.example/"}
    front.client.get(where, params={"query": ASK}, headers=headers)
    front.client.get(where, params={"query": ASK + "{{"})
    front.client.get(f"{front.prefix}/{CANARY}")
    front.client.post(where, content="x" * 3_000_000, headers=DIRECT)
    said = front.logs()
    assert re.search(r"GET 200 \d+ ", said)
    assert CANARY not in said
    assert "127.0.0.1" not in said
    assert "sparql" not in said
    own = front.behind.output.read_text(encoding="utf-8")
    assert CANARY not in own


def mistakes_then(client: httpx.Client, where: str, claimed: str) -> httpx.Response:
    """More mistakes than one client may make, each claimed to come from elsewhere, then a query."""
    for number in range(12):
        answer = client.get(
            where,
            params={"query": f"SELECT {number} {{{{"},
            headers={"X-Forwarded-For": claimed.format(number), "Host": NAME},
        )
        assert answer.status_code in {400, 429}
    return client.get(
        where, params={"query": ROWS}, headers={"X-Forwarded-For": "203.0.113.9", "Host": NAME}
    )


def test_who_asks_is_told_apart_by_nginx_alone(strict_front: Front) -> None:
    """The visitor is counted under the address that nginx sees, however many it claims."""
    answer = mistakes_then(strict_front.client, "/sparql", "198.51.{}.7")
    assert answer.status_code == 429
    assert answer.json()["type"].endswith("#rate-limit")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_stranger_who_comes_past_nginx_is_not_believed(strict_front: Front) -> None:
    """From an address that is no trusted proxy, whatever it says it is one client."""
    where = f"http://127.0.0.1:{strict_front.behind.port}/sparql"
    transport = httpx.HTTPTransport(local_address="127.0.5.2")
    with httpx.Client(transport=transport, trust_env=False) as stranger:
        assert mistakes_then(stranger, where, "198.18.{}.7").status_code == 429


def test_a_trusted_proxy_is_believed(strict_front: Front) -> None:
    """Past nginx from the address of nginx: each visitor it names has an account of its own."""
    where = f"http://127.0.0.1:{strict_front.behind.port}/sparql"
    with httpx.Client(trust_env=False) as proxy:
        assert mistakes_then(proxy, where, "198.18.{}.7").status_code == 200


def test_while_casegraph_is_away_nginx_says_so_in_a_problem_document(strict_front: Front) -> None:
    strict_front.behind.process.terminate()
    strict_front.behind.process.wait()
    answer = strict_front.client.get("/sparql", params={"query": ASK})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "10"
    assert answer.json()["status"] == 503
    assert answer.headers["access-control-allow-origin"] == "*"
    assert CANARY not in strict_front.logs()


def test_nginx_refuses_floods_in_a_problem_document(strict_front: Front) -> None:
    """Far more than a second's worth at once; what is let through is answered."""
    answers = [strict_front.client.get("/healthz") for _ in range(400)]
    refused = [answer for answer in answers if answer.status_code != 200]
    for answer in refused:
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["limit"] == "rate"
    assert refused

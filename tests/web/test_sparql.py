"""The endpoint: formats, refusals, headers, pages."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import logging
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from casegraph.errors import AskForLess, TryLater
from casegraph.query.admission import Admission, AdmissionLimits
from casegraph.settings import Settings
from casegraph.web.app import create_app
from tests.web.conftest import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.fake_queries import FakeQueries

CG = "PREFIX cg: <https://w3id.org/casegraph/ns#> "
CURRENT = CG + "SELECT ?f ?s { ?f a cg:CurrentFinding ; cg:statement ?s } ORDER BY ?f ?s"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DIRECT = {"content-type": "application/sparql-query"}


@contextmanager
def visitor(releases: Path, fake: FakeQueries, admission: Admission) -> Iterator[TestClient]:
    """A visitor of a site that lets in as ``admission`` says."""
    app = create_app(releases, settings=Settings(), service_factory=lambda _release, **_: fake)
    app.state.site = replace(app.state.site, admission=admission)
    with TestClient(app, base_url=HOME, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        ("*/*", "SELECT * { ?s ?p ?o } LIMIT 1", "application/sparql-results+json"),
        ("application/json", "SELECT * { ?s ?p ?o } LIMIT 1", "application/json"),
        ("application/sparql-results+xml", "ASK {}", "application/sparql-results+xml"),
        ("application/xml", "ASK {}", "application/xml"),
        ("text/csv", "SELECT * { ?s ?p ?o } LIMIT 1", "text/csv"),
        ("text/tab-separated-values", "SELECT * {} LIMIT 1", "text/tab-separated-values"),
        ("*/*", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "text/turtle"),
        ("application/n-triples", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "application/n-triples"),
        ("application/n-quads", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "application/n-quads"),
        ("application/trig", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "application/trig"),
        ("application/rdf+xml", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "application/rdf+xml"),
        ("application/ld+json", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "application/ld+json"),
        ("text/turtle;version=1.2", "DESCRIBE <x:y>", "text/turtle"),
        ("text/html", "SELECT * { ?s ?p ?o } LIMIT 1", "text/html"),
    ],
)
def test_the_format_is_negotiated(
    client: TestClient, accept: str, query: str, expected: str
) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == expected
    assert "accept" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accept", "query"),
    [
        ("image/png", "ASK {}"),
        ("text/csv", "ASK {}"),
        ("text/turtle", "SELECT * {}"),
        ("application/sparql-results+json", "DESCRIBE <x:y>"),
    ],
)
def test_406_lists_what_is_offered(client: TestClient, accept: str, query: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert answer.status_code == 406
    assert "text/html" in answer.json()["offered"]


@pytest.mark.parametrize("name", ["csv", "text/csv"])
def test_format_overrides_accept(client: TestClient, name: str) -> None:
    params = {"query": "SELECT (1 AS ?one) {}", "format": name}
    answer = client.get("/sparql", params=params, headers=BROWSER)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == "one\r\n1\r\n"
    assert "attachment" in answer.headers["content-disposition"]


def test_an_unknown_format_is_refused_with_the_known_ones(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}", "format": "yaml"})
    assert answer.status_code == 406


def test_get_and_both_posts_give_the_same_bytes(client: TestClient) -> None:
    by_get = client.get("/sparql", params={"query": CURRENT})
    by_form = client.post("/sparql", data={"query": CURRENT})
    direct = client.post("/sparql", content=CURRENT, headers=DIRECT)
    assert by_get.content == by_form.content == direct.content
    assert by_get.headers["etag"] == by_form.headers["etag"] == direct.headers["etag"]


def test_a_result_carries_length_tag_digest_and_release(client: TestClient) -> None:
    plain = {"accept-encoding": "identity"}
    answer = client.get("/sparql", params={"query": CURRENT}, headers=plain)
    digest = hashlib.sha256(answer.content)
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["x-casegraph-release"] == "2026-02-01.1"
    assert answer.headers["etag"].startswith('"2026-02-01.1-')
    assert answer.headers["last-modified"].endswith(" GMT")
    assert answer.headers["x-casegraph-sha256"] == digest.hexdigest()
    assert answer.headers["x-casegraph-complete"] == "yes"
    assert answer.headers["x-casegraph-rows"] == str(len(answer.json()["results"]["bindings"]))
    encoded = base64.b64encode(digest.digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{encoded}:"
    assert answer.headers["x-casegraph-citable"] == "yes"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_has_not_changed_is_said_without_a_worker(
    fake_client: TestClient, fake: FakeQueries, method: str
) -> None:
    params = {"query": CURRENT}
    first = fake_client.get("/sparql", params=params)
    asked = len(fake.asked)
    for condition in (
        {"if-none-match": first.headers["etag"]},
        {"if-none-match": f'"other", W/{first.headers["etag"]}'},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = fake_client.request(method, "/sparql", params=params, headers=condition)
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
        assert "content-length" not in again.headers
    assert len(fake.asked) == asked


def test_what_is_said_to_be_unchanged_costs_nothing(releases: Path, fake: FakeQueries) -> None:
    """A client without any work left still learns that nothing has changed."""
    broke = Admission(AdmissionLimits(work_burst_s=0.05, work_s_per_minute=0.001))
    with visitor(releases, fake, broke) as client:
        first = client.get("/sparql", params={"query": CURRENT})
        broke.charge(broke.key("testclient"), 60.0)
        assert client.get("/sparql", params={"query": CURRENT}).status_code == 429
        known = {"if-none-match": first.headers["etag"]}
        assert client.get("/sparql", params={"query": CURRENT}, headers=known).status_code == 304


@pytest.mark.parametrize(
    "change",
    [
        {"query": CURRENT + " "},
        {"query": CURRENT, "format": "xml"},
        {"query": CURRENT, "default-graph-uri": "https://veldania.example/graph/asserted"},
        {"query": CURRENT, "named-graph-uri": "https://veldania.example/graph/asserted"},
        {"query": CURRENT, "format": "csv", "profile": "spreadsheet"},
    ],
)
def test_whatever_decides_an_answer_decides_its_tag(
    client: TestClient, change: dict[str, str]
) -> None:
    first = client.get("/sparql", params={"query": CURRENT})
    known = {"if-none-match": first.headers["etag"]}
    other = client.get("/sparql", params=change, headers=known)
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


def test_a_query_that_may_answer_otherwise_is_marked_and_not_stored(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 2"})
    assert answer.headers["x-casegraph-citable"].startswith("no; ")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers
    again = client.get(
        "/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 2"}, headers={"if-none-match": "*"}
    )
    assert again.status_code == 200


def test_the_answer_of_a_named_release_may_be_kept_for_a_day(client: TestClient) -> None:
    params = {"query": CURRENT, "release": "2026-02-01.1"}
    answer = client.get("/sparql", params=params)
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.headers["memento-datetime"] == "Sun, 01 Feb 2026 00:00:00 GMT"
    assert 'rel="timemap"' in answer.headers["link"]
    assert client.get("/sparql", params={**params, "release": "2020-01-01.1"}).status_code == 404


def test_accept_datetime_chooses_the_release(client: TestClient) -> None:
    moment = {"accept-datetime": "Sat, 01 Aug 2026 00:00:00 GMT"}
    answer = client.get("/sparql", params={"query": CURRENT}, headers=moment)
    assert answer.headers["memento-datetime"] == "Sun, 01 Feb 2026 00:00:00 GMT"
    assert "accept-datetime" in answer.headers["vary"].lower()
    wrong = client.get(
        "/sparql", params={"query": CURRENT}, headers={"accept-datetime": "yesterday"}
    )
    assert wrong.status_code == 400


def test_csv_is_exact_unless_a_spreadsheet_is_meant(client: TestClient) -> None:
    query = (
        'SELECT ?cell { VALUES ?cell { "=1+1" "+2" "-3" "@x" "plain" "-a,b" "\t" } }'
        " ORDER BY STR(?cell)"
    )
    params = {"query": query, "format": "csv"}
    exact = client.get("/sparql", params=params)
    assert "\r\n=1+1\r\n" in exact.text
    safe = client.get("/sparql", params={**params, "profile": "spreadsheet"})
    rows = list(csv.reader(io.StringIO(safe.text)))
    cells = {row[0] for row in rows[1:]}
    assert cells == {"'=1+1", "+2", "-3", "'@x", "plain", "'-a,b", "'\t"}
    assert safe.headers["content-length"] == str(len(safe.content))
    assert safe.headers["x-casegraph-sha256"] == hashlib.sha256(safe.content).hexdigest()
    assert safe.headers["x-casegraph-rows"] == exact.headers["x-casegraph-rows"] == "7"
    assert client.get("/sparql", params={**params, "profile": "other"}).status_code == 400


def test_a_client_that_asked_too_much_is_told_when_to_come_back(
    releases: Path, fake: FakeQueries
) -> None:
    spent = Admission(AdmissionLimits(work_burst_s=1.0, work_s_per_minute=60.0))
    with visitor(releases, fake, spent) as client:
        spent.charge(spent.key("testclient"), 11.0)
        answer = client.get("/sparql", params={"query": "ASK {}"})
        page = client.post("/sparql", data={"query": "ASK {}", "format": "html"})
    assert answer.status_code == page.status_code == 429
    assert 9 <= int(answer.headers["retry-after"]) <= 11
    assert answer.json()["limit"] == "rate"
    assert answer.json()["type"].endswith("#rate-limit")
    assert fake.asked == []


def test_wrong_queries_are_counted_before_a_worker_sees_them(
    releases: Path, fake: FakeQueries
) -> None:
    strict = Admission(AdmissionLimits(errors_burst=3.0, errors_per_minute=0.01))
    with visitor(releases, fake, strict) as client:
        for _ in range(3):
            assert client.get("/sparql", params={"query": "SELECT * {"}).status_code == 400
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 429
    assert fake.asked == []


def test_head_has_the_headers_of_get(client: TestClient) -> None:
    params = {"query": CURRENT}
    got, head = client.get("/sparql", params=params), client.head("/sparql", params=params)
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["etag"] == got.headers["etag"]


def test_options_and_cross_origin_reads(client: TestClient) -> None:
    answer = client.options("/sparql", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
    assert "access-control-allow-credentials" not in answer.headers
    read = client.get("/sparql", params={"query": "ASK {}"})
    assert read.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "INSERT DATA { <a:b> <a:c> 1 }",
        "LOAD <http://127.0.0.1:1/>",
    ],
)
def test_service_and_updates_are_refused(client: TestClient, query: str) -> None:
    answer = client.post("/sparql", data={"query": query})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_syntax_error_says_where(client: TestClient) -> None:
    answer = client.post("/sparql", data={"query": 'SELECT ("Алесь" AS ?n)\n{ ?s ?p }'})
    problem = answer.json()
    assert answer.status_code == 400
    assert problem["line"] == 2
    assert problem["type"].endswith("#query")
    assert problem["status"] == 400


def test_a_body_over_a_mebibyte_is_refused(client: TestClient) -> None:
    answer = client.post("/sparql", content=b"#" * (1024 * 1024 + 1), headers=DIRECT)
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("#body")


def test_a_post_without_a_query_is_refused(client: TestClient) -> None:
    assert client.post("/sparql", data={"other": "x"}).status_code == 400


def test_an_unknown_graph_is_empty(client: TestClient) -> None:
    answer = client.get(
        "/sparql",
        params={"query": "ASK { ?s ?p ?o }", "default-graph-uri": "https://example.org/none"},
    )
    assert answer.json()["boolean"] is False


@pytest.mark.parametrize(
    ("error", "status", "members"),
    [
        (
            TryLater("Too slow.", limit="time", elapsed=30.0, retry_after=30, hint="Less."),
            503,
            {
                "limit": "time",
                "elapsed": 30.0,
                "retryAfter": 30,
                "hint": "Less.",
                "allowed": 30.0,
            },
        ),
        (TryLater("Busy.", limit="load"), 503, {"limit": "load", "retryAfter": 2}),
        (AskForLess("Too much.", limit="rows"), 413, {"limit": "rows"}),
    ],
)
def test_limits_are_told_apart(
    fake_client: TestClient,
    fake: FakeQueries,
    error: TryLater,
    status: int,
    members: dict[str, object],
) -> None:
    fake.error = error
    answer = fake_client.get("/sparql", params={"query": "ASK {}"})
    assert answer.status_code == status
    problem = answer.json()
    assert members.items() <= problem.items()
    assert problem["detail"] == error.message
    assert problem["elapsed"] >= 0
    assert problem["tryNext"]
    assert problem["dumps"] == "http://127.0.0.1:8000/release/latest"
    assert answer.headers.get("retry-after") == (
        str(members["retryAfter"]) if "retryAfter" in members else None
    )
    assert answer.headers["cache-control"] == "no-store"


def test_graphs_of_one_kind_leave_none_of_the_other(
    fake_client: TestClient, fake: FakeQueries
) -> None:
    """SPARQL 1.1 Protocol 2.1.4: the request's dataset is the whole dataset."""
    fake_client.get("/sparql", params={"query": "ASK {}", "named-graph-uri": "x:g"})
    fake_client.get("/sparql", params={"query": "ASK {}", "default-graph-uri": ["x:a", "x:b"]})
    fake_client.get("/sparql", params={"query": "ASK {}"})
    graphs = [(one.default_graphs, one.named_graphs) for one in fake.asked]
    assert graphs == [([], ["x:g"]), (["x:a", "x:b"], []), (None, None)]


def test_a_large_result_is_streamed_whole(fake_client: TestClient, fake: FakeQueries) -> None:
    fake.body = b"0123456789abcdef" * (512 * 1024)
    plain = {"accept-encoding": "identity"}
    answer = fake_client.get("/sparql", params={"query": "ASK {}"}, headers=plain)
    assert answer.content == fake.body
    assert answer.headers["content-length"] == str(len(fake.body))
    coded = fake_client.get("/sparql", params={"query": "ASK {}"})
    assert coded.content == fake.body
    assert coded.headers["content-encoding"] == "gzip"
    assert int(coded.headers["content-length"]) == coded.num_bytes_downloaded < len(fake.body)
    assert coded.headers["etag"] == answer.headers["etag"][:-1] + '-gzip"'
    assert coded.headers["repr-digest"] != answer.headers["repr-digest"]
    assert coded.headers["x-casegraph-sha256"] == answer.headers["x-casegraph-sha256"]
    assert list(fake.folder.glob("spool-*")) == []


def test_without_a_query_a_browser_gets_the_page_and_a_program_the_description(
    client: TestClient,
) -> None:
    page = client.get("/sparql", headers=BROWSER)
    assert "<textarea" in page.text
    turtle = client.get("/sparql", headers={"accept": "text/turtle"})
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    assert "<http://127.0.0.1:8000/sparql> a sd:Service" in turtle.text
    assert "BasicFederatedQuery" not in turtle.text
    assert "EmptyGraphs" not in turtle.text
    assert "30 seconds" in turtle.text
    expanded = client.get("/sparql", headers={"accept": "application/ld+json"})
    assert json.loads(expanded.content)


def test_the_description_counts_each_graph_rightly(client: TestClient) -> None:
    lines = client.get("/sparql", headers={"accept": "application/n-triples"}).text
    for name in ("asserted", "inferred", "vocabulary"):
        graph = f"https://veldania.example/graph/{name}"
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        counted = client.get("/sparql", params={"query": query, "format": "csv"}).text.split()[1]
        assert f'<{graph}#triples> <http://rdfs.org/ns/void#triples> "{counted}"' in lines


def test_a_browser_gets_a_table_with_labels(client: TestClient) -> None:
    answer = client.post("/sparql", data={"query": CURRENT, "format": "html"})
    assert answer.status_code == 200
    assert "Harbour Rights Monitor says" in answer.text
    assert re.search(r"<h2>\d+ rows, complete</h2>", answer.text)
    assert 'href="./doc/finding/' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_browser_gets_its_query_back_with_the_error(client: TestClient) -> None:
    answer = client.post("/sparql", data={"query": "SELECT <script>", "format": "html"})
    assert answer.status_code == 400
    assert "SELECT &lt;script&gt;</textarea>" in answer.text
    assert 'role="alert"' in answer.text


def test_what_is_asked_is_written_to_no_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="casegraph"):
        client.post("/sparql", data={"query": "SELECT ?markerword { "})
        client.get("/sparql", params={"query": "ASK { <x:markerword> ?p ?o }"})
    assert "markerword" not in caplog.text


def test_an_error_nobody_foresaw_tells_nothing(
    fake_client: TestClient, fake: FakeQueries, caplog: pytest.LogCaptureFixture
) -> None:
    fake.error = ValueError("secretword")  # type: ignore[assignment]
    answer = fake_client.get("/sparql", params={"query": "ASK {}"})
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secretword" not in answer.text + caplog.text
    (record,) = (one for one in caplog.records if one.name == "casegraph.web")
    assert record.said["kind"] == "ValueError"  # type: ignore[attr-defined]
    assert "secretword" not in str(record.said)  # type: ignore[attr-defined]

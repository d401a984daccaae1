"""The graph store: reads by the SPARQL 1.1 Graph Store HTTP Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from casegraph.errors import AskForLess, TryLater
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.web.plain_release import publish_lines
from tests.web.small_release import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.fake_queries import FakeQueries

NT = {"accept": "application/n-triples"}
STORE = "/rdf-graph-store"
PLAIN = "http://example.org/g1"
PERCENT = "http://example.org/g%31"
PLUS = "http://example.org/a+b"
CYRILLIC = "http://example.org/граф"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A release with graphs whose names are awkward in addresses."""
    releases = tmp_path_factory.mktemp("graphs") / "releases"
    publish_lines(
        releases,
        (
            f'<http://example.org/s> <http://example.org/p> "{number}" <{graph}> .'
            for number, graph in enumerate((PLAIN, PERCENT, PLUS, CYRILLIC))
        ),
    )
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"graph={quote(PLAIN, safe='')}", '"0"'),
        ("graph=http://example.org/g%31", '"0"'),
        ("graph=http://example.org/g%2531", '"1"'),
        ("graph=http://example.org/a+b", '"2"'),
        ("graph=http://example.org/a%2Bb", '"2"'),
        (f"graph={quote(CYRILLIC, safe='')}", '"3"'),
        (f"graph={quote(PLAIN, safe='')}&other=1", '"0"'),
    ],
)
def test_a_name_is_decoded_exactly_once(store: TestClient, query: str, expected: str) -> None:
    answer = store.get(f"{STORE}?{query}", headers=NT)
    assert answer.status_code == 200
    assert answer.text.split()[2] == expected


def test_the_default_graph_is_the_union(store: TestClient) -> None:
    for query in ("default", "default="):
        answer = store.get(f"{STORE}?{query}", headers=NT)
        assert len(answer.text.splitlines()) == 4
        assert answer.headers["x-casegraph-rows"] == "4"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("default&graph=http://example.org/g1", 400),
        ("graph=http://example.org/g1&graph=http://example.org/g1", 400),
        ("graph=http://example.org/%FF", 400),
        ("graph=", 404),
        ("graph=http://example.org/none", 404),
        ("graph=%67raph", 404),
        ("graph=../../etc/passwd", 404),
        ("graph=http://example.org/%E2%80%AE", 404),
        ("default&format=yaml", 406),
        ("default&release=2020-01-01.1", 404),
    ],
)
def test_what_is_no_graph_is_refused(store: TestClient, query: str, status: int) -> None:
    answer = store.get(f"{STORE}?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert store.head(f"{STORE}?{query}").status_code == status


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_is_written(store: TestClient, method: str) -> None:
    answer = store.request(method, f"{STORE}?default", content=b"<a:a> <a:b> <a:c> .")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-quads;q=0.5, application/trig", "application/trig"),
    ],
)
def test_the_format_is_negotiated(store: TestClient, accept: str, media_type: str) -> None:
    answer = store.get(f"{STORE}?default", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "accept" in answer.headers["vary"].lower()
    assert store.get(f"{STORE}?default", headers={"accept": "image/png"}).status_code == 406


def test_each_graph_and_format_has_a_tag_and_head_works(store: TestClient) -> None:
    queries = [
        "default",
        f"graph={PLAIN}",
        f"graph={PLAIN}&format=nt",
        "graph=http://example.org/a+b",
    ]
    answers = [store.get(f"{STORE}?{query}") for query in queries]
    tags = {answer.headers["etag"] for answer in answers}
    assert len(tags) == len(queries)
    for query, answer in zip(queries, answers, strict=True):
        head = store.head(f"{STORE}?{query}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == answer.headers["content-length"]
        known = {"if-none-match": answer.headers["etag"]}
        assert store.get(f"{STORE}?{query}", headers=known).status_code == 304


def test_a_graph_is_unchanged_without_a_worker(fake_client: TestClient, fake: FakeQueries) -> None:
    path = f"{STORE}?graph={BASE}graph/asserted"
    first = fake_client.get(path)
    fake.asked.clear()
    known = {"if-none-match": first.headers["etag"]}
    assert fake_client.get(path, headers=known).status_code == 304
    assert fake.asked == []


@pytest.mark.parametrize(
    ("query", "file"),
    [("default", "casegraph.nq.gz"), (f"graph={BASE}graph/asserted", "casegraph.ttl")],
)
def test_a_graph_that_is_too_large_lies_ready_as_a_file(
    fake_client: TestClient, fake: FakeQueries, query: str, file: str
) -> None:
    fake.error = AskForLess("The answer is too large.", limit="bytes", hint="Ask for less.")
    answer = fake_client.get(f"{STORE}?{query}")
    assert answer.status_code == 413
    assert answer.json()["dumps"].endswith(f"/release/2026-02-01.1/{file}")
    assert fake_client.get(answer.json()["dumps"]).status_code == 200
    fake.error = TryLater("Busy.", limit="load", retry_after=3)
    assert fake_client.get(f"{STORE}?{query}").headers["retry-after"] == "3"

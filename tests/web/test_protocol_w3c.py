"""The query cases of the SPARQL 1.1 Protocol tests, under their names there.

The requests are those of the W3C manifest; the data is ours, under the graph names that the
requests use.  ``data0.rdf`` is absent on purpose.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from casegraph.release.manifest import MANIFEST, build_manifest
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
D0, D1, D2, D3 = (DATA.format(number) for number in range(4))
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}
TWO_TYPES = f"ASK {{ <{D1}> a ?type . <{D2}> a ?type . }}"
TWO_GRAPHS = f"ASK {{ GRAPH ?g1 {{ <{D1}> a ?type }} GRAPH ?g2 {{ <{D2}> a ?type }} }}"
NAMED = [("named-graph-uri", D1), ("named-graph-uri", D2)]
DEFAULTS = [("default-graph-uri", D1), ("default-graph-uri", D2)]
EMPTY = [("default-graph-uri", D0)]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    releases = tmp_path_factory.mktemp("protocol") / "releases"
    directory = releases / "2026-01-01.1"
    directory.mkdir(parents=True)
    lines = "".join(
        f"<{graph}> <{RDF_TYPE}> <http://example.org/Document> <{graph}> .\n"
        for graph in (D1, D2, D3)
    ).encode()
    (directory / "casegraph.nq.gz").write_bytes(gzip.compress(lines, mtime=0))
    (directory / MANIFEST).write_bytes(
        build_manifest(
            directory,
            release_id="2026-01-01.1",
            base_iri="http://example.org/",
            dataset_sha256=hashlib.sha256(lines).hexdigest(),
            facts={},
        )
    )
    (releases / "current").write_text("2026-01-01.1\n", encoding="utf-8")
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def path(*fields: tuple[str, str]) -> str:
    return f"/sparql/?{urlencode(fields)}"


def says_yes(answer: httpx.Response) -> bool:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/sparql-results+json"
    return answer.json()["boolean"] is True


def test_query_post_form(endpoint: TestClient) -> None:
    answer = endpoint.post(path(*EMPTY), content="query=ASK%20%7B%7D", headers=FORM)
    assert says_yes(answer)


def test_query_post_direct(endpoint: TestClient) -> None:
    assert says_yes(endpoint.post(path(*EMPTY), content="ASK {}", headers=DIRECT))


def test_query_get(endpoint: TestClient) -> None:
    assert says_yes(endpoint.get(path(("query", "ASK {}"), *EMPTY)))


def test_query_dataset_default_graphs_get(endpoint: TestClient) -> None:
    assert says_yes(endpoint.get(path(("query", TWO_TYPES), *DEFAULTS)))


def test_query_dataset_default_graphs_post(endpoint: TestClient) -> None:
    assert says_yes(endpoint.post(path(*DEFAULTS), content=TWO_TYPES, headers=DIRECT))


def test_query_dataset_named_graphs_get(endpoint: TestClient) -> None:
    assert says_yes(endpoint.get(path(("query", TWO_GRAPHS), *NAMED)))


def test_query_dataset_named_graphs_post(endpoint: TestClient) -> None:
    assert says_yes(endpoint.post(path(*NAMED), content=TWO_GRAPHS, headers=DIRECT))


def test_query_dataset_full(endpoint: TestClient) -> None:
    query = (
        f"ASK {{ <{D3}> a ?type GRAPH ?g1 {{ <{D1}> a ?type }} GRAPH ?g2 {{ <{D2}> a ?type }} }}"
    )
    fields = [("default-graph-uri", D3), *NAMED]
    assert says_yes(endpoint.post(path(*fields), content=query, headers=DIRECT))


def test_query_multiple_dataset(endpoint: TestClient) -> None:
    """The dataset of the request replaces the one of the query."""
    query = TWO_GRAPHS.replace("ASK", f"ASK FROM <{D3}>")
    assert says_yes(endpoint.post(path(*NAMED), content=query, headers=DIRECT))
    outside = f"ASK FROM <{D3}> {{ <{D3}> a ?type }}"
    answer = endpoint.post(path(*NAMED), content=outside, headers=DIRECT)
    assert answer.json()["boolean"] is False


@pytest.mark.parametrize(
    ("name", "query", "types"),
    [
        (
            "query_content_type_select",
            "SELECT (1 AS ?value) {}",
            {"application/sparql-results+json"},
        ),
        ("query_content_type_ask", "ASK {}", {"application/sparql-results+json"}),
        ("query_content_type_describe", "DESCRIBE <http://example.org/>", {"text/turtle"}),
        (
            "query_content_type_construct",
            "CONSTRUCT { <s> <p> 1 } WHERE {}",
            {"text/turtle"},
        ),
    ],
)
def test_query_content_type(endpoint: TestClient, name: str, query: str, types: set[str]) -> None:
    answer = endpoint.post(path(*EMPTY), content=query, headers=DIRECT)
    assert answer.status_code == 200, name
    assert answer.headers["content-type"].partition(";")[0] in types


def test_bad_query_method(endpoint: TestClient) -> None:
    answer = endpoint.put(path(("query", "ASK {}")))
    assert answer.status_code == 405
    assert {"GET", "HEAD", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))


def test_bad_multiple_queries(endpoint: TestClient) -> None:
    answer = endpoint.get(path(("query", "ASK {}"), ("query", "SELECT * {}")))
    assert answer.status_code == 400


def test_bad_query_wrong_media_type(endpoint: TestClient) -> None:
    answer = endpoint.post("/sparql/", content="ASK {}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_bad_query_missing_form_type(endpoint: TestClient) -> None:
    assert endpoint.post("/sparql/", content=b"query=ASK%20%7B%7D").status_code == 415


def test_bad_query_missing_direct_type(endpoint: TestClient) -> None:
    assert endpoint.post("/sparql/", content=b"ASK {}").status_code == 415


def test_bad_query_non_utf8(endpoint: TestClient) -> None:
    headers = {"content-type": "application/sparql-query; charset=UTF-16"}
    assert (
        endpoint.post("/sparql/", content="ASK {}".encode("utf-16"), headers=headers).status_code
        == 415
    )
    assert endpoint.post("/sparql/", content=b"ASK {} # \xff", headers=DIRECT).status_code == 400


def test_bad_query_syntax(endpoint: TestClient) -> None:
    answer = endpoint.get(path(("query", "ASK {")))
    assert answer.status_code == 400
    assert answer.json()["line"] == 1


@pytest.mark.parametrize(
    ("name", "method", "target", "body", "headers"),
    [
        ("bad_update_get", "GET", path(("update", "CLEAR NAMED")), "", {}),
        ("bad_multiple_updates", "POST", "/sparql/", "update=CLEAR&update=CLEAR", FORM),
        (
            "bad_update_wrong_media_type",
            "POST",
            "/sparql/",
            "CLEAR",
            {"content-type": "text/plain"},
        ),
        ("bad_update_missing_form_type", "POST", "/sparql/", "update=CLEAR%20NAMED", {}),
        (
            "bad_update_non_utf8",
            "POST",
            "/sparql/",
            "CLEAR",
            {"content-type": "application/sparql-update; charset=UTF-16"},
        ),
        (
            "bad_update_syntax",
            "POST",
            "/sparql/",
            "CREATE",
            {"content-type": "application/sparql-update"},
        ),
        ("bad_update_dataset_conflict", "POST", "/sparql/", "using-graph-uri=x&update=WITH", FORM),
    ],
)
def test_bad_update(
    endpoint: TestClient, name: str, method: str, target: str, body: str, headers: dict[str, str]
) -> None:
    """Each is refused; where it is clear that an update is meant, with 403."""
    answer = endpoint.request(method, target, content=body.encode(), headers=headers)
    media_type = headers.get("content-type", "")
    told = media_type == FORM["content-type"] or "update" in media_type or method == "GET"
    assert answer.status_code == (403 if told else 415), name

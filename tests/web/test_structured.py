"""schema.org in pages: the same triples as the document, escaped, and no more than is known."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from casegraph.web.discovery.structured import for_page, is_offered
from casegraph.web.pages.documents import Document
from casegraph.web.releases.nodes import Nodes
from tests.web.described_site import BASE, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

RELEASE = "2026-11-22.1"
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
SCHEMA = "https://schema.org/"
FINDINGS = """PREFIX cg: <https://w3id.org/casegraph/ns#>
SELECT ?finding ?status WHERE { ?finding a cg:Finding ; cg:readingStatus ?status }"""


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    with visiting(demo_workspace / "releases") as found:
        yield found


def triples(text: str) -> set[str]:
    found = ox.parse(text.encode(), format=ox.RdfFormat.JSON_LD)
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in found}


def in_page(visitor: TestClient, path: str) -> str:
    (script,) = SCRIPT.findall(visitor.get(path, headers={"Accept": "text/html"}).text)
    return str(script)


def findings(visitor: TestClient, *statuses: str) -> list[str]:
    answer = visitor.get(
        "/sparql", params={"query": FINDINGS}, headers={"Accept": "application/sparql-results+json"}
    )
    rows = answer.json()["results"]["bindings"]
    return sorted(
        row["finding"]["value"].removeprefix(BASE).replace("id/", "/doc/")
        for row in rows
        if row["status"]["value"].rpartition("#")[2] in statuses
    )


@pytest.mark.parametrize("path", ["/", f"/release/{RELEASE}/"])
def test_a_release_in_its_page_and_as_a_document(visitor: TestClient, path: str) -> None:
    document = visitor.get(f"/release/{RELEASE}/schema.jsonld").text
    assert triples(in_page(visitor, path)) == triples(document)
    graph = {node["@type"]: node for node in json.loads(document)["@graph"]}
    dataset = graph["Dataset"]
    assert dataset["version"] == RELEASE
    assert dataset["temporalCoverage"] == "2020-01-01/2025-12-13"
    assert dataset["license"]["@id"].startswith("https://creativecommons.org/")
    assert dataset["includedInDataCatalog"] == {"@id": graph["DataCatalog"]["@id"]}
    assert len(dataset["isBasedOn"]) == 19
    downloads = {one["name"]: one for one in dataset["distribution"]}
    assert downloads["casegraph.ttl"]["encodingFormat"] == "text/turtle"


def test_a_finding_in_its_page_and_as_a_document(visitor: TestClient) -> None:
    for path in findings(visitor, "plain", "adopted", "open")[:20]:
        document = visitor.get(f"{path}.jsonld?profile=schema")
        assert document.headers["content-type"] == "application/ld+json"
        assert triples(in_page(visitor, path)) == triples(document.text)
        claim = json.loads(document.text)
        assert claim["@type"] == "Claim"
        assert claim["author"]
        assert claim["appearance"]
        assert not re.search("ClaimReview|reviewRating", document.text)


def test_the_first_appearance_is_the_earliest_that_is_dated(visitor: TestClient) -> None:
    seen = 0
    for path in findings(visitor, "plain")[:40]:
        claim = json.loads(visitor.get(f"{path}.jsonld?profile=schema").text)
        days = {one["@id"]: one.get("datePublished") for one in claim["appearance"]}
        if "firstAppearance" in claim:
            seen += 1
            dated = [day for day in days.values() if day]
            assert days[claim["firstAppearance"]["@id"]] == min(dated)
        else:
            assert not any(days.values())
    assert seen


def test_a_reading_that_was_not_adopted_is_nobodys_claim(visitor: TestClient) -> None:
    rejected = findings(visitor, "refuted", "setAside")
    assert rejected
    for path in rejected:
        page = visitor.get(path, headers={"Accept": "text/html"})
        assert SCRIPT.findall(page.text) == []
        assert "profile=schema" not in page.headers["link"]
        assert visitor.get(f"{path}.jsonld?profile=schema").status_code == 406


@pytest.mark.parametrize("kind", ["person", "unidentified", "group", "case", "institution"])
def test_people_and_others_are_not_offered(kind: str) -> None:
    nodes = Nodes([])
    document = Document(kind=kind, iri=f"{BASE}id/{kind}/x", path=f"doc/{kind}/x",
                        query="", nodes=nodes)  # fmt: skip
    assert not is_offered(document)


def test_nothing_can_end_the_script() -> None:
    text = for_page({"name": "</script><script>alert('1')</script> <!-- \u2028 &amp;"})
    assert text is not None
    assert "<" not in text
    value: Any = json.loads(str(text))
    assert value["name"].startswith("</script>")


def test_what_is_escaped_expands_to_what_was_said() -> None:
    data = {"@context": {"@vocab": SCHEMA}, "@id": f"{BASE}x", "text": "</script><b>"}
    (triple,) = triples(str(for_page(data)))
    assert triple == f'<{BASE}x> <{SCHEMA}text> "</script><b>"'

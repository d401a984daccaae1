"""Well-known addresses, linksets, sitemap and catalogue; every address that they name resolves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from tests.web.described_site import BASE, HOME, follow, here, visiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

VOID = "http://rdfs.org/ns/void#"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RELEASE = "2026-11-22.1"


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    with visiting(demo_workspace / "releases") as found:
        yield found


def in_turtle(text: str) -> set[str]:
    """Every address that an RDF document names."""
    found = set()
    for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE):
        terms = quad.subject, quad.predicate, quad.object
        found |= {one.value for one in terms if isinstance(one, ox.NamedNode)}
    return found


def in_json(value: Any) -> set[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(in_json, value.values()))
    if isinstance(value, list):
        return set().union(*map(in_json, value))
    return {value} if isinstance(value, str) else set()


def in_xml(text: str) -> set[str]:
    root = ET.fromstring(text)  # noqa: S314 - written by the application under test
    return {one.text or "" for one in root.iter()} | {one.get("href", "") for one in root.iter()}


ADVERTISING: dict[str, Callable[[str], set[str]]] = {
    "/sparql?format=ttl": in_turtle,
    f"/release/{RELEASE}/void.ttl": in_turtle,
    "/catalogue.ttl": in_turtle,
    f"/release/{RELEASE}/schema.jsonld": lambda text: in_json(json.loads(text)),
    "/linkset.json": lambda text: in_json(json.loads(text)),
    f"/release/{RELEASE}/linkset.json": lambda text: in_json(json.loads(text)),
    "/.well-known/api-catalog": lambda text: in_json(json.loads(text)),
    "/sitemap.xml": in_xml,
    "/feed.atom": in_xml,
    "/robots.txt": lambda text: set(re.findall(r"http\S+", text)),
}


@pytest.mark.parametrize("path", ADVERTISING)
def test_every_advertised_address_resolves(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    advertised = {one for address in ADVERTISING[path](answer.text) if (one := here(address))}
    assert advertised, "a description that names nothing proves nothing"
    # The graph store wants to be told which graph; the self-check answers 202 while it runs.
    allowed = {"/rdf-graph-store": 400, "/conformance": 202}
    wrong = {one: status for one in advertised if (status := follow(visitor, one)) != 200}
    assert {one: said for one, said in wrong.items() if said != allowed.get(one)} == {}


def counted(visitor: TestClient, query: str) -> str:
    answer = visitor.get(
        "/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"}
    )
    (row,) = answer.json()["results"]["bindings"]
    return str(row["n"]["value"])


def test_every_number_of_void_is_what_the_endpoint_counts(visitor: TestClient) -> None:
    """One query for each number: of the whole, of each graph, class and property."""
    text = visitor.get(f"/release/{RELEASE}/void.ttl").content
    store = ox.Store()
    store.load(text, format=ox.RdfFormat.TURTLE)

    def values(subject: str, prop: str) -> list[str]:
        found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(VOID + prop), None)
        return [quad.object.value for quad in found if not isinstance(quad.object, ox.Triple)]

    whole = f"{BASE}release/{RELEASE}"
    (space,) = values(whole, "uriSpace")
    queries = {
        (whole, "triples"): "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        (whole, "classes"): "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
        (whole, "properties"): "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        (whole, "distinctSubjects"): "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        (whole, "distinctObjects"): "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
        (whole, "entities"): "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o "
        f'FILTER(STRSTARTS(STR(?s), "{space}")) }}',
    }
    for graph in values(whole, "subset"):
        queries[graph, "triples"] = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    for part in values(whole, "classPartition"):
        (name,) = values(part, "class")
        queries[part, "entities"] = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{name}> }}"
    for part in values(whole, "propertyPartition"):
        (name,) = values(part, "property")
        queries[part, "triples"] = f"SELECT (COUNT(*) AS ?n) {{ ?s <{name}> ?o }}"
    wrong = {
        (subject, prop): values(subject, prop)
        for (subject, prop), query in queries.items()
        if values(subject, prop) != [counted(visitor, query)]
    }
    assert wrong == {}
    assert len(queries) > 150


def test_well_known_void_leads_to_the_description(visitor: TestClient) -> None:
    answer = visitor.get("/.well-known/void")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"../release/{RELEASE}/void.ttl"
    described = visitor.get("/.well-known/void", follow_redirects=True)
    assert described.headers["content-type"].startswith("text/turtle")


def test_the_api_catalogue_is_a_linkset_of_interfaces(visitor: TestClient) -> None:
    """RFC 9727, sections 2 to 4: the profile, the items, and a link of that relation by HEAD."""
    answer = visitor.get("/.well-known/api-catalog")
    assert answer.headers["content-type"] == (
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    )
    first, endpoint, _store = answer.json()["linkset"]
    assert [one["href"] for one in first["item"]] == [f"{HOME}/sparql", f"{HOME}/rdf-graph-store"]
    assert endpoint["service-desc"][0]["href"] == f"{HOME}/sparql?format=ttl"
    head = visitor.head("/.well-known/api-catalog")
    assert 'rel="api-catalog"' in head.headers["link"]


def test_robots_are_told_where_the_sitemap_is(visitor: TestClient) -> None:
    text = visitor.get("/robots.txt").text
    assert "User-agent: *\n" in text
    assert f"\nSitemap: {HOME}/sitemap.xml\n" in text
    assert "Disallow: /sparql?query=\n" in text


def test_the_sitemap_has_a_day_for_each_document_and_each_once(visitor: TestClient) -> None:
    root = ET.fromstring(visitor.get("/sitemap.xml").text)  # noqa: S314 - ours
    assert root.tag == f"{SITEMAP}urlset"
    found = [one.text for one in root.iter(f"{SITEMAP}loc")]
    assert len(found) == len(set(found)) > 300
    assert f"{HOME}/release/{RELEASE}/" in found
    assert {one.text for one in root.iter(f"{SITEMAP}lastmod")} == {RELEASE[:10]}
    assert not [one for one in found if one and "/id/" in one]
    assert visitor.get("/sitemap-1.xml").status_code == 404


def test_a_linkset_by_accept(visitor: TestClient) -> None:
    as_json = visitor.get("/linkset.json")
    assert as_json.headers["content-type"] == "application/linkset+json"
    as_text = visitor.get("/linkset", headers={"Accept": "application/linkset"})
    assert as_text.headers["content-type"].startswith("application/linkset")
    assert as_text.text.count("anchor=") == sum(
        len(targets)
        for context in as_json.json()["linkset"]
        for rel, targets in context.items()
        if rel != "anchor"
    )
    assert visitor.get("/linkset", headers={"Accept": "image/png"}).status_code == 406
    suffixed = visitor.get("/linkset.json", headers={"Accept": "text/html"})
    assert suffixed.headers["content-type"] == "application/linkset+json"


@pytest.mark.parametrize(
    ("of", "status"),
    [
        ("doc/finding/unknown", 404),
        ("doc/nothing/x", 404),
        ("elsewhere", 404),
        ("release/2020-01-01.1", 404),
        (f"release/{RELEASE}/", 200),
        (f"/release/{RELEASE}", 200),
    ],
)
def test_a_linkset_of_what_is_here_alone(visitor: TestClient, of: str, status: int) -> None:
    assert visitor.get("/linkset.json", params={"of": of}).status_code == status


def test_the_name_of_a_graph_leads_to_the_file_with_it(visitor: TestClient) -> None:
    answer = visitor.get("/graph/inferred")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"../release/{RELEASE}/inferred.ttl",
    )
    assert visitor.get("/graph/unknown").status_code == 404


def test_the_catalogue_names_the_current_release(visitor: TestClient) -> None:
    text = visitor.get("/catalogue.ttl").text
    assert f"dcat:hasCurrentVersion <{BASE}release/{RELEASE}>" in text

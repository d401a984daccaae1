"""`casegraph demo` serves a release that can be asked, read, downloaded and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import rdflib

from tests.e2e.running_site import program, run

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.e2e.running_site import Site

JSON = "application/sparql-results+json"
WOMEN = """
PREFIX cg: <https://w3id.org/casegraph/ns#>
SELECT ?finding ?value WHERE {
  ?finding a cg:CurrentFinding ; cg:quantity/cg:statedValue ?value .
  FILTER(?value = 1721)
}
"""


def values(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(JSON)
    return {row["value"]["value"] for row in answer.json()["results"]["bindings"]}


def a_finding(site: Site) -> str:
    """The path of a finding's address on this site."""
    answer = site.client.get("/sparql", params={"query": WOMEN}, headers={"Accept": JSON})
    address: str = answer.json()["results"]["bindings"][0]["finding"]["value"]
    return urlsplit(address).path


def test_the_home_page_names_the_release_and_leads_to_the_endpoint(demo_site: Site) -> None:
    answer = demo_site.client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "2026-11-01.1" in answer.text
    assert "/sparql" in answer.text


def test_sparql_answers_the_same_by_get_and_by_both_kinds_of_post(demo_site: Site) -> None:
    """SPARQL 1.1 Protocol, section 2.1: three ways to send one query."""
    client, accept = demo_site.client, {"Accept": JSON}
    direct = accept | {"Content-Type": "application/sparql-query"}
    assert values(client.get("/sparql", params={"query": WOMEN}, headers=accept)) == {"1721"}
    assert values(client.post("/sparql", data={"query": WOMEN}, headers=accept)) == {"1721"}
    assert values(client.post("/sparql", content=WOMEN, headers=direct)) == {"1721"}


def test_an_update_is_refused_and_changes_nothing(demo_site: Site) -> None:
    update = {"update": "INSERT DATA { <urn:x> <urn:y> 1721 }"}
    assert demo_site.client.post("/sparql", data=update).status_code in {400, 403}
    refused = demo_site.client.get("/sparql", params={"query": update["update"]})
    assert refused.status_code == 403
    still = demo_site.client.get(
        "/sparql", params={"query": "ASK { <urn:x> ?p ?o }"}, headers={"Accept": JSON}
    )
    assert still.json()["boolean"] is False


def test_a_thing_leads_to_its_document_as_a_page_and_as_turtle(demo_site: Site) -> None:
    path = a_finding(demo_site)
    to_page = demo_site.client.get(path, headers={"Accept": "text/html"})
    to_turtle = demo_site.client.get(path, headers={"Accept": "text/turtle"})
    assert (to_page.status_code, to_turtle.status_code) == (303, 303)
    assert to_page.headers["location"].endswith(".html")

    page = demo_site.client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert "1,721" in page.text

    turtle = demo_site.client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert turtle.headers["content-type"].startswith("text/turtle")
    graph = rdflib.Graph().parse(data=turtle.text, format="turtle")
    subject = rdflib.URIRef("https://casegraph.example" + path)
    assert len(list(graph.predicate_objects(subject))) > 3


def test_an_address_that_names_nothing_is_told_as_asked_for(demo_site: Site) -> None:
    unknown = "/id/finding/aaaaaaaaaaaaaaaa"
    page = demo_site.client.get(unknown, headers={"Accept": "text/html"})
    problem = demo_site.client.get(unknown, headers={"Accept": "application/json"})
    assert (page.status_code, problem.status_code) == (404, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert problem.json()["status"] == 404


def test_every_release_is_listed_and_its_download_verifies(demo_site: Site, tmp_path: Path) -> None:
    listed = demo_site.client.get("/release/").text
    for name in ("2026-01-15.1", "2026-11-01.1"):
        assert name in listed
        archive = tmp_path / f"{name}.zip"
        download = demo_site.client.get(f"/release/{name}.zip")
        assert download.headers["content-type"] == "application/zip"
        archive.write_bytes(download.content)
        verified = run(program(), "verify", archive, cwd=tmp_path)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "It is the release that was signed." in verified.stdout


def test_a_download_with_one_byte_changed_does_not_verify(demo_site: Site, tmp_path: Path) -> None:
    archive = tmp_path / "changed.zip"
    data = bytearray(demo_site.client.get("/release/2026-11-01.1.zip").content)
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    verified = run(program(), "verify", archive, cwd=tmp_path)
    assert verified.returncode == 1, verified.stdout + verified.stderr


def test_the_latest_release_and_its_files_have_lasting_names(demo_site: Site) -> None:
    answer = demo_site.client.get("/release/latest/casegraph.ttl", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.path == "/release/2026-11-01.1/casegraph.ttl"
    assert len(rdflib.Graph().parse(data=answer.text, format="turtle")) > 1000


def test_what_visitors_ask_is_written_nowhere(demo_site: Site) -> None:
    """Neither a query nor an address that was looked at stands in what the server prints."""
    marker = "nobodywritesthisdown"
    demo_site.client.get("/sparql", params={"query": f'ASK {{ ?s ?p "{marker}" }}'})
    demo_site.client.get("/sparql", params={"query": f"broken {marker}"})
    demo_site.client.get(f"/id/finding/{marker}")
    assert marker not in demo_site.printed()
    assert "Serving on" in demo_site.printed()

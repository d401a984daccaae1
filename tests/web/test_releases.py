"""Releases as pages and files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

BROWSER = {"accept": "text/html"}
ID = "2026-02-01.1"
PLAIN = {"accept-encoding": "identity"}


def test_latest_leads_to_the_current_release(client: TestClient) -> None:
    answer = client.get("/release/latest")
    assert (answer.status_code, answer.headers["location"]) == (302, f"../release/{ID}/")
    file = client.get("/release/latest/casegraph.ttl", follow_redirects=True)
    assert str(file.url).endswith(f"/release/{ID}/casegraph.ttl")
    assert file.status_code == 200


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("casegraph.ttl", "text/turtle; charset=utf-8"),
        ("casegraph.nq.gz", "application/gzip"),
        ("README.txt", "text/plain; charset=utf-8"),
        ("manifest.json", "application/json"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
        ("queries/types.rq", "application/sparql-query; charset=utf-8"),
        ("ontology/casegraph.ttl", "text/turtle; charset=utf-8"),
    ],
)
def test_a_file_is_sent_byte_for_byte(
    client: TestClient, releases: Path, name: str, media_type: str
) -> None:
    answer = client.get(f"/release/{ID}/{name}", headers=PLAIN)
    assert answer.content == (releases / ID / name).read_bytes()
    assert answer.headers["content-type"] == media_type
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=86400"
    known = {"if-none-match": answer.headers["etag"]}
    again = client.get(f"/release/{ID}/{name}", headers=PLAIN | known)
    assert again.status_code == 304


def test_a_part_of_a_file_can_be_asked_for(client: TestClient, releases: Path) -> None:
    data = (releases / ID / "casegraph.ttl").read_bytes()
    answer = client.get(f"/release/{ID}/casegraph.ttl", headers={"range": "bytes=5-9"})
    assert (answer.status_code, answer.content) == (206, data[5:10])


def test_the_tag_of_a_file_is_its_hash_in_the_manifest(client: TestClient, releases: Path) -> None:
    digest = hashlib.sha256((releases / ID / "README.txt").read_bytes()).hexdigest()
    answer = client.get(f"/release/{ID}/README.txt", headers=PLAIN)
    assert answer.headers["etag"] == f'"{digest[:32]}"'


@pytest.mark.parametrize(
    "name",
    [
        "/release/2026-02-01.1/../current",
        "/release/2026-02-01.1/..%2fcurrent",
        "/release/2026-02-01.1/unlisted.txt",
        "/release/2026-02-01.1//etc/passwd",
        "/release/2026-02-01.2/",
        "/release/2026-02-01.1.zip",
        "/release/current",
        "/release/../private/decisions.jsonl",
        "/release/latest/unlisted.txt",
        "/release/withdrawals.json",
        "/static/../app.py",
        "/static/site.css",
        "/shapes/..%2fmanifest.json",
    ],
)
def test_nothing_but_listed_files_is_served(client: TestClient, releases: Path, name: str) -> None:
    stray = releases / ID / "unlisted.txt"
    stray.write_text("not in the manifest", encoding="utf-8")
    try:
        assert client.get(name).status_code == 404
    finally:
        stray.unlink()


def test_pages_of_releases(client: TestClient) -> None:
    listed = client.get("/release/", headers=BROWSER).text
    assert f'href="../release/{ID}/"' in listed
    page = client.get(f"/release/{ID}/", headers=BROWSER).text
    assert "The current release, of 2026-02-01: 6 statements, 4 readings, 1 report held" in page
    assert "minisign -V -p minisign.pub -m manifest.json" in page
    assert "casegraph.nq.gz" in page


def test_the_archive_is_served(client: TestClient, releases: Path) -> None:
    archive = releases / f"{ID}.zip"
    archive.write_bytes(b"PK")
    try:
        answer = client.get(f"/release/{ID}.zip")
        assert (answer.content, answer.headers["content-type"]) == (b"PK", "application/zip")
        assert f"release/{ID}.zip" in client.get(f"/release/{ID}/", headers=BROWSER).text
    finally:
        archive.unlink()


def test_the_ontology_as_a_list_and_as_a_file(client: TestClient, releases: Path) -> None:
    page = client.get("/ns", headers=BROWSER).text
    assert 'id="CountFinding"' in page
    assert "were not read by a speaker" in page
    turtle = client.get("/ns", headers={"accept": "text/turtle"})
    assert turtle.content == (releases / ID / "ontology/casegraph.ttl").read_bytes()
    assert client.get("/ns.ttl").content == turtle.content
    assert client.get("/ns", headers={"accept": "image/png"}).status_code == 406


def test_shapes_are_listed_and_served(client: TestClient) -> None:
    assert 'href="../shapes/findings.ttl"' in client.get("/shapes/", headers=BROWSER).text
    answer = client.get("/shapes/findings.ttl")
    assert answer.headers["content-type"].startswith("text/turtle")

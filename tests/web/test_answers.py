"""Citable answers check themselves; what changed between releases is told and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from casegraph.release.manifest import MANIFEST, build_manifest, parse_manifest
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.web.conftest import HOME
from tests.web.small_release import BASE, RELEASE, WORKSPACE, address, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEWER = "2026-03-01.1"
BROWSER = {"accept": "text/html"}
PREFIX = "PREFIX cg: <https://w3id.org/casegraph/ns#>\n"
STATEMENTS = PREFIX + "SELECT ?f ?s WHERE { ?f a cg:CurrentFinding ; cg:statement ?s }"
ADDED = """source: report
by: monitor, explicit
recorded: 2026-02-12
disclosure: {level: public, by: monitor, on: 2026-02-12, basis: already-public-source}
statements:
- {key: later, cite: p. 9, count: 77, of: prisoners, during: 2025}
"""


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: the newer has a finding more, and one less."""
    folder = tmp_path_factory.mktemp("answers")
    publish(folder / "releases")
    workspace = folder / "workspace"
    shutil.copytree(WORKSPACE, workspace)
    (workspace / "findings" / "later.yaml").write_text(ADDED, encoding="utf-8")
    report = workspace / "findings" / "report.yaml"
    rows = report.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row.replace(", contradicts: [denial]", "") for row in rows if "key: denial" not in row]
    report.write_text("".join(kept), encoding="utf-8")
    publish(folder / "releases", workspace=workspace, release_id=NEWER)
    return folder / "releases"


@pytest.fixture(scope="module")
def visitor(releases: Path) -> Iterator[TestClient]:
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url=HOME, follow_redirects=False) as client:
        yield client


def made(visitor: TestClient, query: str = STATEMENTS, **fields: str) -> dict[str, str]:
    """The fields of a citable address."""
    answer = visitor.post(
        "/answer", data={"query": query, **fields}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    parts = urlsplit(answer.json()["address"])
    assert parts.path == "/answer"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_an_address_names_release_query_format_and_digest(visitor: TestClient) -> None:
    fields = made(visitor)
    assert fields["release"] == NEWER
    assert fields["query"] == STATEMENTS
    lines = visitor.post("/sparql", data={"query": STATEMENTS}, headers={"accept": TSV}).text
    head, *rows = lines.rstrip("\n").split("\n")
    canonical = "".join(f"{line}\n" for line in [head, *sorted(rows, key=str.encode)])
    assert fields["digest"] == hashlib.sha256(canonical.encode()).hexdigest()


TSV = "text/tab-separated-values"


def test_opening_it_answers_again_and_says_that_it_agrees(visitor: TestClient) -> None:
    fields = made(visitor, release=RELEASE)
    again = visitor.get("/answer", params=fields, headers={"accept": "*/*"})
    assert again.status_code == 200
    assert again.headers["x-casegraph-answer"] == "unchanged"
    assert again.headers["x-casegraph-release"] == RELEASE
    direct = visitor.post(
        "/sparql", data={"query": STATEMENTS, "release": RELEASE, "format": "csv"}
    )
    assert sorted(again.text.splitlines()) == sorted(direct.text.splitlines())
    page = visitor.get("/answer", params=fields, headers=BROWSER).text
    assert "Unchanged." in page


def test_another_digest_is_never_answered_as_if_it_were_the_cited_one(visitor: TestClient) -> None:
    fields = made(visitor) | {"digest": "0" * 64}
    again = visitor.get("/answer", params=fields, headers={"accept": "*/*"})
    assert again.status_code == 409
    assert again.json()["type"].endswith("#answer-differs")
    assert "Not the same." in visitor.get("/answer", params=fields, headers=BROWSER).text


def test_the_same_query_in_another_release_has_another_digest(visitor: TestClient) -> None:
    assert made(visitor)["digest"] != made(visitor, release=RELEASE)["digest"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1", "LIMIT"),
        ("SELECT (NOW() AS ?now) WHERE {}", "NOW"),
        ("SELECT (RAND() AS ?r) WHERE {}", "RAND"),
    ],
)
def test_what_changes_by_itself_cannot_be_cited(visitor: TestClient, query: str, why: str) -> None:
    answer = visitor.post("/answer", data={"query": query})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("#not-citable")
    assert why in answer.json()["detail"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"release": RELEASE}, {"query": STATEMENTS}, {"release": RELEASE, "query": "x", "a": "b"},
     {"release": RELEASE, "query": STATEMENTS, "digest": "xyz"},
     {"release": RELEASE, "query": STATEMENTS, "format": "ttl"}],
)  # fmt: skip
def test_an_address_that_lacks_something_is_refused(
    visitor: TestClient, fields: dict[str, str]
) -> None:
    assert visitor.get("/answer", params=fields).status_code == 400


def test_a_query_too_long_for_an_address_is_told_so(visitor: TestClient) -> None:
    long = f"{STATEMENTS} # {'x' * 8000}"
    answer = visitor.post("/answer", data={"query": long})
    assert answer.status_code == 413
    assert "digest" in answer.json()["hint"]


@pytest.mark.parametrize("style", ["text", "bibtex", "ris", "csl"])
def test_every_style_is_a_file_that_holds_the_address(visitor: TestClient, style: str) -> None:
    fields = made(visitor)
    answer = visitor.get("/answer", params={**fields, "cite": style})
    assert answer.status_code == 200
    assert fields["digest"] in answer.text
    assert "attachment" in answer.headers["content-disposition"]
    release = visitor.get(f"/release/{RELEASE}/", params={"cite": style})
    assert f"/release/{RELEASE}/" in release.text
    assert visitor.get(f"/release/{RELEASE}/", params={"cite": "mla"}).status_code == 400


def test_a_page_makes_the_address_only_when_asked(visitor: TestClient) -> None:
    page = visitor.post("/sparql", data={"query": STATEMENTS, "format": "html"}).text
    assert "/answer?" not in page
    assert "whoever sees it can read what you asked" in unescape(page)
    answer = visitor.post("/answer", data={"query": STATEMENTS}, headers=BROWSER)
    assert answer.status_code == 303
    followed = visitor.get(urljoin("/answer", answer.headers["location"]), headers=BROWSER)
    assert followed.status_code == 200


def changes(visitor: TestClient, **fields: str) -> list[dict[str, object]]:
    answer = visitor.get("/changes", params=fields, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["changes"]
    return found


def test_changes_of_a_release_name_what_came_and_only_the_address_of_what_went(
    visitor: TestClient,
) -> None:
    findings, _ = changes(visitor, since=RELEASE)
    added, removed = findings["added"], findings["removed"]
    assert isinstance(added, dict)
    assert isinstance(removed, dict)
    assert added["total"] == 1
    assert "77" in json.dumps(added)
    assert removed["total"] == 1
    assert removed["columns"] == ["finding"]
    assert removed["rows"] == [[f"<{BASE}id/{address('denial')}>"]]
    assert "denies" not in json.dumps(findings)
    page = visitor.get("/changes", params={"since": RELEASE}, headers=BROWSER).text
    assert "Only in 2026-03-01.1" in page
    assert "denies" not in page


def test_changes_of_a_query_count_rows(visitor: TestClient) -> None:
    (answer,) = changes(visitor, since=RELEASE, query=STATEMENTS)
    assert answer["added"]["total"] == 1  # type: ignore[index]
    (same,) = changes(visitor, since=RELEASE, query=PREFIX + "ASK { ?f a cg:Finding }")
    assert same["unchanged"] == 1


def test_changes_for_one_thing(visitor: TestClient) -> None:
    (about,) = changes(visitor, since=RELEASE, about=f"{BASE}id/{address('prisoners')}")
    assert about["added"]["total"] == 1  # type: ignore[index]
    unknown = visitor.get("/changes", params={"since": RELEASE, "about": f"{BASE}id/person/nobody"})
    assert unknown.status_code == 404


def test_nothing_withdrawn_can_be_read_in_changes(releases: Path, tmp_path: Path) -> None:
    """After a takedown both releases are compared as they stand, and its address is gone."""
    folder = tmp_path / "releases"
    shutil.copytree(releases, folder)
    gone = f"{BASE}id/{address('denial')}"
    directory = folder / RELEASE
    lines = gzip.decompress((directory / "casegraph.nq.gz").read_bytes()).splitlines(keepends=True)
    text = b"".join(line for line in lines if gone.encode() not in line)
    (directory / "casegraph.nq.gz").write_bytes(gzip.compress(text, mtime=0))
    facts = parse_manifest((directory / MANIFEST).read_bytes()).facts
    for name in (MANIFEST, "SHA256SUMS"):
        (directory / name).unlink()
    manifest = build_manifest(
        directory, release_id=RELEASE, base_iri=BASE,
        dataset_sha256=hashlib.sha256(text).hexdigest(), facts=dict(facts),
    )  # fmt: skip
    (directory / MANIFEST).write_bytes(manifest)
    (folder / "withdrawals.json").write_text(json.dumps({"withdrawn": [gone]}), encoding="utf-8")
    settings = Settings(query_workers=1)
    app = create_app(folder, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url=HOME) as visitor:
        findings, _ = changes(visitor, since=RELEASE)
        assert findings["removed"]["total"] == 0  # type: ignore[index]
        answer = visitor.get("/changes", params={"since": RELEASE, "about": gone})
        assert answer.status_code == 410

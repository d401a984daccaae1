"""Nothing of a record that stays inside is in any byte that leaves the house."""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from casegraph.graph.store import build_store
from casegraph.release.manifest import parse_manifest
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.hostile.leaks.byte_scan import contents, hits, spellings
from tests.hostile.leaks.canaries import hatch
from tests.release import veldania

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

    from tests.hostile.leaks.canaries import Nest

HOME: Final = "http://127.0.0.1:8000"
FORMATS: Final = ("text/html", "text/turtle", "application/n-triples", "application/ld+json",
                  "application/rdf+xml")  # fmt: skip


@pytest.fixture(scope="module")
def nest_and_root(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nest, Path]:
    root = tmp_path_factory.mktemp("canaries") / "workspace"
    nest = hatch(root)
    veldania.release(root)
    veldania.release(root, on=veldania.LATER)
    shelf = veldania.shelf(root)
    current = shelf.directory("2031-09-01.1")
    plain = root.parent / "casegraph.nq"
    plain.write_bytes(gzip.decompress((current / "casegraph.nq.gz").read_bytes()))
    digest = parse_manifest((current / "manifest.json").read_bytes()).dataset_sha256
    build_store([plain], shelf.stores, digest)
    return nest, root


def test_there_are_many_canaries_and_none_hides_another(nest_and_root: tuple[Nest, Path]) -> None:
    nest, root = nest_and_root
    assert len(set(nest.tokens)) == len(nest.tokens) >= 50
    found = {hit.split(" ")[0] for hit in hits(nest.tokens, contents(root))}
    assert found == set(nest.tokens), "some were never written"


def test_the_scan_finds_every_spelling() -> None:
    token = "жюбовощ"
    for how, form in spellings(token).items():
        assert hits([token], [("a file", b"before " + form + b" after")]), how


def test_no_byte_of_releases_archives_and_stores_holds_a_canary(
    nest_and_root: tuple[Nest, Path],
) -> None:
    nest, root = nest_and_root
    assert hits(nest.tokens, contents(root / "releases")) == []
    assert hits(nest.tokens, contents(root / "var")) == []
    stored = [data for name, data in contents(root / "var" / "store") if name.endswith("(quads)")]
    assert b"Ilva Torban" in b"".join(stored), "the scan reads the store"


def test_no_release_tells_the_hash_of_a_text_that_is_not_public(
    nest_and_root: tuple[Nest, Path],
) -> None:
    _, root = nest_and_root
    digests = [
        digest(text.read_bytes()).hexdigest()
        for text in sorted((root / "texts").iterdir())
        for digest in (hashlib.sha256, hashlib.md5, hashlib.sha1)
    ]
    assert hits(digests, contents(root / "releases")) == []


def test_the_preview_shows_no_canary(nest_and_root: tuple[Nest, Path]) -> None:
    nest, root = nest_and_root
    for name in ("preview.txt", "preview.html", "preview.json"):
        assert hits(nest.tokens, contents(root / "private" / name)) == []


def test_no_answer_of_the_server_holds_a_canary(nest_and_root: tuple[Nest, Path]) -> None:
    """Every page that can be reached, every format of every address, and what is not there."""
    nest, root = nest_and_root
    settings = Settings(query_workers=1)
    start = service_factory(settings, root / "var" / "store")
    app = create_app(root / "releases", settings=settings, service_factory=start)
    with TestClient(app, base_url=HOME) as visitor:
        answers = [*_crawl(visitor)]
        for identifier in nest.ids:
            for segment in ("person", "institution", "population", "case", "source", "finding"):
                got = visitor.get(f"/id/{segment}/{identifier}", follow_redirects=True)
                assert got.status_code == HTTPStatus.NOT_FOUND
                text = _bytes(got).replace(identifier.encode(), b"")
                answers.append((f"{segment}/{identifier}", text))
    assert len(answers) > 100
    assert hits(nest.tokens, answers) == []


def _crawl(visitor: TestClient) -> Iterator[tuple[str, bytes]]:
    """Follow every link of every page; ask for each address in each format."""
    waiting, seen = ["/", "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        kinds = FORMATS if path.startswith("/id/") else ("text/html",)
        for kind in kinds:
            got = visitor.get(path, headers={"Accept": kind}, follow_redirects=True)
            yield f"{path} as {kind}", _bytes(got)
            if got.headers.get("content-type", "").startswith("text/html"):
                links = re.findall(r'(?:href|src|action)="([^"#]+)', got.text)
                paths = (urljoin(str(got.url), html.unescape(link)) for link in links)
                waiting += [p.removeprefix(HOME) for p in paths if p.startswith(f"{HOME}/")]


def _bytes(got: Response) -> bytes:
    headers = "\n".join(f"{name}: {value}" for name, value in got.headers.items())
    return headers.encode() + b"\n\n" + got.content

"""Nothing of a record that stays inside is in any byte that leaves the house."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.hostile.leaks.byte_scan import contents, hits, spellings
from tests.hostile.leaks.canaries import hatch
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.leaks.canaries import Nest


@pytest.fixture(scope="module")
def nest_and_root(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nest, Path]:
    root = tmp_path_factory.mktemp("canaries") / "workspace"
    nest = hatch(root)
    veldania.release(root)
    veldania.release(root, on=veldania.LATER)
    return nest, root


def test_there_are_many_canaries_and_none_hides_another(nest_and_root: tuple[Nest, Path]) -> None:
    nest, root = nest_and_root
    assert len(set(nest.tokens)) == len(nest.tokens) >= 50
    workspace = [*contents(root)]
    for token in nest.tokens:
        assert hits([token], workspace), f"{token} was never written"


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

"""The demonstration, built and published once, for every test of every worker."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from casegraph.release.build import build
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish
from casegraph.workspace import open_workspace, read_workspace, release_inputs
from tests.once import made_once

if TYPE_CHECKING:
    from casegraph.findings.book import Book

RELEASED: Final = date(2026, 11, 22)
"""A day by which everything in the demonstration is recorded."""
BUILT: Final = {"releases", "var", "private", "texts"}
"""What a checkout's own workspace may hold besides what is committed."""


def copy_workspace(source: Path, target: Path) -> Path:
    """A workspace without what was built from it."""

    def built(folder: str, names: list[str]) -> set[str]:
        return BUILT.intersection(names) if Path(folder) == source else set()

    shutil.copytree(source, target, ignore=built)
    return target


def publish_at(root: Path, on: date, key: SecretKey) -> Path:
    """Build, preview and publish; the folder of the release."""
    workspace = open_workspace(root)
    build(release_inputs(workspace, read_workspace(workspace)), on=on)
    preview(workspace.shelf)
    decision = Decision(by="tests", because="a release to look at", on=on)
    return workspace.shelf.directory(publish(workspace.shelf, key=key, decision=decision))


@pytest.fixture(scope="session")
def demo_workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of data/belarus-2024 with one published release."""

    def make(folder: Path) -> None:
        root = copy_workspace(repository / "data" / "belarus-2024", folder / "belarus-2024")
        publish_at(root, RELEASED, SecretKey.generate())

    return made_once(tmp_path_factory, "published-demo", make) / "belarus-2024"


@pytest.fixture(scope="session")
def demo_release(demo_workspace: Path) -> Path:
    """The folder of the demonstration's release."""
    current = (demo_workspace / "releases" / "current").read_text(encoding="ascii").strip()
    return demo_workspace / "releases" / current


@pytest.fixture(scope="session")
def demo_book(repository: Path) -> Book:
    """Everything that data/belarus-2024 records."""
    workspace = open_workspace(repository / "data" / "belarus-2024")
    return read_workspace(workspace).book

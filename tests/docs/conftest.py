"""A published copy of the demonstration, made once, and a service that answers over it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casegraph import settings
from casegraph.release.build import build
from casegraph.release.keys import make_key
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

#: A day on which everything in the demonstration is recorded.
RELEASED = date(2026, 11, 22)


@pytest.fixture(scope="session")
def demo_workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of data/belarus-2024 with one published release."""
    top = tmp_path_factory.mktemp("demo")
    root = top / "belarus-2024"
    keep_out = shutil.ignore_patterns("releases", "var", "private")
    shutil.copytree(repository / "data" / "belarus-2024", root, ignore=keep_out)
    pair = make_key(top / "keys", passphrase=None)
    key = SecretKey.from_text(pair.secret_file.read_text(encoding="utf-8"), passphrase=None)
    workspace = open_workspace(root)
    build(release_inputs(workspace, read_workspace(workspace)), on=RELEASED)
    preview(workspace.shelf)
    decision = Decision(by="tests", because="to try the documentation", on=RELEASED)
    publish(workspace.shelf, key=key, decision=decision)
    return root


@pytest.fixture(scope="session")
def demo_release(demo_workspace: Path) -> Path:
    """The folder of the demonstration's release."""
    current = (demo_workspace / "releases" / "current").read_text(encoding="ascii").strip()
    return demo_workspace / "releases" / current


@pytest.fixture
def seed_page(demo_workspace: Path) -> Callable[[str | None, Path], None]:
    """Put into a reader's folder what a page takes as given."""

    def seed(what: str | None, folder: Path) -> None:
        if what is None:
            return
        assert what == "the demo", f"no page can start with {what!r}"
        shutil.copytree(demo_workspace, folder / "belarus-2024")
        (folder / "belarus-2024" / "releases").chmod(0o755)

    return seed


@pytest.fixture(scope="session")
def default_settings() -> settings.Settings:
    """Settings as they are without any file, variable or flag."""
    return settings.read(environment={})

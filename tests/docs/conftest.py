"""The demonstration, built once as `casegraph demo` builds it, for every page that shows it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEMO = "casegraph-demo"


@pytest.fixture(scope="session")
def demo_workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of data/belarus-2024 with its releases, made by the command that users run."""
    root = tmp_path_factory.mktemp("demo") / DEMO
    source = repository / "data" / "belarus-2024"
    command = ["demo", "--no-serve", "--workspace", str(source), "--folder", str(root)]
    done = subprocess.run(
        [sys.executable, "-c", "from casegraph.cli.main import main; main()", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="session")
def demo_release(demo_workspace: Path) -> Path:
    """The folder of the demonstration's current release."""
    current = (demo_workspace / "releases" / "current").read_text(encoding="ascii").strip()
    return demo_workspace / "releases" / current


@pytest.fixture
def seed_page(demo_workspace: Path) -> Callable[[str | None, Path], None]:
    """Put into a reader's folder what a page takes as given."""

    def seed(what: str | None, folder: Path) -> None:
        if what is not None:
            assert what == "the demo", f"no page can start with {what!r}"
            shutil.copytree(demo_workspace, folder / DEMO)

    return seed

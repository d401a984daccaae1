"""The demonstration, built once as `casegraph demo` builds it, for every page that shows it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import blocks
from tests.docs.shell import Shell
from tests.once import made_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEMO = "casegraph-demo"


@pytest.fixture(scope="session")
def demo_workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of data/belarus-2024 with its releases, made by the command that users run."""
    source = repository / "data" / "belarus-2024"

    def make(folder: Path) -> None:
        root = folder / DEMO
        command = ["demo", "--no-serve", "--workspace", str(source), "--folder", str(root)]
        done = subprocess.run(
            [sys.executable, "-c", "from casegraph.cli.main import main; main()", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "commanded-demo", make) / DEMO


@pytest.fixture(scope="session")
def demo_release(demo_workspace: Path) -> Path:
    """The folder of the demonstration's current release."""
    current = (demo_workspace / "releases" / "current").read_text(encoding="ascii").strip()
    return demo_workspace / "releases" / current


@pytest.fixture(scope="session")
def after_tutorial(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who has done the tutorial; its own test looks at every step."""
    folder = tmp_path_factory.mktemp("tutorial") / "reader"
    folder.mkdir()
    with Shell(folder, port=0) as shell:
        for block in blocks(repository / "docs" / "tutorial.md"):
            shell.do(block)
    return folder


@pytest.fixture
def seed_page(request: pytest.FixtureRequest) -> Callable[[str | None, Path], None]:
    """Put into a reader's folder what a page takes as given."""

    def seed(what: str | None, folder: Path) -> None:
        if what == "the demo":
            shutil.copytree(request.getfixturevalue("demo_workspace"), folder / DEMO)
        elif what == "the tutorial":
            shutil.copytree(request.getfixturevalue("after_tutorial"), folder, dirs_exist_ok=True)
        else:
            assert what is None, f"no page can start with {what!r}"

    return seed

"""Where a demonstration is made, and what it never overwrites."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.conftest import require_tool
from tests.e2e.running_site import clean_environment, program, run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_demo_in_the_same_folder_replaces_the_first(
    built_demo: Path, tmp_path: Path
) -> None:
    shutil.copytree(built_demo, tmp_path / "demo")
    releases = tmp_path / "demo" / "releases"
    left_behind = releases / "2026-01-15.1" / "left behind.txt"
    left_behind.touch()

    second = run(program(), "demo", "--no-serve", "--folder", "demo", cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert not left_behind.exists()
    archives = sorted(releases.glob("*.zip"))
    assert len(archives) == 2
    for archive in archives:
        assert run(program(), "verify", archive, cwd=tmp_path).returncode == 0


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("all I have", encoding="utf-8")
    refused = run(program(), "demo", "--no-serve", "--folder", mine, cwd=tmp_path)
    assert refused.returncode != 0
    assert "is no casegraph demo" in refused.stderr
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


def test_make_demo_hands_on_the_port_of_the_environment(repository: Path) -> None:
    """`PORT=8123 make demo` and `make demo PORT=8123` are the same; 8000 without."""
    make = require_tool("make")

    def recipe(*arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [make, "--dry-run", *arguments, "demo"],
            cwd=repository,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        (line,) = (one for one in done.stdout.splitlines() if "casegraph demo" in one)
        return line

    assert "PORT" not in os.environ
    assert '--port "8123"' in recipe(PORT="8123")
    assert '--port "8123"' in recipe("PORT=8123")
    assert '--port "8000"' in recipe()

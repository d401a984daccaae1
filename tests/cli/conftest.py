"""A command line as a person uses it: arguments in, code and both outputs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from casegraph.cli.main import run
from tests.findings.small_workspace import TEXT, write_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOML = """[workspace]
name = "veldania"
title = "Veldania, a year"
base_iri = "https://example.org/veldania/"
organisation = "lantern"
licence = "https://creativecommons.org/licenses/by/4.0/"
"""


@dataclass(frozen=True)
class Ran:
    """What came of one command."""

    code: int
    out: str
    err: str


@pytest.fixture
def casegraph(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def ran(*arguments: object) -> Ran:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return ran


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The small workspace of an invented country, with its report held."""
    root = write_workspace(tmp_path / "veldania", {"casegraph.toml": TOML, "salt": "00" * 32})
    (root / "report.txt").write_text(TEXT, encoding="utf-8")
    return root


@pytest.fixture
def attached(workspace: Path, casegraph: Callable[..., Ran]) -> Path:
    done = casegraph(
        "-w", workspace, "source", "attach", "report", workspace / "report.txt",
        "--date", "2026-01-16",
    )  # fmt: skip
    assert done.code == 0, done.err
    return workspace

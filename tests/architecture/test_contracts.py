"""The walls between rooms, as pyproject.toml draws them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TABLES = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: list[dict[str, Any]] = TABLES["tool"]["importlinter"]["contracts"]


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path.insert(0, 'src');"
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--contract", contract],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contract", [one["id"] for one in CONTRACTS])
def test_contract_is_kept(contract: str) -> None:
    run = lint(REPOSITORY, contract)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        ("layers", "errors.py", "import casegraph.durable"),
        ("layers", "errors.py", "def f():\n    import casegraph.assets"),
        ("layers", "settings.py", "if TYPE_CHECKING:\n    import casegraph.model"),
        ("layers", "room/__init__.py", ""),
        ("no-cycles", "errors.py", "import casegraph.durable"),
        ("door-pyoxigraph", "model/interval.py", "import pyoxigraph"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, contract: str, file: str, line: str) -> None:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    copied = tmp_path / "src" / "casegraph"
    shutil.copytree(REPOSITORY / "src" / "casegraph", copied)
    (copied / file).parent.mkdir(exist_ok=True)
    with (copied / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    run = lint(tmp_path, contract)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "BROKEN" in run.stdout


def test_only_rooms_that_are_not_built_are_optional() -> None:
    """A room in parentheses that exists would never be missed if it were lost."""
    layers = next(one["layers"] for one in CONTRACTS if one["id"] == "layers")
    names = [name.strip() for layer in layers for name in layer.split("|")]
    source = REPOSITORY / "src" / "casegraph"
    built = {path.stem for path in source.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert [name for name in names if name.startswith("(") and name.strip("()") in built] == []

"""Modules are named by what they hold, and packages hold nothing themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service"}


def sources(repository: Path) -> list[Path]:
    found = sorted((repository / "src").rglob("*.py"))
    assert found
    return found


def test_no_module_has_a_name_that_says_nothing(repository: Path) -> None:
    said = [
        path
        for path in sources(repository)
        if BANNED & {*path.parts, path.stem, *path.stem.split("_")}
    ]
    assert said == []


def test_packages_re_export_nothing(repository: Path) -> None:
    """The package root may hold a lazy public API; every other one is empty."""
    full = [
        path
        for path in sources(repository)
        if path.name == "__init__.py"
        and path.parent.name != "casegraph"
        and path.read_text(encoding="utf-8").strip()
    ]
    assert full == []


def test_the_package_root_imports_nothing_when_it_is_loaded(repository: Path) -> None:
    tree = ast.parse((repository / "src/casegraph/__init__.py").read_text(encoding="utf-8"))
    loaded = [
        node
        for node in tree.body
        if isinstance(node, ast.Import)
        or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
    ]
    assert loaded == []


def test_every_module_says_what_it_is_for(repository: Path) -> None:
    silent = [
        path
        for path in sources(repository)
        if path.name != "__init__.py"
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []

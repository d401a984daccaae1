"""Every kind of error has an exit code and an HTTP status, each in its one table."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import casegraph
from casegraph.errors import CasegraphError


def kinds() -> list[type[CasegraphError]]:
    """Every subclass, whichever module defines it."""
    for module in pkgutil.walk_packages(casegraph.__path__, "casegraph."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[CasegraphError]] = []
    waiting: list[type[CasegraphError]] = [CasegraphError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return found


@pytest.mark.parametrize(
    ("module", "table", "lowest", "highest"),
    [
        ("casegraph.cli.exit_codes", "EXIT_CODES", 1, 125),
        ("casegraph.web.http.problems", "STATUS", 400, 599),
    ],
)
def test_every_error_has_a_row(module: str, table: str, lowest: int, highest: int) -> None:
    rows: dict[type[CasegraphError], int] = getattr(importlib.import_module(module), table)
    missing = [kind.__name__ for kind in kinds() if kind not in rows]
    assert missing == []
    assert all(lowest <= code <= highest for code in rows.values())
    assert set(rows) == set(kinds())


def test_errors_are_defined_in_one_module() -> None:
    assert {kind.__module__ for kind in kinds()} == {"casegraph.errors"}

"""A small dataset for the query room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://example.org/"


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 triples in three graphs that share none."""
    path = tmp_path_factory.mktemp("query") / "small.nq"
    path.write_text(
        "".join(f'<{BASE}s{i}> <{BASE}p> "v{i}" <{BASE}g{i % 3}> .\n' for i in range(300)),
        encoding="utf-8",
    )
    return path

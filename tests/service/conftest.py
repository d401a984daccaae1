"""The demonstration, served as a user serves it: `casegraph serve` on a port of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.running_site import Site, program, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def served_demo(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration's release in a process of its own, with every setting at its default."""
    place = tmp_path_factory.mktemp("service")
    folder = place / "site"
    shutil.copytree(demo_workspace / "releases", folder / "releases")
    with serving(program(), "--workspace", folder, "serve", cwd=place) as site:
        yield site

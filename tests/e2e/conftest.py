"""One demonstration for all tests here, as `casegraph demo` builds and serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.running_site import Site, program, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def demo_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `casegraph demo` is run."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def demo_site(demo_place: Path) -> Iterator[Site]:
    """The demonstration, served by a process of its own."""
    with serving(program(), "demo", "--folder", "demo", cwd=demo_place) as site:
        yield site


@pytest.fixture(scope="session")
def built_demo(demo_site: Site, demo_place: Path) -> Path:
    """The workspace that the demonstration is served from."""
    assert demo_site.process.poll() is None
    return demo_place / "demo"

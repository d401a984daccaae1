"""A small release, an application on it with the real query service, and one with a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOME = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with one release; tests of this session read it only."""
    folder = tmp_path_factory.mktemp("workspace") / "releases"
    publish(folder)
    return folder


@pytest.fixture(scope="session")
def client(releases: Path) -> Iterator[TestClient]:
    """A visitor of the real thing; redirects are looked at, not followed."""
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app, base_url=HOME, follow_redirects=False) as visitor:
        yield visitor


@pytest.fixture
def fake(tmp_path: Path) -> FakeQueries:
    """What answers in ``fake_client``."""
    return FakeQueries(tmp_path)


@pytest.fixture
def fake_client(releases: Path, fake: FakeQueries) -> Iterator[TestClient]:
    """A visitor where a fake answers queries."""
    app = create_app(releases, settings=Settings(), service_factory=lambda _release: fake)
    with TestClient(app, base_url=HOME, follow_redirects=False) as visitor:
        yield visitor

"""A demonstration release with the whole service on it, for tests that walk what it advertises."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

HOME: Final = "http://127.0.0.1:8000"
BASE: Final = "https://casegraph.example/"


def application(releases: Path, *, public_url: str = "") -> FastAPI:
    """The application with the real query service."""
    settings = Settings(query_workers=1, public_url=public_url)
    return create_app(releases, settings=settings, service_factory=service_factory(settings, None))


@contextmanager
def visiting(releases: Path) -> Iterator[TestClient]:
    """A visitor of the application; redirects are looked at, not followed."""
    app = application(releases)
    with TestClient(app, base_url=HOME, follow_redirects=False) as visitor:
        yield visitor


def here(address: str) -> str | None:
    """An address of the release as a path of this site, without fragment; None for others'."""
    plain = address.partition("#")[0]
    for start in (BASE, f"{HOME}/"):
        if plain.startswith(start):
            return "/" + plain.removeprefix(start)
    return None


def follow(visitor: TestClient, path: str) -> int:
    """The status at the end of the redirects from a path."""
    status: int = visitor.head(path, follow_redirects=True).status_code
    return status

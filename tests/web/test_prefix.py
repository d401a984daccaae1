"""A site below a path: with or without the path, through a proxy that takes it away or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from casegraph.errors import FixInput
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import refuse_hidden_prefix
from tests.web.conftest import HOME
from tests.web.small_release import address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.fake_queries import FakeQueries

PUBLIC = "https://shared.example.org/rights/graph/"


def _any(fake: object) -> Any:
    return fake


@pytest.fixture
def below(releases: Path, fake: FakeQueries) -> Iterator[TestClient]:
    settings = Settings(public_url=PUBLIC)
    app = create_app(releases, settings=settings, service_factory=lambda *_, **__: _any(fake))
    with TestClient(app, base_url=HOME, follow_redirects=False) as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("path", "root"), [("/", "./"), ("/release/", "../"), ("/release/2026-02-01.1", "../")]
)
def test_links_of_a_page_are_the_same_with_and_without_the_prefix(
    below: TestClient, path: str, root: str
) -> None:
    stripped, whole = below.get(path), below.get(f"/rights/graph{path}")
    assert (stripped.status_code, whole.status_code) == (200, 200)
    assert stripped.text == whole.text
    assert f'href="{root}static/' in whole.text


@pytest.mark.parametrize("asked", ["", "/rights/graph", "http://shared.example.org/rights/graph"])
def test_a_redirect_leads_to_a_place_below_the_prefix(below: TestClient, asked: str) -> None:
    answer = below.get(f"{asked}/release/latest/")
    assert answer.status_code == 302
    assert answer.headers["location"] == "../../release/2026-02-01.1/"


def test_the_prefix_alone_leads_to_the_first_page(below: TestClient) -> None:
    answer = below.get("/rights/graph")
    assert (answer.status_code, answer.headers["location"]) == (308, "graph/")


@pytest.mark.parametrize("path", ["/rights/graphs/", "/rights/", "/graph/"])
def test_what_only_looks_like_the_prefix_is_a_path_of_its_own(below: TestClient, path: str) -> None:
    assert below.get(path).status_code == 404


def test_an_encoded_prefix_is_the_prefix(below: TestClient) -> None:
    whole = below.get("/%72ights/graph/release/")
    assert 'href="../static/' in whole.text


def test_an_encoded_slash_below_the_prefix_is_no_step(below: TestClient) -> None:
    whole = below.get("/rights/graph/doc/person%2Fx", headers={"Accept": "text/html"})
    assert whole.status_code == 404
    assert 'href="../static/' in whole.text


def test_a_prefix_that_would_hide_addresses_of_the_service_is_refused(
    releases: Path, fake: FakeQueries
) -> None:
    for prefix, refused in (("/doc", True), ("/sparql/x", True), ("/docs", False), ("", False)):
        settings = Settings(path_prefix=prefix)
        app = create_app(releases, settings=settings, service_factory=lambda *_, **__: _any(fake))
        if refused:
            with pytest.raises(FixInput, match="cannot be its prefix"):
                refuse_hidden_prefix(app, settings)
        else:
            refuse_hidden_prefix(app, settings)


def test_things_lead_to_documents_below_the_prefix(releases: Path, client: TestClient) -> None:
    """The same relative Location as without a prefix: it holds in both places."""
    plain = client.get(f"/id/{address('monitor')}", headers={"Accept": "text/turtle"})
    assert plain.status_code == 303
    assert plain.headers["location"].startswith("../../doc/")
    assert releases.is_dir()

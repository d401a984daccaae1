"""Long lists are shown page by page, with the number of all entries, and nothing is left out."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from casegraph.errors import NotFound
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.pages.asking import page_size
from casegraph.web.pages.listing import Listing, turned_pages
from casegraph.web.server import service_factory
from tests.web.conftest import HOME
from tests.web.small_release import WORKSPACE, address, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 230
HEAD = """source: report
by: monitor, explicit
recorded: 2026-01-12
disclosure: {level: public, by: monitor, on: 2026-01-12, basis: already-public-source}
statements:
"""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A site where a population has as many statements as fill three pages."""
    folder = tmp_path_factory.mktemp("crowded")
    workspace = folder / "workspace"
    shutil.copytree(WORKSPACE, workspace)
    rows = [
        f"- {{key: many{number}, cite: line {number}, count: {number + 1000}, of: prisoners,"
        f" during: 2025}}\n"
        for number in range(MANY)
    ]
    (workspace / "findings" / "many.yaml").write_text(HEAD + "".join(rows), encoding="utf-8")
    publish(folder / "releases", workspace=workspace)
    settings = Settings(query_workers=1)
    app = create_app(
        folder / "releases", settings=settings, service_factory=service_factory(settings, None)
    )
    with TestClient(app, base_url=HOME, headers={"accept": "text/html"}) as visitor:
        yield visitor


def numbers(page: str) -> list[str]:
    """The figures of the generated statements on a page."""
    return re.findall(r"\b(1[0-2]\d\d)\b(?=[^<]*</bdi></a>)", page.replace(",", ""))


def test_the_pages_of_a_list_hold_all_of_it_once(crowded: TestClient) -> None:
    size = page_size("findings-about")
    first = crowded.get(f"/doc/{address('prisoners')}.html")
    total = int(re.search(r"([\d,]+) that are current", first.text)[1].replace(",", ""))  # type: ignore[index]
    assert total >= MANY
    pages = -(-total // size)
    seen: list[str] = []
    for page in range(1, pages + 1):
        answer = crowded.get(f"/doc/{address('prisoners')}.html?page={page}")
        assert answer.status_code == 200
        assert f"of {total}" in answer.text
        seen += numbers(answer.text)
    assert sorted(set(seen)) == [str(number + 1000) for number in range(MANY)]
    assert crowded.get(f"/doc/{address('prisoners')}.html?page={pages + 1}").status_code == 404


def test_the_first_page_leads_on_and_the_last_back(crowded: TestClient) -> None:
    first = crowded.get(f"/doc/{address('prisoners')}.html").text
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    last = crowded.get(f"/doc/{address('prisoners')}.html?page=3").text
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last


def test_the_quotations_and_places_of_a_source_are_counted_whole(crowded: TestClient) -> None:
    page = crowded.get(f"/doc/{address('report')}.html").text
    assert f"{MANY} places cited" in page


@pytest.mark.parametrize("asked", [b"page=0", b"page=-1", b"page=x", b"says=1e9", b"page=%00"])
def test_a_page_that_no_list_has_is_not_found(asked: bytes) -> None:
    with pytest.raises(NotFound):
        turned_pages(asked)


def test_other_fields_of_an_address_are_not_looked_at() -> None:
    assert turned_pages(b"release=2026-01-01.1&page=2") == {"page": 2}


def test_an_empty_list_has_one_page() -> None:
    assert Listing("page", [], 0, 1, 100).pages == 1
    with pytest.raises(NotFound):
        Listing("page", [], 0, 2, 100)

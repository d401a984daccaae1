"""A sitemap in pages: nothing is lost between them, and the file is read once an edition."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest

from casegraph.web.discovery import sitemap
from casegraph.web.discovery.sitemap import Sitemap, Sitemaps, index, urlset
from casegraph.web.releases.shelf import Release, Shelf
from casegraph.web.routers import discovery
from tests.web.small_release import BASE, RELEASE

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

SPACE: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def release(releases: Path) -> Release:
    return Shelf(releases).release(RELEASE)


def things(releases: Path) -> list[str]:
    """Subjects that have a document of their own, as the canonical file names them."""
    text = gzip.decompress((releases / RELEASE / "casegraph.nq.gz").read_bytes()).decode()
    subjects = {line.split("> ")[0][1:] for line in text.splitlines()}
    data = {one.replace(f"{BASE}id/", "doc/") for one in subjects if one.startswith(f"{BASE}id/")}
    kinds = "violation", "provision"
    for kind in kinds:
        namespace = f"https://w3id.org/casegraph/{kind}s#"
        data |= {
            one.replace(namespace, f"doc/{kind}/") for one in subjects if one.startswith(namespace)
        }
    return sorted(one for one in data if one.count("/") == 2)


def test_it_holds_every_document_and_no_part_of_one(release: Release, releases: Path) -> None:
    found = Sitemap(release)
    assert found.pages == 1
    assert sorted(found.page(1)) == things(releases)
    assert found.count == len(things(releases)) > 50


@pytest.mark.parametrize("per_page", [1, 7, 50])
def test_pages_put_together_are_the_whole(release: Release, per_page: int) -> None:
    whole = Sitemap(release).page(1)
    paged = Sitemap(release, per_page=per_page)
    assert paged.pages == -(-len(whole) // per_page)
    pages = [paged.page(number) for number in range(1, paged.pages + 1)]
    assert [path for page in pages for path in page] == whole
    assert all(len(page) <= per_page for page in pages)
    assert paged.page(1) == pages[0], "a page can be read again"


def test_a_page_of_the_full_size_is_smaller_than_the_protocol_allows() -> None:
    """50,000 addresses of 900 characters stay below 50 MB (sitemaps.org)."""
    assert sitemap.PER_PAGE == 50_000
    entries = [("https://example.org/" + "a" * 880, "2032-02-01")] * 100
    assert len(urlset(entries)) / 100 * sitemap.PER_PAGE < 50 * 1024 * 1024


def test_it_is_made_once_for_an_edition(release: Release) -> None:
    made: list[Sitemap] = []

    def make(of: Release) -> Sitemap:
        made.append(Sitemap(of))
        return made[-1]

    kept = Sitemaps(make)
    assert kept.of(release) is kept.of(release)
    other = Release(release.id, release.directory, release.manifest, "another edition")
    assert kept.of(other) is not kept.of(release)
    assert len(made) == 3


def test_addresses_are_escaped() -> None:
    data = urlset([("https://example.org/?a=1&b=<2>", "2032-02-01")])
    (location,) = ET.fromstring(data).iter(f"{SPACE}loc")  # noqa: S314 - ours
    assert location.text == "https://example.org/?a=1&b=<2>"
    assert b"<sitemapindex " in index([("https://example.org/sitemap-1.xml", "2032-02-01")])


def test_a_long_sitemap_is_served_as_a_list_of_pages(
    client: TestClient, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        discovery, "_SITEMAPS", Sitemaps(lambda release: Sitemap(release, per_page=20))
    )
    root = ET.fromstring(client.get("/sitemap.xml").text)  # noqa: S314 - ours
    assert root.tag == f"{SPACE}sitemapindex"
    found = []
    for page in root.iter(f"{SPACE}loc"):
        answer = client.get(page.text or "")
        assert answer.status_code == 200
        found += [one.text for one in ET.fromstring(answer.text).iter(f"{SPACE}loc")]  # noqa: S314
    documents = [one for one in found if one and "/doc/" in one]
    assert len(documents) == len(set(documents)) == len(things(releases))
    assert "http://127.0.0.1:8000/release/" in found
    for name in ("9999", "-1", "x", "01x", "01", "\u0661", "9" * 5_000):
        assert client.get(f"/sitemap-{name}.xml").status_code == 404

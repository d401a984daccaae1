"""The feed of releases is valid Atom, says how to read it, and tells nothing of a withdrawal."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest

from casegraph.web.discovery.feed import atom
from casegraph.web.releases.shelf import Shelf
from tests.web.small_release import BASE, publish

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

SPACE: Final = "{http://www.w3.org/2005/Atom}"
TOP: Final = "https://public.example/graph/"
FIRST, SECOND = "2026-02-01.1", "2026-05-01.1"
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two releases; the first is a redacted edition that came in June."""
    publish(tmp_path, release_id=FIRST, extra_facts={"redactedRecords": 3})
    publish(tmp_path, release_id=SECOND)
    os.utime(tmp_path / FIRST / "manifest.json", (1780304461, 1780304461))
    (tmp_path / f"{SECOND}.zip").write_bytes(b"PK" * 9)
    return tmp_path


@pytest.fixture
def feed(folder: Path) -> ET.Element:
    shelf = Shelf(folder)
    data = atom(shelf.releases(), current=shelf.current(), public_url=TOP)
    return ET.fromstring(data)  # noqa: S314 - written a moment ago


def text(of: ET.Element, name: str) -> str:
    (found,) = of.findall(SPACE + name)
    return found.text or ""


def links(of: ET.Element) -> dict[str, dict[str, str]]:
    return {one.attrib["rel"]: dict(one.attrib) for one in of.findall(f"{SPACE}link")}


def test_a_feed_has_what_rfc_4287_demands(feed: ET.Element) -> None:
    """Sections 4.1.1 and 4.1.2: one id, title, updated; an author; a self link; no twin ids."""
    assert feed.tag == f"{SPACE}feed"
    entries = feed.findall(f"{SPACE}entry")
    for one in (feed, *entries):
        assert text(one, "id").startswith(BASE)
        assert text(one, "title")
        assert MOMENT.fullmatch(text(one, "updated"))
        assert one.find(f"{SPACE}author/{SPACE}name") is not None
        assert links(one)["alternate"]["type"] == "text/html"
    assert links(feed)["self"]["href"] == f"{TOP}feed.atom"
    ids = [text(one, "id") for one in entries]
    assert ids == [f"{BASE}release/{SECOND}", f"{BASE}release/{FIRST}"]


def test_an_entry_leads_to_the_page_and_to_the_archive_with_its_length(
    feed: ET.Element,
) -> None:
    newest, oldest = feed.findall(f"{SPACE}entry")
    assert links(newest)["alternate"]["href"] == f"{TOP}release/{SECOND}/"
    assert links(newest)["enclosure"] == {
        "rel": "enclosure",
        "type": "application/zip",
        "href": f"{TOP}release/{SECOND}.zip",
        "length": "18",
    }
    assert "enclosure" not in links(oldest), "there is no archive of it"


def test_a_summary_counts_and_says_how_to_read_the_counts(feed: ET.Element) -> None:
    summary = text(feed.findall(f"{SPACE}entry")[0], "summary")
    assert summary.startswith("6 statements, 4 readings, 1 report held, ")
    assert "no counts of violations" in summary
    assert "METHOD.md" in summary


def test_a_redacted_edition_is_updated_and_says_only_that_it_is_one(
    feed: ET.Element,
) -> None:
    newest, oldest = feed.findall(f"{SPACE}entry")
    assert text(newest, "updated") == "2026-05-01T00:00:00Z"
    assert text(oldest, "published") == "2026-02-01T00:00:00Z"
    assert text(oldest, "updated") == "2026-06-01T09:01:01Z"
    assert text(feed, "updated") == "2026-06-01T09:01:01Z"
    assert "This is a redacted edition." in text(oldest, "summary")
    assert "withdraw" not in ET.tostring(feed, "unicode")
    assert "3 record" not in text(oldest, "summary")


def test_the_feed_is_served_as_atom_and_linked_from_pages(client: TestClient) -> None:
    answer = client.get("/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    page = client.get("/release/", headers={"Accept": "text/html"}).text
    assert 'href="../feed.atom" type="application/atom+xml"' in page

"""Generated pages are fresh, the glossary is complete, and every link leads somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs import generate
from tests.docs.pages import REPOSITORY, pages

if TYPE_CHECKING:
    from pathlib import Path

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@pytest.mark.parametrize("name", generate.WRITERS)
def test_a_reference_page_is_fresh(name: str) -> None:
    """``python docs/generate.py`` would change nothing."""
    shown = (generate.PAGES / name).read_text(encoding="utf-8")
    assert shown == generate.page(name), f"run python docs/generate.py: {name} is stale"


def test_the_glossary_names_every_class_and_nothing_that_is_none() -> None:
    """Each class of the ontology has a line of its own."""
    text = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    ontology = (REPOSITORY / "ontology" / "casegraph.ttl").read_text(encoding="utf-8")
    classes = set(re.findall(r"^cg:([A-Z]\w+) a owl:Class", ontology, re.MULTILINE))
    lines = re.findall(r"^\| [a-z ]+ \| `cg:([A-Z]\w+)` \|", text, re.MULTILINE)
    assert sorted(lines) == sorted(classes)


def test_the_glossary_names_no_term_that_is_not_there() -> None:
    """Properties as well as classes."""
    text = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    ontology = (REPOSITORY / "ontology" / "casegraph.ttl").read_text(encoding="utf-8")
    declared = set(re.findall(r"^cg:(\w+) a ", ontology, re.MULTILINE))
    assert set(re.findall(r"`cg:(\w+)`", text)) - declared == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """Files are there, and so are the headings that links point to."""
    broken = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_index() -> None:
    """docs/index.md links each page below docs/."""
    index = REPOSITORY / "docs" / "index.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in _LINK.findall(index.read_text(encoding="utf-8"))
    }
    below = {path for path in pages() if "docs" in path.parts and path != index}
    assert {path.name for path in below - linked} == set()


def _anchors(page: Path) -> set[str]:
    """Anchors of the headings, made as the common Markdown viewers make them."""
    found = set()
    for heading in _HEADING.findall(page.read_text(encoding="utf-8")):
        plain = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
        found.add(plain.replace(" ", "-"))
    return found

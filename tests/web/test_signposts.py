"""Signposting, level 2: header, page and linkset say the same, and links lead back."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from tests.web.described_site import BASE, HOME, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

RELEASE = "2026-11-22.1"
RELATIONS = {"cite-as", "type", "author", "license", "describedby", "item", "collection", "linkset"}
PAGES = ("finding", "source", "institution", "landing", "release")

Links = set[tuple[str, str, str]]


class Head(HTMLParser):
    """The ``<link>`` elements of a page as (rel, address, type)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.links: Links = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") in RELATIONS:
            href = urljoin(self.url, said.get("href") or "")
            self.links.add((said["rel"] or "", href, said.get("type") or ""))


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    with visiting(demo_workspace / "releases") as found:
        yield found


@pytest.fixture(scope="module")
def paths(visitor: TestClient) -> dict[str, str]:
    """A page of each kind."""
    found = re.findall(r"<loc>http://[^/]+(/[^<]+)</loc>", visitor.get("/sitemap.xml").text)
    kinds = ("finding", "source", "institution")
    first = {kind: next(one for one in found if f"/doc/{kind}/" in one) for kind in kinds}
    return {**first, "landing": "/", "release": f"/release/{RELEASE}/"}


def in_header(text: str, url: str) -> Links:
    """RFC 8288, as far as we write it: each link on its own, attributes in quotes."""
    found = set()
    for target, rest in re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")+)', text):
        said = dict(re.findall(r'; ([a-z]+)="([^"]*)"', rest))
        if said["rel"] in RELATIONS:
            found.add((said["rel"], urljoin(url, target), said.get("type", "")))
    return found


def in_linkset(text: str, anchor: str) -> Links:
    return {
        (rel, target["href"], target.get("type", ""))
        for context in json.loads(text)["linkset"]
        if context["anchor"] == anchor
        for rel, targets in context.items()
        if rel != "anchor"
        for target in targets
    }


@pytest.mark.parametrize("kind", PAGES)
def test_header_and_page_say_the_same_and_the_linkset_all_of_it(
    visitor: TestClient, paths: dict[str, str], kind: str
) -> None:
    url = HOME + paths[kind]
    answer = visitor.get(paths[kind], headers={"Accept": "text/html"})
    links = in_header(answer.headers["link"], url)
    head = Head(url)
    head.feed(answer.text)
    assert head.links == links
    (address,) = (target for rel, target, _ in links if rel == "linkset")
    assert links <= in_linkset(visitor.get(address.removeprefix(HOME)).text, url)


@pytest.mark.parametrize("kind", PAGES)
def test_each_page_has_what_the_profile_asks_for(
    visitor: TestClient, paths: dict[str, str], kind: str
) -> None:
    """signposting.org/FAIR: one cite-as, AboutPage and one more type, describedby with type."""
    url = HOME + paths[kind]
    answer = visitor.head(paths[kind], headers={"Accept": "text/html"})
    links = in_header(answer.headers["link"], url)
    number = Counter(rel for rel, _, _ in links)
    assert number["cite-as"] == 1
    assert number["license"] == 1
    assert number["linkset"] == 1
    assert number["type"] == 2
    assert ("type", "https://schema.org/AboutPage", "") in links
    described = {(target, kind) for rel, target, kind in links if rel == "describedby"}
    assert described
    assert all(kind for _, kind in described)
    for target, media_type in described:
        said = visitor.get(target.removeprefix(HOME)).headers
        assert said["content-type"].partition(";")[0] == media_type
        assert ("describes" in said["link"]) == (HOME + paths[kind] in said["link"])
    (cited,) = (target for rel, target, _ in links if rel == "cite-as")
    assert cited.startswith(BASE)


def test_a_header_is_short_enough_for_a_proxy(visitor: TestClient, paths: dict[str, str]) -> None:
    """nginx reads the head of an answer into 4 KB unless it is told otherwise."""
    for path in paths.values():
        headers = visitor.head(path, headers={"Accept": "text/html"}).headers
        assert len(headers["link"]) < 2_800, path
        assert sum(len(name) + len(value) + 4 for name, value in headers.items()) < 4_096, path


def test_a_finding_is_a_claim_by_those_who_say_it_in_a_release(
    visitor: TestClient, paths: dict[str, str]
) -> None:
    answer = visitor.head(paths["finding"], headers={"Accept": "text/html"})
    links = in_header(answer.headers["link"], HOME + paths["finding"])
    assert ("type", "https://schema.org/Claim", "") in links
    assert all(target.startswith(f"{BASE}id/") for rel, target, _ in links if rel == "author")
    assert "author" in {rel for rel, _, _ in links}
    assert ("collection", f"{HOME}/release/{RELEASE}/", "text/html") in links
    assert ("cite-as", f"{BASE}{paths['finding'][1:].replace('doc/', 'id/', 1)}", "") in links


def test_items_lead_back_to_their_collection(visitor: TestClient) -> None:
    linkset = visitor.get(f"/release/{RELEASE}/linkset.json").text
    page = f"{HOME}/release/{RELEASE}/"
    items = [target for rel, target, _ in in_linkset(linkset, page) if rel == "item"]
    assert len(items) > 10
    for item in items:
        headers = visitor.head(item.removeprefix(HOME)).headers
        assert ("collection", page, "text/html") in in_header(headers["link"], item)
        assert ("collection", page, "text/html") in in_linkset(linkset, item)


def test_a_memento_stays_in_its_release(visitor: TestClient, paths: dict[str, str]) -> None:
    path = f"{paths['finding']}?release={RELEASE}"
    answer = visitor.get(path, headers={"Accept": "text/html"})
    links = in_header(answer.headers["link"], HOME + path)
    described = [target for rel, target, _ in links if rel == "describedby"]
    assert described
    for target in described:
        assert f"release={RELEASE}" in target
        assert visitor.get(target.removeprefix(HOME)).status_code == 200
    (address,) = (target for rel, target, _ in links if rel == "linkset")
    assert links <= in_linkset(visitor.get(address.removeprefix(HOME)).text, HOME + path)

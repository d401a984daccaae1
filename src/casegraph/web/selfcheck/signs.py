"""Signposting, validators and time travel of a few pages, as a client meets them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from casegraph.web.selfcheck.links import Link, read_links, read_linkset
from casegraph.web.selfcheck.report import untested, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casegraph.web.releases.shelf import Release
    from casegraph.web.selfcheck.report import Check
    from casegraph.web.selfcheck.visitor import Visitor

SIGNPOSTING: Final = "signposting"
MEMENTO: Final = "memento"
CACHING: Final = "caching"
_ABOUT_PAGE: Final = "https://schema.org/AboutPage"
_OK, _FOUND, _NOT_MODIFIED, _BAD = 200, 302, 304, 400
_BEFORE_ALL: Final = "Mon, 01 Jan 1990 00:00:00 GMT"


def check_signposting(
    visitor: Visitor, release: Release, documents: Sequence[str]
) -> Iterator[Check]:
    """The first page, the page of the release and one document of each kind."""
    pages = ["", f"release/{release.id}/", *documents]
    for path in pages:
        answer = visitor.ask(path, headers={"Accept": "text/html"})
        links = list(read_links(answer.headers.get("link", ""), answer.url))
        name = f"/{path}"
        yield verdict(SIGNPOSTING, name, _faults(links), f"{len(links)} links in the header")
        yield _linkset(visitor, name, answer.url, links)
    yield _back_links(visitor, release)


def _faults(links: Sequence[Link]) -> Iterator[str]:
    """signposting.org/FAIR, level 2."""
    found = Counter(link.rel for link in links)
    types = [link.target for link in links if link.rel == "type"]
    if found["cite-as"] != 1:
        yield f"{found['cite-as']} cite-as"
    if _ABOUT_PAGE not in types or len(types) <= 1:
        yield f"types {' '.join(types) or 'missing'}"
    if found["license"] > 1:
        yield f"{found['license']} licences"
    described = [link for link in links if link.rel == "describedby"]
    if not described:
        yield "no describedby"
    yield from (f"{one.target} has no type" for one in described if not one.type)
    yield from (f"{one.target} has no profile" for one in described if not one.profile)
    yield from (f"{one.target} has no type" for one in links if one.rel == "item" and not one.type)
    if not found["linkset"]:
        yield "no linkset"


def _linkset(visitor: Visitor, name: str, url: str, links: Sequence[Link]) -> Check:
    """The linkset says at least what the header says."""
    address = next((link.target for link in links if link.rel == "linkset"), None)
    if address is None:
        return verdict(SIGNPOSTING, f"linkset of {name}", ["it is not linked"])
    answer = visitor.ask(address)
    if answer.status != _OK:
        return verdict(SIGNPOSTING, f"linkset of {name}", [f"status {answer.status}"])
    said = {(one.rel, one.target) for one in read_linkset(json.loads(answer.text))
            if one.anchor == url}  # fmt: skip
    relations = {"cite-as", "type", "author", "license", "describedby", "item", "collection"}
    wrong = [
        f"{one.rel} {one.target} is missing"
        for one in links
        if one.rel in relations and (one.rel, one.target) not in said
    ]
    return verdict(SIGNPOSTING, f"linkset of {name}", wrong, f"{len(said)} links")


def _back_links(visitor: Visitor, release: Release) -> Check:
    page = f"{visitor.public_url}release/{release.id}/"
    wrong = []
    for name, rel in (("casegraph.ttl", "collection"), ("void.ttl", "describes")):
        if name in release.files:
            answer = visitor.ask(f"release/{release.id}/{name}", method="HEAD")
            links = read_links(answer.headers.get("link", ""), answer.url)
            if not any((link.rel, link.target) == (rel, page) for link in links):
                wrong.append(f"{name} has no {rel} link to the page of the release")
    return verdict(SIGNPOSTING, "links back from files", wrong)


def check_caching(visitor: Visitor, documents: Sequence[str]) -> Iterator[Check]:
    """A tag that is sent back is answered with 304 (RFC 9110, section 13.1.2)."""
    paths = ["sitemap.xml", "feed.atom", *(f"{one}.ttl" for one in documents[:1])]
    for path in paths:
        answer = visitor.ask(path)
        tag = answer.headers.get("etag", "")
        again = visitor.ask(path, headers={"If-None-Match": tag})
        wrong = [] if tag else [f"status {answer.status}, no ETag"]
        if tag and again.status != _NOT_MODIFIED:
            wrong.append(f"status {again.status}, not {_NOT_MODIFIED}")
        yield verdict(CACHING, f"/{path}", wrong)


def check_memento(visitor: Visitor, release: Release, documents: Sequence[str]) -> Iterator[Check]:
    """TimeGate, memento and TimeMap of one document (RFC 7089, sections 3 and 4)."""
    if not documents:
        yield untested(MEMENTO, "documents", "this release holds no document")
        return
    path = documents[0]
    url = f"{visitor.public_url}{path}"
    yield verdict(MEMENTO, f"original /{path}", _original(visitor, path))
    yield verdict(MEMENTO, f"timegate /{path}", _timegate(visitor, path))
    yield verdict(MEMENTO, f"memento of /{path}", _memento(visitor, path, url, release))
    answer = visitor.ask(f"timemap/{quote(path)}", headers={"Accept": "application/link-format"})
    links = list(read_links(answer.text, answer.url))
    mementos = [link for link in links if "memento" in link.rel]
    wrong = []
    if answer.status != _OK or not mementos:
        wrong.append(f"status {answer.status}, {len(mementos)} mementos")
    yield verdict(MEMENTO, f"timemap of /{path}", wrong, f"{len(mementos)} mementos")


def _original(visitor: Visitor, path: str) -> Iterator[str]:
    answer = visitor.ask(path, method="HEAD")
    rels = {link.rel for link in read_links(answer.headers.get("link", ""), answer.url)}
    yield from (f"no {rel} link" for rel in ("timegate", "timemap") if rel not in rels)


def _timegate(visitor: Visitor, path: str) -> Iterator[str]:
    answer = visitor.ask(path, headers={"Accept-Datetime": _BEFORE_ALL})
    if answer.status != _FOUND:
        yield f"status {answer.status}, not {_FOUND}"
    if "accept-datetime" not in answer.headers.get("vary", "").lower():
        yield "Vary does not name Accept-Datetime"
    wrong = visitor.ask(path, headers={"Accept-Datetime": "the day before yesterday"}).status
    if wrong != _BAD:
        yield f"a date that is none: status {wrong}, not {_BAD}"


def _memento(visitor: Visitor, path: str, url: str, release: Release) -> Iterator[str]:
    answer = visitor.ask(f"{path}?release={release.id}", method="HEAD")
    if answer.status != _OK:
        yield f"status {answer.status}, not {_OK}"
    if "memento-datetime" not in answer.headers:
        yield "no Memento-Datetime"
    links = read_links(answer.headers.get("link", ""), answer.url)
    if not any(link.rel == "original" and link.target == url for link in links):
        yield "no link to the original"

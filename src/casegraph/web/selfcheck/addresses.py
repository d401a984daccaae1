"""Whether every address that is advertised leads somewhere."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import fromstring

from casegraph.web.selfcheck.links import read_linkset
from casegraph.web.selfcheck.report import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casegraph.web.releases.shelf import Release
    from casegraph.web.selfcheck.report import Check
    from casegraph.web.selfcheck.visitor import Visitor

GROUP: Final = "addresses"
_IRI: Final = re.compile(r"<([^<>\s]+)>")
_LOCATION: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
#: 202 is what the self-check answers while it runs.
_RESOLVES: Final = frozenset({200, 202})
_WANTS_A_PARAMETER: Final = 400


def check_addresses(visitor: Visitor, release: Release, *, most: int) -> Iterator[Check]:
    """One check for each description; of more than ``most`` addresses a sample is asked."""
    folder = f"release/{release.id}/"
    sources: dict[str, Callable[[], Iterable[str]]] = {
        "service description": lambda: _in_rdf(visitor, "sparql?format=nt"),
        "VoID and DCAT of the release": lambda: _in_rdf(visitor, f"{folder}void.ttl"),
        "DCAT of all releases": lambda: _in_rdf(visitor, "catalogue.ttl"),
        "schema.org": lambda: _in_schema(visitor, f"{folder}schema.jsonld"),
        "linkset of the first page": lambda: _in_linkset(visitor, "linkset.json"),
        "linkset of the release": lambda: _in_linkset(visitor, f"{folder}linkset.json"),
        "feed of releases": lambda: _in_feed(visitor),
        "sitemap": lambda: in_sitemap(visitor),
    }
    known: dict[str, int] = {}
    for name, found in sources.items():
        yield _resolved(visitor, name, found(), known, most=most)
    yield _interfaces(visitor)


def _resolved(
    visitor: Visitor, name: str, advertised: Iterable[str], known: dict[str, int], *, most: int
) -> Check:
    addresses = sorted({here for one in advertised if (here := visitor.here(one)) is not None})
    asked = sample(addresses, most)
    for address in asked:
        if address not in known:
            known[address] = visitor.follow(address).status
    wrong = [f"{one} answers {known[one]}" for one in asked if known[one] not in _RESOLVES]
    if not addresses:
        wrong = ["no address of this site is in it"]
    if len(asked) == len(addresses):
        seen = f"all {len(addresses)} addresses of this site resolve"
    else:
        seen = f"a sample of {len(asked)} of {len(addresses)} addresses resolves"
    return verdict(GROUP, f"addresses in: {name}", wrong, seen)


def sample(found: list[str], most: int) -> list[str]:
    """At most ``most`` of them, evenly spread, the first and the last among them."""
    if len(found) <= most:
        return found
    step = (len(found) - 1) / (most - 1)
    return [found[round(number * step)] for number in range(most)]


def _interfaces(visitor: Visitor) -> Check:
    """Interfaces that want a parameter say so; they do not have to answer 200 without one."""
    path = ".well-known/api-catalog"
    links = list(read_linkset(json.loads(visitor.ask(path).text)))
    wrong = []
    for link in links:
        here = visitor.here(link.target)
        status = visitor.follow(here).status if here else 0
        interface = link.rel == "item" and status == _WANTS_A_PARAMETER
        if status not in _RESOLVES and not interface:
            wrong.append(f"{link.target} answers {status}")
    return verdict(GROUP, "interfaces in the API catalogue", wrong, f"{len(links)} links resolve")


def _in_rdf(visitor: Visitor, path: str) -> list[str]:
    return _IRI.findall(visitor.ask(path).text)


def _in_schema(visitor: Visitor, path: str) -> list[str]:
    text = visitor.ask(path).text
    return [str(one) for one in re.findall(r'"@id": "([^"]+)"', text)]


def _in_linkset(visitor: Visitor, path: str) -> list[str]:
    links = list(read_linkset(json.loads(visitor.ask(path).text)))
    return [*(link.target for link in links), *(link.anchor for link in links)]


def _in_feed(visitor: Visitor) -> list[str]:
    space = "{http://www.w3.org/2005/Atom}link"
    root = fromstring(visitor.ask("feed.atom").body)  # noqa: S314 - written by us a moment ago
    return [link.get("href", "") for link in root.iter(space)]


def in_sitemap(visitor: Visitor) -> list[str]:
    """Every address of the sitemap, and of its pages where it has pages."""
    root = fromstring(visitor.ask("sitemap.xml").body)  # noqa: S314 - written by us a moment ago
    found = [one.text or "" for one in root.iter(_LOCATION)]
    if root.tag.endswith("urlset"):
        return found
    pages = (fromstring(visitor.ask(page).body) for page in found)  # noqa: S314 - as above
    return [one.text or "" for page in pages for one in page.iter(_LOCATION)]

"""Addresses of the data as paths of this site: pages link relatively, wherever they are served."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import NotFound
from casegraph.graph import terms

if TYPE_CHECKING:
    from casegraph.graph.literal import Literal
    from casegraph.web.releases.nodes import Nodes

#: What may stand after ``/id/`` and ``/doc/``.
ENTITY_TYPES: Final = frozenset(
    {
        "case",
        "citation",
        "finding",
        "group",
        "institution",
        "person",
        "population",
        "publication",
        "quotation",
        "revision",
        "source",
        "unidentified",
    }
)
#: Types whose addresses are terms of ours, not of the data.
CONCEPT_TYPES: Final = {"violation": terms.VT, "provision": terms.PR}
_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,98}")
_BELOW: Final = re.compile(r"[A-Za-z0-9/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Ref:
    """A name that leads somewhere: ``path`` within this site, or ``url`` outside of it."""

    text: Literal
    path: str | None = None
    url: str | None = None


def thing_iri(base_iri: str, kind: str, identifier: str, below: str = "") -> str:
    """The address of a thing.  Raises ``NotFound`` for what cannot be one."""
    if kind in CONCEPT_TYPES and _SLUG.fullmatch(identifier) and not below:
        return CONCEPT_TYPES[kind] + identifier
    known = kind in ENTITY_TYPES and _ID.fullmatch(identifier)
    if not known or (below and not _BELOW.fullmatch(below)):
        raise NotFound(
            "There is no such address here.", hint="Start at the first page, or ask a query."
        )
    return f"{base_iri}id/{kind}/{identifier}{'/' if below else ''}{below}"


def path_of(address: str, base_iri: str) -> str | None:
    """The path of the document about an address, without a first slash; None if none is ours."""
    start = f"{base_iri}id/"
    if address.startswith(start):
        kind, _, rest = address.removeprefix(start).partition("/")
        identifier, _, below = rest.partition("/")
        if kind in ENTITY_TYPES and _ID.fullmatch(identifier):
            anchor = f"#{below.replace('/', '-')}" if below else ""
            return f"doc/{kind}/{identifier}{anchor}"
        return None
    for kind, namespace in CONCEPT_TYPES.items():
        slug = address.removeprefix(namespace)
        if slug != address and _SLUG.fullmatch(slug):
            return f"doc/{kind}/{slug}"
    if address.startswith(terms.CG):
        return f"ns#{address.removeprefix(terms.CG)}"
    return None


def outside(address: str) -> str | None:
    """The address itself where a page may link to it: https and http alone."""
    return address if address.startswith(("https://", "http://")) else None


class Places:
    """Makes references out of the addresses of one release."""

    def __init__(self, nodes: Nodes, base_iri: str) -> None:
        self._nodes = nodes
        self.base_iri = base_iri

    def ref(self, address: str) -> Ref:
        """A reference with the label that the document gives."""
        path = path_of(address, self.base_iri)
        return Ref(self._nodes.label(address), path, None if path else outside(address))

    def refs(self, subject: str, prop: str) -> list[Ref]:
        """References to everything a property leads to, by label."""
        found = [self.ref(address) for address in self._nodes.links(subject, prop)]
        return sorted(found, key=lambda ref: ref.text.lexical)

    def first(self, subject: str, prop: str) -> Ref | None:
        """The first of them."""
        return next(iter(self.refs(subject, prop)), None)

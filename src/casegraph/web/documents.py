"""The document about one thing: one query, which is both its RDF and what its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from casegraph.errors import NotFound
from casegraph.graph import terms
from casegraph.web.asking import nodes_of, rows_of, text_of, with_values
from casegraph.web.finding_page import finding_page
from casegraph.web.listing import listed
from casegraph.web.places import Places, thing_iri
from casegraph.web.site import fact
from casegraph.web.source_page import source_page
from casegraph.web.thing_page import EXCLUSIVE, states_of, thing_page

if TYPE_CHECKING:
    from casegraph.web.listing import ListedFinding
    from casegraph.web.live import OpenRelease
    from casegraph.web.nodes import Nodes

_SPEAKERS: Final = frozenset({"group", "institution", "person", "publication", "unidentified"})


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what it shows."""

    template: str
    content: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The document about ``iri``; ``query`` gives its RDF, ``nodes`` are the same triples."""

    kind: str
    iri: str
    path: str
    query: str
    nodes: Nodes

    def page(self, current: OpenRelease, *, shelf_life_days: int) -> Page:
        """What the page of it shows.

        A state older than ``shelf_life_days`` on the day of the release counts as old.
        """
        places = Places(self.nodes, current.release.base_iri)
        oldest = date.fromisoformat(current.release.date) - timedelta(days=shelf_life_days)
        old_before = oldest.isoformat()
        if self.kind == "finding":
            content: object = finding_page(
                self.nodes, self.iri, current.release, old_before=old_before,
                states=self._states(current),
            )  # fmt: skip
            return Page("finding.html", content)
        if self.kind == "source":
            rows = rows_of(current, "evidence-of-source", (self.iri,))
            return Page(
                "source.html", source_page(self.nodes, places, self.iri, rows, current.release)
            )
        about = rows_of(current, "findings-about", (self.iri,))
        says = rows_of(current, "findings-by", (self.iri,)) if self.kind in _SPEAKERS else []
        content = thing_page(
            self.nodes, places, self.iri, about=about, says=says, old_before=old_before
        )
        return Page("thing.html", content)

    def _states(self, current: OpenRelease) -> list[ListedFinding]:
        """The newest states of the people whose state this finding gives."""
        if self.nodes.code(self.iri, terms.STATE) not in EXCLUSIVE:
            return []
        base_iri = current.release.base_iri
        return [
            state
            for who in sorted(self.nodes.links(self.iri, terms.ABOUT))
            if who.startswith(f"{base_iri}id/person/")
            for state in states_of(listed(rows_of(current, "findings-about", (who,)), base_iri))[0]
        ]


def document_of(current: OpenRelease, kind: str, identifier: str) -> Document:
    """The document about a thing.  Raises ``NotFound`` where the release does not know it."""
    release = current.release
    iri = thing_iri(release.base_iri, kind, identifier)
    path = f"doc/{kind}/{identifier}"
    name = "finding" if kind == "finding" else "thing"
    licence = fact(release, "licence") or f"{release.base_iri}release/{release.id}"
    parameters = (
        iri,
        f"{release.base_iri}{path}",
        f"{release.base_iri}release/{release.id}",
        licence,
    )
    nodes = nodes_of(current, name, parameters)
    if iri not in nodes:
        raise NotFound(
            "There is no such address here.", hint="Start at the first page, or ask a query."
        )
    return Document(
        kind=kind,
        iri=iri,
        path=path,
        query=with_values(text_of(name), [parameters]),
        nodes=nodes,
    )

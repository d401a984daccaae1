"""The document about one thing: one query, which is both its RDF and what its page shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from casegraph.errors import NotFound
from casegraph.graph import literal, terms
from casegraph.web.pages.asking import (
    page_of_rows,
    page_size,
    rows_of,
    text_of,
    with_values,
)
from casegraph.web.pages.finding_page import finding_page
from casegraph.web.pages.listing import Listing, listed, require_page
from casegraph.web.pages.source_page import source_page
from casegraph.web.pages.thing_page import EXCLUSIVE, Said, states_of, thing_page
from casegraph.web.releases.nodes import Nodes
from casegraph.web.releases.places import Places, thing_iri
from casegraph.web.site import fact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casegraph.graph.nquads import Object
    from casegraph.web.pages.asking import Row
    from casegraph.web.pages.listing import ListedFinding
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.releases.shelf import Release

#: Kinds of things that have states of their own, shown apart.
_IN_STATES: Final = frozenset({"group", "person", "unidentified"})
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

    def page(
        self, current: OpenRelease, *, shelf_life_days: int, turned: Mapping[str, int]
    ) -> Page:
        """What the page of it shows.

        A state older than ``shelf_life_days`` on the day of the release counts as old;
        ``turned`` says which page of which list is open.
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
            open_page = turned.get("page", 1)
            numbers = _numbers(rows_of(current, "count-evidence", (self.iri,)), "quoted")
            require_page(open_page, numbers.total(), page_size("evidence-of-source"))
            rows = page_of_rows(current, "evidence-of-source", open_page, (self.iri,))
            content = source_page(
                self.nodes, places, self.iri, rows, current.release,
                numbers=numbers, page=open_page,
            )  # fmt: skip
            return Page("source.html", content)
        said = self._said(current, turned)
        content = thing_page(self.nodes, places, self.iri, said=said, old_before=old_before)
        return Page("thing.html", content)

    def _said(self, current: OpenRelease, turned: Mapping[str, int]) -> Said:
        """The lists of the page, each open where it was turned to."""
        base_iri = current.release.base_iri
        apart = self.kind in _IN_STATES
        about = _numbers(
            rows_of(current, "count-about", (self.iri, literal.boolean(value=apart))), "current"
        )
        speaks = self.kind in _SPEAKERS
        says = _numbers(rows_of(current, "count-by", (self.iri,)) if speaks else [], "")

        def listing(name: str, query: str, total: int, *parameters: Object) -> Listing:
            page = turned.get(name, 1)
            require_page(page, total, page_size(query))
            rows = page_of_rows(current, query, page, (self.iri, *parameters)) if total else []
            return Listing(name, listed(rows, base_iri), total, page, page_size(query))

        def of(*, is_current: bool) -> tuple[Object, Object]:
            return literal.boolean(value=is_current), literal.boolean(value=apart)

        return Said(
            states=_states_of(current, self.iri) if apart else [],
            statements=listing("page", "findings-about", about["true"], *of(is_current=True)),
            rejected=listing("readings", "findings-about", about["false"], *of(is_current=False)),
            says=listing("says", "findings-by", says[""]),
        )

    def _states(self, current: OpenRelease) -> list[ListedFinding]:
        """The newest states of the people whose state this finding gives."""
        if self.nodes.code(self.iri, terms.STATE) not in EXCLUSIVE:
            return []
        return [
            state
            for who in sorted(self.nodes.links(self.iri, terms.ABOUT))
            if who.startswith(f"{current.release.base_iri}id/person/")
            for state in states_of(_states_of(current, who))[0]
        ]


def _states_of(current: OpenRelease, who: str) -> list[ListedFinding]:
    return listed(rows_of(current, "states-of", (who,)), current.release.base_iri)


def _numbers(rows: Sequence[Row], name: str) -> Counter[str]:
    """Numbers by the words of another column; by "" without one."""
    return Counter(
        {_words(row.get(name)): int(_words(row["number"])) for row in rows if "number" in row}
    )


def _words(value: Object | None) -> str:
    return value.lexical if isinstance(value, literal.Literal) else ""


def document_of(current: OpenRelease, kind: str, identifier: str) -> Document:
    """The document about a thing.  Raises ``NotFound`` where the release does not know it."""
    iri = thing_iri(current.release.base_iri, kind, identifier)
    query = document_query(current.release, kind, identifier)
    nodes = Nodes.read(current.page_answer(query, "nt"))
    if iri not in nodes:
        raise NotFound(
            "There is no such address here.", hint="Start at the first page, or ask a query."
        )
    return Document(kind=kind, iri=iri, path=f"doc/{kind}/{identifier}", query=query, nodes=nodes)


def document_query(release: Release, kind: str, identifier: str) -> str:
    """The query whose answer, in any format, is the document about a thing in a release.

    Nothing in it depends on what is current, so that its answer never changes.
    """
    parameters = (
        thing_iri(release.base_iri, kind, identifier),
        f"{release.base_iri}doc/{kind}/{identifier}",
        f"{release.base_iri}release/{release.id}",
        fact(release, "licence") or f"{release.base_iri}release/{release.id}",
    )
    return with_values(text_of("finding" if kind == "finding" else "thing"), [parameters])

"""A node of the asserted graph, before it becomes lines: an address, a place, and rows.

The place (``order``) is where a reader expects the node: a source, its quotations in the order
of the book, under each its findings with what belongs to them; then populations, agents,
cases, revisions.  Lines that are sorted by ``order`` make a file that reads like a report, and
because a place depends on the record alone, equal nodes give equal keyed lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casegraph.graph import literal, terms
from casegraph.graph.nquads import Object, Quad, to_line
from casegraph.graph.table import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.context import MintingContext
    from casegraph.graph.table import Field
    from casegraph.model.values import Agent, Case, Finding, Population, Source

Row = tuple[str, Object]

#: Between the reading key and its line; canonical lines hold no raw tab.
KEY_END = "\t"


@dataclass(frozen=True, slots=True)
class Node:
    """One subject with its rows, in the order in which they are to be read."""

    iri: str
    order: str
    rows: tuple[Row, ...]

    def quads(self, graph: str) -> Iterator[Quad]:
        """The rows as quads of one graph."""
        return (Quad(self.iri, predicate, value, graph) for predicate, value in self.rows)

    def keyed_lines(self, graph: str) -> Iterator[str]:
        """``key TAB line`` for each row; sorted, they are in reading order."""
        rank, last = -1, ""
        for predicate, value in self.rows:
            # Objects of one property share a rank and so stand sorted by their text, except
            # classes, which keep the narrowest first.
            if predicate != last or predicate == terms.RDF_TYPE:
                rank, last = rank + 1, predicate
            line = to_line(Quad(self.iri, predicate, value, graph))
            yield f"{self.order}#{rank:03d}{KEY_END}{line}"


def types(classes: Iterable[str]) -> list[Row]:
    """``rdf:type`` rows, the narrowest class first."""
    return [(terms.RDF_TYPE, name) for name in classes]


def label(text: str) -> Row:
    """An English ``rdfs:label``."""
    return terms.RDFS_LABEL, literal.lang_string(text, "en")


def encode(value: object, fields: Iterable[Field], context: MintingContext) -> Iterator[Row]:
    """The rows of a value by the table; what is absent or empty gives none."""
    for row in fields:
        found = _attribute(value, row.attribute)
        if found is None or found is False or (found == "" and not row.keep_empty):
            continue
        if not row.many:
            yield row.property, row.codec.encode(found, context)
            continue
        for item in found:
            yield row.property, row.codec.encode(item, context)


def record_rows(
    record: Agent | Population | Case | Source | Finding, path: str, context: MintingContext
) -> list[Row]:
    """When it entered the data base, as releases date it, and the level of its disclosure."""
    recorded, level = RECORD
    when = context.recorded_on(path, record.recorded)
    return [
        (recorded.property, recorded.codec.encode(when, context)),
        (level.property, level.codec.encode(record.disclosure.level, context)),
    ]


def _attribute(value: object, path: str) -> Any:  # noqa: ANN401 - the codec knows the type
    """``interval.lower`` of a value; ``None`` where a step is missing."""
    head, _, rest = path.partition(".")
    found = getattr(value, head)
    return found if not rest or found is None else getattr(found, rest)

"""What a release holds, counted honestly: statements, readings, reports held, pages cited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casegraph.graph import terms
from casegraph.release.tables import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casegraph.graph.nquads import Quad


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a release holds, by kind.

    ``statements``: things that a source says, with all readings of one counted once and the
    members of a list one by one; ``readings``: findings that give one way to understand a
    passage that can be understood in several; ``held``: sources whose text the publisher holds;
    ``cited``: sources that are only cited.
    """

    statements: int
    readings: int
    findings: int
    held: int
    cited: int
    quotations: int

    def as_json(self) -> dict[str, int]:
        """For the manifest."""
        return {
            "statements": self.statements,
            "readings": self.readings,
            "findings": self.findings,
            "reportsHeld": self.held,
            "pagesCited": self.cited,
            "quotations": self.quotations,
        }

    def sentence(self) -> str:
        """The line that the start page and the README of a release show."""
        return (
            f"{many(self.statements, 'statement')}, {many(self.readings, 'reading')}, "
            f"{many(self.held, 'report')} held, {many(self.cited, 'page')} cited"
        )


def count(quads: Iterable[Quad]) -> Counts:
    """Count in one pass over the asserted graph, grouped by subject."""
    findings = readings = held = cited = quotations = 0
    groups: set[str] = set()
    for subject in subjects(quads):
        if subject.is_a(terms.SOURCE):
            is_cited = subject.one(terms.HOLDING) == "citedOnly"
            cited += is_cited
            held += not is_cited
        elif subject.is_a(terms.QUOTATION):
            quotations += 1
        elif subject.is_a(terms.FINDING):
            findings += 1
            readings += subject.one(terms.READING_STATUS) != "plain"
            others = subject.values.get(terms.ALTERNATIVE_READING_OF, [])
            groups.add(min([subject.iri, *map(str, others)]))
    return Counts(
        statements=len(groups),
        readings=readings,
        findings=findings,
        held=held,
        cited=cited,
        quotations=quotations,
    )


def many(number: int, noun: str) -> str:
    """``1 page``, ``2 pages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

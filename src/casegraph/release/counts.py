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

    ``statements``: passages, with all readings of one counted once; ``readings``: findings
    that are one of several readings; ``held``: sources whose text the publisher holds;
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
            f"{_many(self.statements, 'statement')}, {_many(self.readings, 'reading')}, "
            f"{_many(self.held, 'report')} held, {_many(self.cited, 'page')} cited"
        )


def count(quads: Iterable[Quad]) -> Counts:
    """Count in one pass over the asserted graph, grouped by subject."""
    findings = readings = held = cited = quotations = alone = 0
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
            others = subject.values.get(terms.ALTERNATIVE_READING_OF)
            if others:
                readings += 1
                groups.add(min(subject.iri, *map(str, others)))
            else:
                alone += 1
    return Counts(
        statements=alone + len(groups),
        readings=readings,
        findings=findings,
        held=held,
        cited=cited,
        quotations=quotations,
    )


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

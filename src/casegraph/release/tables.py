"""Flat tables of a release: findings.csv, figures.csv and one SQLite file with both.

Made by one pass over the asserted graph in reading order, where the words come before the
findings that rest on them and a finding before its quantity and time; so memory holds one
finding and the labels of what findings are about.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.literal import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from casegraph.graph.nquads import Object, Quad

Row = dict[str, str]

FINDING_COLUMNS: Final[Mapping[str, str]] = {
    "finding": "address of the finding",
    "kind": "what sort of proposition it is (its class)",
    "statement": "the finding in the words of the publishing organisation, in English if there",
    "reading_status": "plain, adopted, open, refuted or setAside",
    "current": "yes if plain or adopted and not revised",
    "reading_reason": "why the reading was adopted or rejected",
    "polarity": "affirmed, or denied by the source",
    "modality": "asserted, alleged, conditional or predicted",
    "quantifier": "of how many it is said, if not of all named",
    "about": "addresses of what it is about, with a space between",
    "about_labels": "their labels, with ; between",
    "violation_types": "names of the violation types claimed, with a space between",
    "attributed_to": "address of the agent who says it",
    "attributed_to_label": "the label of that agent",
    "attribution_basis": "how the text shows whose words these are",
    "begin_earliest": "earliest day on which it may have begun",
    "begin_latest": "latest day on which it may have begun",
    "end_earliest": "earliest day on which it may have ended",
    "end_latest": "latest day on which it may have ended",
    "time_words": "the source's own words for the time",
    "time_basis": "how the time was found",
    "reading_group": "the same for all readings of one statement: the address of the first of them",
    "derived_from": "addresses of the findings it was taken from, with a space between",
    "origin": "address of the source or finding that it, or else its source, goes back to",
    "evidence": "address of the quotation or citation",
    "evidence_kind": "quotation (words stand here), or citation (only a place is named)",
    "exact": "the words quoted; empty where the source is only cited",
    "fidelity": "whether these are the words of the original, and what they went through",
    "source": "address of the source",
    "source_title": "title of the source",
    "source_address": "where the source was found",
    "holding": "what is held of the source: fullText, quotationsOnly or citedOnly",
    "extent": "what was read of a page that is only cited; excerpt: not yet confirmed by a person",
    "read_on": "day on which a source that is only cited was read",
    "recorded_at": "the release that first carried it (its date)",
}
"""Columns of findings.csv and what they hold; the code book is made from this."""

FIGURE_COLUMNS: Final[Mapping[str, str]] = {
    "finding": FINDING_COLUMNS["finding"],
    "statement": FINDING_COLUMNS["statement"],
    "reading_status": FINDING_COLUMNS["reading_status"],
    "current": FINDING_COLUMNS["current"],
    "stated_value": "the number as printed",
    "lower_bound": "smallest number the words allow; empty: unbounded or unknown",
    "lower_open": "true if that bound itself is excluded",
    "upper_bound": "largest number the words allow; empty: unbounded or unknown",
    "upper_open": "true if that bound itself is excluded",
    "hedge": "the comparator before the number",
    "expression": "the words that hold the number",
    "unit": "what is counted; two units with a space between mean that it is disputed",
    "counted_as": "onDate (stock), duringPeriod (flow), totalSince (running total), unstated",
    "count_kind": "documented, estimated, official or derived",
    "counts": "address of the population counted",
    "counts_label": "its label",
    "share_of": "address of the population it is a share of",
    "rounding_policy": "how the bounds of a rounded share were set",
    "begin_earliest": FINDING_COLUMNS["begin_earliest"],
    "begin_latest": FINDING_COLUMNS["begin_latest"],
    "end_earliest": FINDING_COLUMNS["end_earliest"],
    "end_latest": FINDING_COLUMNS["end_latest"],
    "attributed_to": FINDING_COLUMNS["attributed_to"],
    "attributed_to_label": FINDING_COLUMNS["attributed_to_label"],
    **{
        name: FINDING_COLUMNS[name]
        for name in (
            "reading_group",
            "derived_from",
            "origin",
            "evidence_kind",
            "exact",
            "source",
            "source_title",
            "holding",
            "extent",
            "read_on",
        )
    },
}
"""Columns of figures.csv: one row a figure, every axis of comparison a column of its own."""

_TIME = {
    "begin_earliest": terms.BEGIN_EARLIEST,
    "begin_latest": terms.BEGIN_LATEST,
    "end_earliest": terms.END_EARLIEST,
    "end_latest": terms.END_LATEST,
    "time_words": terms.EXPRESSION,
    "time_basis": terms.TIME_BASIS,
}
_NUMBER = {
    "stated_value": terms.STATED_VALUE,
    "lower_bound": terms.LOWER_BOUND,
    "lower_open": terms.LOWER_OPEN,
    "upper_bound": terms.UPPER_BOUND,
    "upper_open": terms.UPPER_OPEN,
    "hedge": terms.HEDGE,
    "expression": terms.EXPRESSION,
    "unit": terms.UNIT,
    "counted_as": terms.COUNTED_AS,
    "count_kind": terms.COUNT_KIND,
    "rounding_policy": terms.ROUNDING_POLICY,
}
_CODES = {
    "reading_status": terms.READING_STATUS,
    "reading_reason": terms.READING_REASON,
    "polarity": terms.POLARITY,
    "modality": terms.MODALITY,
    "quantifier": terms.QUANTIFIER,
    "attribution_basis": terms.ATTRIBUTION_BASIS,
}


@dataclass(slots=True)
class Subject:
    """All rows of one subject, by property."""

    iri: str
    values: dict[str, list[Object]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """Objects as text: the local name of one of our own terms, else as they are."""
        return [_text(value) for value in self.values.get(name, [])]

    def one(self, name: str) -> str:
        """All objects with a space between; almost always there is one or none."""
        return " ".join(self.texts(name))

    def english(self, name: str) -> str:
        """The English text, else the first."""
        found = [value for value in self.values.get(name, []) if isinstance(value, Literal)]
        english = [value.lexical for value in found if value.lang == "en"]
        return (english or [value.lexical for value in found] or [""])[0]

    def is_a(self, name: str) -> bool:
        """Whether it has this class."""
        return name in self.values.get(terms.RDF_TYPE, [])


def subjects(quads: Iterable[Quad]) -> Iterator[Subject]:
    """Quads grouped by subject, in their order."""
    for iri, rows in groupby(quads, key=attrgetter("subject")):
        subject = Subject(iri)
        for row in rows:
            subject.values.setdefault(row.predicate, []).append(row.object)
        yield subject


def labels_and_revised(quads: Iterable[Quad]) -> tuple[dict[str, str], frozenset[str]]:
    """Labels of everything findings can be about, and the findings that were revised."""
    labels: dict[str, str] = {}
    revised: set[str] = set()
    for subject in subjects(quads):
        if subject.is_a(terms.REVISION):
            revised.update(str(value) for value in subject.values.get(terms.REVISES, []))
        elif any(map(subject.is_a, (terms.AGENT, terms.POPULATION, terms.CASE))):
            labels[subject.iri] = subject.english(terms.RDFS_LABEL)
    return labels, frozenset(revised)


def finding_rows(
    quads: Callable[[], Iterable[Quad]],
) -> Iterator[tuple[Row, Row | None]]:
    """For each finding its row of findings.csv and, for a number, of figures.csv.

    ``quads`` gives the asserted graph in reading order; it is read twice.
    """
    labels, revised = labels_and_revised(quads())
    source, evidence = Subject(""), Subject("")
    finding: Subject | None = None
    below: list[Subject] = []
    for subject in subjects(quads()):
        if finding is not None and subject.iri.startswith(f"{finding.iri}/"):
            below.append(subject)
            continue
        if finding is not None:
            yield _rows(_Block(finding, below, evidence, source), labels, revised)
            finding, below = None, []
        if subject.is_a(terms.SOURCE):
            source = subject
        elif subject.is_a(terms.EVIDENCE):
            evidence = subject
        elif subject.is_a(terms.FINDING):
            finding = subject
    if finding is not None:
        yield _rows(_Block(finding, below, evidence, source), labels, revised)


@dataclass(slots=True)
class _Block:
    finding: Subject
    below: list[Subject]
    evidence: Subject
    source: Subject

    def part(self, name: str) -> Subject:
        iri = f"{self.finding.iri}/{name}"
        return next((part for part in self.below if part.iri == iri), Subject(iri))


def _rows(
    block: _Block, labels: Mapping[str, str], revised: frozenset[str]
) -> tuple[Row, Row | None]:
    finding, span, quantity = block.finding, block.part("time"), block.part("quantity")
    status = finding.one(terms.READING_STATUS)
    current = status in {"plain", "adopted"} and finding.iri not in revised
    about = [str(value) for value in finding.values.get(terms.ABOUT, [])]
    speaker = "".join(map(str, finding.values.get(terms.ATTRIBUTED_TO, [])[:1]))
    alternatives = map(str, finding.values.get(terms.ALTERNATIVE_READING_OF, []))
    origin = finding.values.get(terms.ORIGIN) or block.source.values.get(terms.ORIGIN, [])
    types = [name for part in block.below for name in part.texts(terms.VIOLATION_TYPE)]
    row = {
        "finding": finding.iri,
        "kind": finding.texts(terms.RDF_TYPE)[0],
        "statement": finding.english(terms.STATEMENT),
        "current": "yes" if current else "no",
        "about": " ".join(about),
        "about_labels": "; ".join(labels.get(iri, "") for iri in about),
        "violation_types": " ".join(types),
        "attributed_to": speaker,
        "attributed_to_label": labels.get(speaker, ""),
        "reading_group": min([finding.iri, *alternatives]),
        "derived_from": " ".join(map(str, finding.values.get(terms.DERIVED_FROM, []))),
        "origin": " ".join(map(str, origin)),
        **_evidence_cells(block.evidence, block.source),
        "recorded_at": finding.one(terms.RECORDED_AT)[:10],
        **{name: finding.one(term) for name, term in _CODES.items()},
        **{name: span.one(term) for name, term in _TIME.items()},
    }
    if not quantity.values:
        return row, None
    counted = quantity.values.get(terms.COUNTS, [])
    figure = {
        **row,
        **{name: quantity.one(term) for name, term in _NUMBER.items()},
        "counts": "".join(map(str, counted)),
        "counts_label": "".join(labels.get(str(iri), "") for iri in counted),
        "share_of": "".join(map(str, quantity.values.get(terms.SHARE_OF, []))),
    }
    return row, figure


def _evidence_cells(evidence: Subject, source: Subject) -> Row:
    """What a finding rests on, and how far anybody can check it."""
    return {
        "evidence": evidence.iri,
        "evidence_kind": "quotation" if evidence.is_a(terms.QUOTATION) else "citation",
        "exact": evidence.english(terms.EXACT),
        "fidelity": evidence.one(terms.FIDELITY),
        "source": source.iri,
        "source_title": source.english(terms.DCTERMS_TITLE) or source.english(terms.RDFS_LABEL),
        "source_address": source.one(terms.ADDRESS),
        "holding": source.one(terms.HOLDING),
        "extent": source.one(terms.EXTENT),
        "read_on": source.one(terms.READ_ON),
    }


def _text(value: Object) -> str:
    if isinstance(value, Literal):
        return value.lexical
    for namespace in (terms.CG, terms.VT):
        if value.startswith(namespace):
            return value[len(namespace) :]
    return value


def csv_line(row: Mapping[str, str], columns: Iterable[str]) -> bytes:
    """One line of a CSV file (RFC 4180, UTF-8, CRLF)."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([row.get(name, "") for name in columns])
    return buffer.getvalue().encode()


def header_line(columns: Iterable[str]) -> bytes:
    """The first line of a CSV file."""
    names = list(columns)
    return csv_line(dict(zip(names, names, strict=True)), names)


def write_sqlite(path: Path, rows: Iterable[tuple[Row, Row | None]]) -> None:
    """Write findings and figures into a new SQLite file with equal bytes for equal rows.

    The header's change counter and library version are overwritten (SQLite file format 1.3),
    since two versions of the library would otherwise make two files of the same data.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        for table, columns in (("findings", FINDING_COLUMNS), ("figures", FIGURE_COLUMNS)):
            names = ", ".join(f"{name} TEXT NOT NULL" for name in columns)
            connection.execute(f"CREATE TABLE {table} ({names})")
        connection.execute("BEGIN")
        for row, figure in rows:
            _insert(connection, "findings", row, FINDING_COLUMNS)
            if figure is not None:
                _insert(connection, "figures", figure, FIGURE_COLUMNS)
        connection.execute("COMMIT")
        connection.execute("CREATE INDEX findings_by_iri ON findings (finding)")
        connection.execute("CREATE INDEX figures_by_population ON figures (counts)")
    with path.open("r+b") as file:
        file.seek(24)
        file.write((1).to_bytes(4, "big"))
        file.seek(92)
        file.write((1).to_bytes(4, "big") + (3_040_000).to_bytes(4, "big"))


def _insert(
    connection: sqlite3.Connection, table: str, row: Row, columns: Mapping[str, str]
) -> None:
    marks = ", ".join("?" for _ in columns)
    values = [row.get(name, "") for name in columns]
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - own names

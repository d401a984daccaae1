"""The papers in a release: what it is, how it was made, what the columns mean, whose rights.

Written for somebody who finds the folder in twenty years and has nothing else.
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph import terms
from casegraph.release.counts import many
from casegraph.release.tables import FIGURE_COLUMNS, FINDING_COLUMNS, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from casegraph.errors import Problem
    from casegraph.graph.nquads import Quad
    from casegraph.release.counts import Counts
    from casegraph.release.tables import Subject

_CHECK: Final = """\
Check it without trusting us, with the tools of any Debian machine:

    minisign -Vm manifest.json -P KEY      KEY is the publisher's public key, from the publisher
    sha256sum -c SHA256SUMS
    gzip -dc casegraph.nq.gz | sha256sum   gives {sha256}

or in one step: casegraph verify . --key FILE
"""

_FILES: Final = """\
casegraph.ttl        findings, the words they rest on, what they are about (read this first)
inferred.ttl         what follows from it by the ontology (OWL 2 RL), and which findings are current
vocabulary.ttl       ontology, violation types and alignments as one graph
casegraph.nq.gz      all three graphs as sorted canonical N-Quads: the file the others come from
findings.csv         one row a finding; CODEBOOK.md says what the columns mean
figures.csv          one row a number, every axis of comparison a column
casegraph.sqlite     both tables in one SQLite file
ontology/ shapes/    the ontology, the violation types, the SHACL shapes, as they are written
queries/             example queries
texts/               the texts of the sources that are held in full, where there are any
added.nq.gz          what came in since the release before
delta.json           how many triples came and went, and which findings are gone
validation.json      the report of the shapes
void.ttl             this release for machines (VoID, DCAT)
rights.csv           the rights in each source, how much of it is held, and how it was read
METHOD.md            how to read a finding and what not to conclude
CODEBOOK.md          what the columns and the codes in them mean
LICENCE.md           what may be done with the data, and what the licence does not reach
manifest.json        every file with its size and its SHA-256
manifest.json.minisig   the signature over manifest.json (minisign)
SHA256SUMS           the same hashes for sha256sum
minisign.pub         the public key of the publisher; compare it with one that came another way
"""

_METHOD: Final = """\
# How to read this release

A **finding** is what somebody said, not what casegraph or the publisher holds to be true. Each
names who says it, the exact words or the page it was read on, and three times: when it was true,
when it was said, and which release first carried it.

- **Statements are not violations.** Counts of findings are counts of statements in the sources.
- **A documented count is a minimum of reality**, and no estimate. Do not draw a trend from
  documented counts.
- **Numbers know what they count.** Compare two figures only where unit, population, `countedAs`
  and `countKind` are equal and the periods are equal or lie inside each other. A running total
  (`totalSince`), a yearly flow (`duringPeriod`) and a stock (`onDate`) are three things.
- **Ambiguity is kept.** Where words have more than one meaning there is one finding for each
  reading, linked by `alternativeReadingOf`. Open and rejected readings are not current: start
  from `cg:CurrentFinding`.
- **Which are current.** A finding is current if it is the only reading of its passage or the
  adopted one, and no revision stands against it. In the tables: `current` is `yes`.
- **Outlets are not origins.** Ten pages that repeat one report are one origin; follow
  `derivedFrom` and `origin` (`derived_from` and `origin` in the tables).
- **A share is rounded.** "A quarter" is not 25.00 %: it reaches half-way to the common fractions
  beside it, a fifth and a third. A percentage reaches half a unit of its last digit to both sides.
  `roundingPolicy` (`rounding_policy`) names the rule by which the bounds were set.
- **States go stale.** "Is held" was true when it was said. Look at how long before the release that
  was, and for a later state of the same person.
- **Violation types are the publisher's reading; provisions are what would be examined**, not
  breaches found. Mappings and translations marked as not reviewed have not been checked by a
  lawyer or a translator.
- **A source that is only cited** was not kept: nobody can check its words here, and it may have
  been read in an excerpt: then `extent` is `excerpt`, no person has confirmed it on the page
  itself, and its label says so.
- **inferred.ttl is drawn by a machine** from the asserted statements and the ontology. Besides what
  you will look for (broader types, provisions, inverse links) it holds what OWL 2 RL entails as a
  matter of form, such as more classes of one thing. It adds no fact about the world; to read what
  was recorded, leave it out.
- **Labels in other languages than English** were not yet read by a speaker of them
  (`cg:translationReviewed false` in void.ttl and in the ontology).
"""

_COUNTING: Final = (
    "A statement is one thing that a source says: all readings of it count once, the members of a"
    " list one by one. Statements are not violations."
)
_UNSEEN: Final = (
    "Not confirmed yet: {excerpts} read in an excerpt only, which no person has confirmed on the"
    " page itself; `extent` is excerpt there, and the labels of the places say so."
)
_REMARKS: Final = (
    "The shapes found no violation and left {remarks}: what is not known yet, and what would"
    " settle it (validation.json). None of them makes a finding wrong."
)
_NO_REMARKS: Final = "The shapes found no violation and left no warning (validation.json)."
_EXCERPT: Final = "excerpt"
_CODE_FOR: Final = terms.CG + "codeFor"
_COLUMNS: Final = FINDING_COLUMNS.keys() | FIGURE_COLUMNS.keys()

_LICENCE: Final = """\
# Licence

{title}, release {release}, published by {publisher}.

The data (findings, statements in our own words, labels, tables) and the ontology and shapes are
licensed under {licence}.

Quotations, and the texts in texts/, are outside this licence. They are the words of their
sources; quotations are reproduced only as far as is needed to show what a finding rests on.
rights.csv says whose they are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the papers and the catalogue say about a release."""

    release_id: str
    base_iri: str
    title: str
    publisher: str
    licence: str
    public_url: str
    counts: Counts
    dataset_sha256: str
    banner: str = ""
    redacted: int = 0


def write_papers(
    target: Path,
    facts: Facts,
    quads: Iterable[Quad],
    remarks: Iterable[Problem],
    *,
    vocabulary: Iterable[Quad],
) -> None:
    """Write README.txt, CODEBOOK.md, METHOD.md, LICENCE.md and rights.csv.

    ``quads`` are those of the asserted graph, grouped by subject, ``vocabulary`` those of the
    vocabulary graph: what the codes mean is taken from there.
    """
    sources = [subject for subject in subjects(quads) if subject.is_a(terms.SOURCE)]
    excerpts = sum(source.one(terms.EXTENT) == _EXCERPT for source in sources)
    papers = {
        "README.txt": _readme(facts, sum(1 for _ in remarks), excerpts),
        "CODEBOOK.md": _codebook(vocabulary),
        "METHOD.md": _METHOD,
        "LICENCE.md": _LICENCE.format(
            title=facts.title, release=facts.release_id, publisher=facts.publisher,
            licence=facts.licence,
        ),
    }  # fmt: skip
    for name, text in papers.items():
        durable.write_file(target / name, text.encode())
    durable.write_file(target / "rights.csv", _rights(sources))


def _readme(facts: Facts, remarks: int, excerpts: int) -> str:
    lines = [
        facts.title,
        "=" * len(facts.title),
        "",
        *(["*** " + facts.banner + " ***", ""] if facts.banner else []),
        f"Release {facts.release_id}, published by {facts.publisher}.",
        f"{facts.counts.sentence()}.",
        *textwrap.wrap(_COUNTING, width=95),
    ]
    if excerpts:
        lines += textwrap.wrap(_UNSEEN.format(excerpts=many(excerpts, "source")), width=95)
    warnings = _REMARKS.format(remarks=many(remarks, "warning")) if remarks else _NO_REMARKS
    lines += textwrap.wrap(warnings, width=95)
    if facts.redacted:
        noun = "record was" if facts.redacted == 1 else "records were"
        lines.append(f"{facts.redacted} {noun} withdrawn; this is a redacted edition.")
    lines += ["", _FILES, _CHECK.format(sha256=facts.dataset_sha256)]
    if facts.public_url:
        lines.append(f"Online: {facts.public_url}")
    return "\n".join(lines).rstrip() + "\n"


def _codebook(vocabulary: Iterable[Quad]) -> str:
    parts = ["# Code book", "", "Empty cells: not said or not known. Dates are days."]
    tables: Mapping[str, Mapping[str, str]] = {
        "findings.csv": FINDING_COLUMNS,
        "figures.csv": FIGURE_COLUMNS,
    }
    for name, columns in tables.items():
        parts += ["", f"## {name}", "", "| column | what it holds |", "|---|---|"]
        parts += [f"| `{column}` | {words} |" for column, words in columns.items()]
    parts += ["", "## Codes", "", "What the codes in these columns mean."]
    for name, codes in _codes(vocabulary).items():
        column = re.sub("(?=[A-Z])", "_", name).lower()
        if column in _COLUMNS:
            parts += ["", f"### {column}", "", "| code | meaning |", "|---|---|"]
            parts += [f"| `{code}` | {words} |" for code, words in sorted(codes)]
    return "\n".join(parts) + "\n"


def _codes(vocabulary: Iterable[Quad]) -> dict[str, list[tuple[str, str]]]:
    """By the local name of a property the codes of its closed list, with their definitions."""
    found: dict[str, list[tuple[str, str]]] = {}
    for subject in subjects(vocabulary):
        for name in subject.texts(_CODE_FOR):
            code = subject.iri.removeprefix(terms.CG)
            found.setdefault(name, []).append((code, subject.english(terms.SKOS_DEFINITION)))
    return dict(sorted(found.items()))


def _rights(found: Iterable[Subject]) -> bytes:
    """One row a source: address, title, rights, how much is held, how it was read."""
    sources = [
        (
            subject.iri,
            subject.english(terms.DCTERMS_TITLE) or subject.english(terms.RDFS_LABEL),
            subject.one(terms.ADDRESS),
            subject.one(terms.HOLDING),
            subject.one(terms.RIGHTS),
            subject.one(terms.EXTENT),
            subject.one(terms.READ_ON),
        )
        for subject in found
    ]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["source", "title", "address", "holding", "rights", "extent", "read_on"])
    writer.writerows(sorted(sources))
    return buffer.getvalue().encode()

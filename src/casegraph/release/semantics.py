"""Whether the files of a release say what its canonical file says, and whether its words stand.

The check of the bytes comes first (``verify``); these read the RDF, so that nobody can sign a
release whose readable files and canonical file differ, or whose quotations do not stand where
it says in the texts that it carries.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput, Problem, Where
from casegraph.graph import canonical, terms
from casegraph.graph.nquads import from_line
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.delta import DATASET, dataset_lines
from casegraph.release.tables import Subject, subjects
from casegraph.release.texts import FULL, held_texts, text_name
from casegraph.release.withdrawals import base_iri_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_GRAPHS: Final = {"casegraph.ttl": "asserted", "inferred.ttl": "inferred",
                  "vocabulary.ttl": "vocabulary"}  # fmt: skip


_HINT: Final = "Do not use this release; ask its publisher."


def same_triples(directory: Path) -> list[Problem]:
    """A problem for each Turtle file that differs from its graph in the canonical file."""
    problems = []
    for name, graph in _GRAPHS.items():
        ending = f"/graph/{graph}> .".encode()
        expected = _triples(line for line in dataset_lines(directory) if line.endswith(ending))
        try:
            actual = canonical.sorted_lines(turtle_as_lines(directory / name))
            same = all(a == b for a, b in zip(actual, expected, strict=True))
        except (SyntaxError, ValueError, OSError, FixInput):
            same = False
        if not same:
            problems.append(
                Problem(
                    "turtle-differs",
                    f"{name} does not hold the triples of the graph “{graph}” in casegraph.nq.gz",
                    Where(name),
                    _HINT,
                )
            )
    return problems


def _triples(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Quads as triples: the graph name stands between the last two spaces."""
    return (line[: line.rindex(b" ", 0, -2)] + b" ." for line in lines)


def texts_hold(directory: Path) -> list[Problem]:
    """A problem for each text that is not the one captured, and each quotation not in its place.

    Places are those of the data: code points of the decoded text, and bytes of it in UTF-8.
    """
    try:
        return list(_Texts.of(directory).problems(directory))
    except (SyntaxError, ValueError, OSError, FixInput):
        return [_fault("texts-unreadable", DATASET, "the sources and quotations cannot be read")]


@dataclass(slots=True)
class _Texts:
    """What the data say of the texts: hash and quotations, by the id of the source."""

    files: Mapping[str, Path]
    hashes: dict[str, str] = field(default_factory=dict)
    quotations: dict[str, list[Subject]] = field(default_factory=dict)

    @classmethod
    def of(cls, directory: Path) -> _Texts:
        found = cls(held_texts(directory))
        start = f"{base_iri_of(directory)}id/source/"
        full: set[str] = set()
        for subject in _described(directory, "source"):
            source, _, below = subject.iri.removeprefix(start).partition("/")
            if subject.is_a(terms.SOURCE) and FULL in subject.values.get(terms.HOLDING, ()):
                full.add(source)
            elif below == "rendition":
                found.hashes[source] = subject.one(terms.SHA256)
        found.quotations = {source: [] for source in sorted(full)}
        for subject in _described(directory, "quotation") if full else ():
            source = subject.one(terms.FROM_SOURCE).removeprefix(start)
            if source in full:
                found.quotations[source].append(subject)
        return found

    def problems(self, directory: Path) -> Iterator[Problem]:
        for source in sorted(self.files.keys() - self.quotations.keys()):
            message = f"no source of this release is held in full as {text_name(source)}"
            yield _fault("text-unknown", text_name(source), message)
        for source, quotations in self.quotations.items():
            name = text_name(source)
            if source not in self.files:
                message = "the data say that this text can be read here, but it is not there"
                yield _fault("text-missing", name, message)
                continue
            data = (directory / name).read_bytes()
            if hashlib.sha256(data).hexdigest() != self.hashes.get(source):
                yield _fault("text-altered", name, "the text is not the one that the data name")
                continue
            text = data.decode()
            for quotation in quotations:
                if not _stands(quotation, text, data):
                    message = f"the words of {quotation.iri} do not stand where the data say"
                    yield _fault("quotation-misplaced", name, message)


def _described(directory: Path, segment: str) -> Iterator[Subject]:
    """The subjects of one segment in the asserted graph of the canonical file."""
    base = base_iri_of(directory)
    start, ending = f"<{base}id/{segment}/".encode(), b"/graph/asserted> ."
    return subjects(
        from_line(line.decode())
        for line in dataset_lines(directory)
        if line.startswith(start) and line.endswith(ending)
    )


def _stands(quotation: Subject, text: str, data: bytes) -> bool:
    """Whether the words are what stands between the offsets, counted in either way."""
    try:
        exact = quotation.texts(terms.EXACT)[0]
        start, end, byte_start, byte_end = (
            int(quotation.one(name))
            for name in (terms.START, terms.END, terms.BYTE_START, terms.BYTE_END)
        )
    except (IndexError, ValueError):
        return False
    return text[start:end] == exact and data[byte_start:byte_end] == exact.encode()


def _fault(code: str, name: str, message: str) -> Problem:
    return Problem(code, message, Where(name), _HINT)


SEMANTIC_CHECKS: Final = (same_triples, texts_hold)
"""What ``verify`` looks at once all bytes are right."""

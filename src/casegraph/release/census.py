"""Every number that VoID gives of a release, counted once from its canonical file.

The file is sorted, so a subject's lines stand together and distinct subjects are counted as they
change; distinct objects are counted by an external sort.  Memory holds one counter a class, a
property and a kind of link.  The graphs of a release are disjoint, so a line is a triple of their
union, and each number is what a SPARQL COUNT over the default graph gives (a test asks).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from casegraph.graph import canonical, terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_TYPE: Final = f"<{terms.RDF_TYPE}>".encode()
_BEGIN: Final = f"<{terms.BEGIN_EARLIEST}>".encode()
_END: Final = f"<{terms.END_LATEST}>".encode()
_OURS: Final = (terms.CG, terms.VT, terms.PR)
#: Properties that tie a resource of ours to one that somebody else names (SKOS, section 10).
_LINKS: Final = frozenset(
    f"<{name}>".encode()
    for name in (
        *(terms.SKOS + kind + "Match" for kind in ("exact", "close", "broad", "narrow", "related")),
        terms.RDFS + "seeAlso",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The numbers.

    ``entities`` are subjects below ``id/``; ``classes`` gives instances by class,
    ``properties`` triples by property, ``graphs`` triples by graph, ``links`` triples by
    (property, site outside); ``begin`` and ``end`` are the first and the last day (ISO) that a
    finding is said to be true for, or nothing; ``examples`` is the first entity of each kind.
    """

    triples: int
    subjects: int
    entities: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    graphs: Mapping[str, int]
    links: Mapping[tuple[str, str], int]
    examples: tuple[str, ...]
    begin: str
    end: str

    def vocabularies(self) -> list[str]:
        """The namespaces of all classes and properties, sorted, as VoID names vocabularies."""
        return sorted({_namespace(name) for name in (*self.classes, *self.properties)})


def take_census(path: Path, base_iri: str) -> Census:
    """Count the canonical N-Quads file ``path``; temporary files lie beside it."""
    tally = _Tally(base_iri)
    objects = canonical.sorted_lines(tally.objects(path), directory=path.parent)
    distinct = sum(1 for _ in objects)
    return Census(
        triples=tally.graphs.total(),
        subjects=tally.subjects,
        entities=tally.entities,
        objects=distinct,
        classes=_by_name(tally.classes),
        properties=_by_name(tally.properties),
        graphs=_by_name(tally.graphs),
        links={link: tally.links[link] for link in sorted(tally.links)},
        examples=tuple(tally.examples.values()),
        begin=tally.begin,
        end=tally.end,
    )


class _Tally:
    """Counts what flows through it; terms stay bytes until all is counted."""

    def __init__(self, base_iri: str) -> None:
        self._base_iri = base_iri
        self._below = f"<{base_iri}id/".encode()
        self._findings = self._below + b"finding/"
        self.subjects = self.entities = 0
        self.classes: Counter[bytes] = Counter()
        self.properties: Counter[bytes] = Counter()
        self.graphs: Counter[bytes] = Counter()
        self.links: Counter[tuple[str, str]] = Counter()
        self.examples: dict[bytes, str] = {}
        self.begin = self.end = ""

    def objects(self, path: Path) -> Iterator[bytes]:
        """Count a file line by line, and give the object of each."""
        last = b""
        for line in canonical.read_bytes_lines(path):
            subject, prop, rest = line.split(b" ", 2)
            value, _, graph = rest[:-2].rpartition(b" ")
            self.properties[prop] += 1
            self.graphs[graph] += 1
            if subject != last:
                last = subject
                self._meet(subject)
            if prop == _TYPE:
                self.classes[value] += 1
            elif prop in _LINKS:
                self._keep_link(prop, value)
            elif subject.startswith(self._findings):
                self._keep_day(prop, value)
            yield value

    def _meet(self, subject: bytes) -> None:
        self.subjects += 1
        if subject.startswith(self._below):
            self.entities += 1
            kind, _, identifier = subject[len(self._below) : -1].partition(b"/")
            if b"/" not in identifier:
                self.examples.setdefault(kind, _name(subject))

    def _keep_link(self, prop: bytes, value: bytes) -> None:
        address = _name(value)
        if value.startswith(b"<http") and not address.startswith((self._base_iri, *_OURS)):
            site = urlsplit(address)
            self.links[_name(prop), f"{site.scheme}://{site.netloc}/"] += 1

    def _keep_day(self, prop: bytes, value: bytes) -> None:
        if prop in {_BEGIN, _END}:
            day = value[1:].partition(b'"')[0].decode()
            if prop == _BEGIN:
                self.begin = min(self.begin or day, day)
            else:
                self.end = max(self.end, day)


def _name(value: bytes) -> str:
    return value[1:-1].decode()


def _by_name(counter: Counter[bytes]) -> dict[str, int]:
    """Sorted, so that what is written is in one order."""
    return {_name(name): counter[name] for name in sorted(counter)}


def _namespace(address: str) -> str:
    """Up to the last hash or slash; without the hash, as a vocabulary is named."""
    if "#" in address:
        return address.partition("#")[0]
    return address.rpartition("/")[0] + "/"

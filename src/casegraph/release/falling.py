"""Which records of a release fall with one that is withdrawn, and where its names remain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.name_scan import ProtectedNames
from casegraph.release.tables import subjects
from casegraph.release.texts import telling_texts, withdrawn_text
from casegraph.release.withdrawals import base_iri_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from casegraph.graph.nquads import Quad

LINKS_ONLY: Final = frozenset(
    {
        terms.SUPPORTS, terms.QUALIFIES, terms.CONTRADICTS,
        terms.ORIGIN, terms.DECIDED_BY, terms.SUBSET_OF, terms.PART_OF, terms.RECORDED_BY,
        terms.RESOLUTION_BASIS, terms.REPLACEMENT,
    }
)  # fmt: skip
"""Properties that only point: they go with their target, the record that holds them stays."""

_PERSON: Final = terms.CG + "Person"
_WORDS: Final = ("quotation/", "citation/")


@dataclass(slots=True)
class Ties:
    """What rests on what in one release, by ``segment/id``."""

    rests_on: dict[str, set[str]] = field(default_factory=dict)

    def falling(self, paths: AbstractSet[str]) -> set[str]:
        """Every record that falls with ``paths``, themselves included if they are here.

        A finding falls with anything it rests on or involves and with the other readings of
        its passage, a case with a party, a source with its publisher; words fall with their
        source, and when the last finding that rests on them falls.
        """
        gone = set(paths & self.rests_on.keys())
        while True:
            more = {
                record for record, bases in self.rests_on.items()
                if record not in gone and not bases.isdisjoint(gone)
            }  # fmt: skip
            more |= self._orphaned_words(gone | more) - gone
            if not more:
                return gone
            gone |= more

    def _orphaned_words(self, gone: set[str]) -> set[str]:
        if not gone:
            return set()
        held = {
            base for record, bases in self.rests_on.items() if record not in gone for base in bases
        }
        words = {record for record in self.rests_on if record.startswith(_WORDS)}
        return words - held


def ties(directory: Path) -> Ties:
    """Read a release once; memory holds the links between its records."""
    base = f"{base_iri_of(directory)}id/"
    found = Ties()
    for subject in subjects(asserted(directory)):
        record = owner(subject.iri, base)
        bases = found.rests_on.setdefault(record, set())
        for name, values in subject.values.items():
            if name not in LINKS_ONLY:
                bases.update(owner(v, base) for v in values if isinstance(v, str))
        bases -= {record, ""}
    return found


def owner(address: str, base: str) -> str:
    """``segment/id`` of the record that an address belongs to; empty for other addresses."""
    if not address.startswith(base):
        return ""
    segment, _, rest = address[len(base) :].partition("/")
    return f"{segment}/{rest.partition('/')[0]}"


def asserted(directory: Path) -> Iterator[Quad]:
    """The asserted graph of a release in the order of its Turtle file."""
    graph = terms.graph_name(base_iri_of(directory), "asserted")
    for line in turtle_as_lines(directory / "casegraph.ttl"):
        yield from_line(line.decode())._replace(graph=graph)


def names_of(directory: Path, gone: AbstractSet[str]) -> list[str]:
    """Labels and forms of names of the people among ``gone``."""
    base = f"{base_iri_of(directory)}id/"
    return [name for iri, name in _people(directory) if owner(iri, base) in gone]


def _people(directory: Path) -> Iterator[tuple[str, str]]:
    """Address and each name of the people whom a release names; a pseudonym is no name."""
    for subject in subjects(asserted(directory)):
        if subject.is_a(_PERSON) and subject.one(terms.DISCLOSURE) == "public":
            for name in (terms.RDFS_LABEL, terms.NAME_FORM):
                for value in subject.values.get(name, ()):
                    if isinstance(value, Literal):
                        yield subject.iri, value.lexical


def mentions(directory: Path, gone: AbstractSet[str], names: Iterable[str]) -> set[str]:
    """Records that stay, yet hold a word that may be a form of one of these names."""
    base = f"{base_iri_of(directory)}id/"
    protected = _protected(directory, gone, names)
    return {
        owner(quad.subject, base)
        for quad in asserted(directory)
        if isinstance(quad.object, Literal)
        and owner(quad.subject, base) not in gone
        and any(True for _ in protected.hits(quad.object.lexical))
    }


def telling_queries(directory: Path, gone: AbstractSet[str], names: Iterable[str]) -> set[str]:
    """Example queries that name somebody who is withdrawn, or hold a withdrawn address."""
    protected = _protected(directory, gone, names)
    return {
        path.name
        for path in (directory / "queries").glob("*.rq")
        for text in (f"{path.stem}\n{path.read_text(encoding='utf-8')}",)
        if any(record in text for record in gone) or any(True for _ in protected.hits(text))
    }


def words_of(directory: Path, gone: AbstractSet[str]) -> list[str]:
    """The words of the quotations among ``gone``."""
    base = f"{base_iri_of(directory)}id/"
    return [
        quad.object.lexical
        for quad in asserted(directory)
        if quad.predicate == terms.EXACT
        and isinstance(quad.object, Literal)
        and owner(quad.subject, base) in gone
    ]


def texts_with(
    directory: Path, gone: AbstractSet[str], names: Iterable[str], words: Collection[str]
) -> set[str]:
    """Withdrawn addresses for texts of sources that stay, yet hold such a name or such words."""
    return {
        withdrawn_text(source)
        for source in telling_texts(directory, _protected(directory, gone, names), words)
        if f"source/{source}" not in gone
    }


def _protected(directory: Path, gone: AbstractSet[str], names: Iterable[str]) -> ProtectedNames:
    """The names to look for; words that people who stay share raise no alarm."""
    base = f"{base_iri_of(directory)}id/"
    shown = [name for iri, name in _people(directory) if owner(iri, base) not in gone]
    return ProtectedNames.of_texts(names, shown)

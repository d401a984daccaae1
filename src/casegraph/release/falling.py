"""Which records of a release fall with one that is withdrawn, and where its names remain."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.manifest import MANIFEST, parse_manifest
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
_UNNAMED: Final = terms.CG + "UnidentifiedAgent"
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


@dataclass(frozen=True, slots=True)
class Names:
    """Labels and forms of names: of people, and of groups and institutions."""

    people: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.people or self.wholes)

    def __or__(self, other: Names) -> Names:
        """Both, each name once and in one order."""
        return Names(
            tuple(sorted({*self.people, *other.people})),
            tuple(sorted({*self.wholes, *other.wholes})),
        )


def names_of(directory: Path, gone: AbstractSet[str]) -> Names:
    """The names of the people, groups and institutions among ``gone``."""
    base = f"{base_iri_of(directory)}id/"
    return _named(one for one in _agents(directory) if owner(one[0], base) in gone)


def _named(agents: Iterable[tuple[str, bool, str]]) -> Names:
    found = [*agents]
    return Names() | Names(
        tuple(name for _, person, name in found if person),
        tuple(name for _, person, name in found if not person),
    )


def _agents(directory: Path) -> Iterator[tuple[str, bool, str]]:
    """Address, whether it is a person, and each name of those whom a release names.

    A pseudonym is no name, nor is the description of somebody whom a source leaves unnamed.
    """
    for subject in subjects(asserted(directory)):
        if not subject.is_a(terms.AGENT) or subject.is_a(_UNNAMED):
            continue
        person = subject.is_a(_PERSON)
        if person and subject.one(terms.DISCLOSURE) != "public":
            continue
        for name in (terms.RDFS_LABEL, terms.NAME_FORM):
            for value in subject.values.get(name, ()):
                if isinstance(value, Literal):
                    yield subject.iri, person, value.lexical


def mentions(directory: Path, gone: AbstractSet[str], names: Names) -> dict[str, set[str]]:
    """Records that stay, yet may hold one of these names, each with the properties that do."""
    base = f"{base_iri_of(directory)}id/"
    protected = _protected(directory, gone, names)
    found: dict[str, set[str]] = {}
    for quad in asserted(directory):
        if isinstance(quad.object, Literal):
            record = owner(quad.subject, base)
            if record not in gone and any(True for _ in protected.hits(quad.object.lexical)):
                found.setdefault(record, set()).add(re.split("[#/]", quad.predicate)[-1])
    return found


def telling_facts(directory: Path, gone: AbstractSet[str], names: Names) -> set[str]:
    """What a release says of itself (``title``, ``publisher`` …) with such a name in it."""
    protected = _protected(directory, gone, names)
    manifest = parse_manifest((directory / MANIFEST).read_bytes())
    said = {**manifest.facts, "base": manifest.base_iri}
    return {
        name
        for name, value in said.items()
        if isinstance(value, str) and any(True for _ in protected.hits(value))
    }


def telling_queries(directory: Path, gone: AbstractSet[str], names: Names) -> set[str]:
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
    directory: Path, gone: AbstractSet[str], names: Names, words: Collection[str]
) -> set[str]:
    """Withdrawn addresses for texts of sources that stay, yet hold such a name or such words."""
    return {
        withdrawn_text(source)
        for source in telling_texts(directory, _protected(directory, gone, names), words)
        if f"source/{source}" not in gone
    }


def _protected(directory: Path, gone: AbstractSet[str], names: Names) -> ProtectedNames:
    """The names to look for; what those who stay are called by, too, raises no alarm."""
    base = f"{base_iri_of(directory)}id/"
    shown = _named(one for one in _agents(directory) if owner(one[0], base) not in gone)
    return ProtectedNames.of_texts(
        names.people, shown.people, wholes=names.wholes, shown_wholes=shown.wholes
    )

"""An RDF document as a page reads it: addresses, their properties, labels."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.nquads import Object

_LANGUAGES: Final = ("en", "be", "ru")
_NO_LABEL: Final = Literal("")


class Nodes:
    """Triples by subject and property, in the order of their lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rows: dict[str, dict[str, list[Object]]] = defaultdict(lambda: defaultdict(list))
        self.triples = 0
        for line in lines:
            quad = from_line(line)
            self._rows[quad.subject][quad.predicate].append(quad.object)
            self.triples += 1

    @classmethod
    def read(cls, data: bytes) -> Nodes:
        """Read canonical N-Triples."""
        return cls(line for line in data.decode().split("\n") if line)

    def __contains__(self, subject: str) -> bool:
        return subject in self._rows

    def all(self, subject: str, prop: str) -> list[Object]:
        """All objects of a property."""
        return self._rows[subject][prop] if subject in self._rows else []

    def links(self, subject: str, prop: str) -> list[str]:
        """The objects that are addresses."""
        return [value for value in self.all(subject, prop) if isinstance(value, str)]

    def link(self, subject: str, prop: str) -> str | None:
        """The first object that is an address."""
        return next(iter(self.links(subject, prop)), None)

    def texts(self, subject: str, prop: str) -> list[Literal]:
        """The objects that are literals."""
        return [value for value in self.all(subject, prop) if isinstance(value, Literal)]

    def text(self, subject: str | None, prop: str) -> str:
        """The words of the best literal, or nothing."""
        return best(self.texts(subject, prop)).lexical if subject else ""

    def code(self, subject: str | None, prop: str) -> str:
        """The local name of a code of ours, or nothing."""
        value = self.link(subject, prop) if subject else None
        return value.removeprefix(terms.CG) if value and value.startswith(terms.CG) else ""

    def label(self, address: str) -> Literal:
        """The best label of an address; without one, the end of the address."""
        found = best(self.texts(address, terms.RDFS_LABEL))
        return found if found.lexical else Literal(short(address))

    def types(self, subject: str) -> list[str]:
        """The local names of its classes of ours."""
        return [
            kind.removeprefix(terms.CG)
            for kind in self.links(subject, terms.RDF_TYPE)
            if kind.startswith(terms.CG)
        ]

    def subjects(self, prop: str, value: str) -> Iterator[str]:
        """What points to an address by a property."""
        for subject, rows in self._rows.items():
            if value in rows.get(prop, ()):
                yield subject


def best(texts: Iterable[Literal]) -> Literal:
    """English, else Belarusian, else Russian, else any."""

    def rank(text: Literal) -> tuple[int, str, str]:
        primary = text.lang.partition("-")[0]
        place = _LANGUAGES.index(primary) if primary in _LANGUAGES else len(_LANGUAGES)
        return place, text.lang, text.lexical

    return min(texts, key=rank, default=_NO_LABEL)


def short(address: str) -> str:
    """The end of an address, for want of a label."""
    return address.rstrip("/").rpartition("#")[2].rpartition("/")[2] or address

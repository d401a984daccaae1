"""Where explanations look triples up: in memory for small graphs, in a store for large ones."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.nquads import Object, Quad


class Facts(Protocol):
    """Quads of all three graphs, found by any part of a triple."""

    def match(
        self, subject: str | None, predicate: str | None, value: Object | None
    ) -> Iterator[Quad]:
        """The quads that have the given parts; ``None`` stands for any."""


class MemoryFacts:
    """Facts of a graph that fits into memory."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._by_subject: dict[tuple[str, str], list[Quad]] = defaultdict(list)
        self._by_object: dict[tuple[str, Object], list[Quad]] = defaultdict(list)
        self._by_predicate: dict[str, list[Quad]] = defaultdict(list)
        for quad in sorted(quads, key=lambda each: (each.subject, each.predicate, str(each[2]))):
            self._by_subject[quad.subject, quad.predicate].append(quad)
            self._by_object[quad.predicate, quad.object].append(quad)
            self._by_predicate[quad.predicate].append(quad)

    def match(
        self, subject: str | None, predicate: str | None, value: Object | None
    ) -> Iterator[Quad]:
        """The quads that have the given parts; ``None`` stands for any."""
        if predicate is None:
            candidates = [q for quads in self._by_predicate.values() for q in quads]
        elif subject is not None:
            candidates = self._by_subject.get((subject, predicate), [])
        elif value is not None:
            candidates = self._by_object.get((predicate, value), [])
        else:
            candidates = self._by_predicate.get(predicate, [])
        return (
            quad
            for quad in candidates
            if (subject is None or quad.subject == subject)
            and (value is None or quad.object == value)
        )

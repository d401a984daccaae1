"""Do the Turtle files of a release say what its canonical file says?

The check of the bytes comes first (``verify``); this one reads the RDF, so that nobody can
sign a release whose readable files and canonical file differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput, Problem, Where
from casegraph.graph import canonical
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.delta import dataset_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GRAPHS: Final = {"casegraph.ttl": "asserted", "inferred.ttl": "inferred",
                  "vocabulary.ttl": "vocabulary"}  # fmt: skip


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
                    "turtle-differs", f"{name} does not hold the triples of the graph"
                    f" “{graph}” in casegraph.nq.gz", Where(name),
                    "Do not use this release; ask its publisher.",
                )
            )
    return problems


def _triples(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Quads as triples: the graph name stands between the last two spaces."""
    return (line[: line.rindex(b" ", 0, -2)] + b" ." for line in lines)

"""Two answers to one query, row by row: what only the older has, what only the newer has.

Both come as files of sorted lines (``QueryService.sorted_rows``), so that any size is
compared in one pass and only as many rows are kept as a page shows.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.nquads import Object
    from casegraph.web.pages.asking import Row

_SHORT: Final = (
    (re.compile(r"(?:true|false)\Z"), terms.XSD_BOOLEAN),
    (re.compile(r"[+-]?[0-9]+\Z"), terms.XSD_INTEGER),
    (re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"), terms.XSD_DECIMAL),
    (re.compile(r""), terms.XSD + "double"),
)


@dataclass(slots=True)
class Comparison:
    """Rows of one answer and not of the other: how many, and the first of them as TSV lines.

    A row that occurs twice in one answer and once in the other counts once as a difference.
    """

    names: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)
    come: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether both answers hold the same rows."""
        return not self.counts["gone"] and not self.counts["come"]


def compare(
    names: list[str], older: Iterable[str], newer: Iterable[str], *, most: int
) -> Comparison:
    """Compare sorted lines; ``most`` bounds how many of each kind are kept."""
    found = Comparison(names)
    for kind, line in _merged(older, newer):
        found.counts[kind] += 1
        kept = {"gone": found.gone, "come": found.come}.get(kind)
        if kept is not None and len(kept) < most:
            kept.append(line)
    return found


def _merged(older: Iterable[str], newer: Iterable[str]) -> Iterator[tuple[str, str]]:
    old, new = iter(older), iter(newer)
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left < right):
            yield "gone", left or ""
            left = next(old, None)
        elif left is None or right < left:
            yield "come", right
            right = next(new, None)
        else:
            yield "same", right
            left, right = next(old, None), next(new, None)


def read_line(names: list[str], line: str) -> Row:
    """A line of SPARQL 1.1 TSV (section 4) as terms; an unbound variable is left out."""
    cells = zip(names, line.split("\t"), strict=True)
    return {name: read_term(cell) for name, cell in cells if cell}


def read_term(text: str) -> Object:
    """One term as TSV writes it: Turtle's forms, short ones for numbers and booleans."""
    if text.startswith(('"', "<")):
        try:
            return from_line(f"<a:b> <a:b> {text} .").object
        except FixInput:
            # A query may make terms that no release holds; they are shown as written.
            return Literal(text)
    if text.startswith("_:"):
        return Literal(text)
    return Literal(text, next(kind for pattern, kind in _SHORT if pattern.match(text)))

"""Results of SELECT and ASK as a table that a person can read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from casegraph.errors import CasegraphError, FixInput
from casegraph.graph import terms
from casegraph.graph.iri import iri
from casegraph.graph.literal import Literal
from casegraph.web.pages.asking import read_rows, rows_of
from casegraph.web.pages.comparing import read_line
from casegraph.web.releases.nodes import best, short
from casegraph.web.releases.places import outside, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from casegraph.graph.nquads import Object
    from casegraph.query.result import Result
    from casegraph.web.pages.asking import Row
    from casegraph.web.releases.live import OpenRelease

MOST_ROWS: Final = 500
_MOST_LABELS: Final = 1_000
_NUMBERS: Final = frozenset(
    {terms.XSD_INTEGER, terms.XSD_DECIMAL, terms.XSD + "double", terms.XSD + "float"}
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: words with their language, and where they lead."""

    text: str
    lang: str = ""
    path: str | None = None
    url: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a result, and how many there are."""

    names: list[str]
    rows: list[list[Cell]]
    total: int

    @property
    def cut(self) -> bool:
        """Whether the page leaves rows out (the downloads never do)."""
        return self.total > len(self.rows)


def shown(release: OpenRelease, result: Result) -> Table | None:
    """What a page shows of a result: SELECT in TSV, ASK in JSON; of a graph nothing.

    However long a result is, no more than the first rows are read.
    """
    if result.form == "ASK":
        return table(release, result.read())
    if result.form != "SELECT":
        return None
    with result.open() as stream:
        lines = [line.decode().rstrip("\n") for line in islice(stream, MOST_ROWS + 1)]
    names = [name.removeprefix("?") for name in lines[0].split("\t") if name]
    rows: list[Row] = [read_line(names, line) if names else {} for line in lines[1:]]
    return table_of(release, names, rows, total=result.rows or 0)


def table(release: OpenRelease, data: bytes, *, most: int = MOST_ROWS) -> Table:
    """A result in SPARQL JSON as a table with labels in the place of our addresses."""
    names, rows = read_rows(data)
    return table_of(release, names, rows[:most], total=len(rows))


def table_of(release: OpenRelease, names: list[str], rows: Sequence[Row], *, total: int) -> Table:
    """Rows as a table; ``total`` is how many there are with those that are not shown."""
    labels = _labels(release, rows)
    return Table(
        names=names,
        rows=[[_cell(release, row.get(name), labels) for name in names] for row in rows],
        total=total,
    )


def _labels(release: OpenRelease, rows: Iterable[Row]) -> dict[str, Literal]:
    """Labels of what the rows name; without any where they cannot be had in time."""
    base = release.release.base_iri
    named = {
        value
        for row in rows
        for value in row.values()
        if isinstance(value, str) and path_of(value, base) and _is_address(value)
    }
    if not named:
        return {}
    try:
        found = rows_of(release, "labels", *((one,) for one in sorted(named)[:_MOST_LABELS]))
    except CasegraphError:
        return {}
    texts: dict[str, list[Literal]] = {}
    for row in found:
        if isinstance(label := row["label"], Literal):
            texts.setdefault(str(row["thing"]), []).append(label)
    return {address: best(labels) for address, labels in texts.items()}


def _is_address(text: str) -> bool:
    try:
        return iri(text) == text
    except FixInput:
        return False


def _cell(release: OpenRelease, value: Object | None, labels: dict[str, Literal]) -> Cell:
    if value is None:
        return Cell("")
    if isinstance(value, Literal):
        address = outside(value.lexical) if value.datatype == terms.XSD_ANY_URI else None
        text = value.lexical
        if value.datatype == terms.XSD_DATE_TIME:
            text = text.removesuffix("T00:00:00Z")
        return Cell(text, value.lang, url=address, number=value.datatype in _NUMBERS)
    path = path_of(value, release.release.base_iri)
    if path is None:
        return Cell(value, url=outside(value))
    label = labels.get(value)
    return Cell(label.lexical if label else short(value), label.lang if label else "", path)

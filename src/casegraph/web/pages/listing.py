"""Findings in a list: one entry each, with what tells it from its neighbours."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from casegraph.errors import NotFound
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.web.releases.nodes import best
from casegraph.web.releases.places import Ref, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.web.pages.asking import Row

#: Fields of an address that turn the pages of a list.
LISTS: Final = ("page", "readings", "says")
_PAGE_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
STATUS_WORDS: Final = {
    "adopted": "adopted reading",
    "open": "one of several readings, undecided",
    "setAside": "reading set aside",
    "refuted": "refuted reading",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFinding:
    """One line of a list; ``mark`` says why it does not hold, or holds beside others."""

    ref: Ref
    kind: str
    current: bool
    mark: str
    state: str
    figure: str
    time: str
    begin: str
    until: str
    said: str
    sources: list[Ref]

    @property
    def day(self) -> str:
        """The last day (ISO) that it is said of, else the day it was said, or nothing."""
        return self.until or self.said or self.begin


def listed(rows: Sequence[Row], base_iri: str) -> list[ListedFinding]:
    """The findings of the rows, in their order, each once."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row["finding"])].append(row)
    return [_entry(address, of_it, base_iri) for address, of_it in grouped.items()]


def turned_pages(query_string: bytes) -> dict[str, int]:
    """Which page of which list an address asks for; other fields of it are not looked at.

    Raises ``NotFound`` for a page that no list can have.
    """
    found = {}
    for name, value in parse_qsl(query_string.decode("latin-1")):
        if name in LISTS:
            if not _PAGE_NUMBER.fullmatch(value):
                raise no_such_page()
            found[name] = int(value)
    return found


def no_such_page() -> NotFound:
    """The error of a page behind the last one."""
    return NotFound("The list has no such page.", hint="Its first page has the number 1.")


def require_page(page: int, total: int, size: int) -> None:
    """Refuse a page behind the last one, before anybody is asked for what stands on it."""
    if page > max(1, -(-total // size)):
        raise no_such_page()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, and how long the whole list is.

    ``name`` is the field of the address that turns the pages; they count from 1.
    """

    name: str
    entries: list[ListedFinding]
    total: int
    page: int
    size: int

    def __post_init__(self) -> None:
        """Refuse a page behind the last."""
        require_page(self.page, self.total, self.size)

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first entry shown, counted from 1."""
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The number of the last entry shown."""
        return min(self.total, self.page * self.size)


def beginnings(rows: Sequence[Row], base_iri: str) -> list[tuple[Ref, int]]:
    """Sources with the number of statements that rest on each, in the order of the rows."""
    titles: dict[str, list[Literal]] = defaultdict(list)
    numbers: dict[str, int] = {}
    for row in rows:
        source = str(row["source"])
        if isinstance(title := row["title"], Literal):
            titles[source].append(title)
        numbers[source] = int(_text(row, "findings"))
    return [
        (Ref(best(titles[source]), path_of(source, base_iri)), number)
        for source, number in numbers.items()
    ]


def _entry(address: str, rows: Sequence[Row], base_iri: str) -> ListedFinding:
    statements = [value for row in rows if isinstance(value := row["statement"], Literal)]
    first = rows[0]
    status = str(first["status"]).removeprefix(terms.CG)
    current = _text(first, "current") == "true"
    mark = STATUS_WORDS.get(status, "" if current else "revised")
    sources = {
        str(row["source"]): Ref(title, path_of(str(row["source"]), base_iri))
        for row in rows
        if "source" in row and isinstance(title := row["title"], Literal)
    }
    return ListedFinding(
        ref=Ref(best(statements), path_of(address, base_iri)),
        kind=str(first.get("kind", "")).removeprefix(terms.CG),
        current=current,
        mark=mark,
        state=str(first.get("state", "")).removeprefix(terms.CG),
        figure=_text(first, "figure"),
        time=_text(first, "time"),
        begin=_text(first, "from"),
        until=_text(first, "until"),
        said=_text(first, "said"),
        sources=list(sources.values()),
    )


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value.lexical if isinstance(value, Literal) else ""

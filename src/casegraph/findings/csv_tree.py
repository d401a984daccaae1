"""CSV files into trees: one row a statement, the columns of ``casegraph export --format csv``.

A column is a field; an inner name is joined with a point (``statement.en``,
``disclosure.level``).  Empty cells are absent fields.  Readings and sentences under names are
columns of JSON, since a table has no room for them.  RFC 4180, UTF-8, with or without a byte
order mark.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from casegraph.errors import FixEnvironment, FixInput, Problem, Where
from casegraph.findings.fields import STATEMENT
from casegraph.findings.file_text import problem_of, read_text
from casegraph.findings.json_tree import parse_json_line
from casegraph.findings.tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    forbidden_character_problem,
)
from casegraph.findings.tree import shown as quoted

if TYPE_CHECKING:
    from pathlib import Path


MAX_COLUMNS = 200
_FORMULA = re.compile(r"[=+\-@\t']")
_GUARDED = re.compile(r"'[=+\-@\t']")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula; ``parse_csv`` undoes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def read_csv(path: Path, shown: str) -> tuple[list[Mapping], list[Problem]]:
    """All rows as mappings, with the problems of the table itself."""
    try:
        text = read_text(path, shown)
    except (FixInput, FixEnvironment) as error:
        return [], [problem_of(error)]
    return parse_csv(text, shown)


def parse_csv(text: str, shown: str) -> tuple[list[Mapping], list[Problem]]:
    """All rows of a table; places are ``file:line`` and the number of the column."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    rows = []
    try:
        header = next(reader, [])
        problems += _header_problems(header, shown)
        line = reader.line_num + 1
        for row in reader:
            if any(row):
                rows.append(_row(header, row, Where(shown, line, 1), problems))
            line = reader.line_num + 1
    except csv.Error as error:
        where = Where(shown, reader.line_num, 1)
        problems.append(
            Problem(
                "broken-csv",
                f"the row cannot be read: {error}",
                where,
                "Save the table as CSV (UTF-8) from the spreadsheet program.",
            )
        )
    return [row for row in rows if row is not None], problems


def _delimiter(text: str) -> str:
    """Spreadsheet programs of many countries write ``;`` where others write a comma."""
    head = text.partition("\n")[0]
    return ";" if ";" in head and "," not in head else ","


def _header_problems(header: list[str], shown: str) -> list[Problem]:
    if len(header) > MAX_COLUMNS:
        message = f"the table has {len(header)} columns; {MAX_COLUMNS} are the most"
        return [Problem("broken-csv", message, Where(shown, 1, 1))]
    problems = []
    for number, name in enumerate(header, 1):
        where = Where(shown, 1, number)
        if name.partition(".")[0] not in STATEMENT:
            problems.append(
                Problem(
                    "unknown-field",
                    f"{quoted(name)} is not a column that is known",
                    where,
                    f"Known: {', '.join(STATEMENT)}.",
                )
            )
        if header.index(name) != number - 1:
            problems.append(
                Problem(
                    "duplicate-field",
                    f"the column {quoted(name)} is there twice",
                    where,
                    "Keep one of the two.",
                )
            )
    return problems


def _row(
    header: list[str], row: list[str], where: Where, problems: list[Problem]
) -> Mapping | None:
    if len(row) != len(header):
        problems.append(
            Problem(
                "broken-csv",
                f"the row has {len(row)} cells, the header {len(header)}",
                where,
                "Check for a comma outside quotation marks.",
            )
        )
        return None
    items: dict[str, Node] = {}
    for number, (name, cell) in enumerate(zip(header, row, strict=True), 1):
        place = Where(where.path, where.line, number)
        cell = cell[1:] if _GUARDED.match(cell) else cell  # noqa: PLW2901
        problem = forbidden_character_problem(cell, place)
        if problem:
            problems.append(problem)
        if cell.strip() and name.partition(".")[0] in STATEMENT:
            _set(items, name, _cell(name, cell, place, problems))
    return Mapping(tuple((Scalar(name, node.where), node) for name, node in items.items()), where)


def _cell(name: str, cell: str, place: Where, problems: list[Problem]) -> Node:
    shape = STATEMENT[name.partition(".")[0]].shape
    if shape in {"readings", "sentences"}:
        node, found = parse_json_line(b'{"value":' + cell.encode() + b"}", place)
        problems += found
        return (node.get("value") if node else None) or Scalar("", place)
    if shape == "names":
        if cell.startswith("["):
            node, found = parse_json_line(b'{"names":' + cell.encode() + b"}", place)
            problems += found
            return (node.get("names") if node else None) or Scalar("", place)
        names = tuple(Scalar(part.strip(), place) for part in cell.split("|"))
        return Sequence(names, place)
    return Scalar(cell, place)


def _set(items: dict[str, Node], name: str, value: Node) -> None:
    """Put ``statement.en`` into the mapping ``statement``."""
    outer, _, inner = name.partition(".")
    if not inner:
        items[outer] = value
        return
    known = items.get(outer)
    pairs = known.items if isinstance(known, Mapping) else ()
    items[outer] = Mapping((*pairs, (Scalar(inner, value.where), value)), value.where)

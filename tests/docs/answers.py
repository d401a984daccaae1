"""Answers of SPARQL as the tables of the documentation show them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.docs.pages import ANYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIXES = {
    "https://w3id.org/casegraph/ns#": "cg:",
    "https://w3id.org/casegraph/violations#": "vt:",
    "https://w3id.org/casegraph/provisions#": "pr:",
    "https://casegraph.example/id/": "",
}


def rows(result_json: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """Variables and rows of SPARQL 1.1 JSON results; terms as a page writes them."""
    answer = json.loads(result_json)
    return list(answer["head"]["vars"]), [
        {name: _shown(term) for name, term in binding.items()}
        for binding in answer["results"]["bindings"]
    ]


def difference(
    shown: Sequence[tuple[str, ...]], variables: Sequence[str], found: Sequence[Mapping[str, str]]
) -> str | None:
    """What a table of a page gets wrong; a last row of ``…`` lets more rows follow."""
    head, *body = shown
    unknown = [name for name in head if name not in variables]
    if unknown:
        return f"the answer has no column {', '.join(unknown)}; it has {', '.join(variables)}"
    more = bool(body) and set(body[-1]) == {ANYTHING}
    wanted = body[:-1] if more else body
    actual = [tuple(row.get(name, "") for name in head) for row in found]
    if len(actual) < len(wanted) or (len(actual) > len(wanted) and not more):
        return f"{len(wanted)} rows are shown, {len(actual)} found:\n{as_table(head, actual)}"
    for number, (line, real) in enumerate(zip(wanted, actual, strict=False), start=1):
        for name, cell, value in zip(head, line, real, strict=True):
            if not _cell_agrees(cell, value):
                return f"row {number}, {name}: shown {cell!r}, found {value!r}"
    return None


def as_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table to paste into a page."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in body]
    return "\n".join(lines)


def _shown(term: Mapping[str, str]) -> str:
    value = term["value"]
    if term["type"] == "uri":
        for space, prefix in PREFIXES.items():
            if value.startswith(space):
                return prefix + value.removeprefix(space)
    if term.get("datatype", "").endswith("#dateTime"):
        return value.partition("T")[0]
    return " ".join(value.split())


def _cell_agrees(cell: str, value: str) -> bool:
    if ANYTHING not in cell:
        return cell == value
    first, *middle, last = cell.split(ANYTHING)
    at = len(first)
    if not (value.startswith(first) and value.endswith(last)):
        return False
    for part in middle:
        at = value.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at <= len(value) - len(last)

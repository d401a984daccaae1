"""The queries of the pages: read from files, given their parameters as VALUES, asked once.

A query names its parameters in one clause, ``VALUES (?thing) { (UNDEF) }``, and is legal and
can be run as it stands.  Terms take the place of the row; nothing else of a query changes.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from casegraph.graph.iri import iri
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import term
from casegraph.web.releases.nodes import Nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.graph.nquads import Object
    from casegraph.web.releases.live import OpenRelease

_FOLDER: Final = Path(__file__).parent / "queries"
_PAGE: Final = re.compile(r"LIMIT (\d+) OFFSET 0")
_PARAMETERS: Final = re.compile(r"VALUES \([?\w ]+\) \{ \((?:UNDEF ?)+\) \}")

Row = dict[str, "Object"]


@cache
def text_of(name: str) -> str:
    """The text of a named query."""
    return (_FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def with_values(text: str, rows: Sequence[Sequence[Object]]) -> str:
    """The query with ``rows`` as its parameters.

    Every address passes ``graph.iri.iri`` and every literal is escaped, so no term can end
    the clause.  Raises ``FixInput`` for an address that is none.
    """
    match = _PARAMETERS.search(text)
    if match is None:
        return text
    head = match[0].partition("{")[0]
    data = " ".join(f"({' '.join(map(_term, row))})" for row in rows)
    return f"{text[: match.start()]}{head}{{ {data} }}{text[match.end() :]}"


def _term(value: Object) -> str:
    return term(value if isinstance(value, Literal) else iri(value))


def rows_of(release: OpenRelease, name: str, *parameters: Sequence[Object]) -> list[Row]:
    """Ask a SELECT query of ours for a page."""
    return read_rows(release.page_answer(with_values(text_of(name), parameters), "json"))[1]


def page_of_rows(
    release: OpenRelease, name: str, page: int, *parameters: Sequence[Object]
) -> list[Row]:
    """Ask for one page, counted from 1, of a SELECT query of ours that lists by pages."""
    text = with_values(text_of(name), parameters)
    size = page_size(name)
    text = _PAGE.sub(f"LIMIT {size} OFFSET {(page - 1) * size}", text)
    return read_rows(release.page_answer(text, "json"))[1]


def page_size(name: str) -> int:
    """How many entries a page of that query holds."""
    found = _PAGE.search(text_of(name))
    assert found is not None, name  # noqa: S101 - a query of ours
    return int(found[1])


def nodes_of(release: OpenRelease, name: str, *parameters: Sequence[Object]) -> Nodes:
    """Ask a CONSTRUCT query of ours for a page."""
    return Nodes.read(release.page_answer(with_values(text_of(name), parameters), "nt"))


def read_rows(data: bytes) -> tuple[list[str], list[Row]]:
    """Variables and rows of a SPARQL JSON result; a result of ASK is one row."""
    document: dict[str, Any] = json.loads(data)
    if "boolean" in document:
        said = "true" if document["boolean"] else "false"
        return ["answer"], [{"answer": Literal(said)}]
    names: list[str] = document["head"]["vars"]
    return names, [
        {name: _value(cell) for name, cell in row.items()}
        for row in document["results"]["bindings"]
    ]


def _value(cell: dict[str, str]) -> Object:
    if cell["type"] == "uri":
        return cell["value"]
    if cell["type"] == "bnode":
        return Literal(f"_:{cell['value']}")
    if "xml:lang" in cell:
        return Literal(cell["value"], lang=cell["xml:lang"])
    return Literal(cell["value"], cell.get("datatype", Literal("").datatype))

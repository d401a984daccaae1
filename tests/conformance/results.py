"""Compare what came back with what the suite expects.

Blank nodes compare by the shape around them, rows as a multiset, or in order where the
query orders them.  Literals compare as a store keeps them: 2.0 and 2 are one decimal, and
subtypes of integer are integers.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyoxigraph as ox

from tests.conformance.data import FORMATS
from tests.conformance.sparql11_cases import BASE, SUITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tests.conformance.sparql11_cases import Case

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV, TURTLE = "text/csv", "text/tab-separated-values", "text/turtle"
_RESULTS = {".srx": XML, ".srj": JSON, ".tsv": TSV, ".csv": CSV}
_READABLE = {
    JSON: ox.QueryResultsFormat.JSON,
    XML: ox.QueryResultsFormat.XML,
    TSV: ox.QueryResultsFormat.TSV,
}
_QUOTED: Final = re.compile(r'"""[\s\S]*?"""|"[^"\n]*"|\'[^\'\n]*\'|<[^<>\s]*>')
_COMMENT: Final = re.compile(r"#[^\n]*")

_T = TypeVar("_T")
Row = dict[str, Any]
Table = tuple[list[str], list[Row]]


class MismatchError(Exception):
    """An answer that is not the expected one; the message says how it differs."""


def asked_as(case: Case) -> str:
    """The media type to ask for: the one that the expected result is written in."""
    assert case.result is not None
    suffix = "." + case.result.rpartition(".")[2]
    if suffix in _RESULTS:
        return _RESULTS[suffix]
    return JSON if case.select else TURTLE


def compare(case: Case, body: bytes) -> None:
    """Raise ``MismatchError`` where a body in ``asked_as(case)`` is not what is expected."""
    assert case.result is not None
    path = SUITE / case.folder / case.result
    kind = asked_as(case)
    if kind == TURTLE:
        isomorphic(_readable(lambda: list(ox.parse(body, ox.RdfFormat.TURTLE))), _graph(path, case))
        return
    found = _result(body, kind)
    if path.suffix in FORMATS:
        expected: Table | bool = _described(_graph(path, case))
    else:
        expected = _result(path.read_bytes(), kind)
    if isinstance(expected, bool) or isinstance(found, bool):
        _agree([str(found)], [str(expected)])
    else:
        # A result written as a graph has no order.
        ordered = path.suffix not in FORMATS and is_ordered(case.text(case.query))
        _tables(found, expected, ordered=ordered)


def is_ordered(query: str) -> bool:
    """Whether the outermost query has an ORDER BY."""
    text = _COMMENT.sub(" ", _QUOTED.sub(" ", query))
    depth = 0
    for part in re.split(r"([{}])", text):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth == 0 and re.search(r"\bORDER\s+BY\b", part, re.IGNORECASE):
            return True
    return False


def isomorphic(found: Iterable[Any], expected: Iterable[Any]) -> None:
    """Raise ``MismatchError`` where two graphs differ in more than names of blank nodes."""
    _agree(_canonical(found), _canonical(expected))


def _canonical(triples: Iterable[Any]) -> list[str]:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    graph = ox.Dataset(store)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, graph))


def _agree(found: list[str], expected: list[str]) -> None:
    if found == expected:
        return
    missing = sorted(set(expected) - set(found))
    surplus = sorted(set(found) - set(expected))
    raise MismatchError(f"missing {missing[:2]}, not expected {surplus[:2]}")


def _tables(found: Table, expected: Table, *, ordered: bool) -> None:
    if sorted(found[0]) != sorted(expected[0]):
        raise MismatchError(f"columns {found[0]}, not {expected[0]}")
    _agree(
        _canonical(_as_graph(found[1], ordered=ordered)),
        _canonical(_as_graph(expected[1], ordered=ordered)),
    )


def _as_graph(rows: list[Row], *, ordered: bool) -> Iterator[ox.Triple]:
    """Rows as a graph, so that blank nodes compare across rows."""
    for number, row in enumerate(rows):
        node = ox.BlankNode()
        place = str(number) if ordered else "row"
        yield ox.Triple(node, ox.NamedNode("urn:row"), ox.Literal(place))
        for name, value in row.items():
            yield ox.Triple(node, ox.NamedNode(f"urn:var:{name}"), value)


def _readable(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except (SyntaxError, ValueError, KeyError, IndexError, csv.Error) as error:
        raise MismatchError(f"the body cannot be read: {error}") from None


def _result(body: bytes, kind: str) -> Table | bool:
    if kind == CSV:
        return _readable(lambda: _csv(body.decode()))
    results: Any = _readable(lambda: ox.parse_query_results(body, _READABLE[kind]))
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    return _readable(lambda: _rows(results))


def _rows(results: Any) -> Table:
    names = [variable.value for variable in results.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in results]
    return names, rows


def _csv(text: str) -> Table:
    """CSV carries no types: numbers compare by value, blank nodes by their shape."""
    head, *lines = csv.reader(io.StringIO(text))
    rows = [
        {name: _cell(value) for name, value in zip(head, line, strict=True) if value}
        for line in lines
    ]
    return head, rows


def _cell(text: str) -> ox.BlankNode | ox.Literal:
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    try:
        return ox.Literal(str(float(text)))
    except ValueError:
        return ox.Literal(text)


def _graph(path: Path, case: Case) -> list[Any]:
    style = FORMATS[path.suffix]
    return list(ox.parse(path=str(path), format=style, base_iri=f"{BASE}{case.folder}/"))


def _described(triples: list[Any]) -> Table:
    """A SELECT result written as a graph with the suite's result-set vocabulary."""

    def objects(subject: Any, name: str) -> list[Any]:
        predicate = ox.NamedNode(RS + name)
        return [
            t.object for t in triples if t.predicate == predicate and subject in (None, t.subject)
        ]

    rows = [
        {
            objects(binding, "variable")[0].value: objects(binding, "value")[0]
            for binding in objects(solution, "binding")
        }
        for solution in objects(None, "solution")
    ]
    return [node.value for node in objects(None, "resultVariable")], rows

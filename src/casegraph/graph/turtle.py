"""Write Turtle that a person can read, from a stream of quads grouped by subject.

No engine's writer does: they sort by address or by nothing.  This one keeps the order it is
given (see ``node``), puts ``a`` first, shortens addresses by prefixes, leaves whole numbers,
decimals and booleans bare (Turtle section 2.5.2), and uses no blank node.  Equal input gives
equal bytes.  Memory holds the rows of one subject.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.nquads import escaped, from_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casegraph.graph.literal import Literal
    from casegraph.graph.nquads import Object, Quad

# A conservative part of PN_LOCAL (Turtle section 6.5): no dot at the end, and a slash, which
# Turtle wants escaped, only where we escape it.
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_/-]|\.(?=[A-Za-z0-9_-]))*")
_BARE: Final = {
    terms.XSD_INTEGER: re.compile(r"[+-]?[0-9]+"),
    terms.XSD_DECIMAL: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    terms.XSD_BOOLEAN: re.compile("true|false"),
}
_INDENT: Final = "    "
_WIDTH: Final = 96


def data_prefixes(base_iri: str) -> dict[str, str]:
    """The prefixes of data: those of the vocabularies, and one for each kind of address."""
    kinds = {
        "person": "person",
        "inst": "institution",
        "group": "group",
        "unnamed": "unidentified",
        "pub": "publication",
        "pop": "population",
        "case": "case",
        "src": "source",
        "quote": "quotation",
        "cite": "citation",
        "f": "finding",
        "rev": "revision",
    }
    return {
        **terms.PREFIXES,
        **{prefix: f"{base_iri}id/{kind}/" for prefix, kind in kinds.items()},
    }


class TurtleWriter:
    """Turns terms into Turtle with a fixed set of prefixes."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = dict(prefixes)
        # Longest namespace first; every namespace ends in / or #.
        self._namespaces = sorted(
            ((namespace, name) for name, namespace in prefixes.items()),
            key=lambda pair: (-len(pair[0]), pair[1]),
        )
        self._short: dict[str, str] = {}

    def lines(self, quads: Iterable[Quad], *, title: str = "") -> Iterator[str]:
        """The whole document, line by line; quads of one subject must stand together."""
        for paragraph in title.splitlines():
            yield f"# {paragraph}".rstrip()
        for name, namespace in self._prefixes.items():
            yield f"@prefix {name}: <{namespace}> ."
        for subject, rows in groupby(quads, key=attrgetter("subject")):
            yield ""
            yield from self._subject(subject, list(rows))

    def _subject(self, subject: str, rows: list[Quad]) -> Iterator[str]:
        predicates: dict[str, list[str]] = {}
        rows.sort(key=lambda row: row.predicate != terms.RDF_TYPE)
        for row in rows:
            objects = predicates.setdefault(row.predicate, [])
            objects.append(self.object(row.object))
        head = self.iri(subject)
        for number, (predicate, objects) in enumerate(predicates.items()):
            start = f"{head} " if number == 0 else _INDENT
            verb = "a" if predicate == terms.RDF_TYPE else self.iri(predicate)
            end = " ." if number == len(predicates) - 1 else " ;"
            yield from _row(f"{start}{verb} ", objects, end)

    def object(self, value: Object) -> str:
        """An object, bare or short where Turtle allows."""
        if isinstance(value, str):
            return self.iri(value)
        bare = _BARE.get(value.datatype)
        if bare is not None and bare.fullmatch(value.lexical):
            return value.lexical
        return self._quoted(value)

    def _quoted(self, value: Literal) -> str:
        quoted = f'"{escaped(value.lexical)}"'
        if value.lang:
            return f"{quoted}@{value.lang}"
        if value.datatype == terms.XSD_STRING:
            return quoted
        return f"{quoted}^^{self.iri(value.datatype)}"

    def iri(self, address: str) -> str:
        """An address with a prefix where one fits, else in angle brackets."""
        if (known := self._short.get(address)) is not None:
            return known
        short = self._shortened(address)
        # Only what recurs is kept: the terms of vocabularies, not the addresses of data.
        if "#" in address:
            self._short[address] = short
        return short

    def _shortened(self, address: str) -> str:
        for namespace, name in self._namespaces:
            if address.startswith(namespace):
                local = address[len(namespace) :]
                if _LOCAL.fullmatch(local):
                    escaped_local = local.replace("/", r"\/")
                    return f"{name}:{escaped_local}"
        return f"<{address}>"


def _row(start: str, objects: list[str], end: str) -> Iterator[str]:
    """One predicate with its objects, on one line if that is short enough."""
    line = f"{start}{', '.join(objects)}{end}"
    if len(line) <= _WIDTH or len(objects) == 1:
        yield line
        return
    yield start.rstrip()
    for number, value in enumerate(objects, start=1):
        yield f"{_INDENT * 2}{value}{end if number == len(objects) else ','}"


def turtle_lines(
    lines: Iterable[bytes], prefixes: Mapping[str, str], *, title: str = ""
) -> Iterator[bytes]:
    """Turtle, line by line without line feeds, from canonical lines grouped by subject.

    Graph names are dropped, so the lines of one graph must be given.
    """
    quads = (from_line(line.decode()) for line in lines)
    return (text.encode() for text in TurtleWriter(prefixes).lines(quads, title=title))

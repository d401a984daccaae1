r"""Quads as lines of canonical N-Quads (RDF Dataset Canonicalization 1.0, section 5).

Canonical means one space between terms, a line feed at the end, short escapes for backspace,
tab, line feed, form feed, carriage return, quote and backslash, ``\uXXXX`` for the other
controls, and everything else as it is.  Without blank nodes, the sorted lines are the
canonical form of the data set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.graph.literal import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Object = str | Literal

_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    0x08: "\\b",
    0x09: "\\t",
    0x0A: "\\n",
    0x0C: "\\f",
    0x0D: "\\r",
    0x22: '\\"',
    0x5C: "\\\\",
}
_NEEDS_ESCAPE = re.compile(r'[\x00-\x1f\x7f"\\]')
_UNESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPED = re.compile(r"\\(?:u([0-9A-F]{4})|([btnfr\"\\]))")
_LINE = re.compile(
    r"<([^<>\"{}|^`\\\x00-\x20]+)> <([^<>\"{}|^`\\\x00-\x20]+)> "
    r"(?:<([^<>\"{}|^`\\\x00-\x20]+)>|\"((?:[^\"\\\n\r]|\\.)*)\""
    r"(?:\^\^<([^<>\"{}|^`\\\x00-\x20]+)>|@([a-z0-9-]+))?)"
    r"(?: <([^<>\"{}|^`\\\x00-\x20]+)>)? \."
)


class Quad(NamedTuple):
    """One triple in one graph; an object is an IRI (``str``) or a ``Literal``."""

    subject: str
    predicate: str
    object: Object
    graph: str = ""


def escaped(text: str) -> str:
    """The text as it stands between the quotes of a canonical literal."""
    return text.translate(_ESCAPES) if _NEEDS_ESCAPE.search(text) else text


def term(value: Object) -> str:
    """An object as canonical N-Quads writes it."""
    if isinstance(value, str):
        return f"<{value}>"
    quoted = f'"{escaped(value.lexical)}"'
    if value.lang:
        return f"{quoted}@{value.lang}"
    if value.datatype == terms.XSD_STRING:
        return quoted
    return f"{quoted}^^<{value.datatype}>"


def to_line(quad: Quad) -> str:
    """The canonical line of a quad, without its line feed."""
    graph = f" <{quad.graph}>" if quad.graph else ""
    return f"<{quad.subject}> <{quad.predicate}> {term(quad.object)}{graph} ."


def from_line(line: str) -> Quad:
    """Read one canonical line back (``to_line`` gives the same bytes again).

    Raises ``FixInput`` if the line is not canonical or holds a blank node.
    """
    match = _LINE.fullmatch(line.removesuffix("\n"))
    if match is None:
        raise FixInput(
            f"this is no line of canonical N-Quads: {line[:120]!r}",
            hint="Blank nodes and comments are not allowed; build the release again.",
        )
    subject, predicate, target, quoted, datatype, lang, graph = match.groups()
    value: Object
    if target is not None:
        value = target
    else:
        lexical = _ESCAPED.sub(_unescaped, quoted) if "\\" in quoted else quoted
        kind = terms.RDF_LANG_STRING if lang else datatype or terms.XSD_STRING
        value = Literal(lexical, kind, lang or "")
    return Quad(subject, predicate, value, graph or "")


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _UNESCAPES[match[2]]


def read_lines(path: Path) -> Iterator[str]:
    """The lines of an N-Quads file, one after the other, without their line feeds."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.removesuffix("\n")


def read_quads(path: Path) -> Iterator[Quad]:
    """The quads of a canonical file, one after the other."""
    return map(from_line, read_lines(path))


def encode_lines(quads: Iterable[Quad]) -> Iterator[bytes]:
    """The canonical lines of quads as UTF-8, without line feeds, in the order given."""
    return (to_line(quad).encode() for quad in quads)

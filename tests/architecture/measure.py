"""Measures of a source file: its lines, its functions, its classes."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LINES = 400
FUNCTION_LINES = 40
PUBLIC_METHODS = 15

Kind = Literal["file", "function", "class"]
BUDGET: dict[Kind, int] = {
    "file": FILE_LINES,
    "function": FUNCTION_LINES,
    "class": PUBLIC_METHODS,
}

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, order=True)
class Measure:
    """``name`` is ``path``, ``path::function`` or ``path::Class.method``."""

    name: str
    kind: Kind
    size: int


def measures(path: str, text: str) -> Iterator[Measure]:
    """Give the measure of a file and of everything in it."""
    yield Measure(path, "file", len(text.splitlines()))
    yield from _inside(ast.parse(text), f"{path}::", _code_lines(text))


def _inside(scope: _Scope, prefix: str, code: set[int]) -> Iterator[Measure]:
    # A function inside a function counts in the outer one, whose reader meets it there.
    for node in scope.body:
        yield from _definition(node, prefix, code)


def _definition(node: ast.AST, prefix: str, code: set[int]) -> Iterator[Measure]:
    if isinstance(node, ast.ClassDef):
        methods = [
            one.name
            for one in node.body
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            and not one.name.startswith("_")
        ]
        yield Measure(prefix + node.name, "class", len(set(methods)))
        yield from _inside(node, f"{prefix}{node.name}.", code)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) & code
        yield Measure(prefix + node.name, "function", len(lines))


def _code_lines(text: str) -> set[int]:
    """Lines that hold code: no blank line, comment or docstring."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _Scope) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            lines.difference_update(
                range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)
            )
    return lines

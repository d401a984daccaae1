"""JSON Lines into trees: one record a line, every problem with its line and JSON pointer.

Lines are read one by one, so a large file is never held whole (RFC 8259; pointers
are RFC 6901).
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from casegraph.errors import FixInput, Problem, Where
from casegraph.findings.file_text import problem_of, refuse_other_files
from casegraph.findings.tree import (
    MAX_DEPTH,
    MAX_LINE_BYTES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    forbidden_character_problem,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_WORDS = {True: "yes", False: "no", None: ""}


class _Refused(Exception):
    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def read_json_lines(path: Path, name: str) -> Iterator[tuple[Mapping | None, list[Problem]]]:
    """Each non-empty line as a mapping with its problems; ``None`` where it is unreadable."""
    try:
        refuse_other_files(path, name)
        with path.open("rb") as file:
            yield from _lines(file, name)
    except FixInput as error:
        yield None, [problem_of(error)]
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        hint = "Check that it is a file and that you may read it."
        yield None, [Problem("unreadable-file", message, Where(name), hint)]


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[Mapping | None, list[Problem]]]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = Where(name, number, 1)
        if len(line) > MAX_LINE_BYTES:
            yield None, [_too_long(line, file, where)]
        elif line.strip():
            yield parse_json_line(line.removeprefix(BOM_UTF8) if number == 1 else line, where)


def _too_long(line: bytes, file: BinaryIO, where: Where) -> Problem:
    """Read on to the end of a line without keeping it."""
    length = len(line)
    while not line.endswith(b"\n") and (line := file.readline(MAX_LINE_BYTES)):
        length += len(line)
    return Problem(
        "line-too-long",
        f"the line is {length:,} bytes long; {MAX_LINE_BYTES:,} are allowed",
        where,
        "One record is one line; check that line breaks were not lost.",
    )


def parse_json_line(line: bytes, where: Where) -> tuple[Mapping | None, list[Problem]]:
    """One record."""
    problems: list[Problem] = []
    try:
        value = json.loads(
            line.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_float=str,
            parse_int=str,
            parse_constant=_no_constant,
        )
        node = _node(value, where, "", 0, problems)
    except UnicodeDecodeError as error:
        place = Where(where.path, where.line, error.start + 1)
        hint = "Save the file as UTF-8."
        return None, [Problem("unreadable-file", "the line is not UTF-8", place, hint)]
    except json.JSONDecodeError as error:
        place = Where(where.path, where.line, error.colno)
        hint = "Check quotes and commas; each line is one whole JSON object."
        return None, [Problem("broken-json", f"the line is not JSON: {error.msg}", place, hint)]
    except RecursionError:
        return None, [Problem("too-deep", "the record is nested too deeply", where)]
    except _Refused as refused:
        return None, [Problem(refused.code, str(refused), where, refused.hint)]
    if not isinstance(node, Mapping):
        hint = 'Write {"quote": "…", "count": "…"}.'
        return None, [Problem("not-a-mapping", "the line is not a JSON object", where, hint)]
    return node, problems


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, kept in order and told apart from an array."""


def _pairs(members: list[tuple[str, Any]]) -> _Pairs:
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            code = "duplicate-field"
            raise _Refused(code, f"{shown(name)} is given twice", "Keep one of the two.")
        seen.add(name)
    return _Pairs(members)


def _no_constant(name: str) -> NoReturn:
    code = "not-a-number"
    raise _Refused(code, f"{name} is not a number that can be recorded")


def _node(value: Any, where: Where, pointer: str, depth: int, problems: list[Problem]) -> Node:  # noqa: ANN401 - any JSON value
    place = Where(where.path, where.line, None, pointer or None)
    if depth > MAX_DEPTH:
        code = "too-deep"
        raise _Refused(code, f"more than {MAX_DEPTH} levels lie inside each other")
    if isinstance(value, _Pairs):
        pairs = []
        for name, member in value:
            inner = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            node = _node(member, where, inner, depth + 1, problems)
            pairs.append((Scalar(name, node.where), node))
        return Mapping(tuple(pairs), place)
    if isinstance(value, list):
        items = (
            _node(item, where, f"{pointer}/{number}", depth + 1, problems)
            for number, item in enumerate(value)
        )
        return Sequence(tuple(items), place)
    text = value if isinstance(value, str) else _WORDS.get(value, str(value))
    problem = forbidden_character_problem(text, place)
    if problem:
        problems.append(problem)
    return Scalar(text, place)

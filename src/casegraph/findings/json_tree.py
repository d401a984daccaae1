"""JSON Lines into trees: one record a line, every problem with its line and JSON pointer.

Lines are read one by one, so a large file is never held whole (RFC 8259; pointers
are RFC 6901).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from casegraph.errors import Problem, Where
from casegraph.findings.tree import (
    MAX_DEPTH,
    MAX_LINE_BYTES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    forbidden_character_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Refused(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def read_json_lines(path: Path, shown: str) -> Iterator[tuple[Mapping | None, list[Problem]]]:
    """Each non-empty line as a mapping with its problems; ``None`` where it is unreadable."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            where = Where(shown, number, 1)
            if len(line) > MAX_LINE_BYTES:
                length = len(line)
                while not line.endswith(b"\n") and (line := file.readline(MAX_LINE_BYTES)):
                    length += len(line)
                yield (
                    None,
                    [
                        Problem(
                            "line-too-long",
                            f"the line is {length:,} bytes long; {MAX_LINE_BYTES:,} are allowed",
                            where,
                            "One record is one line; check that line breaks were not lost.",
                        )
                    ],
                )
            elif line.strip():
                yield parse_json_line(line, where)


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
    names = [name for name, _ in members]
    for name in names:
        if names.count(name) > 1:
            code = "duplicate-field"
            raise _Refused(code, f"'{name}' is given twice", "Keep one of the two.")
    return _Pairs(members)


def _no_constant(name: str) -> NoReturn:
    code = "not-a-number"
    raise _Refused(code, f"{name} is not a number that can be recorded")


def _node(value: Any, where: Where, pointer: str, depth: int, problems: list[Problem]) -> Node:  # noqa: ANN401 - any JSON value
    place = Where(where.path, where.line, None, pointer or "/")
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
    text = (
        {True: "yes", False: "no", None: ""}.get(value, None)
        if not isinstance(value, str)
        else value
    )
    text = str(value) if text is None else text
    problem = forbidden_character_problem(text, place)
    if problem:
        problems.append(problem)
    return Scalar(text, place)

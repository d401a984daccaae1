"""YAML files into trees: PyYAML's parser for marks, nothing of YAML that surprises people.

Anchors, aliases, tags, merge keys, duplicate keys and several documents are refused
while the file is still a stream of events, so an alias bomb is never expanded.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from casegraph.errors import FixEnvironment, FixInput, Problem, Where
from casegraph.findings.file_text import problem_of, read_text
from casegraph.findings.tree import (
    FORBIDDEN,
    MAX_DEPTH,
    Mapping,
    Node,
    Scalar,
    Sequence,
    forbidden_character_problem,
)
from casegraph.findings.tree import (
    shown as quoted,
)
from casegraph.findings.yaml_faults import syntax_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_CONTROLS = 20
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_yaml(path: Path, shown: str) -> tuple[Mapping | None, list[Problem]]:
    """Read one file into a mapping; ``shown`` is its name in messages.

    Returns ``(None, problems)`` where the file cannot be read at all.
    """
    try:
        text = read_text(path, shown)
    except (FixInput, FixEnvironment) as error:
        return None, [problem_of(error)]
    return parse_yaml(text, shown)


def parse_yaml(text: str, shown: str) -> tuple[Mapping | None, list[Problem]]:
    """Parse text into a mapping, with all problems of its structure."""
    controls = list(_control_characters(text, shown))
    # Each is replaced by one character, so that places still hold for the rest of the file.
    plain = FORBIDDEN.sub("\ufffd", text) if controls else text
    reader = _Reader(plain, shown)
    reader.problems += controls
    try:
        node = reader.document()
    except _Refused as refused:
        return None, [*reader.problems, refused.problem]
    except yaml.YAMLError as error:
        return None, [*reader.problems, syntax_problem(error, plain, shown, loader=_Loader)]
    if node is None:
        return Mapping((), Where(shown, 1, 1)), reader.problems
    if not isinstance(node, Mapping):
        problem = Problem(
            "not-a-mapping",
            "the file should hold names and values, but begins with something else",
            node.where,
            "Begin with a line such as `source: KEY` and a list under `statements:`.",
        )
        return None, [*reader.problems, problem]
    return node, reader.problems


class _Reader:
    """Builds the tree from parser events."""

    def __init__(self, text: str, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []
        self.events = iter(yaml.parse(text, Loader=_Loader))

    def document(self) -> Node | None:
        next(self.events)  # stream start
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        node = self.node(next(self.events), 0)
        next(self.events)  # document end
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.refuse(
                event,
                "second-document",
                "a second document begins here",
                "Delete the line `---`; one file holds one document.",
            )
        return node

    def node(self, event: Any, depth: int) -> Node:  # noqa: ANN401
        self.refuse_surprises(event, depth)
        where = self.where(event)
        if isinstance(event, yaml.ScalarEvent):
            problem = forbidden_character_problem(event.value, where)
            if problem:
                self.problems.append(problem)
            return Scalar(event.value, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self.items(depth)), where)
        return Mapping(tuple(self.pairs(depth)), where)

    def items(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return items

    def pairs(self, depth: int) -> list[tuple[Scalar, Node]]:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Where] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                self.problems.append(
                    Problem("key-not-text", "a name must be a single word", key.where)
                )
            elif key.text in seen:
                self.problems.append(
                    Problem(
                        "duplicate-field",
                        f"{quoted(key.text)} is given twice; the first is in line"
                        f" {seen[key.text].line}",
                        key.where,
                        "Keep one of the two.",
                    )
                )
            else:
                seen[key.text] = key.where
                pairs.append((key, value))
        return pairs

    def refuse_surprises(self, event: Any, depth: int) -> None:  # noqa: ANN401
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.refuse(
                event,
                "anchor",
                f"'{sign}{event.anchor}' is a YAML anchor or alias, which casegraph does not read",
                "Write the value out, or quote it if it is text that begins with & or *.",
            )
        if getattr(event, "tag", None) and event.tag not in {"!", None}:
            self.refuse(
                event,
                "tag",
                f"'{event.tag}' is a YAML tag, which casegraph does not read",
                "Delete it, or quote the value if it is text that begins with !.",
            )
        if depth > MAX_DEPTH:
            self.refuse(
                event,
                "too-deep",
                f"more than {MAX_DEPTH} levels lie inside each other",
                "Check the indentation; a statement needs three levels at most.",
            )

    def refuse(self, event: Any, code: str, message: str, hint: str) -> NoReturn:  # noqa: ANN401
        raise _Refused(Problem(code, message, self.where(event), hint))

    def where(self, event: Any) -> Where:  # noqa: ANN401
        return Where(self.shown, event.start_mark.line + 1, event.start_mark.column + 1)


def _control_characters(text: str, shown: str) -> Iterator[Problem]:
    """The characters that no text may hold, told before YAML stumbles over the first."""
    for match in islice(FORBIDDEN.finditer(text), MAX_CONTROLS):
        offset = match.start()
        line_start = text.rfind("\n", 0, offset) + 1
        yield Problem(
            "control-character",
            f"the file holds the control character U+{ord(match[0]):04X}",
            Where(shown, text.count("\n", 0, offset) + 1, offset - line_start + 1),
            "Delete the invisible character; it often comes with text pasted from a PDF.",
        )

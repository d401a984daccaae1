"""What a person did where YAML cannot be read: the place where it begins, and how to mend it.

The parser says where it gave up, which is often lines below the slip: a quotation mark that
is never closed is noticed at the end of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from casegraph.errors import Problem, Where
from casegraph.findings.tree import shown as quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLAIN_VALUE = re.compile(r"^(?P<head>\s*(?:- )?[\w-]+: )(?P<value>[^\s{\[|>].*)$")
_INDENT = re.compile(r"[ \t]*(?:-[ \t]+)*")
_FIELD = re.compile(r"[\w-]+:(?=\s|$)")
_BARE_NAME = re.compile(r"(?P<name>[\w-]+)(?P<rest>.*)")
_LINE_END = re.compile("[\n\u2028\u2029]")  # what the parser counts lines by
_CLOSING = {"{": "}", "[": "]"}
_MOST_LINES = 500
_MOST_SHOWN = 60


def syntax_problem(error: yaml.YAMLError, text: str, shown: str, *, loader: Any) -> Problem:  # noqa: ANN401
    """The one problem of a text that ``loader`` cannot parse; ``shown`` names the file."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem("broken-yaml", "this is not YAML", Where(shown), _fallback_hint([], 0))
    fault = _Fault(error, mark, text, shown, loader)
    for found in (
        fault.tab(),
        fault.open_quote(),
        fault.open_bracket(),
        fault.no_colon(),
        fault.colon_in_value(),
        fault.odd_beginning(),
        fault.indentation(),
        fault.text_behind_quote(),
    ):
        if found is not None:
            return found
    return fault.problem(
        f"the line cannot be read: {fault.reason}",
        mark.line,
        mark.column,
        _fallback_hint(fault.lines, mark.line),
    )


class _Fault:
    """One error of the parser, looked at beside the lines it came from (counted from 0)."""

    def __init__(
        self,
        error: yaml.YAMLError,
        mark: Any,  # noqa: ANN401
        text: str,
        shown: str,
        loader: Any,  # noqa: ANN401
    ) -> None:
        self.reason: str = getattr(error, "problem", None) or "this is not YAML"
        self.context: str = getattr(error, "context", None) or ""
        self.opened: Any = getattr(error, "context_mark", None) or mark
        self.text, self.shown, self.loader = text, shown, loader
        self.lines = _LINE_END.split(text)
        self.line: int = mark.line
        self.column: int = mark.column
        self.here = self.lines[mark.line] if mark.line < len(self.lines) else ""

    def problem(self, message: str, line: int, column: int, hint: str) -> Problem:
        return Problem("broken-yaml", message, Where(self.shown, line + 1, column + 1), hint)

    def tab(self) -> Problem | None:
        """A tab among the characters that a line begins with."""
        column = _indent(self.here).find("\t")
        if column < 0 or self.column > len(_indent(self.here)):
            return None
        return self.problem(
            f"line {self.line + 1} begins with a tab, which YAML does not take as indentation",
            self.line,
            column,
            "Replace the tab by spaces, two for each level; most editors can insert spaces"
            " whenever you press Tab.",
        )

    def open_quote(self) -> Problem | None:
        """A quotation mark without its second one, or closed by the next value's first."""
        if "quoted scalar" in self.context and "end of stream" in self.reason:
            return self._never_closed(self.opened.line, self.opened.column)
        token = self._last_quoted()
        if token is None or token.start_mark.line == token.end_mark.line:
            return None
        within = self.lines[token.start_mark.line + 1 : token.end_mark.line + 1]
        if any(_FIELD.match(line[len(_indent(line)) :]) for line in within):
            return self._never_closed(token.start_mark.line, token.start_mark.column)
        return None

    def _never_closed(self, line: int, column: int) -> Problem:
        sign = self.lines[line][column : column + 1]
        name = "double" if sign == '"' else "single"
        value = self.lines[line][column:]
        example = "" if "{" in self.lines[line][:column] else f": {_shortened(value)}{sign}"
        return self.problem(
            f"a {name} quotation mark opens here and is not closed before the next field",
            line,
            column,
            f"Put {sign} behind the last word of the value{example or '.'}",
        )

    def _last_quoted(self) -> Any:  # noqa: ANN401
        """The quoted value that ended directly before the place of the error, if one did."""
        last = None
        try:
            for token in yaml.scan(self.text, Loader=self.loader):
                if (token.start_mark.line, token.start_mark.column) >= (self.line, self.column):
                    break
                last = token
        except yaml.YAMLError:
            pass  # the one that is being explained
        if not isinstance(last, yaml.ScalarToken) or last.plain:
            return None
        same_line = last.end_mark.line == self.line
        behind = self.here[last.end_mark.column : self.column] if same_line else "x"
        return last if not behind.strip() else None

    def open_bracket(self) -> Problem | None:
        """A brace or bracket that a later line runs into."""
        if "flow" not in self.context or self.opened.line == self.line:
            return None
        sign = self.lines[self.opened.line][self.opened.column : self.opened.column + 1]
        return self.problem(
            f"'{sign}' opens here and is not closed",
            self.opened.line,
            self.opened.column,
            f"Put {_CLOSING.get(sign, 'its partner')} behind the last value, as a rule at the end"
            " of the line.",
        )

    def no_colon(self) -> Problem | None:
        """A name without its colon, or a colon without its space."""
        number = self.line if "mapping values" in self.reason else None
        if number is not None:
            number = self._before(number) if self._first_colon() == self.column else None
        elif "':'" in self.reason:
            number = self.opened.line
        if number is None:
            return None
        line = self.lines[number]
        content = line[len(_indent(line)) :]
        match = _BARE_NAME.fullmatch(content)
        if match is None or _FIELD.match(content):
            return None
        value = match["rest"].removeprefix(":").strip()
        what = (
            "there is no space behind the colon"
            if match["rest"].startswith(":")
            else f"there is no colon behind {quoted(match['name'])}"
        )
        return self.problem(
            what,
            number,
            len(_indent(line)),
            f"Write name, colon, space, value: {match['name']}: {_shortened(value) or '…'}",
        )

    def colon_in_value(self) -> Problem | None:
        """A value with a colon and a space in it, which begin another field."""
        if "mapping values" not in self.reason or self._first_colon() == self.column:
            return None
        return self.problem(
            "the value holds a colon with a space behind it, as if another field began here",
            self.line,
            self.column,
            _fallback_hint(self.lines, self.line),
        )

    def odd_beginning(self) -> Problem | None:
        """A value that begins with a character that means something in YAML."""
        sign = self.here[self.column : self.column + 1]
        if "cannot start any token" not in self.reason or not sign.strip():
            return None
        return self.problem(
            f"a value cannot begin with {quoted(sign)} unless it is quoted",
            self.line,
            self.column,
            _fallback_hint(self.lines, self.line),
        )

    def indentation(self) -> Problem | None:
        """A line that begins where nothing that it could belong to does."""
        if "flow" in self.context or not _says_something(self.here):
            return None
        if not self._begins_its_line():
            return None
        number = self._first_of_a_stray_field()
        wanted = self._wanted(number)
        column = _start(self.lines[number])
        if wanted is None or wanted[0] == column:
            return None
        more = ""
        if "mapping values" in self.reason:
            more = " If it goes on with the value above, put that value whole into double quotes."
        return self.problem(
            f"line {number + 1} begins in column {column + 1}, where no entry or field begins",
            number,
            column,
            f"Begin it in column {wanted[0] + 1}, {wanted[1]}; indent with spaces only.{more}",
        )

    def text_behind_quote(self) -> Problem | None:
        """A quotation mark inside a value that is quoted with the same mark."""
        token = self._last_quoted()
        if token is None or token.start_mark.line != self.line:
            return None
        return self.problem(
            "the value ends at the quotation mark before this, but the line goes on",
            self.line,
            self.column,
            _fallback_hint(self.lines, self.line),
        )

    def _begins_its_line(self) -> bool:
        if "mapping values" in self.reason:
            return self._first_colon() == self.column
        return self.column <= len(_indent(self.here))

    def _first_colon(self) -> int:
        match = _FIELD.match(self.here, len(_indent(self.here)))
        return match.end() - 1 if match else -1

    def _first_of_a_stray_field(self) -> int:
        """The line to blame: fields in the column of a list end it, which the next item shows.

        At the start of a document it is the first line, if that stands in.
        """
        if "document start" in self.reason:
            return next(n for n, line in enumerate(self.lines) if _says_something(line))
        number, stray = self.line, self._before(self.line)
        if not _is_item(self.here):
            return number
        while stray is not None and self._is_stray(stray):
            number, stray = stray, self._before(stray)
        return number

    def _is_stray(self, number: int) -> bool:
        dash = self._last_dash(number)
        return (
            dash is not None
            and not _is_item(self.lines[number])
            and (_start(self.lines[number]) <= dash)
        )

    def _last_dash(self, number: int) -> int | None:
        """The column of the last list item above a line."""
        items = (_start(self.lines[n]) for n in self._above(number) if _is_item(self.lines[n]))
        return next(items, None)

    def _wanted(self, number: int) -> tuple[int, str] | None:
        """The column in which a line should begin, and why."""
        if "document start" in self.reason:
            return 0, "like the lines below it"
        line = self.lines[number]
        lowest = self._last_dash(number) if number != self.line else None
        known: dict[int, int] = {}
        for above in self._above(number):
            other = self.lines[above]
            if _is_item(line) and not _is_item(other):
                continue
            column = _start(other) if _is_item(line) else len(_indent(other))
            if lowest is None or column > lowest:
                known.setdefault(column, above)
        if not known:
            return None
        # Of two that are as near, the one whose line is nearer is meant.
        start = _start(line)
        nearest = min(known, key=lambda column: (abs(column - start), -known[column]))
        return nearest, f"like line {known[nearest] + 1}"

    def _above(self, number: int) -> Iterator[int]:
        """The lines above one that say something, nearest first."""
        for above in range(number - 1, max(-1, number - 1 - _MOST_LINES), -1):
            if _says_something(self.lines[above]):
                yield above

    def _before(self, number: int) -> int | None:
        return next(self._above(number), None)


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match else ""


def _is_item(line: str) -> bool:
    return line.lstrip().startswith("- ")


def _start(line: str) -> int:
    """The column of the first character, a dash included."""
    return len(line) - len(line.lstrip())


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _shortened(text: str) -> str:
    plain = text.rstrip()
    return quoted(plain if len(plain) <= _MOST_SHOWN else "…" + plain[-_MOST_SHOWN:])[1:-1]


def _fallback_hint(lines: Sequence[str], line: int) -> str:
    """Show the offending line, or the one above it, with its value quoted."""
    for number in (line, line - 1):
        if 0 <= number < len(lines):
            match = _PLAIN_VALUE.match(lines[number])
            if match:
                value = match["value"].strip().strip("\"'")
                escaped = value.replace("\\", "\\\\").replace('"', '\\"')
                return f'Write line {number + 1} so: {match["head"].strip()} "{escaped}"'
    return "Check the indentation and put values that hold : # \" or ' into double quotes."

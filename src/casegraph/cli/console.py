"""Where output goes: the answer to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from casegraph.errors import CasegraphError, InvalidRecords, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.errors import Severity

_COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "blue"}


@dataclass(frozen=True, slots=True)
class Console:
    """``json`` makes the answer one JSON value; nothing else is ever written to stdout."""

    json: bool = False

    def answer(self, value: object, text: str) -> None:
        """The answer of a command, as text for people or as ``value``."""
        shown = json.dumps(value, indent=2, ensure_ascii=False) if self.json else text
        click.echo(shown)

    def note(self, text: str) -> None:
        """A remark beside the answer, such as the next step."""
        click.echo(text, err=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Problems in the order given, coloured on a terminal."""
        for problem in problems:
            place = f"{problem.where}: " if problem.where else ""
            severity = _coloured(problem.severity)
            self.note(f"{place}{severity}: {problem.message}")
            if problem.hint:
                self.note(f"    {problem.hint}")

    def failed(self, error: CasegraphError) -> None:
        """An error that ended the command."""
        if self.json:
            click.echo(json.dumps(error_value(error), indent=2, ensure_ascii=False))
        if isinstance(error, InvalidRecords):
            self.problems(error.problems)
            self.note(error.hint or "")
            return
        place = f"{error.where}: " if error.where else ""
        self.note(f"{place}{_coloured('error')}: {error.message}")
        if error.hint:
            self.note(f"    {error.hint}")

    def interrupted(self) -> None:
        """Ctrl-C: every write is whole or not done, so this can be said."""
        self.note("\nInterrupted. Nothing is half done; run the command again.")

    @contextlib.contextmanager
    def working(self, what: str) -> Iterator[None]:
        """A sign of life on a terminal while something long runs."""
        if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield
            return
        from rich.console import Console as Terminal  # noqa: PLC0415 - only where it is seen

        with Terminal(stderr=True).status(what):
            yield


def _coloured(severity: Severity) -> str:
    """The word in its colour, unless NO_COLOR asks for none (no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return severity
    return click.style(severity, fg=_COLOURS[severity], bold=True)


def problem_value(problem: Problem) -> dict[str, object]:
    """A problem for ``--json``."""
    return asdict(problem) | {"where": str(problem.where) if problem.where else None}


def error_value(error: CasegraphError) -> dict[str, object]:
    """An error for ``--json``."""
    problems = error.problems if isinstance(error, InvalidRecords) else ()
    return {
        "error": type(error).__name__,
        "message": error.message,
        "where": str(error.where) if error.where else None,
        "hint": error.hint,
        "problems": [problem_value(problem) for problem in problems],
    }

"""Errors, named by what the reader can do about them.

::

    CasegraphError
    ├─ FixInput          correct a file or an argument, then try again
    │  ├─ InvalidRecords   many places at once; ``problems`` lists them all
    │  └─ InvalidQuery     the query text; ``position`` says where
    ├─ NotFound          there is no such thing here (any more: ``Gone``)
    │  └─ Gone             it was withdrawn; no cause and no name is given
    ├─ Conflict          it exists already, or changed since it was looked at
    ├─ NotAllowed        a rule of publication or of the query service forbids it
    ├─ AskForLess        the answer is over a size limit
    ├─ TryLater          time, memory or load limit; the same request may succeed
    └─ FixEnvironment    something this machine lacks: an extra, a tool, space

No status code and no exit code lives here: the web and the command line each
translate with one table of their own.  Findings of a check (``Problem``), SHACL
results and verdicts are values and are returned, never raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file: path as the reader knows it, 1-based line and column.

    ``pointer`` is a JSON pointer (RFC 6901) for JSON Lines records, whose
    columns mean little to a person.
    """

    path: str
    line: int | None = None
    column: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        text = ":".join(parts)
        return f"{text} at {self.pointer}" if self.pointer else text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where, and how to mend it.

    ``code`` is a stable kebab-case name (``quote-not-found``) that tests and
    ``--json`` readers rely on; ``message`` is a sentence for a person.
    """

    code: str
    message: str
    where: Where | None = None
    hint: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f"\n    {self.hint}" if self.hint else ""
        return f"{place}{self.severity}: {self.message}{mend}"


class CasegraphError(Exception):
    """Base of every error that casegraph raises on purpose."""

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f"\n    {self.hint}" if self.hint else ""
        return f"{place}{self.message}{mend}"


class FixInput(CasegraphError):
    """A file or an argument is wrong; correct it and try again."""


class InvalidRecords(FixInput):
    """A run found problems in the workspace; all of them are in ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = sum(1 for problem in self.problems if problem.severity == "error")
        super().__init__(
            "\n".join(map(str, self.problems)),
            hint=f"{count} {'error' if count == 1 else 'errors'}; nothing was written.",
        )


class InvalidQuery(FixInput):
    """The query text is refused; ``line`` and ``column`` are 1-based when known."""

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class NotFound(CasegraphError):
    """There is no such thing here."""


class Gone(NotFound):
    """It was published once and is withdrawn: no cause, no name."""


class Conflict(CasegraphError):
    """It exists already, or has changed since it was looked at."""


class NotAllowed(CasegraphError):
    """A rule of publication or of the query service forbids it."""


class AskForLess(CasegraphError):
    """The answer passes a size limit; ``limit`` names it."""

    def __init__(self, message: str, *, limit: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit


class TryLater(CasegraphError):
    """Time, memory or load limit reached; ``limit`` names it.

    ``elapsed`` and ``retry_after`` are seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        limit: str,
        elapsed: float | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit
        self.elapsed = elapsed
        self.retry_after = retry_after


class FixEnvironment(CasegraphError):
    """This machine lacks something: an extra, a tool, permission, disk space."""

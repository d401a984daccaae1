"""What a validation found, as values: results, and the report that holds them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from casegraph.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from casegraph.errors import Severity as ProblemSeverity
    from casegraph.errors import Where

Severity = Literal["violation", "warning", "info"]

_PROBLEM_SEVERITY: dict[Severity, ProblemSeverity] = {
    "violation": "error",
    "warning": "warning",
    "info": "info",
}


class ResultRecord(TypedDict):
    """One result as JSON holds it."""

    severity: Severity
    focus: str
    shape: str
    path: str
    value: str
    message: str


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class ValidationResult:
    """One node that does not fit one shape (SHACL, section 3.6.2).

    ``focus`` and ``shape`` are IRIs.  ``path`` is the property, or a SPARQL property path
    where the shape looks further; ``value`` is an IRI, or a literal as N-Triples writes it.
    Both are empty where the shape speaks of the node as a whole.
    """

    severity: Severity
    focus: str
    shape: str
    path: str = ""
    value: str = ""
    message: str = ""

    @property
    def code(self) -> str:
        """Short name of the shape, for problems: the last part of its IRI."""
        return self.shape.rpartition("#")[2] or self.shape


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one validation, sorted; the same data gives the same bytes.

    A report conforms when it holds no violation: warnings never block.
    """

    results: tuple[ValidationResult, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether nothing stands in the way of a release."""
        return not self.violations

    @property
    def violations(self) -> tuple[ValidationResult, ...]:
        """The results that block a release."""
        return tuple(r for r in self.results if r.severity == "violation")

    @property
    def warnings(self) -> tuple[ValidationResult, ...]:
        """The results that a person should look at."""
        return tuple(r for r in self.results if r.severity == "warning")

    def to_json(self) -> str:
        """The report as JSON text: ``conforms`` and ``results``, one result a line."""
        lines = ",\n  ".join(
            json.dumps(asdict(result), ensure_ascii=False, sort_keys=True)
            for result in self.results
        )
        body = f"[\n  {lines}\n ]" if lines else "[]"
        return f'{{\n "conforms": {json.dumps(self.conforms)},\n "results": {body}\n}}\n'

    def problems(self, place: Callable[[str], Where | None]) -> list[Problem]:
        """The results as problems; ``place`` knows where a node was written, if anywhere."""
        return [
            Problem(
                code=f"shape-{result.code}",
                message=_sentence(result),
                where=place(result.focus),
                hint=result.message or None,
                severity=_PROBLEM_SEVERITY[result.severity],
            )
            for result in self.results
        ]


def report_of(records: Iterable[ResultRecord]) -> Report:
    """Make the report of results in any order, as a child process or a file gives them."""
    results = {ValidationResult(**record) for record in records}
    return Report(tuple(sorted(results)))


def report_from_json(text: str) -> Report:
    """Read back what ``Report.to_json`` wrote."""
    return report_of(json.loads(text)["results"])


def _sentence(result: ValidationResult) -> str:
    subject = f"<{result.focus}>"
    if not result.path:
        return f"{subject} does not fit the shape {result.code}"
    value = f", value {result.value}" if result.value else ""
    return f"{subject} does not fit the shape {result.code} (property {result.path}{value})"

"""Published findings that are gone or changed, without a revision that says why."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import Problem
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line
from casegraph.release.delta import DATASET
from casegraph.release.withdrawals import withdrawn_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from casegraph.errors import Where
    from casegraph.graph.context import MintingContext
    from casegraph.release.inputs import ReleaseInputs
    from casegraph.release.projection import Projection

_WANTED: Final = (terms.RECORDED_AT, terms.STATEMENT, terms.EVIDENCED_BY)
_TOLD: Final = tuple(f"> <{name}> ".encode() for name in _WANTED)


@dataclass(slots=True)
class _Published:
    """What the current release says of one finding: its sentence, and what it rests on."""

    statement: str = ""
    evidence: str = ""


def unrevised_problems(
    inputs: ReleaseInputs, projection: Projection, context: MintingContext, on: date
) -> Iterator[Problem]:
    """One problem for each published finding that needs a revision and has none.

    The place is that of an entry on the same words that was not published as it stands, if
    there is one: as a rule the entry that was changed.
    """
    current = inputs.shelf.current_directory()
    if current is None:
        return
    before = _published(current)
    revised = {revision.finding for revision in inputs.book.revisions if revision.on <= on}
    withdrawn = {path.partition("/")[2] for path in withdrawn_paths(inputs.shelf)}
    gone = before.keys() - set(context.findings.values()) - revised - withdrawn
    if not gone:
        return
    changed = _new_by_evidence(projection, context, before)
    for identifier in sorted(gone):
        finding = before[identifier]
        yield Problem(
            "published-finding-changed",
            f"the published finding {identifier} is gone or says something else now:"
            f" “{finding.statement}”",
            changed.get(finding.evidence),
            f"If that is a slip, undo the change. If it was wrong: `casegraph revise {identifier}"
            ' --because "…"`, with `--replacement KEY` where another entry takes its place.',
        )


def _published(directory: Path) -> dict[str, _Published]:
    """By its opaque id, each finding of a release."""
    found: dict[str, _Published] = {}
    with gzip.open(directory / DATASET, "rb") as file:
        for line in file:
            if b"/id/finding/" not in line or not any(told in line for told in _TOLD):
                continue
            quad = from_line(line.decode())
            kind, _, identifier = quad.subject.partition("/id/finding/")
            if not quad.graph.endswith("/graph/asserted") or not kind or "/" in identifier:
                continue
            finding = found.setdefault(identifier, _Published())
            if isinstance(quad.object, Literal):
                if quad.predicate == terms.STATEMENT and (
                    quad.object.lang == "en" or not finding.statement
                ):
                    finding.statement = quad.object.lexical
            elif quad.predicate == terms.EVIDENCED_BY:
                finding.evidence = finding.evidence or quad.object.partition("/id/")[2]
    return found


def _new_by_evidence(
    projection: Projection, context: MintingContext, before: dict[str, _Published]
) -> dict[str, Where | None]:
    """Where findings stand that are not published as they are, by what they rest on."""
    places: dict[str, Where | None] = {}
    for key, finding in projection.findings.items():
        if context.findings[key] not in before:
            for evidence in finding.evidence:
                places.setdefault(context.evidence_path(evidence), finding.where)
    return places

"""How the tests of a run ended."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from tests.conformance.results import MismatchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from tests.conformance.asking import Answer

Verdict = Literal["passed", "failed", "inapplicable"]
GROUPS: Final = ("query", "syntax", "protocol", "description", "graph store")
SUCCESS: Final = range(200, 300)


class Named(Protocol):
    """A test of the suite; its text is its folder and name."""

    @property
    def iri(self) -> str:
        """Its address in the suite."""

    @property
    def approved(self) -> bool:
        """Whether the working group approved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one test ended; ``note`` says why it failed or does not apply."""

    group: str
    name: str
    iri: str
    approved: bool
    verdict: Verdict
    note: str = ""


def tried(group: str, test: Named, attempt: Callable[[], None]) -> Outcome:
    """Run a test: passed, or failed with the reason."""
    verdict: Verdict = "passed"
    note = ""
    try:
        attempt()
    except MismatchError as error:
        verdict, note = "failed", str(error)
    except (OSError, http.client.HTTPException) as error:
        verdict, note = "failed", f"no answer: {type(error).__name__} {error}"
    return Outcome(
        group=group,
        name=str(test),
        iri=test.iri,
        approved=test.approved,
        verdict=verdict,
        note=note,
    )


def inapplicable(group: str, test: Named, why: str) -> Outcome:
    """A test that asks for what a server that only reads does not offer."""
    return Outcome(
        group=group,
        name=str(test),
        iri=test.iri,
        approved=test.approved,
        verdict="inapplicable",
        note=why,
    )


def expect(
    answer: Answer, *, kinds: AbstractSet[str] | None = None, status: range = SUCCESS
) -> None:
    """Raise ``MismatchError`` for another status or media type."""
    if answer.status not in status:
        said = answer.body[:150].decode("utf-8", "replace")
        raise MismatchError(f"status {answer.status}: {said}")
    if kinds is not None and answer.kind not in kinds:
        raise MismatchError(f"sent as {answer.kind or 'nothing'}, not as {sorted(kinds)}")

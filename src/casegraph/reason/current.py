"""``cg:CurrentFinding``: the one class we derive by a rule of our own, outside OWL.

A finding is current if its reading is plain or adopted and no revision of any kind revises it.
"No revision" is a closed-world condition, which OWL cannot state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.model.terms import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.nquads import Quad

#: The name of the rule in explanations.
RULE: Final = "cg-current"

STATUSES: Final = frozenset(
    {terms.CG + ReadingStatus.PLAIN.value, terms.CG + ReadingStatus.ADOPTED.value}
)


def current_findings(asserted: Iterable[Quad]) -> Iterator[str]:
    """The addresses of the current findings, sorted."""
    standing: set[str] = set()
    revised: set[object] = set()
    for quad in asserted:
        if quad.predicate == terms.READING_STATUS and quad.object in STATUSES:
            standing.add(quad.subject)
        elif quad.predicate == terms.REVISES:
            revised.add(quad.object)
    return iter(sorted(standing - revised))

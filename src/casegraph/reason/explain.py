"""Why a triple is in a release: down to triples that somebody wrote.

The explanation of an inferred triple names a rule and premises, each explained in turn, until
every leaf stands in the asserted graph or the vocabulary.  The shallowest explanation is
given, and none ever rests on what it explains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import NotFound
from casegraph.graph.nquads import Quad, term
from casegraph.reason.facts import MemoryFacts
from casegraph.reason.rules import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.reason.facts import Facts

#: No chain of our ontology comes near it; a population nested deeper is a mistake.
MAX_DEPTH: Final = 24

ASSERTED: Final = "asserted"
VOCABULARY: Final = "vocabulary"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A triple, the rule that gives it (or the graph that states it), and its premises."""

    triple: Quad
    rule: str
    premises: tuple[Explanation, ...] = ()

    def leaves(self) -> Iterator[Quad]:
        """The stated triples it rests on, from left to right."""
        if not self.premises:
            yield self.triple
        for premise in self.premises:
            yield from premise.leaves()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The explanation as an indented outline."""
        triple = f"<{self.triple.subject}> <{self.triple.predicate}> {term(self.triple.object)}"
        yield f"{'  ' * depth}{triple}  [{self.rule}]"
        for premise in self.premises:
            yield from premise.lines(depth + 1)


def explain(triple: Quad, facts: Facts | Iterable[Quad]) -> Explanation:
    """Explain a triple; its graph name does not matter.

    ``facts`` are the quads of all three graphs (inferred ones serve as intermediate steps only).
    Raises ``NotFound`` if it is not among them, or does not follow from what is stated.
    """
    known = MemoryFacts(facts) if isinstance(facts, Iterable) else facts
    if next(known.match(triple.subject, triple.predicate, triple.object), None) is not None:
        for depth in range(1, MAX_DEPTH + 1):
            found = _explained(triple, known, depth, frozenset())
            if found is not None:
                return found
    raise NotFound(
        f"this triple does not follow: <{triple.subject}> <{triple.predicate}> "
        f"{term(triple.object)}",
        hint="Check its three parts; addresses are written in full.",
    )


def _explained(
    goal: Quad, facts: Facts, depth: int, above: frozenset[tuple[object, ...]]
) -> Explanation | None:
    """An explanation of at most ``depth`` steps that does not pass through ``above``."""
    stated = _stated(goal, facts)
    if stated is not None:
        return Explanation(stated, stated.graph.rpartition("/")[2])
    if depth == 0:
        return None
    here = above | {goal[:3]}
    for step in steps(goal, facts):
        if any(premise[:3] in here for premise in step.premises):
            continue
        premises = []
        for premise in step.premises:
            found = _explained(premise, facts, depth - 1, here)
            if found is None:
                break
            premises.append(found)
        else:
            return Explanation(goal, step.rule, tuple(premises))
    return None


def _stated(goal: Quad, facts: Facts) -> Quad | None:
    for quad in facts.match(goal.subject, goal.predicate, goal.object):
        if quad.graph.rpartition("/")[2] in {ASSERTED, VOCABULARY}:
            return quad
    return None

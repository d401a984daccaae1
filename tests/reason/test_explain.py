from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import NotFound
from casegraph.graph import terms
from casegraph.graph.mapping import to_quads
from casegraph.graph.nquads import Quad, read_quads
from casegraph.graph.store import EmbeddedStore, build_store
from casegraph.reason.explain import Explanation, explain
from casegraph.reason.facts import MemoryFacts
from tests.graph import sample_records as sample
from tests.reason.small_world import World, random_quads

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = sample.sample_context()
ASSERTED = [quad for record in sample.RECORDS for quad in to_quads(record, CONTEXT)]
RULES = {
    "prp-dom", "prp-rng", "prp-symp", "prp-trp", "prp-spo1", "prp-spo2", "prp-inv1", "prp-inv2",
    "cax-sco", "cg-current",
}  # fmt: skip


def _rules(explanation: Explanation) -> Counter[str]:
    found = Counter([explanation.rule])
    for premise in explanation.premises:
        found += _rules(premise)
    return found


@pytest.mark.parametrize("seed", [None, 7, 8])
def test_every_inferred_triple_is_explained_down_to_stated_ones(
    tmp_path: Path, seed: int | None
) -> None:
    world = World(tmp_path, ASSERTED if seed is None else random_quads(seed))
    world.close()
    quads = world.quads()
    stated = {quad for quad in quads if not quad.graph.endswith("/inferred")}
    facts = MemoryFacts(quads)
    used: Counter[str] = Counter()
    for quad in read_quads(world.inferred):
        explanation = explain(quad, facts)
        assert explanation.rule in RULES
        assert explanation.triple[:3] == quad[:3]
        assert set(explanation.leaves()) <= stated
        used += _rules(explanation)
    if seed is not None:
        assert set(used) >= RULES - {"prp-inv1"}


def test_a_store_serves_as_well_as_memory(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    world.close()
    files = [world.asserted, world.vocabulary, world.inferred]
    built = EmbeddedStore(build_store(files, tmp_path / "store", "x"))
    memory = MemoryFacts(world.quads())
    for quad in list(read_quads(world.inferred))[::10]:
        assert explain(quad, built) == explain(quad, memory)


def test_an_explanation_reads_as_an_outline(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    world.close()
    (goal,) = [
        quad
        for quad in read_quads(world.inferred)
        if quad.object == terms.CURRENT_FINDING and quad.subject == CONTEXT.finding("last-year")
    ]
    assert list(explain(goal, world.quads()).lines()) == [
        f"<{goal.subject}> <{terms.RDF_TYPE}> <{terms.CURRENT_FINDING}>  [cg-current]",
        f"  <{goal.subject}> <{terms.READING_STATUS}> <{terms.CG}adopted>  [asserted]",
    ]


def test_a_stated_triple_is_explained_by_its_graph() -> None:
    explanation = explain(ASSERTED[0], ASSERTED)
    assert (explanation.rule, explanation.premises) == ("asserted", ())
    assert list(explanation.leaves()) == [ASSERTED[0]]


def test_what_does_not_follow_is_not_found() -> None:
    absent = Quad("https://example.org/x", terms.ABOUT, "https://example.org/y")
    with pytest.raises(NotFound, match="does not follow"):
        explain(absent, ASSERTED)


def test_two_triples_that_only_support_each_other_are_not_explained() -> None:
    one, two = "https://example.org/a", "https://example.org/b"
    inferred = f"{sample.BASE}graph/inferred"
    vocabulary = f"{sample.BASE}graph/vocabulary"
    circle = [
        Quad(one, terms.CONTRADICTS, two, inferred),
        Quad(two, terms.CONTRADICTS, one, inferred),
        Quad(terms.CONTRADICTS, terms.RDF_TYPE, terms.OWL_SYMMETRIC, vocabulary),
    ]
    with pytest.raises(NotFound):
        explain(circle[0], circle)


def test_the_shallowest_explanation_is_given() -> None:
    asserted, vocabulary = f"{sample.BASE}graph/asserted", f"{sample.BASE}graph/vocabulary"
    names = [f"https://example.org/{name}" for name in "abcd"]
    chain = [Quad(left, terms.SUBSET_OF, right, asserted) for left, right in pairwise(names)]
    closed = [Quad(names[0], terms.SUBSET_OF, names[2], f"{sample.BASE}graph/inferred")]
    goal = Quad(names[0], terms.SUBSET_OF, names[3], f"{sample.BASE}graph/inferred")
    axiom = Quad(terms.SUBSET_OF, terms.RDF_TYPE, terms.OWL_TRANSITIVE, vocabulary)
    explanation = explain(goal, [*chain, *closed, goal, axiom])
    assert set(explanation.leaves()) == {*chain, axiom}


def test_facts_are_found_by_any_part() -> None:
    facts = MemoryFacts(ASSERTED)
    quad = ASSERTED[0]
    assert quad in facts.match(None, None, None)
    assert quad in facts.match(quad.subject, None, None)
    assert quad in facts.match(None, quad.predicate, None)
    assert list(facts.match(quad.subject, quad.predicate, quad.object)) == [quad]

"""The rules by which a triple can follow, read backwards: from conclusion to premises.

Names and meaning are those of OWL 2 Profiles, tables 5 and 7; only the axiom forms that our
ontology uses are here.  The schema rules (table 9) are not needed: whatever they conclude about
data follows step by step from the axioms as written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from casegraph.graph import terms
from casegraph.reason import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.graph.nquads import Object, Quad
    from casegraph.reason.facts import Facts


class Step(NamedTuple):
    """One way in which a triple follows: the rule, and the triples it needs (axioms first)."""

    rule: str
    premises: tuple[Quad, ...]


def steps(goal: Quad, facts: Facts) -> Iterator[Step]:
    """Every way in which ``goal`` follows in one step from triples among ``facts``."""
    if goal.predicate == terms.RDF_TYPE:
        if goal.object == terms.CURRENT_FINDING:
            yield from _current(goal, facts)
        yield from _class_steps(goal, facts)
        return
    if isinstance(goal.object, str):
        yield from _symmetric(goal, goal.object, facts)
        yield from _inverse(goal, goal.object, facts)
        yield from _transitive(goal, goal.object, facts)
        yield from _chains(goal, goal.object, facts)
    for axiom in facts.match(None, terms.RDFS_SUB_PROPERTY_OF, goal.predicate):
        for triple in facts.match(goal.subject, axiom.subject, goal.object):
            yield Step("prp-spo1", (axiom, triple))


def _current(goal: Quad, facts: Facts) -> Iterator[Step]:
    if any(True for _ in facts.match(None, terms.REVISES, goal.subject)):
        return
    for status in facts.match(goal.subject, terms.READING_STATUS, None):
        if status.object in current.STATUSES:
            yield Step(current.RULE, (status,))


def _class_steps(goal: Quad, facts: Facts) -> Iterator[Step]:
    for axiom in facts.match(None, terms.RDFS_SUB_CLASS_OF, goal.object):
        for triple in facts.match(goal.subject, terms.RDF_TYPE, axiom.subject):
            yield Step("cax-sco", (axiom, triple))
    for axiom in facts.match(None, terms.RDFS_DOMAIN, goal.object):
        for triple in facts.match(goal.subject, axiom.subject, None):
            yield Step("prp-dom", (axiom, triple))
    for axiom in facts.match(None, terms.RDFS_RANGE, goal.object):
        for triple in facts.match(None, axiom.subject, goal.subject):
            yield Step("prp-rng", (axiom, triple))


def _symmetric(goal: Quad, value: str, facts: Facts) -> Iterator[Step]:
    for axiom in facts.match(goal.predicate, terms.RDF_TYPE, terms.OWL_SYMMETRIC):
        for triple in facts.match(value, goal.predicate, goal.subject):
            yield Step("prp-symp", (axiom, triple))


def _inverse(goal: Quad, value: str, facts: Facts) -> Iterator[Step]:
    for axiom in facts.match(None, terms.OWL_INVERSE_OF, goal.predicate):
        for triple in facts.match(value, axiom.subject, goal.subject):
            yield Step("prp-inv1", (axiom, triple))
    for axiom in facts.match(goal.predicate, terms.OWL_INVERSE_OF, None):
        if isinstance(axiom.object, str):
            for triple in facts.match(value, axiom.object, goal.subject):
                yield Step("prp-inv2", (axiom, triple))


def _transitive(goal: Quad, value: str, facts: Facts) -> Iterator[Step]:
    for axiom in facts.match(goal.predicate, terms.RDF_TYPE, terms.OWL_TRANSITIVE):
        for first in facts.match(goal.subject, goal.predicate, None):
            if isinstance(first.object, str):
                for second in facts.match(first.object, goal.predicate, value):
                    yield Step("prp-trp", (axiom, first, second))


def _chains(goal: Quad, value: str, facts: Facts) -> Iterator[Step]:
    for axiom in facts.match(goal.predicate, terms.OWL_CHAIN, None):
        properties = list(_members(axiom.object, facts))
        for path in _paths(goal.subject, properties, facts):
            if path and path[-1].object == value:
                yield Step("prp-spo2", (axiom, *path))


def _members(node: Object, facts: Facts) -> Iterator[str]:
    """The members of an RDF list of addresses."""
    while isinstance(node, str) and node != terms.RDF_NIL:
        here = node
        for first in facts.match(here, terms.RDF_FIRST, None):
            if isinstance(first.object, str):
                yield first.object
        node = next((rest.object for rest in facts.match(here, terms.RDF_REST, None)), "")
        if not node:
            return


def _paths(start: str, properties: list[str], facts: Facts) -> Iterator[tuple[Quad, ...]]:
    """Every way from ``start`` along the properties, one triple for each."""
    if not properties:
        yield ()
        return
    for triple in facts.match(start, properties[0], None):
        if len(properties) == 1:
            yield (triple,)
        elif isinstance(triple.object, str):
            for rest in _paths(triple.object, properties[1:], facts):
                yield (triple, *rest)

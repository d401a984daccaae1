"""Value to graph and back is the identity on everything that is published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given

from casegraph.graph.addresses import minting_context
from casegraph.graph.mapping import Record, keyed_lines, to_quads
from casegraph.graph.mapping_findings import statements
from casegraph.graph.nquads import from_line, to_line
from casegraph.graph.reading_back import RELEASE, from_quads
from casegraph.model.interval import Interval
from casegraph.model.terms import ConsentBasis, DisclosureLevel, Holding
from casegraph.model.values import (
    Agent,
    Case,
    Citation,
    Claim,
    Disclosure,
    Finding,
    Quantity,
    Quotation,
    Revision,
    Source,
)
from tests.graph import sample_records as sample
from tests.properties.record_strategies import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casegraph.graph.context import MintingContext


def _context(*more: Finding) -> MintingContext:
    return minting_context(
        base_iri=sample.BASE,
        salt=sample.SALT,
        agents=sample.AGENTS,
        populations=sample.POPULATIONS,
        cases=sample.CASES,
        sources=sample.SOURCES,
        findings=(*sample.FINDINGS, *more),
    )


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values))


def _published(record: Record, context: MintingContext) -> Record:
    """A record as a release can tell it: without private fields, order or empty bounds."""
    if isinstance(record, Revision):
        return record
    disclosure = Disclosure(
        level=record.disclosure.level, by="", on=record.recorded, basis=ConsentBasis.NONE
    )
    record = replace(record, disclosure=disclosure)
    match record:
        case Agent():
            return replace(
                record,
                labels=_sorted(record.labels),
                names=_sorted(record.names),
                part_of=_sorted(record.part_of),
                note=None,
            )
        case Case():
            return replace(record, involvements=_involved(record.involvements))
        case Source():
            shown = record.capture if record.holding is Holding.FULL else None
            return replace(record, capture=shown, titles=_sorted(record.titles))
        case Finding():
            return _published_finding(record, context)
        case _:
            return record


def _published_finding(finding: Finding, context: MintingContext) -> Finding:
    links, reading = finding.links, finding.reading
    evidence = sorted(finding.evidence, key=context.evidence_path)
    return replace(
        finding,
        evidence=tuple(_published_evidence(each, context) for each in evidence),
        about=_sorted(finding.about),
        statements=_sorted(statements(finding, context)),
        template_statement=False,
        name_forms=_sorted(finding.name_forms),
        claims=_claims(finding),
        quantity=_published_quantity(finding.quantity),
        reading=replace(reading, alternatives=_sorted(reading.alternatives)),
        links=replace(
            links,
            supports=_sorted(links.supports),
            qualifies=_sorted(links.qualifies),
            contradicts=_sorted(links.contradicts),
            derived_from=_sorted(links.derived_from),
        ),
    )


def _involved(involvements: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(involvements, key=lambda each: (each.role.value, each.who)))


def _claims(finding: Finding) -> tuple[Claim, ...]:
    claims = [
        replace(c, types=_sorted(c.types), involvements=_involved(c.involvements))
        for c in finding.claims
    ]
    return tuple(sorted(claims, key=repr))


def _published_evidence(
    evidence: Quotation | Citation, context: MintingContext
) -> Quotation | Citation:
    if isinstance(evidence, Citation):
        return evidence
    evidence = replace(evidence, near=None)
    if context.sources[evidence.source].shows_text:
        return evidence
    return replace(
        evidence, start=None, end=None, byte_start=None, byte_end=None, prefix=None, suffix=None
    )


def _published_quantity(quantity: Quantity | None) -> Quantity | None:
    if quantity is None:
        return None
    interval = quantity.interval
    if interval is not None:
        # An open end without a bound says nothing, and no bound at all is no interval.
        interval = Interval(
            interval.lower,
            interval.upper,
            interval.lower is not None and interval.lower_open,
            interval.upper is not None and interval.upper_open,
        )
        if interval == Interval():
            interval = None
    return replace(quantity, interval=interval, units=_sorted(quantity.units))


def _back(records: Iterable[Record], context: MintingContext) -> list[Record]:
    quads = (quad for record in records for quad in to_quads(record, context))
    return list(from_quads(quads, context.keys()))


@pytest.mark.parametrize("record", sample.RECORDS, ids=lambda record: type(record).__name__)
def test_each_record_of_the_book_comes_back(record: Record) -> None:
    context = _context()
    (found,) = _back([record], context)
    expected = _published(record, context)
    if isinstance(found, Finding):
        found = replace(found, claims=_claims(found))
    assert found == expected
    assert found.where == RELEASE


@given(FINDINGS)
def test_any_finding_comes_back(finding: Finding) -> None:
    context = _context(finding)
    (found,) = _back([finding], context)
    assert isinstance(found, Finding)
    assert replace(found, claims=_claims(found)) == _published(finding, context)


@given(FINDINGS)
def test_what_came_back_gives_the_same_graph_again(finding: Finding) -> None:
    context = _context(finding)
    quads = set(to_quads(finding, context))
    (found,) = from_quads(quads, context.keys())
    # `near` is part of a quotation's address but is not published; without it they agree.
    if all(isinstance(e, Citation) or e.near is None for e in finding.evidence):
        assert set(to_quads(found, context)) == quads


@given(FINDINGS)
def test_every_line_of_any_finding_is_what_the_store_gives_back(finding: Finding) -> None:
    context = _context(finding)
    lines = {to_line(quad) for quad in to_quads(finding, context)}
    store = ox.Store()
    store.load("".join(f"{line}\n" for line in lines).encode(), format=ox.RdfFormat.N_QUADS)
    dumped = store.dump(format=ox.RdfFormat.N_QUADS)
    assert dumped is not None
    assert set(dumped.decode().split("\n")) - {""} == lines
    assert {to_line(from_line(line)) for line in lines} == lines


@given(FINDINGS)
def test_a_reading_key_belongs_to_the_line_alone(finding: Finding) -> None:
    context = _context(finding)
    keyed = set(keyed_lines([finding, finding], context))
    assert len(keyed) == len({line.partition("\t")[2] for line in keyed})


def test_a_pseudonymous_person_comes_back_under_the_pseudonym() -> None:
    level = replace(sample.PUBLIC, level=DisclosureLevel.PUBLIC_PSEUDONYM)
    hidden = replace(sample.AGENTS[2], disclosure=level, pseudonym="Teacher A.")
    context = minting_context(base_iri=sample.BASE, salt=sample.SALT, agents=[hidden])
    (found,) = _back([hidden], context)
    assert isinstance(found, Agent)
    assert (found.pseudonym, found.names) == ("Teacher A.", ())
    assert [text.value for text in found.labels] == ["Teacher A."]

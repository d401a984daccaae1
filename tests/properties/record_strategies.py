"""Hypothesis strategies for findings over the invented book of ``tests/graph``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from casegraph.model import terms as codes
from casegraph.model.interval import Interval
from casegraph.model.values import (
    Attribution,
    Citation,
    Claim,
    Finding,
    Involvement,
    Links,
    Quantity,
    Quotation,
    Reading,
    Text,
    TimeSpan,
)
from tests.graph import sample_records as sample

if TYPE_CHECKING:
    from enum import StrEnum

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]) | st.sampled_from('\n\t"\\'),
    min_size=1,
    max_size=30,
)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
NUMBERS = st.decimals(0, 10**9, places=3) | st.integers(0, 10**12).map(Decimal)
ENTITIES = st.sampled_from(
    [record.key for record in (*sample.AGENTS, *sample.POPULATIONS, *sample.CASES)]
)
SOURCES = st.sampled_from([record.key for record in sample.SOURCES])
SLUGS = st.sampled_from(["torture", "arbitrary-detention", "forced-labour"])
TEXTS = st.builds(Text, WORDS, st.sampled_from(["en", "be", "sr-latn"]))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def several(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=3, unique=True).map(tuple)


def one_of(members: type[StrEnum]) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(members))


TIME_SPANS = st.builds(
    TimeSpan,
    begin_earliest=maybe(DAYS),
    begin_latest=maybe(DAYS),
    end_earliest=maybe(DAYS),
    end_latest=maybe(DAYS),
    expression=st.just("") | WORDS,
    edtf=st.sampled_from(["", "2024", "2020~/2024-12"]),
    basis=one_of(codes.TimeBasis),
    anchor=maybe(WORDS),
    resolution_basis=maybe(SOURCES),
)
INTERVALS = st.builds(Interval, maybe(NUMBERS), maybe(NUMBERS), st.booleans(), st.booleans())
QUANTITIES = st.builds(
    Quantity,
    stated=maybe(NUMBERS),
    interval=maybe(INTERVALS),
    hedge=one_of(codes.Hedge),
    expression=st.just("") | WORDS,
    units=several(one_of(codes.Unit), 1),
    counted_as=one_of(codes.CountedAs),
    count_kind=one_of(codes.CountKind),
    counts=ENTITIES,
    share_of=maybe(ENTITIES),
    policy=maybe(WORDS),
)
QUOTATIONS = st.builds(
    Quotation,
    source=SOURCES,
    exact=WORDS,
    near=maybe(WORDS),
    fidelity=st.just(codes.Fidelity.VERBATIM),
    start=st.just(3),
    end=st.just(9),
    byte_start=st.just(4),
    byte_end=st.just(12),
    prefix=st.just("before"),
    suffix=st.just(""),
)
CITATIONS = st.builds(Citation, source=SOURCES, locator=maybe(WORDS))
CLAIMS = st.builds(
    Claim,
    kind=one_of(codes.ClaimKind),
    types=several(SLUGS),
    involvements=several(st.builds(Involvement, ENTITIES, one_of(codes.Role))),
    case=maybe(st.just("trial")),
)
#: Links go to the findings of the fixed book, which are always there.
TARGETS = st.sampled_from([finding.key for finding in sample.FINDINGS])
LINKS = st.builds(
    Links,
    whole=maybe(TARGETS),
    supports=several(TARGETS),
    qualifies=several(TARGETS),
    contradicts=several(TARGETS),
    derived_from=several(TARGETS),
    origin=maybe(TARGETS | SOURCES),
)
READINGS = st.builds(
    Reading,
    status=one_of(codes.ReadingStatus),
    basis=maybe(one_of(codes.ReadingBasis)),
    reason=maybe(WORDS),
    see=maybe(TARGETS | SOURCES),
    alternatives=several(TARGETS),
)
FINDINGS = st.builds(
    Finding,
    key=st.just("generated"),
    kind=one_of(codes.FindingKind),
    evidence=several(QUOTATIONS | CITATIONS, 1),
    attribution=st.builds(
        Attribution, chain=several(ENTITIES, 1), basis=one_of(codes.AttributionBasis)
    ),
    about=several(ENTITIES, 1),
    statements=several(TEXTS),
    valid=TIME_SPANS,
    recorded=DAYS,
    disclosure=st.just(sample.PUBLIC),
    where=st.just(sample.WHERE),
    claims=several(CLAIMS),
    polarity=one_of(codes.Polarity),
    modality=one_of(codes.Modality),
    quantifier=maybe(one_of(codes.Quantifier)),
    quantity=maybe(QUANTITIES),
    state=maybe(one_of(codes.StateCode)),
    trend=maybe(one_of(codes.TrendDirection)),
    baseline=maybe(WORDS),
    scope=maybe(WORDS),
    stance=maybe(WORDS),
    name_forms=several(TEXTS),
    attested_by=maybe(ENTITIES),
    reading=READINGS,
    links=LINKS,
)

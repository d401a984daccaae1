"""A small invented book of records about Veldania, for the tests of this room."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from casegraph.errors import Where
from casegraph.graph.addresses import minting_context
from casegraph.model.interval import Interval
from casegraph.model.terms import (
    AgentKind,
    AttributionBasis,
    CaseKind,
    ClaimKind,
    ConsentBasis,
    CountedAs,
    CountKind,
    DisclosureLevel,
    FindingKind,
    Hedge,
    Holding,
    ReadingBasis,
    ReadingStatus,
    RevisionKind,
    Role,
    StateCode,
    TimeBasis,
    Unit,
)
from casegraph.model.values import (
    Agent,
    Attribution,
    Capture,
    Case,
    Citation,
    Claim,
    Disclosure,
    Finding,
    Involvement,
    Links,
    Population,
    Quantity,
    Quotation,
    Reading,
    Revision,
    Source,
    Text,
    TimeSpan,
)

if TYPE_CHECKING:
    from casegraph.graph.context import MintingContext

BASE = "https://example.org/"
SALT = b"a salt that is no secret at all"
DAY = date(2026, 1, 15)
WHERE = Where("findings/report.yaml", 3)
PUBLIC = Disclosure(
    level=DisclosureLevel.PUBLIC, by="editor", on=DAY, basis=ConsentBasis.ALREADY_PUBLIC_SOURCE
)
YEAR = TimeSpan(
    begin_earliest=date(2024, 1, 1),
    begin_latest=date(2024, 1, 1),
    end_earliest=date(2024, 12, 31),
    end_latest=date(2024, 12, 31),
    expression="Last year",
    edtf="2024",
    basis=TimeBasis.RELATIVE,
    anchor="2025",
    resolution_basis="review",
)

AGENTS = (
    Agent(
        key="rights-watch",
        id="0000000000000001",
        kind=AgentKind.BODY,
        labels=(Text("Вахта", "ru"), Text("Veldania Rights Watch", "en")),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        note="not for anybody",
    ),
    Agent(
        key="observer",
        id="0000000000000002",
        kind=AgentKind.PUBLICATION,
        labels=(Text("The Veldania Observer", "en"),),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
    ),
    Agent(
        key="mira",
        id="0000000000000003",
        kind=AgentKind.PERSON,
        labels=(Text("Mira Tolvane", "en"),),
        names=(Text("Міра", "be"), Text("M. Tolvane", "en")),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
    ),
)
POPULATIONS = (
    Population(
        key="sentenced",
        id="0000000000000010",
        labels=(Text("people sentenced for politics", "en"),),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        criteria=(Text("on the list of the watch", "en"),),
        recorded_by="rights-watch",
    ),
    Population(
        key="sentenced/women",
        id="0000000000000011",
        labels=(Text("women sentenced for politics", "en"),),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        sex="female",
        subset_of=("sentenced",),
    ),
)
CASES = (
    Case(
        key="trial",
        id="0000000000000020",
        kind=CaseKind.CRIMINAL,
        labels=(Text("Trial of Mira Tolvane", "en"),),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        identifiers=("1-23/2024",),
        involvements=(Involvement("mira", Role.PARTY),),
    ),
)
SOURCES = (
    Source(
        key="article",
        id="0000000000000030",
        titles=(Text("Courts of Veldania", "en"),),
        publisher="observer",
        language="en",
        holding=Holding.QUOTATIONS,
        uttered=TimeSpan(),
        rights="in copyright",
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        url="https://example.org/articles?id=7",
        origin="review",
        checked=DAY,
        capture=Capture(
            sha256="a" * 64,
            byte_size=2535,
            media_type="text/plain",
            captured=DAY,
            text_sha256="b" * 64,
            extractor="plain",
            extractor_version="1",
        ),
    ),
    Source(
        key="review",
        id="0000000000000031",
        titles=(Text("The year in review", "en"), Text("Год", "ru")),
        publisher="rights-watch",
        language="en",
        holding=Holding.FULL,
        uttered=TimeSpan(
            begin_earliest=date(2025, 1, 9),
            end_latest=date(2025, 1, 9),
            edtf="2025-01-09",
            basis=TimeBasis.EXPLICIT,
        ),
        rights="CC BY 4.0",
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        capture=Capture(
            sha256="c" * 64,
            byte_size=900,
            media_type="text/plain",
            captured=DAY,
            text_sha256="d" * 64,
            extractor="plain",
            extractor_version="1",
        ),
    ),
)
HIDDEN = Quotation(
    source="article",
    exact='Last year, this number was 1,721\nof "them"',
    start=434,
    end=466,
    byte_start=440,
    byte_end=472,
    prefix="secret context",
    suffix="more of it",
)
SHOWN = Quotation(
    source="review",
    exact="at least 480 women",
    start=0,
    end=18,
    byte_start=0,
    byte_end=18,
    prefix="",
    suffix=" were",
)


def _count(key: str, evidence: Quotation, stated: int, counts: str, reading: Reading) -> Finding:
    return Finding(
        key=key,
        kind=FindingKind.COUNT,
        evidence=(evidence,),
        attribution=Attribution(chain=("rights-watch",), basis=AttributionBasis.INHERITED),
        about=(counts,),
        statements=(),
        valid=YEAR,
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        claims=(
            Claim(
                kind=ClaimKind.PRACTICE,
                types=("politically-motivated-conviction",),
                involvements=(Involvement(counts, Role.AFFECTED),),
            ),
        ),
        quantity=Quantity(
            stated=Decimal(stated),
            interval=Interval(Decimal(stated), Decimal(stated)),
            hedge=Hedge.EXACT,
            expression=f"{stated}",
            units=(Unit.PERSONS,),
            counted_as=CountedAs.DURING_PERIOD,
            count_kind=CountKind.DOCUMENTED,
            counts=counts,
        ),
        reading=reading,
        template_statement=True,
    )


FINDINGS = (
    _count(
        "last-year",
        HIDDEN,
        1721,
        "sentenced",
        Reading(
            status=ReadingStatus.ADOPTED,
            basis=ReadingBasis.PRIMARY_SAYS_SO,
            reason="the primary says so",
            see="review",
        ),
    ),
    _count("women", SHOWN, 480, "sentenced/women", Reading()),
    Finding(
        key="in-prison",
        kind=FindingKind.STATE,
        evidence=(Citation(source="article", locator="third paragraph"), SHOWN),
        attribution=Attribution(chain=("mira", "observer"), basis=AttributionBasis.EXPLICIT),
        about=("mira",),
        statements=(Text("Mira Tolvane is in prison.", "en"),),
        valid=TimeSpan(expression="remains", basis=TimeBasis.RELATIVE),
        recorded=DAY,
        disclosure=PUBLIC,
        where=WHERE,
        state=StateCode.IN_CUSTODY,
        claims=(
            Claim(
                kind=ClaimKind.DETENTION,
                involvements=(
                    Involvement("mira", Role.AFFECTED),
                    Involvement("rights-watch", Role.ACTOR),
                ),
                case="trial",
            ),
        ),
        links=Links(qualifies=("women",), origin="review"),
    ),
)
REVISIONS = (
    Revision(
        id="0000000000000040",
        kind=RevisionKind.CORRECTION,
        finding="k" * 26,
        reason="a digit was wrong",
        by="rights-watch",
        on=DAY,
        where=WHERE,
        replacement="women",
    ),
)
RECORDS = (*AGENTS, *POPULATIONS, *CASES, *SOURCES, *FINDINGS, *REVISIONS)


def sample_context() -> MintingContext:
    return minting_context(
        base_iri=BASE,
        salt=SALT,
        agents=AGENTS,
        populations=POPULATIONS,
        cases=CASES,
        sources=SOURCES,
        findings=FINDINGS,
    )

"""What the page of a finding shows, out of its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.web.pages.full_text import anchor_of, text_path
from casegraph.web.pages.source_page import SourceFacts, source_facts
from casegraph.web.releases.places import Places, Ref

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.graph.literal import Literal
    from casegraph.web.pages.listing import ListedFinding
    from casegraph.web.releases.nodes import Nodes
    from casegraph.web.releases.shelf import Release

COUNTED_AS: Final = {
    "onDate": "held on",
    "duringPeriod": "during",
    "totalSince": "total since",
    "unstated": "not said whether on a day, during a period or in total",
}
_LINKS: Final = (
    (terms.WHOLE, "Part of", "Its parts"),
    (terms.SUPPORTS, "Supports", "Supported by"),
    (terms.QUALIFIES, "Qualifies", "Qualified by"),
    (terms.CONTRADICTS, "Contradicts", "Contradicted by"),
    (terms.DERIVED_FROM, "Derived from", "Others derived from it"),
    (terms.ORIGIN, "Goes back to", "Others go back to it"),
)
_FACTS: Final = (
    ("About", terms.ABOUT),
    ("State", terms.STATE),
    ("Direction", terms.TREND_DIRECTION),
    ("Polarity", terms.POLARITY),
    ("How firmly", terms.MODALITY),
    ("Of how many", terms.QUANTIFIER),
    ("Found by", terms.ATTESTED_BY),
)
_WORDS: Final = (
    ("Compared with", terms.BASELINE),
    ("Scope of the search", terms.SCOPE),
    ("Distance the source keeps", terms.STANCE),
)
_RANK: Final = {"plain": 0, "adopted": 0, "open": 1, "setAside": 2, "refuted": 3}
_DAY: Final = 10
_AGEING: Final = frozenset({"StateFinding", "AbsenceFinding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with everything that decides what it counts."""

    label: str
    worded: str
    interval: str
    unit: str
    counted_as: str
    when: str
    kind: str
    counts: Ref | None
    share_of: Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """Words or a place in a source, and how far anybody can check them.

    ``in_text`` leads to the words where they stand, if the release carries the whole text.
    """

    path: str | None
    exact: Literal | None
    locator: str
    fidelity: str
    source: SourceFacts
    in_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read the passage."""

    ref: Ref
    shown: bool
    status: str
    status_words: str
    reason: str
    basis: str
    decided_by: list[Ref]
    figure: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """What is claimed: label, types, and who takes which part."""

    label: str
    types: list[Ref]
    involved: list[tuple[str, list[Ref]]]
    case: list[Ref]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionItem:
    """Why a finding was revised."""

    kind: str
    on: str
    reason: str
    replacement: list[Ref]


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A state, a stock, an absence or a present practice that may no longer hold.

    ``day`` is the last day (ISO) that it is said of, else the day it was said, or nothing;
    ``later`` are states of the same people that came after it.
    """

    old: bool
    day: str
    later: list[ListedFinding]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """Everything that the template shows."""

    iri: str
    statements: list[Literal]
    kind: str
    current: bool
    age: Age | None
    status: str
    status_words: str
    figure: Figure | None
    true_for: str
    time_words: str
    reckoned: str
    said_on: list[str]
    since: str
    speakers: list[Ref]
    attribution: str
    evidence: list[EvidenceItem]
    readings: list[Reading]
    claims: list[ClaimItem]
    facts: list[tuple[str, list[Ref]]]
    words: list[tuple[str, str]]
    links: list[tuple[str, list[Ref]]]
    revisions: list[RevisionItem]


def finding_page(
    nodes: Nodes,
    iri: str,
    release: Release,
    *,
    old_before: str,
    states: Sequence[ListedFinding] = (),
) -> FindingPage:
    """The page of the finding ``iri``.

    What ages and was last said before ``old_before`` (an ISO date) is marked; ``states`` are
    the newest states of the people whose state it is.
    """
    places = Places(nodes, release.base_iri)
    evidence = _all_evidence(nodes, places, iri, release)
    kinds = [kind for kind in nodes.types(iri) if kind not in {"Finding", "CurrentFinding"}]
    span = nodes.link(iri, terms.VALID_TIME)
    return FindingPage(
        iri=iri,
        statements=sorted(
            nodes.texts(iri, terms.STATEMENT), key=lambda t: (t.lang != "en", t.lang)
        ),
        kind=nodes.label(terms.CG + kinds[0]).lexical if kinds else "finding",
        current="CurrentFinding" in nodes.types(iri),
        age=_age(nodes, iri, old_before, states),
        status=nodes.code(iri, terms.READING_STATUS),
        status_words=_words(nodes, iri, terms.READING_STATUS),
        figure=_figure(nodes, places, iri),
        true_for=nodes.label(span).lexical if span else "time not stated",
        time_words=_words(nodes, span, terms.TIME_BASIS),
        reckoned=_reckoned(nodes, span),
        said_on=sorted({item.source.said_on for item in evidence}),
        since=nodes.text(iri, terms.RECORDED_AT)[:_DAY],
        speakers=_speakers(nodes, places, iri),
        attribution=_words(nodes, iri, terms.ATTRIBUTION_BASIS),
        evidence=evidence,
        readings=_readings(nodes, places, iri),
        claims=[_claim(nodes, places, one) for one in sorted(_claims(nodes, iri))],
        facts=_facts(nodes, places, iri),
        words=[(name, nodes.text(iri, prop)) for name, prop in _WORDS if nodes.text(iri, prop)],
        links=_links(nodes, places, iri),
        revisions=[
            _revision(nodes, places, one) for one in sorted(nodes.subjects(terms.REVISES, iri))
        ],
    )


def _reckoned(nodes: Nodes, span: str | None) -> str:
    """The day or year that words like "last year" were counted from, and why that one."""
    said = (nodes.text(span, terms.ANCHOR), nodes.text(span, terms.ANCHOR_REASON))
    return ": ".join(filter(None, said))


def _age(nodes: Nodes, iri: str, old_before: str, states: Sequence[ListedFinding]) -> Age | None:
    """How old it is, if it is of a kind that ages, and old or overtaken."""
    span = nodes.link(iri, terms.VALID_TIME)
    quantity = nodes.link(iri, terms.QUANTITY)
    ages = (
        not _AGEING.isdisjoint(nodes.types(iri))
        or (quantity is not None and nodes.code(quantity, terms.COUNTED_AS) == "onDate")
        or (span is not None and nodes.code(span, terms.TIME_BASIS) == "publicationTime")
    )
    if not ages or "CurrentFinding" not in nodes.types(iri):
        return None
    day = nodes.text(span, terms.END_LATEST) or _said(nodes, iri)
    day = day or nodes.text(span, terms.BEGIN_EARLIEST)
    later = [one for one in states if one.day > day]
    old = day < old_before
    return Age(old=old, day=day, later=later) if old or later else None


def _said(nodes: Nodes, iri: str) -> str:
    """The last day on which a source of it spoke (ISO), or nothing."""
    return max(
        (
            nodes.text(nodes.link(source, terms.UTTERED), terms.END_LATEST)
            for evidence in nodes.links(iri, terms.EVIDENCED_BY)
            for source in nodes.links(evidence, terms.FROM_SOURCE)
        ),
        default="",
    )


def interval_words(nodes: Nodes, quantity: str) -> str:
    """Bounds as words: ``900 or more``, ``exactly 210``, ``from 10 up to, not including, 20``."""
    lower, upper = nodes.text(quantity, terms.LOWER_BOUND), nodes.text(quantity, terms.UPPER_BOUND)
    lower_open = nodes.text(quantity, terms.LOWER_OPEN) == "true"
    upper_open = nodes.text(quantity, terms.UPPER_OPEN) == "true"
    if not lower and not upper:
        return "no bounds can be read from the words"
    low, high = _grouped(lower), _grouped(upper)
    if lower == upper:
        return f"exactly {low}"
    if not upper:
        return f"more than {low}" if lower_open else f"{low} or more"
    if not lower:
        return f"less than {high}" if upper_open else f"{high} or less"
    begin = f"more than {low}" if lower_open else f"from {low}"
    return f"{begin} up to, not including, {high}" if upper_open else f"{begin} to {high}"


def _grouped(number: str) -> str:
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else number


def _words(nodes: Nodes, subject: str | None, prop: str) -> str:
    """The label of a code."""
    value = nodes.link(subject, prop) if subject else None
    return nodes.label(value).lexical if value else ""


def _figure(nodes: Nodes, places: Places, iri: str) -> Figure | None:
    quantity = nodes.link(iri, terms.QUANTITY)
    if quantity is None:
        return None
    span = nodes.link(iri, terms.VALID_TIME)
    counted = nodes.code(quantity, terms.COUNTED_AS)
    units = [ref.text.lexical for ref in places.refs(quantity, terms.UNIT)]
    return Figure(
        label=nodes.label(quantity).lexical,
        worded=nodes.text(quantity, terms.EXPRESSION),
        interval=interval_words(nodes, quantity),
        unit=" or ".join(units) + (" (the unit is disputed)" if len(units) > 1 else ""),
        counted_as=COUNTED_AS.get(counted, counted),
        when=nodes.text(span, terms.EDTF) if span and counted != "unstated" else "",
        kind=_words(nodes, quantity, terms.COUNT_KIND),
        counts=places.first(quantity, terms.COUNTS),
        share_of=places.first(quantity, terms.SHARE_OF),
    )


def _speakers(nodes: Nodes, places: Places, iri: str) -> list[Ref]:
    chain = sorted(
        nodes.links(iri, terms.ATTRIBUTION), key=lambda link: nodes.text(link, terms.POSITION)
    )
    speakers = [ref for link in chain for ref in places.refs(link, terms.AGENT_OF)]
    return speakers or places.refs(iri, terms.ATTRIBUTED_TO)


def _all_evidence(nodes: Nodes, places: Places, iri: str, release: Release) -> list[EvidenceItem]:
    addresses = sorted(nodes.links(iri, terms.EVIDENCED_BY))
    return [_evidence(nodes, places, one, release) for one in addresses]


def _evidence(nodes: Nodes, places: Places, evidence: str, release: Release) -> EvidenceItem:
    source = nodes.link(evidence, terms.FROM_SOURCE) or ""
    return EvidenceItem(
        path=places.ref(evidence).path,
        exact=next(iter(nodes.texts(evidence, terms.EXACT)), None),
        locator=nodes.text(evidence, terms.LOCATOR),
        fidelity=_words(nodes, evidence, terms.FIDELITY),
        source=source_facts(nodes, places, source),
        in_text=_in_text(places, evidence, source, release),
    )


def _in_text(places: Places, evidence: str, source: str, release: Release) -> str | None:
    path = places.ref(source).path
    if path is None or "/quotation/" not in evidence:
        return None
    shown = text_path(release, source.rpartition("/")[2])
    return f"{path}#{anchor_of(evidence)}" if shown else None


def _readings(nodes: Nodes, places: Places, iri: str) -> list[Reading]:
    """This reading and its alternatives, the adopted one first; none where one is not in doubt."""
    others = [one for one in nodes.links(iri, terms.ALTERNATIVE_READING_OF) if one != iri]
    if not others and nodes.code(iri, terms.READING_STATUS) == "plain":
        return []
    readings = []
    for one in sorted({iri, *others}):
        quantity, span = nodes.link(one, terms.QUANTITY), nodes.link(one, terms.VALID_TIME)
        readings.append(
            Reading(
                ref=places.ref(one),
                shown=one == iri,
                status=nodes.code(one, terms.READING_STATUS),
                status_words=_words(nodes, one, terms.READING_STATUS),
                reason=nodes.text(one, terms.READING_REASON),
                basis=_words(nodes, one, terms.READING_BASIS),
                decided_by=places.refs(one, terms.DECIDED_BY),
                figure=nodes.label(quantity).lexical if quantity else "",
                time=nodes.label(span).lexical if span else "",
            )
        )
    return sorted(readings, key=lambda reading: _RANK.get(reading.status, len(_RANK)))


def _claims(nodes: Nodes, iri: str) -> list[str]:
    return [one for one in nodes.links(iri, terms.CLAIMS) if one.startswith(f"{iri}/")]


def _claim(nodes: Nodes, places: Places, claim: str) -> ClaimItem:
    involved = [
        (_words(nodes, one, terms.ROLE), places.refs(one, terms.AGENT_OF))
        for one in sorted(nodes.links(claim, terms.INVOLVEMENT))
    ]
    return ClaimItem(
        label=nodes.label(claim).lexical,
        types=places.refs(claim, terms.VIOLATION_TYPE),
        involved=involved,
        case=places.refs(claim, terms.IN_CASE),
    )


def _facts(nodes: Nodes, places: Places, iri: str) -> list[tuple[str, list[Ref]]]:
    facts = []
    for name, prop in _FACTS:
        # The closure makes what is claimed a thing spoken of; it has a section of its own.
        refs = [places.ref(one) for one in nodes.links(iri, prop) if not one.startswith(f"{iri}/")]
        if refs:
            facts.append((name, refs))
    return facts


def _links(nodes: Nodes, places: Places, iri: str) -> list[tuple[str, list[Ref]]]:
    links = []
    for prop, there, back in _LINKS:
        going = {one for one in nodes.links(iri, prop) if one != iri}
        coming = {one for one in nodes.subjects(prop, iri) if one != iri} - going
        for name, found in ((there, going), (back, coming)):
            if found:
                refs = sorted(map(places.ref, found), key=lambda ref: ref.text.lexical)
                links.append((name, refs))
    return links


def _revision(nodes: Nodes, places: Places, revision: str) -> RevisionItem:
    kinds = [kind for kind in nodes.types(revision) if kind != "Revision"]
    return RevisionItem(
        kind=nodes.label(terms.CG + kinds[0]).lexical if kinds else "revision",
        on=nodes.text(revision, terms.REVISED_ON),
        reason=nodes.text(revision, terms.REASON),
        replacement=places.refs(revision, terms.REPLACEMENT),
    )

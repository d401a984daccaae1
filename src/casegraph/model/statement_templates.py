"""English sentences and labels made from the fields of a value, where nobody wrote any.

Nothing is added: every word comes from a field or from a fixed list below, so a template can
be dull but never says more than the finding.  ``name`` gives the public label of a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.model.terms import (
    CountedAs,
    FindingKind,
    Hedge,
    Modality,
    Polarity,
    Quantifier,
    Role,
    StateCode,
    TimeBasis,
    TrendDirection,
    Unit,
)
from casegraph.model.values import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from casegraph.model.values import Claim, Finding, Quantity, TimeSpan

    Name = Callable[[str], str]

_HEDGES: Final = {
    Hedge.EXACT: "",
    Hedge.AT_LEAST: "at least ",
    Hedge.MORE_THAN: "more than ",
    Hedge.AT_MOST: "at most ",
    Hedge.LESS_THAN: "less than ",
    Hedge.UP_TO: "up to ",
    Hedge.ABOUT: "about ",
    Hedge.ALMOST: "almost ",
    Hedge.ROUNDED: "about ",
    Hedge.VAGUE: "",
}
_TIMES: Final = {
    CountedAs.ON_DATE: "on {}",
    CountedAs.DURING_PERIOD: "during {}",
    CountedAs.TOTAL_SINCE: "in total, {}",
    CountedAs.UNSTATED: "for {}",
}
_VERBS: Final = {
    Modality.ASSERTED: "says",
    Modality.ALLEGED: "alleges",
    Modality.CONDITIONAL: "says, under a condition,",
    Modality.PREDICTED: "expects",
}
_STATES: Final = {
    StateCode.IN_CUSTODY: "in custody",
    StateCode.AT_LIBERTY: "at liberty",
    StateCode.DECEASED: "dead",
    StateCode.RECOGNISED: "recognised as a political prisoner",
    StateCode.AWARD_HOLDER: "holder of an award",
}
_TRENDS: Final = {
    TrendDirection.RISING: "rising",
    TrendDirection.FALLING: "falling",
    TrendDirection.UNCHANGED: "unchanged",
}
_QUANTIFIERS: Final = {
    Quantifier.ALL: "all of ",
    Quantifier.MOST: "most of ",
    Quantifier.MANY: "many of ",
    Quantifier.SOME: "some of ",
    Quantifier.GENERIC: "",
    Quantifier.NONE: "none of ",
}


def number_phrase(number: Decimal) -> str:
    """A number with thousands separated by commas, without trailing zeros."""
    if number == number.to_integral_value():
        return f"{int(number):,}"
    return f"{number.normalize():,f}"


def time_phrase(span: TimeSpan) -> str:
    """A time as ``2024``, ``“Last year”, read as 2024``, or ``time not stated``."""
    words = f"“{span.expression}”" if span.expression else ""
    if span.edtf:
        inferred = ", inferred" if span.basis is TimeBasis.INFERRED else ""
        return f"{words}, read as {span.edtf}{inferred}" if words else f"{span.edtf}{inferred}"
    if span.basis is TimeBasis.PUBLICATION and span.begin_latest:
        return f"as of {span.begin_latest}"
    if span.is_resolved:
        begin = span.begin_earliest or span.begin_latest
        end = span.end_latest or span.end_earliest
        return f"{begin or '..'} to {end or '..'}"
    return f"{words}, not resolved" if words else "time not stated"


def quantity_phrase(quantity: Quantity, span: TimeSpan | None = None) -> str:
    """A figure as ``at least 8,895 persons, during 2024``."""
    units = " or ".join(_unit(unit) for unit in sorted(quantity.units))
    if quantity.stated is None:
        words = f"“{quantity.expression}”" if quantity.expression else "an unstated number"
        head = f"{words} ({units})"
    elif quantity.units == (Unit.RATIO,):
        head = f"a share of {_HEDGES[quantity.hedge]}{number_phrase(quantity.stated)}"
    else:
        head = f"{_HEDGES[quantity.hedge]}{number_phrase(quantity.stated)} {units}"
    if span is None or not (span.edtf or span.is_resolved):
        return head
    when = span.edtf or time_phrase(span)
    return f"{head}, {_TIMES[quantity.counted_as].format(when)}"


def _unit(unit: Unit) -> str:
    return "(unit not stated)" if unit is Unit.UNSTATED else unit.value


def type_phrase(types: Iterable[str]) -> str:
    """Violation types as words: ``denial-of-fair-trial`` becomes ``denial of fair trial``."""
    return _listed(slug.replace("-", " ") for slug in types) or "an unnamed violation"


def claim_phrase(claim: Claim, name: Name) -> str:
    """What is claimed, with who is said to be affected: ``alleged practice: torture``."""
    if claim.kind.is_violation:
        kind = claim.kind.value.removeprefix("Specific").lower()
        head = f"alleged {kind}: {type_phrase(sorted(claim.types))}"
    else:
        head = f"claimed {_spaced(claim.kind.value)}"
    # Sorted: the order in a file is not kept in the graph.
    affected = sorted(name(i.who) for i in claim.involvements if i.role is Role.AFFECTED)
    return f"{head}; affected: {_listed(affected)}" if affected else head


def statement_text(finding: Finding, name: Name) -> Text:
    """The sentence of a finding for which nobody wrote one, in English."""
    speaker = _listed(name(key) for key in finding.attribution.chain[:1]) or "The source"
    verb = "denies" if finding.polarity is Polarity.DENIED else _VERBS[finding.modality]
    when = "" if finding.quantity else f" ({time_phrase(finding.valid)})"
    return Text(f"{speaker} {verb}: {_content(finding, name)}{when}.", "en")


def _content(finding: Finding, name: Name) -> str:  # noqa: PLR0911 - one for each kind
    """The proposition itself, by kind of finding."""
    about = _quantified(finding, name)
    types = type_phrase(sorted({slug for claim in finding.claims for slug in claim.types}))
    match finding.kind:
        case FindingKind.COUNT:
            return _count(finding, name)
        case FindingKind.STATE:
            state = _STATES[finding.state] if finding.state else "a state not named"
            return f"{about}: {state}"
        case FindingKind.TREND:
            way = _TRENDS[finding.trend] if finding.trend else "changing"
            given = finding.baseline not in {None, "unstated"}
            since = finding.baseline if given else "a baseline that is not stated"
            return f"{about}: {way}, compared with {since}"
        case FindingKind.ABSENCE:
            return f"none found in {finding.scope or 'a scope that is not stated'}: {types}"
        case FindingKind.CHARACTERISATION:
            return f"{about} characterised as: {types}"
        case FindingKind.ATTESTATION:
            body = name(finding.attested_by) if finding.attested_by else "a body not named"
            return f"{body} found {types}: {about}"
        case FindingKind.IDENTITY:
            return f"{about} is called {_listed(f'“{n.value}”' for n in finding.name_forms)}"
        case _:
            return f"{types}: {about}"


def _count(finding: Finding, name: Name) -> str:
    quantity = finding.quantity
    if quantity is None:
        return f"a number of “{_listed(map(name, finding.about))}”"
    figure = quantity_phrase(quantity, finding.valid)
    whole = f" of “{name(quantity.share_of)}”" if quantity.share_of else ""
    return f"“{name(quantity.counts)}”{whole}: {figure}"


def _quantified(finding: Finding, name: Name) -> str:
    words = _QUANTIFIERS[finding.quantifier] if finding.quantifier else ""
    return words + _listed(f"“{name(key)}”" for key in finding.about)


def _spaced(camel: str) -> str:
    """``ReleaseFromCustody`` as ``release from custody``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in camel).strip()


def _listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: ``a, b and c``."""
    items = list(words)
    if len(items) < 2:  # noqa: PLR2004
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"

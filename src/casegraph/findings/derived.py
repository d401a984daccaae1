"""What follows from each entry, in words: everything that nobody had to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.findings.fields import written
from casegraph.model.statement_templates import quantity_phrase, statement_text, time_phrase
from casegraph.model.terms import ReadingStatus
from casegraph.model.values import Quotation

if TYPE_CHECKING:
    from casegraph.findings.book import Book
    from casegraph.model.values import Finding


def derived(book: Book) -> dict[str, list[tuple[str, str]]]:
    """For each finding, by key: the name of each thing that was derived, and what it is."""
    return {key: _facts(finding, book) for key, finding in book.findings.items()}


def _facts(finding: Finding, book: Book) -> list[tuple[str, str]]:
    facts = [("is a", finding.kind.value), *_evidence(finding), *_speaker(finding, book)]
    if not finding.statements:
        facts.append(("sentence", statement_text(finding, book.label).value))
    facts.append(("time", f"{time_phrase(finding.valid)} ({_time_bounds(finding)})"))
    facts += _quantity(finding)
    for claim in finding.claims:
        involved = ", ".join(f"{book.label(i.who)} ({i.role.value})" for i in claim.involvements)
        types = ", ".join(claim.types) or "no type"
        facts.append(("claims", f"{claim.kind.value}: {types}; {involved}"))
    words = [finding.polarity.value, finding.modality.value]
    if finding.quantifier:
        words.append(finding.quantifier.value)
    facts.append(("said as", ", ".join(words)))
    if finding.reading.status is not ReadingStatus.PLAIN:
        others = ", ".join(finding.reading.alternatives)
        facts.append(("reading", f"{written(finding.reading.status)}; beside {others}"))
    facts.append(("who may see it", finding.disclosure.level.value))
    return facts


def _evidence(finding: Finding) -> list[tuple[str, str]]:
    return [
        ("place", _place(one)) if isinstance(one, Quotation) else ("cites", one.source)
        for one in finding.evidence
    ]


def _place(quotation: Quotation) -> str:
    if quotation.start is None:
        return f"not looked for in {quotation.source}"
    return f"characters {quotation.start} to {quotation.end} of {quotation.source}"


def _speaker(finding: Finding, book: Book) -> list[tuple[str, str]]:
    chain = ", by way of ".join(book.label(key) for key in finding.attribution.chain)
    return [("says", f"{chain} ({written(finding.attribution.basis)})")]


def _time_bounds(finding: Finding) -> str:
    span = finding.valid
    begin = _between(span.begin_earliest, span.begin_latest)
    end = _between(span.end_earliest, span.end_latest)
    basis = span.basis.value
    if span.anchor:
        basis += f"; counted from {span.anchor}"
    if span.anchor_reason:
        basis += f", {span.anchor_reason}"
    return f"begins {begin}, ends {end}; {basis}" if span.is_resolved else basis


def _between(earliest: object, latest: object) -> str:
    if earliest == latest:
        return str(earliest or "at a time not known")
    return f"from {earliest or '..'} to {latest or '..'}"


def _quantity(finding: Finding) -> list[tuple[str, str]]:
    quantity = finding.quantity
    if quantity is None:
        return []
    interval = quantity.interval
    if interval is None:
        allowed = "no bounds"
    else:
        left, right = "(" if interval.lower_open else "[", ")" if interval.upper_open else "]"
        lower = "-∞" if interval.lower is None else interval.lower
        upper = "∞" if interval.upper is None else interval.upper
        allowed = f"{left}{lower}, {upper}{right}"
    return [
        ("number", f"{quantity_phrase(quantity)}; {quantity.hedge.value}, {allowed}"),
        ("counts", f"{quantity.counts}, {quantity.counted_as.value}, {quantity.count_kind.value}"),
    ]

"""The time fields of a statement into a ``TimeSpan`` and what they say about counting.

One field name decides both: ``on`` is a stock, ``during`` a flow, ``total-until`` and
``total-since`` a running total.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.findings.fields import TIME_FIELDS
from casegraph.findings.tree import shown
from casegraph.model.terms import CountedAs, TimeBasis
from casegraph.model.values import Quotation, TimeSpan

if TYPE_CHECKING:
    from casegraph.findings.form import Form
    from casegraph.model.edtf import Days
    from casegraph.model.values import Source

_BEGIN = ("since", "total-since")
_END = ("until", "total-until")


def read_time(form: Form, quotation: Quotation | None) -> tuple[TimeSpan, CountedAs]:
    """The time span of a statement and how a number in it is counted."""
    given = [name for name in TIME_FIELDS if form.node.get(name) is not None]
    _refuse_contradictions(form, given)
    begin, end, edtf = _bounds(form)
    words = form.text("time-words")
    basis = form.code("time-basis", TimeBasis) or _basis(form, given, quotation, words)
    elsewhere = basis in {TimeBasis.CARRIED, TimeBasis.PUBLICATION, TimeBasis.INFERRED}
    if words and quotation and words not in quotation.exact and not elsewhere:
        form.wrong(
            "words-not-in-quote",
            f"the time words {shown(words)} do not stand in the quotation",
            form.place("time-words"),
            "Quote them as they stand, or add `time-basis: carried` if they stand elsewhere.",
        )
    form.days("anchor")
    span = TimeSpan(
        begin_earliest=begin.first if begin else None,
        begin_latest=begin.last if begin else None,
        end_earliest=end.first if end else None,
        end_latest=end.last if end else None,
        expression=words or "",
        edtf=edtf,
        basis=basis,
        anchor=form.text("anchor"),
        anchor_reason=form.text("anchor-because"),
        resolution_basis=form.key("resolved-by"),
    )
    return span, _counted_as(given)


def when_spoken(span: TimeSpan, source: Source | None) -> TimeSpan:
    """``now`` in a source whose day is known: so on that day, for how long is not said.

    It began by the last day on which the source may have spoken, and did not end before the
    first.  Where the day is unknown the span stays unresolved and takes the anchor that was
    inferred for the source, with the reason.
    """
    if source is None:
        return span
    spoken = source.uttered
    if span.anchor is not None and span.anchor == spoken.anchor:
        return replace(span, anchor_reason=span.anchor_reason or spoken.anchor_reason)
    if span.basis is not TimeBasis.PUBLICATION or span.is_resolved:
        return span
    if spoken.begin_earliest is None or spoken.end_latest is None:
        if span.anchor is None:
            return replace(span, anchor=spoken.anchor, anchor_reason=spoken.anchor_reason)
        return span
    return replace(
        span,
        begin_latest=spoken.end_latest,
        end_earliest=spoken.begin_earliest,
        resolution_basis=span.resolution_basis or source.key,
    )


def _bounds(form: Form) -> tuple[Days | None, Days | None, str]:
    during = form.period("during")
    if during is not None:
        return during.begin, during.end, form.text("during") or ""
    on = form.days("on")
    if on is not None:
        # Held on one day, of which only the year or month may be known.
        return on, on, form.text("on") or ""
    begin, begin_text = _end_of_interval(form, _BEGIN)
    end, end_text = _end_of_interval(form, _END)
    edtf = f"{begin_text or '..'}/{end_text or '..'}" if begin or end else ""
    if begin and end and end.last < begin.first:
        form.wrong(
            "bad-date",
            f"{shown(edtf)} ends before it begins",
            form.place(next(name for name in _END if form.node.get(name))),
            "Exchange the two dates.",
        )
    return begin, end, edtf


def _end_of_interval(form: Form, names: tuple[str, ...]) -> tuple[Days | None, str | None]:
    """The first of these fields that is given, as the days it may mean."""
    found = [(days, form.text(name)) for name in names if (days := form.days(name))]
    return found[0] if found else (None, None)


def _refuse_contradictions(form: Form, given: list[str]) -> None:
    pairs = (("on", "during"), ("since", "total-since"), ("until", "total-until"))
    alone = {"on", "during", "time"}
    clashing = [pair for pair in pairs if set(pair) <= set(given)]
    if clashing or (alone & set(given) and len(given) > 1):
        form.wrong(
            "two-times",
            f"the times {', '.join(f'`{name}`' for name in given)} do not go together",
            form.place(given[-1]),
            "Use `on`, or `during`, or `since`/`until`, or `total-since`/`total-until`.",
        )
    words = form.text("time")
    if words not in {None, "now", "none"}:
        form.wrong(
            "unknown-code",
            f"`time` is {shown(words or '')}",
            form.place("time"),
            "Write now or none, or use on, during, since, until.",
        )


def _counted_as(given: list[str]) -> CountedAs:
    if "on" in given:
        return CountedAs.ON_DATE
    if "during" in given:
        return CountedAs.DURING_PERIOD
    if "total-until" in given or "total-since" in given:
        return CountedAs.TOTAL_SINCE
    return CountedAs.UNSTATED


def _basis(
    form: Form, given: list[str], quotation: Quotation | None, words: str | None
) -> TimeBasis:
    """Where the time comes from, when the editor does not say."""
    if form.text("time") == "now":
        return TimeBasis.PUBLICATION
    if not given or form.text("time") == "none":
        return TimeBasis.NONE
    if quotation is None:
        return TimeBasis.EXPLICIT
    years = {(form.text(name) or "")[:4] for name in given}
    if any(year and year in quotation.exact for year in years):
        return TimeBasis.EXPLICIT
    return TimeBasis.RELATIVE if words else TimeBasis.CARRIED

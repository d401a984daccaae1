"""The number fields of a statement into a ``Quantity``, grounded in the quoted words.

A number that does not stand in its quotation is refused: digits are compared after
removing digit grouping only, number words by a table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.model import phrases
from casegraph.model.interval import Interval
from casegraph.model.terms import CountedAs, CountKind, Hedge, Unit
from casegraph.model.values import Quantity

if TYPE_CHECKING:
    from casegraph.findings.form import Form
    from casegraph.model.phrases import Phrase
    from casegraph.model.values import Quotation


def read_quantity(
    form: Form, quotation: Quotation | None, counted_as: CountedAs
) -> Quantity | None:
    """The quantity of a count, a share, or an absence over a population; else ``None``."""
    if form.node.get("count") is not None:
        return _count(form, quotation, counted_as)
    if form.node.get("share") is not None:
        return _share(form, quotation, counted_as)
    population = form.key("population")
    if form.node.get("absence") is not None and population:
        nothing = phrases.parse_count("none")
        if nothing is not None:
            units = form.codes("unit", Unit) or (Unit.CASES,)
            return _quantity(form, nothing, "", units, population, counted_as)
    return None


def _count(form: Form, quotation: Quotation | None, counted_as: CountedAs) -> Quantity | None:
    written = form.text("count") or ""
    phrase = phrases.parse_count(written)
    population = _population(form)
    if phrase is None:
        form.wrong(
            "not-a-count",
            f"'{written}' is not a number that can be read",
            form.place("count"),
            "Write 1721, at least 8,895, more than 10, up to 30, about 500, none or many.",
        )
        return None
    phrase, expression = _grounded(form, phrase, quotation)
    if population is None:
        return None
    units = form.codes("unit", Unit) or (Unit.PERSONS,)
    return _quantity(form, phrase, expression, units, population, counted_as)


def _share(form: Form, quotation: Quotation | None, counted_as: CountedAs) -> Quantity | None:
    written = form.text("share") or ""
    phrase = phrases.parse_share(written)
    population, whole = _population(form), form.key("share-of")
    if phrase is None:
        form.wrong(
            "not-a-share",
            f"'{written}' is not a share that can be read",
            form.place("share"),
            "Write a quarter, two thirds, 29 % or 0.25.",
        )
        return None
    if whole is None and form.node.get("share-of") is None:
        form.wrong(
            "missing-field",
            "`share-of` is missing: a share of what?",
            form.place("share"),
            "Add the population that is the whole.",
        )
    words = form.text("words") or written
    if quotation and words.casefold() not in quotation.exact.casefold():
        _not_in_quote(form, words)
    if population is None or whole is None:
        return None
    quantity = _quantity(form, phrase, words, (Unit.RATIO,), population, counted_as)
    return replace(quantity, share_of=whole)


def _population(form: Form) -> str | None:
    populations = form.keys("of")
    if len(populations) == 1:
        return populations[0]
    if not populations and form.node.get("of") is None:
        form.wrong(
            "missing-field",
            "`of` is missing: what does the number count?",
            form.where,
            "Add the population, such as of: sentenced.",
        )
    elif populations:
        form.wrong(
            "wrong-shape",
            "`of` names several populations; a number counts one",
            form.place("of"),
            "Split the statement, one for each number.",
        )
    return None


def _grounded(form: Form, phrase: Phrase, quotation: Quotation | None) -> tuple[Phrase, str]:
    """The phrase with its comparator from the quotation, and the words that hold it."""
    words = form.text("words")
    if quotation is None:
        return phrase, words or ""
    if words is not None or phrase.stated is None or phrase.stated == 0:
        shown = words or form.text("count") or ""
        if shown.casefold() not in quotation.exact.casefold():
            _not_in_quote(form, shown)
        return phrase, shown
    span = phrases.find_number(quotation.exact, phrase.stated)
    if span is None:
        _not_in_quote(form, form.text("count") or "")
        return phrase, ""
    before = phrases.hedge_before(quotation.exact, span[0])
    start = before[1] if before else span[0]
    expression = quotation.exact[start : span[1]]
    hedge = before[0] if before else Hedge.EXACT
    if not phrase.hedge_is_written:
        return phrases.count_phrase(phrase.stated, hedge), expression
    if hedge is not phrase.hedge:
        form.wrong(
            "hedge-differs",
            f"`count` says '{form.text('count')}', but the quotation says '{expression}'",
            form.place("count"),
            "Write the number alone; its comparator is taken from the quotation.",
        )
    return phrase, expression


def _not_in_quote(form: Form, words: str) -> None:
    form.wrong(
        "number-not-in-quote",
        f"'{words}' does not stand in the quotation",
        form.place("count" if form.node.get("count") else "share"),
        "Quote the words that hold the number; if it is written in words, give them in `words`.",
    )


def _quantity(  # noqa: PLR0913 - the axes of a quantity
    form: Form,
    phrase: Phrase,
    expression: str,
    units: tuple[Unit, ...],
    population: str,
    counted_as: CountedAs,
) -> Quantity:
    interval: Interval | None = phrase.interval
    return Quantity(
        stated=phrase.stated,
        interval=interval,
        hedge=phrase.hedge,
        expression=expression,
        units=tuple(sorted(units)),
        counted_as=form.code("counted-as", CountedAs) or counted_as,
        count_kind=form.code("counted", CountKind) or CountKind.DOCUMENTED,
        counts=population,
        policy=phrase.policy,
    )

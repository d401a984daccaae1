"""The number fields of a statement into a ``Quantity``, grounded in the quoted words.

A number that does not stand in its quotation is refused: digits are compared after
removing digit grouping only, number words by a table.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.findings.tree import shown
from casegraph.model import phrases
from casegraph.model.terms import CountedAs, CountKind, Hedge, Unit
from casegraph.model.values import Quantity

if TYPE_CHECKING:
    from decimal import Decimal

    from casegraph.findings.form import Form
    from casegraph.model.phrases import Phrase
    from casegraph.model.values import Quotation

_DASHES = "‐‑‒–—−-"
_COMPARATOR_OF_RANGE = (
    "A comparator before a range can be read in several ways: write it with the one number that"
    " the source means in `count`, and the words of both in `words`."
)
_COUNTS = "Write 1721, at least 8,895, more than 10, 10 to 15, about 500, none or many."


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
            given = form.text("words")
            words = _words(form, "words", given, quotation) if given else ""
            return _quantity(form, nothing, words, units, population, counted_as)
    return None


def _count(form: Form, quotation: Quotation | None, counted_as: CountedAs) -> Quantity | None:
    population = _population(form)
    units = form.codes("unit", Unit) or (Unit.PERSONS,)
    written = form.text("count")
    phrase = phrases.parse_count(written) if written else None
    if written is None:
        return None
    if phrase is None:
        _refuse_count(form, written)
        return None
    if phrase.interval is not None and phrase.interval.is_empty:
        _refuse_empty(form, "count", written)
        return None
    phrase, expression = _grounded(form, written, phrase, quotation)
    if population is None:
        return None
    return _quantity(form, phrase, expression, units, population, counted_as)


def _refuse_count(form: Form, written: str) -> None:
    comparator = phrases.comparator_of_range(written)
    if comparator:
        message = f"{shown(written)} puts {shown(comparator)} before a range, which has two ends"
        hint = _COMPARATOR_OF_RANGE
    else:
        message, hint = f"{shown(written)} is not a number that can be read", _COUNTS
    form.wrong("not-a-count", message, form.place("count"), hint)


def _refuse_empty(form: Form, name: str, written: str) -> None:
    ends = phrases.range_ends(written)
    message = (
        f"the lower bound {ends[0]} is above the upper bound {ends[1]}"
        if ends
        else f"no number is {shown(written)}"
    )
    form.wrong(
        "bounds-crossed", message, form.place(name), "Exchange the two numbers, or correct one."
    )


def _share(form: Form, quotation: Quotation | None, counted_as: CountedAs) -> Quantity | None:
    population, whole = _population(form), form.key("share-of")
    if form.node.get("share-of") is None:
        form.wrong(
            "missing-field",
            "`share-of` is missing: a share of what?",
            form.place("share"),
            "Add the population that is the whole.",
        )
    written = form.text("share")
    if written is None:
        return None
    phrase = phrases.parse_share(written)
    if phrase is None:
        form.wrong(
            "not-a-share",
            f"{shown(written)} is not a share that can be read",
            form.place("share"),
            "Write a quarter, more than half, 29 % or 0.25.",
        )
        return None
    if phrase.interval is not None and phrase.interval.is_empty:
        _refuse_empty(form, "share", written)
    expression = _words(form, "share", form.text("words") or written, quotation)
    if population is None or whole is None:
        return None
    quantity = _quantity(form, phrase, expression, (Unit.RATIO,), population, counted_as)
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


def _grounded(
    form: Form, written: str, phrase: Phrase, quotation: Quotation | None
) -> tuple[Phrase, str]:
    """The phrase with its comparator from the quotation, and the words that hold it."""
    words = form.text("words")
    if quotation is None:
        return phrase, words or ""
    if words is not None:
        _refuse_other_number(form, words, phrase)
        return phrase, _words(form, "words", words, quotation)
    if phrase.stated is None:
        return phrase, _range_words(form, written, phrase, quotation)
    return _with_comparator(form, written, phrase, phrase.stated, quotation.exact)


def _with_comparator(
    form: Form, written: str, phrase: Phrase, stated: Decimal, exact: str
) -> tuple[Phrase, str]:
    span = phrases.says_nothing(exact) if stated == 0 else phrases.find_number(exact, stated)
    if span is None:
        _not_in_quote(form, "count", written)
        return phrase, ""
    if stated == 0:
        return phrase, exact[slice(*span)]
    before = phrases.hedge_before(exact, span[0])
    expression = exact[before[1] if before else span[0] : span[1]]
    hedge = before[0] if before else Hedge.EXACT
    if not phrase.hedge_is_written:
        return phrases.count_phrase(stated, hedge), expression
    if hedge is not phrase.hedge:
        form.wrong(
            "hedge-differs",
            f"`count` says {shown(written)}, but the quotation says {shown(expression)}",
            form.place("count"),
            "Write the number alone: its comparator is taken from the quotation. Where the"
            " comparator stands elsewhere in it, give the words of both in `words`.",
        )
    return phrase, expression


def _range_words(form: Form, written: str, phrase: Phrase, quotation: Quotation) -> str:
    """The words of a range, or of no number at all, with the comparator before them."""
    match = _found(written, quotation.exact)
    if match is None:
        _not_in_quote(form, "count", written)
        return written
    before = phrases.hedge_before(quotation.exact, match.start())
    if before is None or phrase.interval is None:
        return match[0]
    expression = quotation.exact[before[1] : match.end()]
    if before[0] is not Hedge.ABOUT:
        form.wrong(
            "hedge-differs",
            f"`count` says {shown(written)}, but the quotation says {shown(expression)}",
            form.place("count"),
            _COMPARATOR_OF_RANGE,
        )
    return expression


def _words(form: Form, name: str, words: str, quotation: Quotation | None) -> str:
    """These words with the quotation's own letters and spaces; a problem if they are not there."""
    if quotation is None:
        return words
    match = _found(words, quotation.exact)
    if match is None:
        _not_in_quote(form, name, words)
        return words
    return match[0]


def _found(words: str, exact: str) -> re.Match[str] | None:
    """Where the words stand in a quotation, whatever its spaces and its kind of dash."""
    parts = re.findall(rf"[{_DASHES}]|[\d.,]+|[^\s\d{_DASHES}]+", words)
    pattern = r"\s*".join(f"[{_DASHES}]" if p in _DASHES else re.escape(p) for p in parts)
    return re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", exact, re.IGNORECASE)


def _refuse_other_number(form: Form, words: str, phrase: Phrase) -> None:
    """``words`` may spell a number out in any language, but not in other digits."""
    if phrase.stated is None or not re.search(r"\d", words):
        return
    if phrases.find_number(words, phrase.stated) is None:
        form.wrong(
            "number-not-in-quote",
            f"the number of `count` does not stand in {shown(words)}",
            form.place("words"),
            "Give the words that hold the number itself.",
        )


def _not_in_quote(form: Form, name: str, words: str) -> None:
    form.wrong(
        "number-not-in-quote",
        f"{shown(words)} does not stand in the quotation",
        form.place(name),
        "Quote the words that hold the number; if it is written in words, give them in `words`.",
    )


def _quantity(
    form: Form,
    phrase: Phrase,
    expression: str,
    units: tuple[Unit, ...],
    population: str,
    counted_as: CountedAs,
) -> Quantity:
    return Quantity(
        stated=phrase.stated,
        interval=phrase.interval,
        hedge=phrase.hedge,
        expression=expression,
        units=tuple(sorted(set(units))),
        counted_as=form.code("counted-as", CountedAs) or counted_as,
        count_kind=form.code("counted", CountKind) or CountKind.DOCUMENTED,
        counts=population,
        policy=phrase.policy,
    )

"""Words for numbers: comparators, number words, common fractions; and what they allow.

The table of comparators and the intervals they stand for follow the usual reading of
English quantity phrases; a percentage or a verbal fraction is read as *rounded*, and the
policy that gave its interval is named (``POLICY_FRACTION``, ``POLICY_PERCENT``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from casegraph.model.interval import Interval
from casegraph.model.terms import Hedge

POLICY_FRACTION = "midpoints-to-neighbouring-common-fractions"
POLICY_PERCENT = "half-a-unit-of-the-last-printed-digit"

_HEDGES: tuple[tuple[str, Hedge], ...] = (
    ("no fewer than", Hedge.AT_LEAST),
    ("not fewer than", Hedge.AT_LEAST),
    ("no less than", Hedge.AT_LEAST),
    ("not less than", Hedge.AT_LEAST),
    ("a minimum of", Hedge.AT_LEAST),
    ("at least", Hedge.AT_LEAST),
    ("no more than", Hedge.AT_MOST),
    ("not more than", Hedge.AT_MOST),
    ("at most", Hedge.AT_MOST),
    ("more than", Hedge.MORE_THAN),
    ("in excess of", Hedge.MORE_THAN),
    ("over", Hedge.MORE_THAN),
    ("above", Hedge.MORE_THAN),
    ("fewer than", Hedge.LESS_THAN),
    ("less than", Hedge.LESS_THAN),
    ("under", Hedge.LESS_THAN),
    ("below", Hedge.LESS_THAN),
    ("as many as", Hedge.UP_TO),
    ("up to", Hedge.UP_TO),
    ("approximately", Hedge.ABOUT),
    ("an estimated", Hedge.ABOUT),
    ("around", Hedge.ABOUT),
    ("roughly", Hedge.ABOUT),
    ("about", Hedge.ABOUT),
    ("some", Hedge.ABOUT),
    ("just under", Hedge.ALMOST),
    ("close to", Hedge.ALMOST),
    ("almost", Hedge.ALMOST),
    ("nearly", Hedge.ALMOST),
    ("exactly", Hedge.EXACT),
)
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100, "thousand": 1000}
_NOTHING = frozenset({"none", "no", "nobody", "no one", "no cases"})
_VAGUE = frozenset(
    {"many", "several", "dozens", "hundreds", "thousands", "most", "a few", "numerous"}
)
_FRACTIONS = {
    "a tenth": Fraction(1, 10),
    "a fifth": Fraction(1, 5),
    "a quarter": Fraction(1, 4),
    "one quarter": Fraction(1, 4),
    "a third": Fraction(1, 3),
    "one third": Fraction(1, 3),
    "half": Fraction(1, 2),
    "two thirds": Fraction(2, 3),
    "three quarters": Fraction(3, 4),
    "four fifths": Fraction(4, 5),
}
_COMMON = sorted({Fraction(0), Fraction(1), *_FRACTIONS.values()})
_GROUPING = ",\u0020\u00a0\u2009\u202f"
_DIGITS = re.compile(rf"\d+(?:[{_GROUPING}]\d{{3}})*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quantity phrase: printed number, comparator, what it allows, policy of rounding."""

    stated: Decimal | None
    hedge: Hedge
    interval: Interval | None
    policy: str | None = None
    hedge_is_written: bool = False


def parse_count(text: str) -> Phrase | None:
    """Read ``at least 8,895``, ``1721``, ``four``, ``none`` or ``many``; ``None`` if it is none."""
    words = " ".join(text.split()).casefold()
    if words in _NOTHING:
        zero = Decimal(0)
        return Phrase(zero, Hedge.EXACT, Interval(zero, zero), hedge_is_written=True)
    if words in _VAGUE:
        return Phrase(None, Hedge.VAGUE, None, hedge_is_written=True)
    hedge, rest = _split_hedge(words)
    number = _number(rest)
    if number is None:
        return None
    return count_phrase(number, hedge or Hedge.EXACT, hedge_is_written=hedge is not None)


def count_phrase(number: Decimal, hedge: Hedge, *, hedge_is_written: bool = True) -> Phrase:
    """The phrase of a whole number under a comparator, with the interval it allows."""
    one = Decimal(1)
    zero = Decimal(0)
    intervals = {
        Hedge.EXACT: Interval(number, number),
        Hedge.AT_LEAST: Interval(number, None),
        Hedge.MORE_THAN: Interval(number + one, None),
        Hedge.AT_MOST: Interval(zero, number),
        Hedge.LESS_THAN: Interval(zero, number - one),
        Hedge.ALMOST: Interval(zero, number, upper_open=True),
    }
    return Phrase(number, hedge, intervals.get(hedge), hedge_is_written=hedge_is_written)


def parse_share(text: str) -> Phrase | None:
    """Read ``a quarter``, ``29 %`` or ``0.25``; ``None`` if it is none of these."""
    words = " ".join(text.split()).casefold()
    fraction = _FRACTIONS.get(words)
    if fraction is not None:
        return _fraction_phrase(fraction)
    percent = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", words)
    plain = re.fullmatch(r"0\.\d+|[01]", words)
    if percent:
        return _printed_share(Decimal(percent[1]), scale=Decimal(100))
    if plain:
        return _printed_share(Decimal(words), scale=Decimal(1))
    return None


def find_number(quote: str, number: Decimal) -> tuple[int, int] | None:
    """Where ``number`` stands in ``quote``: digits without their grouping, or a number word."""
    for match in _DIGITS.finditer(quote):
        if _number(match[0]) == number:
            return match.span()
    for match in re.finditer(r"[A-Za-z]+", quote):
        if _NUMBER_WORDS.get(match[0].casefold()) == number:
            return match.span()
    return None


def hedge_before(quote: str, start: int) -> tuple[Hedge, int] | None:
    """The comparator that stands directly before position ``start``, and where it begins."""
    before = quote[:start].rstrip()
    folded = before.casefold()
    for words, hedge in _HEDGES:
        at = len(folded) - len(words)
        if folded.endswith(words) and (at == 0 or not folded[at - 1].isalpha()):
            return hedge, at
    return None


def _split_hedge(words: str) -> tuple[Hedge | None, str]:
    for prefix, hedge in _HEDGES:
        if words.startswith(prefix + " "):
            return hedge, words[len(prefix) + 1 :]
    return None, words


def _number(words: str) -> Decimal | None:
    if _DIGITS.fullmatch(words):
        return Decimal(re.sub(f"[{_GROUPING}]", "", words))
    number = _NUMBER_WORDS.get(words)
    return None if number is None else Decimal(number)


def _fraction_phrase(fraction: Fraction) -> Phrase:
    at = _COMMON.index(fraction)
    lower = (_COMMON[at - 1] + fraction) / 2
    upper = (_COMMON[at + 1] + fraction) / 2
    interval = Interval(_decimal(lower), _decimal(upper), upper_open=True)
    stated = _decimal(fraction)
    return Phrase(stated, Hedge.ROUNDED, interval, POLICY_FRACTION, hedge_is_written=True)


def _printed_share(printed: Decimal, *, scale: Decimal) -> Phrase:
    exponent = printed.as_tuple().exponent
    half = Decimal(1).scaleb(int(exponent)) / 2
    interval = Interval(
        max(Decimal(0), (printed - half) / scale), (printed + half) / scale, upper_open=True
    )
    return Phrase(printed / scale, Hedge.ROUNDED, interval, POLICY_PERCENT, hedge_is_written=True)


def _decimal(fraction: Fraction) -> Decimal:
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()

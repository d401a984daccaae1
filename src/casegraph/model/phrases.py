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
_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER_WORDS = (
    {word: number for number, word in enumerate(_UNITS)}
    | {word: 10 * number for number, word in enumerate(_TENS, 2)}
    | {
        f"{tens}{hyphen}{unit}": 10 * ten + number
        for ten, tens in enumerate(_TENS, 2)
        for number, unit in enumerate(_UNITS[1:10], 1)
        for hyphen in "- "
    }
)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
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
_HUNDRED = Decimal(100)
_COMMON = sorted({Fraction(0), Fraction(1), *_FRACTIONS.values()})
_GROUPING = ",\u0020\u00a0\u2009\u202f"
# Digits with their groups of three, or digits as they come; no part of a longer number.
_DIGITS = re.compile(
    rf"(?<![\w.,])(?:\d{{1,3}}(?:([{_GROUPING}])\d{{3}}(?:\1\d{{3}})*(?!\d))|\d+)(?:\.\d+)?(?![^\W_])"
)
_PLAIN_DIGITS = re.compile(r"(?<![\w.,])\d+(?![.,]?\d)(?![^\W_])")
_WORDS = "|".join(sorted(map(re.escape, _NUMBER_WORDS), key=len, reverse=True))
_SCALED = re.compile(
    rf"(?<![^\W_])(?:(?P<words>{_WORDS}|an?)|(?P<digits>(?<![.,])\d+(?:\.\d+)?(?![.,]?\d)))"
    rf"(?:[ -](?P<scale>{'|'.join(_SCALES)}))?(?![^\W_])",
    re.IGNORECASE,
)
_HEDGE_WORDS = re.compile(
    rf"(?<![^\W_])({'|'.join(re.escape(words) for words, _ in _HEDGES)})\s*\Z".replace(
        r"\ ", r"\s+"
    ),
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:between (?P<a>.+) and (?P<b>.+)|(?:from )?(?P<c>.+?)(?: to |\s?[-–—]\s?)(?P<d>.+))"
)
_YEARS = (1900, 2100)
MAX_DIGITS = 15
"""More than these are no count of anything, and would leave the precision of arithmetic."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quantity phrase: printed number, comparator, what it allows, policy of rounding."""

    stated: Decimal | None
    hedge: Hedge
    interval: Interval | None
    policy: str | None = None
    hedge_is_written: bool = False


def parse_count(text: str) -> Phrase | None:
    """Read ``at least 8,895``, ``1721``, ``four``, ``about 10 to 15``, ``none`` or ``many``.

    ``None`` if it is none of these.  The interval may be empty (``20 to 10``): whoever
    reads it for a person says so.
    """
    words = " ".join(text.split()).casefold()
    if words in _NOTHING:
        zero = Decimal(0)
        return Phrase(zero, Hedge.EXACT, Interval(zero, zero), hedge_is_written=True)
    if words in _VAGUE:
        return Phrase(None, Hedge.VAGUE, None, hedge_is_written=True)
    hedge, rest = _split_hedge(words)
    number = _number(rest)
    if number is not None:
        return count_phrase(number, hedge or Hedge.EXACT, hedge_is_written=hedge is not None)
    ends = range_ends(words)
    if ends is None:
        return None
    # "About" leaves the ends of a range where they are printed: nothing says how far to move them.
    # A range is two printed numbers and no comparator of the list; what it allows is known.
    return Phrase(None, Hedge.ABOUT, Interval(*ends), hedge_is_written=True)


def range_ends(text: str) -> tuple[Decimal, Decimal] | None:
    """Both numbers of ``10 to 15``, ``between 10 and 15``, ``from 10 to 15`` or ``10-15``.

    The range or each of its ends may be said to be approximate; no other comparator fits one.
    """
    match = _RANGE.fullmatch(_without_about(" ".join(text.split()).casefold()))
    if match is None:
        return None
    first = _number(_without_about(match["a"] or match["c"]))
    second = _number(_without_about(match["b"] or match["d"]))
    return None if first is None or second is None else (first, second)


def comparator_of_range(text: str) -> str | None:
    """The words of a comparator that stands before a range and makes no sense there."""
    words = " ".join(text.split()).casefold()
    hedge, rest = _split_hedge(words)
    if hedge is None or hedge is Hedge.ABOUT or range_ends(rest) is None:
        return None
    return words[: -len(rest)].strip()


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
    """Read ``a quarter``, ``29 %``, ``0.25`` or ``more than half``; ``None`` if it is none.

    A comparator replaces the rounding: ``more than half`` is all above one half.
    """
    words = " ".join(text.split()).casefold()
    hedge, rest = _split_hedge(words)
    phrase = _plain_share(rest)
    if phrase is None or phrase.stated is None or hedge is None:
        return phrase
    zero, stated = Decimal(0), phrase.stated
    intervals = {
        Hedge.EXACT: Interval(stated, stated),
        Hedge.AT_LEAST: Interval(stated, None),
        Hedge.MORE_THAN: Interval(stated, None, lower_open=True),
        Hedge.AT_MOST: Interval(zero, stated),
        Hedge.LESS_THAN: Interval(zero, stated, upper_open=True),
        Hedge.ALMOST: Interval(zero, stated, upper_open=True),
    }
    return Phrase(stated, hedge, intervals.get(hedge), hedge_is_written=True)


def _plain_share(words: str) -> Phrase | None:
    fraction = _FRACTIONS.get(words)
    if fraction is not None:
        return _fraction_phrase(fraction)
    percent = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?(?:%|per ?cent)", words)
    if percent and Decimal(percent[1]) <= _HUNDRED:
        return _printed_share(Decimal(percent[1]), scale=_HUNDRED)
    if re.fullmatch(r"0\.[0-9]{1,6}|[01]", words):
        return _printed_share(Decimal(words), scale=Decimal(1))
    return None


def find_number(quote: str, number: Decimal) -> tuple[int, int] | None:
    """Where ``number`` stands in ``quote``: digits without their grouping, or number words.

    Only whole numbers are found: 721 does not stand in ``1,721``.
    """
    for pattern in (_DIGITS, _PLAIN_DIGITS):
        for match in pattern.finditer(quote):
            if _digits(match[0]) == number and not _scale_follows(quote, match.end()):
                return match.span()
    for match in _SCALED.finditer(quote):
        if _scaled(match) == number:
            return match.span()
    return None


def first_number(quote: str) -> tuple[Decimal, tuple[int, int]] | None:
    """The first whole number that stands in ``quote`` and is no year, with its place.

    ``one`` alone is more often a pronoun than a number, so it is passed over.
    """
    found = []
    for match in (*_DIGITS.finditer(quote), *_SCALED.finditer(quote)):
        number = _number(match[0].casefold())
        plain_year = match[0].isdigit() and _YEARS[0] <= int(match[0]) <= _YEARS[1]
        if number is None or plain_year or match[0].casefold() == "one":
            continue
        span = find_number(quote, number)
        if span is not None:
            found.append((span[0], number, span))
    # Of two at one place the longer is meant: 1 721 is one number, not a 1 before another.
    return min(found, key=lambda one: (one[0], -one[2][1]))[1:] if found else None


def says_nothing(quote: str) -> tuple[int, int] | None:
    """Where ``quote`` says that there was none: ``no``, ``none``, ``nobody``, ``0``."""
    match = re.search(
        r"(?<![^\W_])(?:none|nobody|no one|no|zero|0)(?![^\W_])", quote, re.IGNORECASE
    )
    return match.span() if match else None


def hedge_before(quote: str, start: int) -> tuple[Hedge, int] | None:
    """The comparator that stands directly before position ``start``, and where it begins."""
    match = _HEDGE_WORDS.search(quote, 0, start)
    if match is None:
        return None
    words = " ".join(match[1].split()).casefold()
    return dict(_HEDGES)[words], match.start()


def _split_hedge(words: str) -> tuple[Hedge | None, str]:
    for prefix, hedge in _HEDGES:
        if words.startswith(prefix + " "):
            return hedge, words[len(prefix) + 1 :]
    return None, words


def _without_about(words: str) -> str:
    hedge, rest = _split_hedge(words)
    return rest if hedge is Hedge.ABOUT else words


def _number(words: str) -> Decimal | None:
    """A whole number in digits or in words."""
    match = _SCALED.fullmatch(words)
    number = _digits(words) if _DIGITS.fullmatch(words) else _scaled(match) if match else None
    if number is None or number != number.to_integral_value() or number.adjusted() >= MAX_DIGITS:
        return None
    return number.quantize(Decimal(1))


def _digits(text: str) -> Decimal:
    return Decimal(re.sub(f"[{_GROUPING}]", "", text))


def _scaled(match: re.Match[str]) -> Decimal | None:
    words, scale = (match["words"] or "").casefold(), (match["scale"] or "").casefold()
    if words in {"a", "an"} and not scale:
        return None
    digits: str | None = match["digits"]
    number = Decimal(digits) if digits else Decimal(_NUMBER_WORDS.get(words, 1))
    return number * _SCALES.get(scale, 1)


def _scale_follows(quote: str, end: int) -> bool:
    return (
        re.match(rf"[ -](?:{'|'.join(_SCALES)})(?![^\W_])", quote[end:], re.IGNORECASE) is not None
    )


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
    lower, upper = max(Decimal(0), (printed - half) / scale), (printed + half) / scale
    interval = (
        Interval(lower, upper, upper_open=True) if upper <= 1 else Interval(lower, Decimal(1))
    )
    return Phrase(printed / scale, Hedge.ROUNDED, interval, POLICY_PERCENT, hedge_is_written=True)


def _decimal(fraction: Fraction) -> Decimal:
    exact = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()

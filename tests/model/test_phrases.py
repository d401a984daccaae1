"""Words for numbers, and what they allow."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.model.interval import Interval
from casegraph.model.phrases import (
    comparator_of_range,
    count_phrase,
    find_number,
    first_number,
    hedge_before,
    parse_count,
    parse_share,
    range_ends,
    says_nothing,
)
from casegraph.model.terms import Hedge

D = Decimal


@pytest.mark.parametrize(
    ("words", "hedge", "interval"),
    [
        ("1721", Hedge.EXACT, Interval(D(1721), D(1721))),
        ("8 895", Hedge.EXACT, Interval(D(8895), D(8895))),
        ("twenty-five", Hedge.EXACT, Interval(D(25), D(25))),
        ("two hundred", Hedge.EXACT, Interval(D(200), D(200))),
        ("1.5 million", Hedge.EXACT, Interval(D(1_500_000), D(1_500_000))),
        ("at least 8,895", Hedge.AT_LEAST, Interval(D(8895), None)),
        ("more than 10", Hedge.MORE_THAN, Interval(D(11), None)),
        ("no more than 10", Hedge.AT_MOST, Interval(D(0), D(10))),
        ("fewer than 10", Hedge.LESS_THAN, Interval(D(0), D(9))),
        ("almost 10", Hedge.ALMOST, Interval(D(0), D(10), upper_open=True)),
        ("up to 30", Hedge.UP_TO, None),
        ("about 500", Hedge.ABOUT, None),
        ("none", Hedge.EXACT, Interval(D(0), D(0))),
        ("many", Hedge.VAGUE, None),
        ("10 to 15", Hedge.ABOUT, Interval(D(10), D(15))),
        ("between 60 and 75", Hedge.ABOUT, Interval(D(60), D(75))),
        ("from 3,000 to 4,000", Hedge.ABOUT, Interval(D(3000), D(4000))),
        ("approximately 100 to 120", Hedge.ABOUT, Interval(D(100), D(120))),
        ("from about 20 to about 30", Hedge.ABOUT, Interval(D(20), D(30))),
        ("about 10-15", Hedge.ABOUT, Interval(D(10), D(15))),
        ("10–15", Hedge.ABOUT, Interval(D(10), D(15))),
    ],
)
def test_a_count_is_read(words: str, hedge: Hedge, interval: Interval | None) -> None:
    phrase = parse_count(words)
    assert phrase is not None
    assert (phrase.hedge, phrase.interval) == (hedge, interval)


@pytest.mark.parametrize(
    "words",
    ["", "a lot", "1.5", "-5", "1e9", "9" * 20, "a", "1,72", "x to y", "at least 10 to 15"],
)
def test_what_is_no_count_is_not_read(words: str) -> None:
    assert parse_count(words) is None


@pytest.mark.parametrize("words", ["between 20 and 10", "less than 0", "almost 0", "20-10"])
def test_an_impossible_count_allows_nothing(words: str) -> None:
    phrase = parse_count(words)
    assert phrase is not None
    assert phrase.interval is not None
    assert phrase.interval.is_empty


@pytest.mark.parametrize(
    ("words", "hedge", "interval"),
    [
        ("A quarter", Hedge.ROUNDED, Interval(D("0.225"), D("0.2917"), upper_open=True)),
        ("half", Hedge.ROUNDED, Interval(D("0.4167"), D("0.5833"), upper_open=True)),
        ("29 %", Hedge.ROUNDED, Interval(D("0.285"), D("0.295"), upper_open=True)),
        ("29.5 percent", Hedge.ROUNDED, Interval(D("0.2945"), D("0.2955"), upper_open=True)),
        ("100 %", Hedge.ROUNDED, Interval(D("0.995"), D(1))),
        ("0.25", Hedge.ROUNDED, Interval(D("0.245"), D("0.255"), upper_open=True)),
        ("more than half", Hedge.MORE_THAN, Interval(D("0.5"), None, lower_open=True)),
        ("about a third", Hedge.ABOUT, None),
    ],
)
def test_a_share_is_read(words: str, hedge: Hedge, interval: Interval | None) -> None:
    phrase = parse_share(words)
    assert phrase is not None
    assert (phrase.hedge, phrase.interval) == (hedge, interval)
    assert phrase.policy is not None or hedge is not Hedge.ROUNDED


@pytest.mark.parametrize("words", ["150 %", "1.2", "a seventh part", "%", "many"])
def test_what_is_no_share_is_not_read(words: str) -> None:
    assert parse_share(words) is None


@pytest.mark.parametrize(
    ("quote", "number", "found"),
    [
        ("In 2024 480 women", 480, "480"),
        ("In 2024 480 women", 2024, "2024"),
        ("1,721 people", 1721, "1,721"),
        ("1,721 people", 721, None),
        ("1,721 people", 1, None),
        ("12 480 people.", 12480, "12 480"),
        ("Four died.", 4, "Four"),
        ("two hundred people", 200, "two hundred"),
        ("two hundred people", 2, None),
        ("3 million", 3, None),
        ("3 million", 3_000_000, "3 million"),
        ("twenty-five men", 5, None),
        ("٤٨٠ women", 480, "٤٨٠"),
        ("room 12b", 12, None),
    ],
)
def test_a_number_is_found_whole_or_not_at_all(quote: str, number: int, found: str | None) -> None:
    span = find_number(quote, D(number))
    assert (quote[slice(*span)] if span else None) == found


def test_the_comparator_stands_directly_before_the_number() -> None:
    quote = "No  fewer than 88, over all"
    assert hedge_before(quote, quote.index("88")) == (Hedge.AT_LEAST, 0)
    assert hedge_before("moreover 5", 9) is None
    assert hedge_before("İ at least 5", 11) == (Hedge.AT_LEAST, 2)


def test_the_first_number_is_no_year_and_no_pronoun() -> None:
    assert first_number("In 2024, one of at least 1,721 people") == (D(1721), (25, 30))
    assert first_number("In 2024 nobody") is None


def test_a_grouped_number_is_not_taken_for_its_first_digits() -> None:
    assert first_number("12 480 people") == (D(12480), (0, 6))


def test_the_comparator_before_a_range() -> None:
    assert comparator_of_range("No more than  10 to 15") == "no more than"
    assert comparator_of_range("about 10 to 15") is None
    assert comparator_of_range("at least 10") is None


def test_words_for_nothing() -> None:
    assert says_nothing("There were no cases") == (11, 13)
    assert says_nothing("nonetheless") is None


def test_the_ends_of_a_range() -> None:
    assert range_ends("between 20 and 10") == (D(20), D(10))
    assert range_ends("20") is None


@given(st.integers(0, 10**9), st.sampled_from([Hedge.AT_LEAST, Hedge.AT_MOST, Hedge.EXACT]))
def test_a_closed_comparator_allows_its_own_number(number: int, hedge: Hedge) -> None:
    interval = count_phrase(D(number), hedge).interval
    assert interval is not None
    assert interval.contains(D(number))


@given(st.integers(0, 10**12), st.sampled_from([",", " ", "\u00a0", "\u202f"]))
def test_a_grouped_number_is_read_and_found(number: int, mark: str) -> None:
    written = f"{number:,}".replace(",", mark)
    phrase = parse_count(written)
    assert phrase is not None
    assert phrase.stated == number
    span = find_number(f"about {written} people", D(number))
    assert span == (6, 6 + len(written))

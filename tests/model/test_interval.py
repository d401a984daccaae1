"""The algebra of intervals."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from casegraph.model.interval import Interval

NUMBERS = st.integers(-5, 5).map(Decimal)
INTERVALS = st.builds(
    Interval, st.none() | NUMBERS, st.none() | NUMBERS, st.booleans(), st.booleans()
)
HALVES = st.integers(-14, 14).map(lambda n: Decimal(n) / 2)


@given(INTERVALS, INTERVALS, HALVES)
def test_the_intersection_holds_what_both_hold(one: Interval, two: Interval, n: Decimal) -> None:
    both = one.intersection(two)
    assert both.contains(n) == (one.contains(n) and two.contains(n))


@given(INTERVALS, INTERVALS)
def test_the_intersection_does_not_depend_on_the_order(one: Interval, two: Interval) -> None:
    assert one.intersects(two) == two.intersects(one)
    assert one.intersection(one) == one


@given(INTERVALS, HALVES)
def test_an_empty_interval_holds_nothing(one: Interval, n: Decimal) -> None:
    assert not (one.is_empty and one.contains(n))


@given(INTERVALS)
def test_an_interval_that_is_not_empty_holds_something(one: Interval) -> None:
    tried = (Decimal(n) / 2 for n in range(-14, 15))
    assert one.is_empty or any(one.contains(n) for n in tried)

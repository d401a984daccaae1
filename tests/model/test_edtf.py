"""Dates that exist, and what a partial one may mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.model.edtf import BadDateError, parse, parse_date, parse_day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12-31", date(2024, 12, 31), date(2024, 12, 31)),
        ("2020~", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-05?", date(2020, 5, 1), date(2020, 5, 31)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_date_is_the_days_it_may_mean(text: str, first: date, last: date) -> None:
    days = parse_date(text)
    assert (days.first, days.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2023-02-29", "'2023-02-29' does not exist: February 2023 has 28 days"),
        ("2024-13", "'2024-13' does not exist: there is no month 13"),
        ("2024-00-01", "'2024-00-01' does not exist: there is no month 00"),
        ("0000", "'0000' does not exist: years begin with 0001"),
        ("31.12.2024", "'31.12.2024' is not a date; write 2024, 2024-12 or 2024-12-31"),
        ("2024-1", "'2024-1' is not a date; write 2024, 2024-12 or 2024-12-31"),
        ("٢٠٢٤", "'٢٠٢٤' is not a date; write 2024, 2024-12 or 2024-12-31"),
        ("2024\n", "'2024\n' is not a date; write 2024, 2024-12 or 2024-12-31"),
        ("../..", "'../..' has neither begin nor end"),
        ("/", "'/' has neither begin nor end"),
        ("2024/2023", "'2024/2023' ends before it begins"),
        ("2020/2021/2022", "'2021/2022' is not a date; write 2024, 2024-12 or 2024-12-31"),
    ],
)
def test_a_date_that_does_not_exist_is_told(text: str, message: str) -> None:
    with pytest.raises(BadDateError) as error:
        parse(text)
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["2024", "2024-12", "2024-12-31?"])
def test_a_day_is_one_certain_day(text: str) -> None:
    with pytest.raises(BadDateError, match="not a single day"):
        parse_day(text)


def test_an_interval_may_be_open() -> None:
    period = parse("2020-08/..")
    assert period.begin is not None
    assert (period.begin.first, period.begin.last) == (date(2020, 8, 1), date(2020, 8, 31))
    assert period.end is None


@given(st.dates())
def test_every_day_is_read_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        period = parse(text)
    except BadDateError:
        return
    assert period.begin or period.end


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2031-21", date(2031, 3, 1), date(2031, 5, 31)),
        ("2031-23", date(2031, 9, 1), date(2031, 11, 30)),
        ("2031-24", date(2031, 12, 1), date(2032, 2, 29)),
    ],
)
def test_a_season_is_three_whole_months(text: str, first: date, last: date) -> None:
    days = parse_date(text)
    assert (days.first, days.last) == (first, last)


@pytest.mark.parametrize("text", ["2031-20", "2031-25", "2031-21-01", "9999-24"])
def test_no_other_season_exists(text: str) -> None:
    with pytest.raises(BadDateError):
        parse_date(text)

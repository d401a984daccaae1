"""Dates as people know them: a year, a month, a day, or an interval of two of these.

The written form is the part of the Extended Date/Time Format (ISO 8601-2:2019, levels 0
and 1) that findings need: ``2024``, ``2024-12``, ``2024-12-31``, each with ``?``
(uncertain), ``~`` (approximate) or ``%`` (both), seasons of the northern half of the earth
(``2024-21`` is spring, ``2024-24`` the winter that begins in December), and intervals
``2020/2024-12`` with ``..`` for an open end.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?)?(?P<mark>[?~%])?\Z"
)

MONTHS = 12
SEASONS = range(21, 25)
MAX_SHOWN = 40


class BadDateError(ValueError):
    """The text is no date that exists; the message says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days a partial date may mean, first and last included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Period:
    """An EDTF interval: when it may begin and when it may end; ``None`` is an open end."""

    begin: Days | None
    end: Days | None


def parse_date(text: str) -> Days:
    """The days that ``2024``, ``2024-12``, ``2024-23`` or ``2024-12-31`` may mean.

    Raises ``BadDateError``.
    """
    match = _DATE.match(text)
    if match is None:
        cut = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
        message = f"'{cut}' is not a date; write 2024, 2024-12 or 2024-12-31"
        raise BadDateError(message)
    year = int(match["year"])
    if year == 0:
        message = f"'{text}' does not exist: years begin with 0001"
        raise BadDateError(message)
    if match["month"] is None:
        return Days(date(year, 1, 1), date(year, 12, 31))
    month = int(match["month"])
    if month in SEASONS and match["day"] is None:
        return _season(text, year, 3 * (month - SEASONS.start + 1))
    if not 1 <= month <= MONTHS:
        message = f"'{text}' does not exist: there is no month {match['month']}"
        raise BadDateError(message)
    last = calendar.monthrange(year, month)[1]
    if match["day"] is None:
        return Days(date(year, month, 1), date(year, month, last))
    day = int(match["day"])
    if not 1 <= day <= last:
        name = calendar.month_name[month]
        message = f"'{text}' does not exist: {name} {year} has {last} days"
        raise BadDateError(message)
    return Days(date(year, month, day), date(year, month, day))


def _season(text: str, year: int, first: int) -> Days:
    """Three whole months from the month ``first``; winter ends in the year after."""
    end_year, last = (year + 1, 2) if first == MONTHS else (year, first + 2)
    if end_year > date.max.year:
        message = f"'{text}' does not exist: years end with {date.max.year}"
        raise BadDateError(message)
    return Days(date(year, first, 1), date(end_year, last, calendar.monthrange(end_year, last)[1]))


def parse(text: str) -> Period:
    """An interval; a single date is the interval of all its days, whole from first to last.

    Raises ``BadDateError``, also for an end before its begin.
    """
    if "/" not in text:
        days = parse_date(text)
        return Period(Days(days.first, days.first), Days(days.last, days.last))
    left, _, right = text.partition("/")
    begin = None if left in {"", ".."} else parse_date(left)
    end = None if right in {"", ".."} else parse_date(right)
    if begin is None and end is None:
        message = f"'{text}' has neither begin nor end"
        raise BadDateError(message)
    if begin and end and end.last < begin.first:
        message = f"'{text}' ends before it begins"
        raise BadDateError(message)
    return Period(begin, end)


def parse_day(text: str) -> date:
    """One single day.  Raises ``BadDateError`` for a year or a month alone."""
    days = parse_date(text)
    if days.first != days.last or not text[-1].isdigit():
        message = f"'{text}' is not a single day; write it as 2024-12-31"
        raise BadDateError(message)
    return days.first

"""Intervals of numbers, with open ends and missing bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers a statement allows; a missing bound means unbounded on that side.

    ``lower_open`` and ``upper_open`` say that the end itself is excluded.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    lower_open: bool = False
    upper_open: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no number lies inside (bounds crossed, or a point with an open end)."""
        if self.lower is None or self.upper is None:
            return False
        if self.lower == self.upper:
            return self.lower_open or self.upper_open
        return self.lower > self.upper

    def contains(self, number: Decimal) -> bool:
        """Whether ``number`` lies inside."""
        above = (
            self.lower is None
            or number > self.lower
            or (number == self.lower and not self.lower_open)
        )
        below = (
            self.upper is None
            or number < self.upper
            or (number == self.upper and not self.upper_open)
        )
        return above and below

    def intersects(self, other: Interval) -> bool:
        """Whether some number lies in both."""
        return not self.intersection(other).is_empty

    def intersection(self, other: Interval) -> Interval:
        """The numbers that lie in both; may be empty (``is_empty``)."""
        lower, lower_open = _tighter(
            (self.lower, self.lower_open), (other.lower, other.lower_open), upward=True
        )
        upper, upper_open = _tighter(
            (self.upper, self.upper_open), (other.upper, other.upper_open), upward=False
        )
        return Interval(lower, upper, lower_open, upper_open)


def _tighter(
    one: tuple[Decimal | None, bool],
    two: tuple[Decimal | None, bool],
    *,
    upward: bool,
) -> tuple[Decimal | None, bool]:
    """The bound that leaves fewer numbers; at equal bounds an open end is tighter."""
    if one[0] is None:
        return two
    if two[0] is None:
        return one
    if one[0] == two[0]:
        return one[0], one[1] or two[1]
    first_is_greater = one[0] > two[0]
    return one if first_is_greater == upward else two

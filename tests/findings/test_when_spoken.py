"""``time: now`` means the day on which the source spoke, where that is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from casegraph.findings.times import when_spoken
from casegraph.model.statement_templates import time_phrase
from casegraph.model.terms import TimeBasis
from casegraph.model.values import TimeSpan
from tests.graph.sample_records import SOURCES

MARCH = TimeSpan(
    begin_earliest=date(2031, 3, 1), end_latest=date(2031, 3, 31), basis=TimeBasis.EXPLICIT
)
NOW = TimeSpan(basis=TimeBasis.PUBLICATION, expression="remains")
SPOKEN = replace(SOURCES[0], uttered=MARCH)


def test_it_was_so_on_the_day_of_the_source() -> None:
    """Begun by the last day the source may have spoken, not ended before the first."""
    span = when_spoken(NOW, SPOKEN)
    assert (span.begin_latest, span.end_earliest) == (date(2031, 3, 31), date(2031, 3, 1))
    assert (span.begin_earliest, span.end_latest) == (None, None)
    assert span.resolution_basis == SPOKEN.key
    assert time_phrase(span) == "as of 2031-03-31"


def test_a_source_without_a_date_leaves_it_unresolved() -> None:
    assert when_spoken(NOW, replace(SOURCES[0], uttered=TimeSpan())) == NOW
    assert when_spoken(NOW, None) == NOW


def test_a_time_that_was_given_stays() -> None:
    given = replace(NOW, begin_latest=date(2030, 1, 1))
    assert when_spoken(given, SPOKEN) == given
    explicit = TimeSpan(basis=TimeBasis.EXPLICIT)
    assert when_spoken(explicit, SPOKEN) == explicit


def test_an_undated_source_lends_its_inferred_anchor_and_the_reason() -> None:
    """The anchor is marked as inferred wherever it stands; another anchor keeps its own reason."""
    undated = replace(SOURCES[0], uttered=TimeSpan(anchor="2025", anchor_reason="no date on it"))
    span = when_spoken(NOW, undated)
    assert (span.anchor, span.anchor_reason) == ("2025", "no date on it")
    assert not span.is_resolved
    same = when_spoken(TimeSpan(basis=TimeBasis.RELATIVE, anchor="2025"), undated)
    assert same.anchor_reason == "no date on it"
    other = TimeSpan(basis=TimeBasis.RELATIVE, anchor="2024", anchor_reason="so read")
    assert when_spoken(other, undated) == other

"""The SPARQL 1.1 suite through HTTP: every approved test that concerns reading.

What differs is listed with the reason in ``defects``; nothing else may fail, and nothing
that is listed may pass.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.conformance.defects import APPROVED, UNAPPROVED
from tests.conformance.earl import report
from tests.conformance.outcomes import GROUPS
from tests.conformance.results import is_ordered
from tests.conformance.runner import run_suite
from tests.conformance.servers import CasegraphServer
from tests.conformance.sparql11_cases import SUITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conformance.outcomes import Outcome

EARL = "http://www.w3.org/ns/earl#"


@pytest.fixture(scope="module")
def outcomes(shared_dir: Path) -> list[Outcome]:
    """One run of the whole suite."""
    assert shared_dir in SUITE.parents
    with CasegraphServer() as server:
        return run_suite(server)


@pytest.mark.parametrize("group", GROUPS)
def test_only_known_defects_fail(group: str, outcomes: list[Outcome]) -> None:
    """A new failure shows with its reason; a listed test that passes shows as missing."""
    mine = [one for one in outcomes if one.group == group]
    failed = {one.name: one.note for one in mine if one.verdict == "failed"}
    known = {one.name for one in mine} & {*APPROVED, *UNAPPROVED}
    assert sorted(failed) == sorted(known), failed


def test_defects_are_listed_by_their_approval(outcomes: list[Outcome]) -> None:
    approved = {one.name: one.approved for one in outcomes}
    assert all(approved[name] for name in APPROVED)
    assert not any(approved[name] for name in UNAPPROVED)


def test_the_suite_was_run_whole(outcomes: list[Outcome]) -> None:
    """Numbers of approved and other tests by group, and of those that do not apply."""
    assert Counter(
        (one.group, one.approved) for one in outcomes if one.verdict != "inapplicable"
    ) == {
        ("query", True): 178,
        ("query", False): 57,
        ("syntax", True): 95,
        ("syntax", False): 8,
        ("protocol", True): 20 + 7,
        ("description", True): 3,
        ("graph store", False): 9,
    }
    assert Counter(one.note for one in outcomes if one.verdict == "inapplicable") == {
        "calls other endpoints": 10,
        "needs an endpoint that can be written to": 7,
        "graphs are not addressed directly": 5,
    }


def test_the_report_says_the_same(outcomes: list[Outcome]) -> None:
    """One EARL assertion for each test, with its verdict."""
    store = ox.Store()
    text = report("casegraph", "0", outcomes)
    store.load(text, ox.RdfFormat.TURTLE, base_iri="http://example.org/earl")
    rows = store.quads_for_pattern(None, ox.NamedNode(f"{EARL}outcome"), None)
    said = Counter(str(row.object) for row in rows)
    assert said == Counter(f"<{EARL}{one.verdict}>" for one in outcomes)


def test_order_counts_where_the_outermost_query_asks_for_it() -> None:
    assert is_ordered("SELECT * { ?s ?p ?o } ORDER BY ?s")
    assert not is_ordered("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }")
    assert not is_ordered('SELECT * { ?s ?p "ORDER BY" } # ORDER BY ?s')

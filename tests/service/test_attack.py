"""Hostile visitors beside honest ones: the honest are answered, every one of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.hostile.corpus import queries
from tests.service.crowd import Request, besieged

if TYPE_CHECKING:
    from tests.e2e.running_site import Site

CONNECTIONS = 8
POINT = "SELECT ?label WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } LIMIT 1"
HONEST = [
    Request.point("/sparql", POINT),
    Request("/", accept="text/html"),
    Request.point("/sparql", "ASK { ?s ?p ?o }"),
    Request("/release/", accept="text/html"),
]


def heavy() -> list[Request]:
    """Queries that take a worker down or all of its time."""
    hard = [case for case in queries() if case.expected in {"killed-503", "too-large-413"}]
    assert len(hard) > CONNECTIONS
    return [Request("/sparql", case.text.encode(), case.kind) for case in hard]


def attack(site: Site, seconds: float, *, success: float) -> None:
    """Run it; the site lives, and this share of the honest at least is answered."""
    polite, _ = asyncio.run(
        besieged(
            site.port, honest=HONEST, hostile=heavy(), seconds=seconds, connections=CONNECTIONS
        )
    )
    assert len(polite) >= seconds
    assert site.process.poll() is None
    said = Counter(sample.status for sample in polite)
    assert said[200] >= success * len(polite), said


def test_honest_visitors_are_answered_beside_hostile_ones(served_demo: Site) -> None:
    """A few seconds of it, with so few requests that one in a hundred would be none."""
    attack(served_demo, 4.0, success=0.9)


@pytest.mark.full
def test_for_a_minute(served_demo: Site) -> None:
    """As long as it takes for the hostile to use up whatever they are given."""
    attack(served_demo, 60.0, success=0.99)

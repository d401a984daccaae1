"""Every hostile query over HTTP: the outcome that its first line names, and nobody is harmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.conformance.asking import query
from tests.e2e.running_site import Site, program, serving
from tests.hostile.corpus import SETTINGS, STATUS, HostileQuery, queries, ring
from tests.hostile.sentinel import Sentinel
from tests.service.sites import GENEROUS, site_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark.structures import ParameterSet

JSON = "application/sparql-results+json"
LEAST = 80


def kind(case: HostileQuery) -> tuple[str, str]:
    """Family and outcome."""
    return case.name.partition("-")[0], case.expected


def sampled() -> list[ParameterSet]:
    """One of each kind for every run; the others, which that run asks without HTTP, as ``full``."""
    first = {kind(case): case for case in reversed(queries())}
    return [
        pytest.param(case, marks=() if first[kind(case)] == case else pytest.mark.full)
        for case in queries()
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """What the queries ask about, under the limits that their outcomes are written for."""
    place = tmp_path_factory.mktemp("hostile")
    folder = site_folder(place / "site", ring(), {**SETTINGS, **GENEROUS, "query_workers": 1})
    with serving(program(), "--workspace", folder, "serve", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def sentinel() -> Iterator[Sentinel]:
    """What no query may reach."""
    with Sentinel() as server:
        yield server


@pytest.mark.parametrize("case", sampled(), ids=str)
def test_meets_its_outcome(case: HostileQuery, site: Site, sentinel: Sentinel) -> None:
    """The status says what happened, the process lives on, the next good query is answered."""
    url = f"http://127.0.0.1:{site.port}/sparql"
    answer = query(url, case.aimed_at(sentinel.url), accept=case.kind)
    assert answer.status == STATUS[case.expected], answer.body[:500]
    if answer.status != STATUS["ok"]:
        assert answer.kind == "application/problem+json"
    assert sentinel.hits == []
    assert site.process.poll() is None
    after = query(url, "ASK { ?s ?p ?o }", accept=JSON)
    assert after.status == STATUS["ok"]
    assert b"true" in after.body


def test_the_corpus_is_large_and_has_every_outcome() -> None:
    found = queries()
    assert len(found) >= LEAST
    assert {case.expected for case in found} == set(STATUS)


def test_the_sample_has_every_family_and_outcome_once() -> None:
    every = [one.values[0] for one in sampled()]
    assert every == queries()
    always = [kind(cast("HostileQuery", one.values[0])) for one in sampled() if not one.marks]
    assert sorted(always) == sorted({kind(case) for case in queries()})

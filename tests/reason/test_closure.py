from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixEnvironment, TryLater
from casegraph.graph import canonical, terms
from casegraph.graph.mapping import to_quads
from casegraph.graph.nquads import Quad, read_lines, read_quads, term
from casegraph.reason.closure import close
from casegraph.reason.noise import is_worth_keeping
from tests.graph import sample_records as sample
from tests.reason import naive_rules
from tests.reason.small_world import World, random_quads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CONTEXT = sample.sample_context()
ASSERTED = [quad for record in sample.RECORDS for quad in to_quads(record, CONTEXT)]


def _plain(quads: Iterable[Quad]) -> set[naive_rules.Triple]:
    """Triples for the oracle: addresses bare, literals as they are written."""
    return {
        (q.subject, q.predicate, q.object if isinstance(q.object, str) else term(q.object))
        for q in quads
    }


def _expected(world: World) -> set[naive_rules.Triple]:
    given = _plain([*read_quads(world.asserted), *read_quads(world.vocabulary)])
    return {
        triple
        for triple in naive_rules.closure(given) - given
        if not triple[0].startswith('"') and is_worth_keeping(*triple)
    }


def test_the_sample_closes_to_what_the_naive_loop_finds(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    closed = world.close()
    assert closed.inconsistencies == ()
    assert _plain(read_quads(world.inferred)) == _expected(world)


@pytest.mark.parametrize("seed", range(3))
def test_random_data_close_to_what_the_naive_loop_finds(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, random_quads(seed))
    world.close()
    assert _plain(read_quads(world.inferred)) == _expected(world)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 140))
def test_much_random_data_close_to_what_the_naive_loop_finds(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, random_quads(seed))
    world.close()
    assert _plain(read_quads(world.inferred)) == _expected(world)


def test_the_file_is_canonical_in_its_own_graph_and_disjoint(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    closed = world.close()
    lines = list(read_lines(world.inferred))
    assert [line.encode() for line in lines] == sorted({line.encode() for line in lines})
    assert closed.digest == canonical.digest_of(canonical.read_bytes_lines(world.inferred))
    inferred = list(read_quads(world.inferred))
    assert {quad.graph for quad in inferred} == {f"{sample.BASE}graph/inferred"}
    stated = _plain([*read_quads(world.asserted), *read_quads(world.vocabulary)])
    assert not _plain(inferred) & stated


def test_domains_and_ranges_tell_nothing_new_about_data_as_we_write_it(tmp_path: Path) -> None:
    """A class of ours that is only inferred would mean a domain or range that is too narrow."""
    world = World(tmp_path, ASSERTED)
    world.close()
    gone = f"{sample.BASE}id/finding/{'k' * 26}"
    added = {
        quad.object
        for quad in read_quads(world.inferred)
        if quad.predicate == terms.RDF_TYPE
        and isinstance(quad.object, str)
        and quad.object.startswith(terms.CG)
        and quad.subject != gone
    }
    assert added == {terms.CURRENT_FINDING}


def test_a_finding_reaches_its_broader_types_and_provisions(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    world.close()
    finding = CONTEXT.finding("last-year")
    reached = {
        (quad.predicate, quad.object)
        for quad in read_quads(world.inferred)
        if quad.subject == finding
    }
    own = f"{terms.VT}politically-motivated-conviction"
    assert (terms.VIOLATION_TYPE_OR_BROADER, own) in reached
    assert len({o for p, o in reached if p == terms.VIOLATION_TYPE_OR_BROADER}) > 1
    assert (terms.RDF_TYPE, terms.CURRENT_FINDING) in reached


def test_open_rejected_and_revised_findings_are_not_current(tmp_path: Path) -> None:
    graph = f"{sample.BASE}graph/asserted"
    status = {"a": "plain", "b": "adopted", "c": "open", "d": "refuted", "e": "setAside"}
    quads = [
        Quad(f"{sample.BASE}{name}", terms.READING_STATUS, terms.CG + value, graph)
        for name, value in {**status, "f": "plain"}.items()
    ]
    quads.append(Quad(f"{sample.BASE}r", terms.REVISES, f"{sample.BASE}f", graph))
    world = World(tmp_path, quads)
    world.close()
    current = [
        quad.subject[-1]
        for quad in read_quads(world.inferred)
        if quad.object == terms.CURRENT_FINDING
    ]
    assert current == ["a", "b"]


def test_a_contradiction_is_reported_as_a_value(tmp_path: Path) -> None:
    graph = f"{sample.BASE}graph/asserted"
    both = [
        Quad(f"{sample.BASE}x", terms.RDF_TYPE, terms.CG + name, graph)
        for name in ("Person", "Institution")
    ]
    closed = World(tmp_path, both).close()
    assert any("Person" in sentence for sentence in closed.inconsistencies)


def test_a_deadline_stops_the_child_and_leaves_no_file(tmp_path: Path) -> None:
    world = World(tmp_path, ASSERTED)
    with pytest.raises(TryLater, match="took longer") as caught:
        close(
            world.asserted,
            world.vocabulary,
            world.inferred,
            base_iri=sample.BASE,
            deadline_seconds=0.05,
        )
    assert caught.value.limit == "closure-deadline"
    assert not world.inferred.exists()


def test_a_child_that_fails_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(FixEnvironment, match=r"stopped with code 1: .*missing\.nq"):
        close(
            tmp_path / "missing.nq",
            tmp_path / "missing.nq",
            tmp_path / "out.nq",
            base_iri=sample.BASE,
            deadline_seconds=60,
        )


@pytest.mark.parametrize(
    "triple",
    [
        ("https://example.org/x", terms.OWL_SAME_AS, "https://example.org/x"),
        ("https://example.org/x", terms.RDF_TYPE, terms.OWL_THING),
        ("https://example.org/x", terms.RDF_TYPE, f"{terms.RDFS}Resource"),
        (terms.FINDING, terms.RDFS_SUB_CLASS_OF, terms.FINDING),
        (terms.ABOUT, terms.RDFS_DOMAIN, terms.FINDING),
        (terms.OWL_THING, terms.RDF_TYPE, terms.FINDING),
    ],
)
def test_noise_is_not_kept(triple: naive_rules.Triple) -> None:
    assert not is_worth_keeping(*triple)

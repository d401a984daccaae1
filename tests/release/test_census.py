"""The numbers of VoID, counted from lines, are those of a naive count in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from casegraph.graph import canonical
from casegraph.graph.nquads import from_line
from casegraph.release.census import Census, take_census

if TYPE_CHECKING:
    from pathlib import Path

BASE: Final = "https://veldania.example/"
TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
CG: Final = "https://w3id.org/casegraph/ns#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
ONE, TWO, SPAN = (f"<{BASE}id/finding/{n}>" for n in ("one", "two", "one/time"))
PORT: Final = f"<{BASE}id/population/port>"
DATE: Final = "^^<http://www.w3.org/2001/XMLSchema#date>"
ASSERTED, INFERRED = f"<{BASE}graph/asserted>", f"<{BASE}graph/inferred>"
LINES: Final = (
    f"{ONE} {TYPE} <{CG}Finding> {ASSERTED} .",
    f'{ONE} <{CG}statement> "A \\"song\\" <b> ."@en {ASSERTED} .',
    f'{ONE} <{CG}statement> "same" {ASSERTED} .',
    f'{TWO} <{CG}statement> "same" {ASSERTED} .',
    f'{TWO} <{CG}statement> "same"@en {ASSERTED} .',
    f"{TWO} {TYPE} <{CG}Finding> {ASSERTED} .",
    f"{TWO} {TYPE} <{CG}CurrentFinding> {INFERRED} .",
    f'{SPAN} <{CG}beginEarliest> "2030-04-02"{DATE} {ASSERTED} .',
    f'{SPAN} <{CG}endLatest> "2031-01-09"{DATE} {ASSERTED} .',
    f'{PORT} <{CG}beginEarliest> "1900-01-01"{DATE} {ASSERTED} .',
    f"{PORT} <{SKOS}closeMatch> <https://places.example.org/entity/Q7> {ASSERTED} .",
    f"{PORT} <{SKOS}closeMatch> {ONE} {ASSERTED} .",
    f"<{CG}Finding> {TYPE} <http://www.w3.org/2002/07/owl#Class> <{BASE}graph/vocabulary> .",
)


@pytest.fixture
def census(tmp_path: Path) -> Census:
    path = tmp_path / "all.nq"
    canonical.write_canonical(path, (line.encode() for line in LINES))
    return take_census(path, BASE)


def test_each_number_is_that_of_a_naive_count(census: Census) -> None:
    quads = [from_line(line) for line in LINES]
    assert census.triples == len(quads)
    assert census.subjects == len({quad.subject for quad in quads})
    assert census.objects == len({quad.object for quad in quads})
    assert census.entities == len(
        {quad.subject for quad in quads if quad.subject.startswith(f"{BASE}id/")}
    )
    for predicate in {quad.predicate for quad in quads}:
        assert census.properties[predicate] == sum(q.predicate == predicate for q in quads)
    assert sum(census.properties.values()) == len(quads)


def test_classes_graphs_and_links(census: Census) -> None:
    assert census.classes == {
        f"{CG}CurrentFinding": 1,
        f"{CG}Finding": 2,
        "http://www.w3.org/2002/07/owl#Class": 1,
    }
    assert census.graphs == {
        f"{BASE}graph/asserted": 11,
        f"{BASE}graph/inferred": 1,
        f"{BASE}graph/vocabulary": 1,
    }
    assert census.links == {(f"{SKOS}closeMatch", "https://places.example.org/"): 1}


def test_the_period_is_that_of_findings_alone(census: Census) -> None:
    assert (census.begin, census.end) == ("2030-04-02", "2031-01-09")


def test_examples_are_things_not_their_parts(census: Census) -> None:
    assert census.examples == (ONE[1:-1], PORT[1:-1])


def test_vocabularies_are_named_once(census: Census) -> None:
    assert census.vocabularies() == [
        "http://www.w3.org/1999/02/22-rdf-syntax-ns",
        "http://www.w3.org/2002/07/owl",
        "http://www.w3.org/2004/02/skos/core",
        "https://w3id.org/casegraph/ns",
    ]


def test_an_empty_release_is_counted_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none.nq"
    path.write_bytes(b"")
    census = take_census(path, BASE)
    assert (census.triples, census.subjects, census.objects, census.begin) == (0, 0, 0, "")

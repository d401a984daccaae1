"""The scheme of violations: a forest of concepts, each tied to law or saying why not."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import RDF, RDFS, SKOS

from casegraph import assets

CG = rdflib.Namespace("https://w3id.org/casegraph/ns#")
VT = rdflib.Namespace("https://w3id.org/casegraph/violations#")
PR = rdflib.Namespace("https://w3id.org/casegraph/provisions#")
SCHEME = rdflib.URIRef("https://w3id.org/casegraph/violations")
LANGUAGES = {"en", "be", "ru"}
REVIEWED = re.compile(r"no|.+ [0-9]{4}-[0-9]{2}-[0-9]{2}|https?://\S+")


@cache
def graph() -> rdflib.Graph:
    return rdflib.Graph().parse(assets.root("ontology") / "violations.ttl", format="turtle")


def concepts() -> list[rdflib.URIRef]:
    found = graph().subjects(RDF.type, SKOS.Concept)
    return sorted(concept for concept in found if isinstance(concept, rdflib.URIRef))


def languages(node: rdflib.term.Node, note: rdflib.URIRef) -> set[str | None]:
    return {x.language for x in graph().objects(node, note) if isinstance(x, rdflib.Literal)}


@pytest.mark.parametrize("concept", concepts(), ids=lambda c: str(c).removeprefix(str(VT)))
def test_concept_is_complete(concept: rdflib.URIRef) -> None:
    assert str(concept).startswith(str(VT))
    assert (concept, SKOS.inScheme, SCHEME) in graph()
    for label in (SKOS.prefLabel, RDFS.label):
        assert languages(concept, label) == LANGUAGES
    assert len(list(graph().objects(concept, SKOS.definition))) == 1
    assert len(list(graph().objects(concept, SKOS.notation))) == 1
    assert REVIEWED.fullmatch(str(graph().value(concept, CG["reviewed"])))


@pytest.mark.parametrize("concept", concepts(), ids=lambda c: str(c).removeprefix(str(VT)))
def test_concept_maps_to_a_provision_or_says_why_not(concept: rdflib.URIRef) -> None:
    provisions = set(graph().objects(concept, CG["mapsToProvision"]))
    note = graph().value(concept, SKOS.editorialNote)
    assert bool(provisions) != bool(note)
    for provision in provisions:
        assert (provision, RDF.type, CG["Provision"]) in graph()


def test_no_concept_is_broader_than_itself() -> None:
    for concept in concepts():
        above = list(graph().transitive_objects(concept, SKOS.broader))[1:]
        assert concept not in above


def test_a_concept_is_at_the_top_or_has_one_broader_that_exists() -> None:
    for concept in concepts():
        broader = list(graph().objects(concept, SKOS.broader))
        top = (concept, SKOS.topConceptOf, SCHEME) in graph()
        assert len(broader) == (0 if top else 1)
        assert set(broader) <= set(concepts())


def test_notation_follows_the_tree_and_is_unique() -> None:
    notations = [str(graph().value(c, SKOS.notation)) for c in concepts()]
    assert len(notations) == len(set(notations))
    assert all(re.fullmatch(r"[a-z-]+(\.[a-z-]+)?", notation) for notation in notations)


def test_every_provision_stands_in_an_instrument_and_is_marked() -> None:
    for provision in graph().subjects(RDF.type, CG["Provision"]):
        instrument = graph().value(provision, CG["instrument"])
        assert (instrument, RDF.type, CG["Instrument"]) in graph()
        assert graph().value(provision, CG["article"]) is not None
        assert languages(provision, RDFS.label) == LANGUAGES
        assert REVIEWED.fullmatch(str(graph().value(provision, CG["reviewed"])))
        assert (None, CG["mapsToProvision"], provision) in graph(), "no provision without a use"


def test_every_instrument_says_whether_it_binds_and_where_it_stands() -> None:
    for instrument in graph().subjects(RDF.type, CG["Instrument"]):
        assert str(graph().value(instrument, CG["bindingForce"])) in {"binding", "soft law"}
        assert str(graph().value(instrument, CG["address"])).startswith("https://")


def test_soft_law_has_no_treaty_status() -> None:
    for status in graph().subjects(RDF.type, CG["TreatyStatus"]):
        instrument = graph().value(status, CG["statusOf"])
        assert str(graph().value(instrument, CG["bindingForce"])) == "binding"


def bound_on(instrument: rdflib.term.Node, day: str) -> bool:
    """Whether Belarus is bound; ``forceUntil`` is the first day on which it is not."""
    for status in graph().subjects(CG["statusOf"], instrument):
        begin = str(graph().value(status, CG["forceFrom"]))
        until = graph().value(status, CG["forceUntil"])
        if begin <= day and (until is None or day < str(until)):
            return True
    return False


def test_belarus_left_the_complaints_protocol_and_stays_bound_by_the_covenant() -> None:
    assert bound_on(PR["iccpr-op1"], "2023-02-07")
    assert not bound_on(PR["iccpr-op1"], "2023-02-08")
    assert bound_on(PR["iccpr"], "2024-06-30")
    assert not bound_on(PR["icpped"], "2024-06-30")


def test_every_label_of_the_gold_annotation_is_a_concept() -> None:
    shared = Path(os.environ.get("CASEGRAPH_SHARED", Path(__file__).parents[2] / "../shared"))
    gold = shared / "seed" / "findings_gold.jsonl"
    if not gold.is_file():
        pytest.skip("the shared texts are not here (set CASEGRAPH_SHARED)")
    lines = gold.read_text(encoding="utf-8").splitlines()
    labels = {label for line in lines for label in json.loads(line)["violation_types"]}
    assert labels
    assert {VT[label] for label in labels} <= set(concepts())

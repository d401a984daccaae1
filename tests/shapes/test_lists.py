"""Lists in shapes say the same as the code lists and as the table that releases are written by."""

from __future__ import annotations

import re
from functools import cache

import pytest
import rdflib
from rdflib.namespace import RDF, SH

from casegraph import assets
from casegraph.graph import table, terms
from casegraph.validate.engine import load_shapes, load_turtle

CG = "https://w3id.org/casegraph/ns#"
CGSH = rdflib.Namespace("https://w3id.org/casegraph/shapes#")

#: The rows of the table behind each closed shape, and what stands there beside its rows.
ROWS = {
    "PublicAgent": ("Agent", set()),
    "PublicPopulation": ("Population", set()),
    "PublicCase": ("Case", {terms.INVOLVEMENT}),
    "PublicSource": ("Source", {terms.UTTERED}),
    "PublicCapture": ("Capture", {terms.CAPTURE_OF}),
    "PublicRendition": ("Rendition", {terms.RENDITION_OF}),
    "PublicQuotation": ("Quotation", {terms.EXACT, terms.QUOTED_FROM}),
    "PublicCitation": ("Citation", set()),
    "PublicFinding": (
        "Finding",
        {
            terms.EVIDENCED_BY,
            terms.ATTRIBUTED_TO,
            terms.ATTRIBUTION,
            terms.CLAIMS,
            terms.QUANTITY,
            terms.VALID_TIME,
        },
    ),
    "PublicQuantity": ("Quantity", set()),
    "PublicTimeSpan": ("TimeSpan", set()),
    "PublicViolation": ("Claim", {terms.INVOLVEMENT}),
    "PublicStateChange": ("Claim", {terms.INVOLVEMENT}),
    "PublicInvolvement": ("Involvement", set()),
    "PublicAttribution": (None, {terms.AGENT_OF, terms.POSITION}),
    "PublicRevision": ("Revision", set()),
}


@cache
def shapes() -> rdflib.Graph:
    return load_shapes(assets.root("shapes"))


@cache
def ontology() -> rdflib.Graph:
    return load_turtle(assets.root("ontology") / "casegraph.ttl")


def listed(shape: str) -> set[str]:
    graph = shapes()
    allowed = graph.value(CGSH[shape], SH.ignoredProperties)
    assert allowed is not None
    return {str(item) for item in graph.items(allowed)}


@pytest.mark.parametrize("shape", sorted(ROWS))
def test_closed_shape_lists_what_the_table_writes_and_nothing_else(shape: str) -> None:
    name, links = ROWS[shape]
    written = {row.property for row in table.TABLES[name]} if name else set()
    if shape == "PublicStateChange":
        written -= {terms.VIOLATION_TYPE}  # a change of state has no type of violation
    assert listed(shape) == written | links | {terms.RDF_TYPE, terms.RDFS_LABEL}


def test_every_class_of_the_table_is_known_to_the_shapes() -> None:
    known = shapes().value(CGSH.KnownType, SH["in"])
    assert known is not None
    assert table.classes() <= {str(item) for item in shapes().items(known)}


def test_a_node_without_class_is_found_by_every_property_of_the_table() -> None:
    reached = {str(p) for p in shapes().objects(CGSH.Bare, SH.targetSubjectsOf)}
    assert table.properties() <= reached


def test_lists_of_codes_equal_those_of_the_ontology() -> None:
    """A shape whose list is that of one property names all of its codes, or all but a few."""
    seen = set()
    for shape, values in shapes().subject_objects(SH["in"]):
        path = shapes().value(shape, SH.path)
        if path is None:
            continue
        codes = set(ontology().subjects(rdflib.URIRef(f"{CG}codeFor"), path))
        if not codes:
            continue
        inside = set(shapes().items(values))
        assert inside <= codes, shape
        if shapes().value(shape, SH.message) is not None:
            assert inside == codes, shape
            seen.add(path)
    every = set(ontology().objects(None, rdflib.URIRef(f"{CG}codeFor")))
    assert seen == every


def test_shapes_use_terms_of_the_ontology_only() -> None:
    declared = {str(s) for s in ontology().subjects() if str(s).startswith(CG)}
    used: set[str] = set()
    for path in assets.root("shapes").glob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        used |= {CG + name for name in re.findall(r"\bcg:(\w+)", text)}
    assert used - declared == set()


def test_every_class_of_the_ontology_that_data_may_use_has_a_shape() -> None:
    terms_only = (CGSH.PublicTerm, SH.targetClass)
    aimed = {
        str(c)
        for s, c in shapes().subject_objects(SH.targetClass)
        if (s, SH.targetClass) != terms_only
    }
    roots = {
        str(c)
        for c in ontology().subjects(RDF.type, rdflib.OWL.Class)
        if ontology().value(c, rdflib.RDFS.subClassOf) is None
    }
    in_the_vocabulary = {CG + name for name in ("Code", "Provision", "Instrument", "TreatyStatus")}
    assert roots - in_the_vocabulary <= aimed


def test_every_class_that_is_not_for_data_is_kept_to_the_vocabulary() -> None:
    known = shapes().value(CGSH.KnownType, SH["in"])
    assert known is not None
    kept = {str(c) for c in shapes().objects(CGSH.PublicTerm, SH.targetClass)}
    assert {str(item) for item in shapes().items(known)} - table.classes() == kept

"""The ontology says what it should, in the forms it may, and the same to every parser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS

from casegraph import assets
from casegraph.graph import table
from casegraph.graph import terms as written
from casegraph.model import terms

if TYPE_CHECKING:
    from pathlib import Path

CG = rdflib.Namespace("https://w3id.org/casegraph/ns#")
CODE, CODE_FOR = CG["Code"], CG["codeFor"]
FILES = ("casegraph.ttl", "violations.ttl", "alignments.ttl")
LANGUAGES = {"en", "be", "ru"}

#: Lists whose members are classes, or which never leave the workspace.
NO_CODES = {
    "FindingKind",
    "AgentKind",
    "ClaimKind",
    "CaseKind",
    "RevisionKind",
    "DisclosureLevel",
    "ConsentBasis",
}
#: Terms that only speak of the vocabulary, or that only the closure writes.
NOT_WRITTEN = {
    "CurrentFinding",
    "Code",
    "Instrument",
    "Provision",
    "TreatyStatus",
    "codeFor",
    "translationReviewed",
    "evidences",
    "claimedIn",
    "violationTypeOrBroader",
    "engagesProvision",
    "mapsToProvision",
    "instrument",
    "statusOf",
    "article",
    "bindingForce",
    "stateParty",
    "forceFrom",
    "forceUntil",
    "reviewed",
}


def path_of(name: str) -> Path:
    return assets.root("ontology") / name


@cache
def graph(name: str = "casegraph.ttl") -> rdflib.Graph:
    return rdflib.Graph().parse(path_of(name), format="turtle")


@cache
def own_terms() -> frozenset[rdflib.URIRef]:
    return frozenset(
        s
        for s in graph().subjects(RDF.type)
        if isinstance(s, rdflib.URIRef) and str(s).startswith(str(CG))
    )


def of_type(kind: rdflib.URIRef) -> set[rdflib.term.Node]:
    return set(graph().subjects(RDF.type, kind)) & own_terms()


@pytest.mark.parametrize("name", FILES)
def test_three_parsers_read_the_same_number_of_triples(name: str) -> None:
    path = path_of(name)
    count = len(rdflib.Graph().parse(path, format="turtle"))
    assert count > 0
    assert len(list(pyoxigraph.parse(path=path))) == count
    rapper = shutil.which("rapper")
    if rapper is None:
        pytest.skip("rapper (Debian: raptor2-utils) is not installed")
    done = subprocess.run(
        [rapper, "-c", "-i", "turtle", str(path)], capture_output=True, text=True, check=True
    )
    assert f"returned {count} triples" in done.stderr


@pytest.mark.parametrize("name", FILES)
def test_blank_nodes_stand_in_lists_only(name: str) -> None:
    blank = {node for triple in graph(name) for node in triple if isinstance(node, rdflib.BNode)}
    assert all((node, RDF.first, None) in graph(name) for node in blank)


def test_only_axioms_of_the_allowed_forms() -> None:
    """OWL 2 RL by construction: each form here is within the profile (OWL 2 Profiles, 4)."""
    types = {
        OWL.Ontology,
        OWL.Class,
        OWL.ObjectProperty,
        OWL.DatatypeProperty,
        OWL.AnnotationProperty,
        OWL.SymmetricProperty,
        OWL.TransitiveProperty,
        CODE,
    }
    axioms = {
        RDF.type,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        RDFS.domain,
        RDFS.range,
        OWL.disjointWith,
        OWL.inverseOf,
        OWL.propertyChainAxiom,
        RDF.first,
        RDF.rest,
    }
    notes = {
        RDFS.label,
        SKOS.definition,
        SKOS.example,
        OWL.versionInfo,
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.license,
        CODE_FOR,
        CG["translationReviewed"],
    }
    assert set(graph().objects(None, RDF.type)) == types
    assert set(graph().predicates()) - notes <= axioms
    assert set(graph("alignments.ttl").predicates()) <= {
        RDF.type,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        DCTERMS.title,
        DCTERMS.license,
    }


def test_axioms_speak_of_names_and_never_of_expressions() -> None:
    """No restriction, union or data range: subject and object of each axiom is an IRI."""
    for axiom in (
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        RDFS.domain,
        RDFS.range,
        OWL.disjointWith,
        OWL.inverseOf,
    ):
        for subject, value in graph().subject_objects(axiom):
            assert isinstance(subject, rdflib.URIRef)
            assert isinstance(value, rdflib.URIRef)
    for _subject, chain in graph().subject_objects(OWL.propertyChainAxiom):
        assert len(list(graph().items(chain))) == 2


def test_ranges_stand_on_object_properties_only() -> None:
    """A datatype as a range would make the closure write literals as subjects."""
    assert set(graph().subjects(RDFS.range)) <= of_type(OWL.ObjectProperty)


@pytest.mark.parametrize("term", sorted(own_terms()), ids=lambda t: str(t).removeprefix(str(CG)))
def test_term_has_labels_definition_and_example(term: rdflib.URIRef) -> None:
    labels = list(graph().objects(term, RDFS.label))
    assert {label.language for label in labels if isinstance(label, rdflib.Literal)} == LANGUAGES
    assert len(labels) == len(LANGUAGES)
    for note in (SKOS.definition, SKOS.example):
        texts = list(graph().objects(term, note))
        assert [t.language for t in texts if isinstance(t, rdflib.Literal)] == ["en"]


def test_every_term_is_of_one_kind() -> None:
    """One name for a property and a code at once would have two definitions."""
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, CODE}
    for term in own_terms():
        assert len(set(graph().objects(term, RDF.type)) & kinds) == 1, term


def test_translations_are_marked_as_unreviewed() -> None:
    ontology = rdflib.URIRef(str(CG).removesuffix("#"))
    scheme = rdflib.URIRef("https://w3id.org/casegraph/violations")
    for name, header in (("casegraph.ttl", ontology), ("violations.ttl", scheme)):
        assert str(graph(name).value(header, CG["translationReviewed"])) == "false"


def test_axioms_and_code_lists_name_declared_terms_only() -> None:
    used = {
        node
        for name in FILES
        for triple in graph(name)
        for node in triple
        if isinstance(node, rdflib.URIRef) and str(node).startswith(str(CG))
    }
    assert used - own_terms() == set()


def test_codes_are_the_members_of_the_closed_lists() -> None:
    members = {
        CG[member.value]
        for name, kind in vars(terms).items()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
        if name not in NO_CODES
        for member in kind
    }
    assert of_type(CODE) == members


def test_each_property_of_a_list_has_the_codes_of_that_list() -> None:
    lists = {
        row.property: row.codec.code_list
        for rows in table.TABLES.values()
        for row in rows
        if row.codec.code_list is not None
    }
    assert {str(p) for p in graph().objects(None, CODE_FOR)} == set(lists)
    for prop, members in lists.items():
        codes = set(graph().subjects(CODE_FOR, rdflib.URIRef(prop)))
        assert codes == {CG[member.value] for member in members}


def test_kinds_in_code_are_classes_of_the_ontology() -> None:
    kinds = (terms.FindingKind, terms.AgentKind, terms.ClaimKind, terms.RevisionKind)
    named = {CG[member.value] for kind in kinds for member in kind}
    assert named <= of_type(OWL.Class)


def test_table_and_ontology_name_the_same_terms() -> None:
    data = {rdflib.URIRef(name) for name in table.properties() | table.classes()}
    declared = own_terms() - of_type(CODE)
    assert data - declared == set()
    assert declared - data == {CG[name] for name in NOT_WRITTEN}


def test_vocabulary_in_code_equals_the_ontology() -> None:
    """Every IRI of ours in ``graph.terms`` is declared; a constant for each term is not asked."""
    constants = {
        rdflib.URIRef(value)
        for value in vars(written).values()
        if isinstance(value, str) and value.startswith(str(CG)) and value != str(CG)
    }
    assert constants - own_terms() == set()


def test_no_name_is_a_method_of_strings() -> None:
    """``rdflib.Namespace(...).lower`` is that method, silently."""
    names = {str(term).removeprefix(str(CG)) for term in own_terms()}
    assert names & set(dir(str)) == set()


def test_names_are_written_as_their_kind_asks() -> None:
    classes = of_type(OWL.Class)
    for term in own_terms():
        pattern = r"[A-Z][A-Za-z]*" if term in classes else r"[a-z][A-Za-z0-9]*"
        assert re.fullmatch(pattern, str(term).removeprefix(str(CG)))


def test_class_tree_has_no_cycle() -> None:
    for term in of_type(OWL.Class):
        above = list(graph().transitive_objects(term, RDFS.subClassOf))[1:]
        assert term not in above


def test_context_names_exactly_the_terms() -> None:
    context = json.loads(path_of("context.jsonld").read_text(encoding="utf-8"))["@context"]
    prefixes = {k: v for k, v in context.items() if isinstance(v, str) and "://" in v}
    named = {}
    for key, value in context.items():
        target = value["@id"] if isinstance(value, dict) else value
        if key.startswith("@") or key in prefixes or not isinstance(target, str):
            continue
        named[key] = target
    ours = {key for key, target in named.items() if target.startswith("cg:")}
    assert ours == {str(term).removeprefix(str(CG)) for term in own_terms()}
    assert all(named[key] == f"cg:{key}" for key in ours)
    others = {v.partition(":")[0] for k, v in named.items() if k not in ours}
    assert others - {"@id", "@type"} <= set(prefixes)


def test_context_gives_each_property_its_kind_of_value() -> None:
    context = json.loads(path_of("context.jsonld").read_text(encoding="utf-8"))["@context"]
    for term in of_type(OWL.ObjectProperty):
        entry = context[str(term).removeprefix(str(CG))]
        coded = (None, CODE_FOR, term) in graph()
        assert entry["@type"] == ("@vocab" if coded else "@id")
    kinds = {row.property: row.codec.kind for rows in table.TABLES.values() for row in rows}
    for prop, kind in kinds.items():
        name = prop.removeprefix(str(CG))
        if prop.startswith(str(CG)) and kind.startswith("xsd:") and " " not in kind:
            entry = context[name]
            declared = entry["@type"] if isinstance(entry, dict) else "xsd:string"
            assert declared == kind, name
        if prop.startswith(str(CG)) and kind == "rdf:langString":
            assert "@language" in context[name]["@container"]

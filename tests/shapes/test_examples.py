"""Every shape that can report has an example that fits it and one that does not."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib.namespace import RDF, SH

from casegraph import assets
from casegraph.validate.engine import load_shapes, load_turtle, validate_graph

if TYPE_CHECKING:
    from casegraph.validate.report import Report

HERE = Path(__file__).parent
PASS = sorted((HERE / "pass").glob("*.ttl"))
FAIL = sorted((HERE / "fail").glob("*.ttl"))
SHAPES_NS = "https://w3id.org/casegraph/shapes#"

# Parts of a shape that group or aim, and never report by themselves.
SILENT = {
    RDF.type,
    SH.path,
    SH.targetClass,
    SH.targetSubjectsOf,
    SH.targetObjectsOf,
    SH.property,
    SH.message,
    SH.severity,
    SH.ignoredProperties,
}


@cache
def shapes() -> rdflib.Graph:
    return load_shapes(assets.root("shapes"))


@cache
def shapes_of_the_catalogue() -> rdflib.Graph:
    """What describes a release is looked at by these alone: they are not about data."""
    return load_shapes(assets.root("shapes") / "catalogue.ttl")


def report_on(path: Path) -> Report:
    catalogue = path.stem.lower().startswith("catalogue")
    chosen = shapes_of_the_catalogue() if catalogue else shapes()
    return validate_graph(load_turtle(path), chosen, vocabulary())


@cache
def vocabulary() -> rdflib.Graph:
    return load_turtle(assets.root("ontology") / "violations.ttl")


@cache
def parts() -> frozenset[rdflib.term.Node]:
    """Shapes that others are put together from: these report in their place."""
    graph = shapes()
    used = set(graph.objects(None, SH.qualifiedValueShape)) | set(graph.objects(None, SH["not"]))
    for choices in graph.objects(None, SH["or"]):
        used |= set(graph.items(choices))
    for part in list(used):
        used |= set(graph.objects(part, SH.property))
    return frozenset(used)


@cache
def reporting() -> frozenset[str]:
    """Local names of the shapes that have a constraint of their own."""
    graph = shapes()
    every = set(graph.subjects(RDF.type, SH.NodeShape)) | set(
        graph.subjects(RDF.type, SH.PropertyShape)
    )
    return frozenset(
        str(shape).removeprefix(SHAPES_NS)
        for shape in every - parts()
        if set(graph.predicates(shape)) - SILENT
    )


def targets(graph: rdflib.Graph, shape: rdflib.term.Node) -> set[rdflib.term.Node]:
    found: set[rdflib.term.Node] = set()
    for owner in (shape, *shapes().subjects(SH.property, shape)):
        for target in shapes().objects(owner, SH.targetClass):
            found |= set(graph.subjects(RDF.type, target))
        for target in shapes().objects(owner, SH.targetSubjectsOf):
            found |= set(graph.subjects(target))
        for target in shapes().objects(owner, SH.targetObjectsOf):
            found |= set(graph.objects(None, target))
    return found


@pytest.mark.parametrize("path", PASS, ids=lambda path: path.stem)
def test_passing_example_has_no_result(path: Path) -> None:
    assert report_on(path).results == ()


@pytest.mark.parametrize("path", FAIL, ids=lambda path: path.stem)
def test_failing_example_breaks_its_own_shape_alone(path: Path) -> None:
    report = report_on(path)
    own = SHAPES_NS + path.stem
    assert own in {result.shape for result in report.results}
    assert {result.shape for result in report.violations} <= {own}
    severity = shapes().value(rdflib.URIRef(own), SH.severity)
    expected = "warning" if severity == SH.Warning else "violation"
    assert {r.severity for r in report.results if r.shape == own} == {expected}
    assert all(r.message for r in report.results), "each message says what to do"


def test_every_shape_that_can_report_has_a_failing_example_and_no_example_is_left_over() -> None:
    assert {path.stem for path in FAIL} == reporting()


def test_every_shape_that_can_report_is_met_by_a_passing_example() -> None:
    """Met: a node that it targets is there and, where it asks for one property, has it."""
    graph = rdflib.Graph()
    for path in PASS:
        graph += load_turtle(path)
    unmet = set()
    for name in reporting() - {"NoSameAs"}:  # what may never be there has no such example
        shape = rdflib.URIRef(SHAPES_NS + name)
        nodes = targets(graph, shape)
        prop = shapes().value(shape, SH.path)
        forbids = str(shapes().value(shape, SH.maxCount)) == "0"
        if isinstance(prop, rdflib.URIRef) and not forbids:
            nodes = {node for node in nodes if (node, prop, None) in graph}
        if not nodes:
            unmet.add(name)
    assert unmet == set()


def test_every_shape_has_an_address_of_ours() -> None:
    graph = shapes()
    named = set(graph.subjects(RDF.type, SH.NodeShape)) | set(
        graph.subjects(RDF.type, SH.PropertyShape)
    )
    referred = set(graph.objects(None, SH.property)) | parts()
    assert referred <= named
    assert all(str(shape).startswith(SHAPES_NS) for shape in named)


def test_no_shape_is_declared_twice() -> None:
    """Two declarations of one name would silently add up."""
    heads: Counter[str] = Counter()
    for path in assets.root("shapes").glob("*.ttl"):
        heads.update(
            line.split()[0] for line in path.read_text().splitlines() if line.startswith("cgsh:")
        )
    assert [name for name, count in heads.items() if count > 1] == []


def test_shapes_are_core_only_and_import_nothing() -> None:
    predicates = {str(p) for p in shapes().predicates()}
    assert str(SH.sparql) not in predicates
    assert "http://www.w3.org/2002/07/owl#imports" not in predicates


def test_every_shape_that_can_report_says_what_to_do() -> None:
    silent = {
        name
        for name in reporting()
        if not shapes().value(rdflib.URIRef(SHAPES_NS + name), SH.message)
    }
    assert silent == set()

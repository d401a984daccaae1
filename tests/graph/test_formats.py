from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from casegraph.graph import terms
from casegraph.graph.formats import MEDIA_TYPES, Format, document
from casegraph.graph.literal import Literal
from casegraph.graph.mapping import to_quads
from casegraph.graph.nquads import Quad
from casegraph.graph.vocabulary import load_vocabulary
from tests.graph import sample_records as sample

S = "https://example.org/id/finding/x"
ENGINE = {
    Format.TURTLE: ox.RdfFormat.TURTLE,
    Format.NTRIPLES: ox.RdfFormat.N_TRIPLES,
    Format.JSONLD: ox.RdfFormat.JSON_LD,
    Format.RDFXML: ox.RdfFormat.RDF_XML,
}
CONTEXT = sample.sample_context()
SAMPLE = [quad for record in sample.RECORDS for quad in to_quads(record, CONTEXT)]
# What the context has no word for, or a word that says something else.
AWKWARD = [
    Quad(S, terms.BEGIN_EARLIEST, Literal("not a date")),
    Quad(S, terms.STATEMENT, Literal("without a language")),
    Quad(S, terms.STATEMENT, Literal("one", terms.RDF_LANG_STRING, "en")),
    Quad(S, terms.STATEMENT, Literal("two", terms.RDF_LANG_STRING, "en")),
    Quad(S, terms.SEX, Literal("x", terms.RDF_LANG_STRING, "en")),
    Quad(S, terms.UNIT, "https://example.org/elsewhere"),
    Quad(S, "https://example.org/p#q", Literal("1.5", terms.XSD_DECIMAL)),
    Quad(S, "https://example.org/p#q", Literal("false", terms.XSD_BOOLEAN)),
    Quad(S, "https://example.org/p#q", Literal("0", terms.XSD_INTEGER)),
    Quad(S, "https://example.org/p#q", S),
    Quad(S, terms.NAME_FORM, Literal("М.", terms.RDF_LANG_STRING, "be")),
    Quad(S, terms.RDF_TYPE, "https://example.org/Class"),
]


def _triples(text: bytes, form: ox.RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(text, format=form)}


@pytest.mark.parametrize("form", ENGINE)
@pytest.mark.parametrize(
    "quads",
    [SAMPLE, AWKWARD, list(load_vocabulary(sample.BASE).quads)],
    ids=["sample", "awkward", "vocabulary"],
)
def test_every_format_says_the_same_triples(form: Format, quads: list[Quad]) -> None:
    expected = document(quads, Format.NTRIPLES, base_iri=sample.BASE)
    found = document(quads, form, base_iri=sample.BASE, title="A title")
    assert _triples(found, ENGINE[form]) == _triples(expected, ox.RdfFormat.N_TRIPLES)
    assert found == document(quads, form, base_iri=sample.BASE, title="A title")


def test_n_quads_keep_the_graph_and_are_sorted() -> None:
    text = document(reversed(SAMPLE), Format.NQUADS, base_iri=sample.BASE)
    lines = text.splitlines()
    assert lines == sorted(set(lines))
    assert b"graph/asserted" in lines[0]


def test_a_triple_in_two_graphs_is_written_once() -> None:
    twice = [Quad(S, terms.ABOUT, S, "https://example.org/g1"), Quad(S, terms.ABOUT, S)]
    assert document(twice, Format.NTRIPLES, base_iri=sample.BASE).count(b"\n") == 1


def test_json_ld_reads_without_knowing_rdf() -> None:
    (finding,) = [r for r in sample.FINDINGS if r.key == "women"]
    data = json.loads(document(to_quads(finding, CONTEXT), Format.JSONLD, base_iri=sample.BASE))
    nodes = {node["id"].rpartition("/")[2]: node for node in data["@graph"]}
    assert nodes["quantity"]["statedValue"] == 480
    assert nodes["quantity"]["unit"] == "persons"
    assert nodes[CONTEXT.findings["women"]]["type"] == ["CountFinding", "Finding"]
    assert "TreatyStatus" not in data["@context"]


def test_every_format_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == set(Format)

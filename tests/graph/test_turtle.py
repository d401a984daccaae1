from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pyoxigraph as ox
import rdflib

from casegraph.graph import canonical, terms
from casegraph.graph.literal import Literal
from casegraph.graph.mapping import keyed_lines
from casegraph.graph.nquads import Quad, from_line
from casegraph.graph.turtle import TurtleWriter, data_prefixes, turtle_lines
from tests.conftest import require_tool
from tests.graph import sample_records as sample

if TYPE_CHECKING:
    from pathlib import Path

S = "https://example.org/id/finding/x"
PREFIXES = data_prefixes(sample.BASE)


def _document() -> tuple[bytes, int]:
    """The sample as Turtle, and its number of triples."""
    keyed = [line.encode() for line in keyed_lines(sample.RECORDS, sample.sample_context())]
    lines = list(canonical.without_keys(canonical.sorted_lines(keyed)))
    text = b"".join(line + b"\n" for line in turtle_lines(lines, PREFIXES, title="Two\nlines"))
    return text, len(lines)


def _write(*quads: Quad) -> str:
    return "\n".join(TurtleWriter(PREFIXES).lines(quads)).rpartition(" .\n\n")[2]


def test_two_engines_read_exactly_the_triples_of_the_canonical_lines() -> None:
    text, count = _document()
    keyed = [line.encode() for line in keyed_lines(sample.RECORDS, sample.sample_context())]
    expected = {from_line(line.decode())[:3] for line in canonical.without_keys(keyed)}
    found = {
        (
            str(quad.subject)[1:-1],
            quad.predicate.value,
            quad.object.value
            if isinstance(quad.object, ox.NamedNode)
            else Literal(
                quad.object.value,
                quad.object.datatype.value,
                quad.object.language or "",
            ),
        )
        for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)
        if isinstance(quad.object, ox.NamedNode | ox.Literal)
    }
    assert found == expected
    assert len(rdflib.Graph().parse(data=text, format="turtle")) == count == len(expected)


def test_rapper_counts_the_same_triples(tmp_path: Path) -> None:
    require_tool("rapper", package="raptor2-utils")
    text, count = _document()
    file = tmp_path / "data.ttl"
    file.write_bytes(text)
    done = subprocess.run(
        ["rapper", "-i", "turtle", "-c", file.as_uri()], capture_output=True, text=True, check=True
    )
    assert f"returned {count} triples" in done.stderr


def test_the_text_has_no_blank_node_and_no_bare_hash_of_a_source_address() -> None:
    text, _ = _document()
    assert b"_:" not in text
    assert b"[" not in text
    assert text.startswith(b"# Two\n# lines\n@prefix cg: ")


def test_a_stands_first_and_classes_keep_their_order() -> None:
    quads = [
        Quad(S, terms.ABOUT, "https://example.org/id/population/p"),
        Quad(S, terms.RDF_TYPE, terms.CG + "CountFinding"),
        Quad(S, terms.RDF_TYPE, terms.FINDING),
    ]
    assert _write(*quads) == "f:x a cg:CountFinding, cg:Finding ;\n    cg:about pop:p ."


def test_numbers_and_flags_are_bare_and_other_literals_are_not() -> None:
    values = {
        "7": Literal("7", terms.XSD_INTEGER),
        "-0.25": Literal("-0.25", terms.XSD_DECIMAL),
        "true": Literal("true", terms.XSD_BOOLEAN),
        '"7"': Literal("7"),
        '"x"@be-tarask': Literal("x", terms.RDF_LANG_STRING, "be-tarask"),
        '"2024-01-01"^^xsd:date': Literal("2024-01-01", terms.XSD_DATE),
        '"1"^^xsd:boolean': Literal("1", terms.XSD_BOOLEAN),
    }
    for text, literal in values.items():
        assert TurtleWriter(PREFIXES).object(literal) == text


def test_an_address_that_no_local_name_can_hold_stays_whole() -> None:
    writer = TurtleWriter(PREFIXES)
    assert writer.iri(f"{S}/claim/affected-1") == r"f:x\/claim\/affected-1"
    assert writer.iri("https://example.org/id/finding/") == "<https://example.org/id/finding/>"
    assert writer.iri("https://example.org/id/finding/a.") == "<https://example.org/id/finding/a.>"
    assert writer.iri(f"{S}?a=b") == f"<{S}?a=b>"


def test_many_objects_go_on_lines_of_their_own() -> None:
    long = [Quad(S, terms.ABOUT, f"{sample.BASE}id/population/{'p' * 50}{n}") for n in "12"]
    assert _write(*long) == (f"f:x cg:about\n        pop:{'p' * 50}1,\n        pop:{'p' * 50}2 .")

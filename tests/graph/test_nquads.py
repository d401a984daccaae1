from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import FixInput
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import Quad, from_line, to_line

S = "https://example.org/s"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_a_line_read_back_gives_the_same_quad_and_the_same_bytes(text: str) -> None:
    quad = Quad(S, S, Literal(text), S)
    line = to_line(quad)
    assert "\n" not in line
    assert "\t" not in line
    assert from_line(line) == quad


@given(TEXT)
def test_lines_are_the_bytes_that_the_engine_writes(text: str) -> None:
    node = ox.NamedNode(S)
    engine = ox.serialize(
        [ox.Quad(node, node, ox.Literal(text, language="en"), node)], format=ox.RdfFormat.N_QUADS
    )
    literal = Literal(text, "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "en")
    assert f"{to_line(Quad(S, S, literal, S))}\n".encode() == engine


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# comment",
        f"_:b <{S}> <{S}> .",
        f"<{S}> <{S}> _:b .",
        f"<{S}>  <{S}> <{S}> .",
        f"<{S}> <{S}> <{S}>.",
        f'<{S}> <{S}> "open .',
        f'<{S}> <{S}> "x"@EN .',
        f"<{S}> <{S}> <a b> .",
    ],
)
def test_a_line_that_is_not_canonical_is_refused(line: str) -> None:
    with pytest.raises(FixInput, match="canonical N-Quads"):
        from_line(line)

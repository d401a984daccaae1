from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.graph.nquads import from_line, to_line
from casegraph.graph.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://example.org/"
LIST = "@prefix : <https://example.org/v#> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."


def test_types_labels_broader_and_provisions_are_plain_values() -> None:
    vocabulary = load_vocabulary(BASE)
    assert "torture" in vocabulary.violation_types
    assert vocabulary.type_label("torture") == "torture"
    assert vocabulary.type_label("torture", "ru") != "torture"
    assert vocabulary.type_label("torture", "xx") == "torture"
    assert vocabulary.broader["death-in-custody"] == ("violation-of-the-right-to-life",)
    assert f"{terms.PR}iccpr-6" in vocabulary.provisions["death-in-custody"]
    assert vocabulary.definitions[terms.FINDING]
    assert vocabulary.label("https://example.org/x#unknown") == "unknown"


def test_the_graph_is_canonical_without_blank_nodes_and_always_the_same() -> None:
    one, two = load_vocabulary(BASE), load_vocabulary(BASE)
    assert one.quads == two.quads
    assert {quad.graph for quad in one.quads} == {f"{BASE}graph/vocabulary"}
    for quad in one.quads:
        assert from_line(to_line(quad)) == quad


def test_lists_get_names_from_their_owner_and_content(tmp_path: Path) -> None:
    file = tmp_path / "casegraph.ttl"
    file.write_text(f"{LIST} :p owl:propertyChainAxiom (:a :b), (:c :d) .", encoding="utf-8")
    first = load_vocabulary(BASE, tmp_path).quads
    file.write_text(f"{LIST} :p owl:propertyChainAxiom (:c :d), (:a :b) .", encoding="utf-8")
    assert load_vocabulary(BASE, tmp_path).quads == first
    names = {quad.subject for quad in first if "genid" in quad.subject}
    assert len(names) == 4
    assert all(name.startswith(f"{BASE}.well-known/genid/") for name in names)


def test_a_blank_node_outside_a_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "casegraph.ttl").write_text(f"{LIST} [] :p :q .", encoding="utf-8")
    with pytest.raises(FixInput, match="blank node outside a list"):
        load_vocabulary(BASE, tmp_path)


def test_a_list_that_does_not_end_is_refused(tmp_path: Path) -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    for cell in (":first :a", f"<{rdf}rest> _:l", f"<{rdf}first> :a . _:m <{rdf}rest> _:m"):
        text = f"{LIST} :p owl:propertyChainAxiom _:l . _:l {cell} ."
        (tmp_path / "casegraph.ttl").write_text(text, encoding="utf-8")
        with pytest.raises(FixInput, match="blank node outside a list"):
            load_vocabulary(BASE, tmp_path)


def test_broken_turtle_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "violations.ttl").write_text("not turtle", encoding="utf-8")
    with pytest.raises(FixInput, match=r"violations\.ttl is no Turtle"):
        load_vocabulary(BASE, tmp_path)

"""Parameters enter queries as terms of a VALUES clause, and nothing else can."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import CasegraphError
from casegraph.graph.literal import Literal
from casegraph.query.guard import check
from casegraph.web.pages import asking
from casegraph.web.pages.asking import page_size, read_rows, text_of, with_values

NAMES = sorted(path.stem for path in (Path(asking.__file__).parent / "queries").glob("*.rq"))


@pytest.mark.parametrize("name", NAMES)
def test_a_named_query_is_legal_as_it_stands(name: str) -> None:
    assert check(text_of(name)).citable


@pytest.mark.parametrize("name", ["findings-about", "findings-by", "evidence-of-source"])
def test_a_list_is_asked_for_by_pages(name: str) -> None:
    assert page_size(name) > 0


def test_terms_take_the_place_of_the_row() -> None:
    text = with_values(text_of("labels"), [("https://example.org/a",), ("https://example.org/b",)])
    assert "VALUES (?thing) { (<https://example.org/a>) (<https://example.org/b>) }" in text
    assert "UNDEF" not in text


@given(st.text(max_size=40))
def test_no_literal_ends_the_clause(words: str) -> None:
    text = with_values(text_of("labels"), [(Literal(words),)])
    marker = text.index("VALUES")
    assert check(text).form == "SELECT"
    assert text[marker:].count("?thing rdfs:label ?label .") == 1


@pytest.mark.parametrize(
    "address", ["https://example.org/> } #", "javascript:alert(1)", "https://a b/", "x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(CasegraphError):
        with_values(text_of("labels"), [(address,)])


def test_rows_of_a_result_keep_kind_and_language() -> None:
    data = (
        b'{"head":{"vars":["a","b"]},"results":{"bindings":[{"a":{"type":"uri","value":"x:y"},'
        b'"b":{"type":"literal","value":"w","xml:lang":"be"}},{"a":{"type":"bnode","value":"0"}}]}}'
    )
    names, rows = read_rows(data)
    assert names == ["a", "b"]
    assert rows[0]["a"] == "x:y"
    assert isinstance(rows[0]["b"], Literal)
    assert rows[0]["b"].lang == "be"
    assert rows[1] == {"a": Literal("_:0")}
    assert read_rows(b'{"head":{},"boolean":true}') == (["answer"], [{"answer": Literal("true")}])

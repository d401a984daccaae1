"""Sorted answers are compared in one pass, as sets of lines with repetitions."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from casegraph.graph import terms
from casegraph.graph.literal import Literal, lang_string
from casegraph.web.pages.comparing import compare, read_line, read_term

LINES = st.lists(st.text(alphabet="abc", max_size=2), max_size=12).map(sorted)


@given(LINES, LINES)
def test_a_comparison_counts_what_multisets_count(old: list[str], new: list[str]) -> None:
    found = compare(["x"], old, new, most=1000)
    assert Counter(found.gone) == Counter(old) - Counter(new)
    assert Counter(found.come) == Counter(new) - Counter(old)
    assert found.counts["same"] == (Counter(old) & Counter(new)).total()
    assert found.same == (old == new)


@given(LINES, LINES, st.integers(0, 3))
def test_counts_stay_true_where_few_rows_are_kept(
    old: list[str], new: list[str], most: int
) -> None:
    found = compare(["x"], old, new, most=most)
    assert found.counts["gone"] == (Counter(old) - Counter(new)).total()
    assert len(found.gone) == min(most, found.counts["gone"])


def test_terms_are_read_as_tsv_writes_them() -> None:
    assert read_term("<https://x.example/a>") == "https://x.example/a"
    assert read_term('"a\\tb"@be') == lang_string("a\tb", "be")
    assert read_term("-12") == Literal("-12", terms.XSD_INTEGER)
    assert read_term("1.50") == Literal("1.50", terms.XSD_DECIMAL)
    assert read_term("true") == Literal("true", terms.XSD_BOOLEAN)
    assert read_term("1e6") == Literal("1e6", terms.XSD + "double")


def test_what_no_release_holds_is_shown_as_written() -> None:
    assert read_term('"a"@EN--ltr') == Literal('"a"@EN--ltr')


def test_unbound_variables_are_left_out() -> None:
    assert read_line(["a", "b"], "<x:y>\t") == {"a": "x:y"}

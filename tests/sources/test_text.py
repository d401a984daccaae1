"""Quotations are found letter by letter or under the declared fold, never nearly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import FixInput
from casegraph.sources.text import Missing, Place, decode, find, fold

TEXT = "The “report” says: cafe\u0301 – 1 721\u00a0people,\nand more peo\u00adple."


@pytest.mark.parametrize(
    ("quote", "exact"),
    [
        ("report", "report"),
        ('"report"', "“report”"),
        ("café", "cafe\u0301"),
        ("café - 1 721 people, and", "cafe\u0301 – 1 721\u00a0people,\nand"),
        ("more people", "more peo\u00adple"),
    ],
)
def test_the_fold_finds_what_only_looks_different(quote: str, exact: str) -> None:
    place = find(TEXT, quote)
    assert isinstance(place, Place)
    assert place.exact == exact == TEXT[place.start : place.end]
    assert TEXT.encode()[place.byte_start : place.byte_end].decode() == exact


@pytest.mark.parametrize("quote", ["cafe", "Report", "1721 people", "more poeple", " ", ""])
def test_what_is_not_there_is_not_found(quote: str) -> None:
    found = find(TEXT, quote)
    assert isinstance(found, Missing)


def test_words_as_near_to_one_place_as_to_another_choose_none() -> None:
    found = find("a x a", "a", near="x")
    assert found == Missing("quote-ambiguous", 2)
    assert find("a x . a", "a", near="x") != found


def test_the_longest_known_beginning_is_help() -> None:
    found = find(TEXT, 'The "report" says nothing')
    assert found == Missing("quote-not-found", 0, 'The "report" says')


def test_bytes_that_are_not_utf_8_are_told_with_their_place() -> None:
    with pytest.raises(FixInput) as error:
        decode(b"first\nsecond \xff", path="report.txt")
    assert str(error.value.where) == "report.txt:2:8"


@given(st.text(alphabet="ab \u0301“”-–\u00ad\n", max_size=30), st.data())
def test_whatever_stands_in_a_text_is_found_there(text: str, data: st.DataObject) -> None:
    """Any stretch of whole letters is found, where it is single at its very place."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = find(text, text[start:end])
    if isinstance(found, Place):
        assert found.exact == text[found.start : found.end]
        assert fold(found.exact)[0].strip() == fold(text[start:end])[0].strip()


@given(st.text(max_size=60))
def test_the_fold_is_stable_and_keeps_offsets_in_order(text: str) -> None:
    folded, offsets = fold(text)
    assert fold(folded)[0] == folded
    assert list(offsets) == sorted(offsets)
    assert len(offsets) == len(folded) + 1

"""Quotations at their places, and the share of a text that they reproduce."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from casegraph.findings.anchoring import anchor, places_of, quoted_share
from casegraph.findings.reader import read_book
from casegraph.model.values import Quotation
from casegraph.sources.captures import RecordedPlace, quotation_mark
from tests.findings.small_workspace import TEXT, TYPES, changed, read, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.findings.book import Book

F = "findings/report.yaml"


def quotation(book: Book, key: str) -> Quotation:
    found = book.findings[key].evidence[0]
    assert isinstance(found, Quotation)
    return found


def test_offsets_count_code_points_and_bytes(tmp_path: Path) -> None:
    book, _ = read_book(write_workspace(tmp_path), TYPES)
    text = "Вельдания – " + TEXT
    anchored, problems = anchor(book, {"report": text}, {})
    found = quotation(anchored, "women")
    assert problems == []
    assert text[found.start : found.end] == "including 480 women"
    assert text.encode()[found.byte_start : found.byte_end] == b"including 480 women"
    assert (found.byte_start or 0) > (found.start or 0)
    before = text[: text.index("including 480 women")]
    assert found.prefix == before[-32:]
    assert found.suffix == ".\nThe report says that guards be"


def test_near_chooses_one_of_several(tmp_path: Path) -> None:
    entry = 'guards shouted"\n  near: again'
    book, problems = read(write_workspace(tmp_path, changed(F, 'guards beat prisoners"', entry)))
    assert problems == []
    assert quotation(book, "report-3").start == TEXT.rindex("guards shouted")


def test_a_folded_match_keeps_the_characters_of_the_source(tmp_path: Path) -> None:
    book, _ = read_book(write_workspace(tmp_path), TYPES)
    text = TEXT.replace("including 480 women", "including\u00a0480\n  women")
    anchored, problems = anchor(book, {"report": text}, {})
    assert quotation(anchored, "women").exact == "including\u00a0480\n  women"
    assert [(p.code, p.severity) for p in problems] == [("quote-folded", "warning")]


def test_recorded_places_stand_in_for_a_text_that_is_not_at_hand(tmp_path: Path) -> None:
    book, _ = read(write_workspace(tmp_path))
    recorded = {
        source: {mark: RecordedPlace(*numbers) for mark, numbers in places.items()}
        for source, places in places_of(book).items()
    }
    unread, _ = read_book(tmp_path, TYPES)
    anchored, problems = anchor(unread, {}, recorded)
    assert problems == []
    found, before = quotation(anchored, "women"), quotation(book, "women")
    assert (found.start, found.byte_end) == (before.start, before.byte_end)
    assert found.prefix is None


def test_what_could_not_be_looked_for_is_one_warning(tmp_path: Path) -> None:
    book, _ = read_book(write_workspace(tmp_path), TYPES)
    mark = quotation_mark("including 480 women", None)
    _, problems = anchor(book, {}, {"report": {mark: RecordedPlace(1, 2, 1, 2)}})
    assert [str(p) for p in problems] == [
        (
            "findings/report.yaml:7:10: warning: the text of 'report' is not at hand, so 2"
            " quotations"
            " were not checked\n    Run `casegraph source attach report FILE` with the text as you"
            " read it."
        )
    ]


def test_the_quoted_share_counts_each_character_once(tmp_path: Path) -> None:
    entry = """- key: again
  quote: "people were sentenced, including"
  conduct: torture
  against: [sentenced]
- key: women"""
    book, problems = read(write_workspace(tmp_path, changed(F, "- key: women", entry)))
    assert problems == []
    quoted = len("1,721 people were sentenced, including 480 women") + len("guards beat prisoners")
    assert quoted_share(book, {"report": TEXT}) == {"report": Fraction(quoted, len(TEXT))}
    assert quoted_share(book, {"report": ""}) == {}

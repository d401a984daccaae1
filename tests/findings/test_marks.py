"""Quotations that differ from their source only in marks are answered with its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.findings.anchoring import anchor
from casegraph.findings.marks import MAX_COPIED, copyable, not_found, what_differs
from casegraph.findings.reader import read_book
from casegraph.findings.yaml_tree import parse_yaml
from casegraph.sources.text import differing_only_in_marks
from tests.findings.small_workspace import TYPES, changed, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

F = "findings/report.yaml"
TEXT = (
    "In 2024, 1,721 people were sentenced, including 480 women.\n"
    "It says: ‘guards beat prisoners’ — 12\u00a0times… and don’t stop.\n"
)


def told(tmp_path: Path, quote: str) -> list[str]:
    changes = changed(F, '"guards beat prisoners"', quote)
    book, problems = read_book(write_workspace(tmp_path, changes), TYPES)
    assert problems == []
    return [str(problem) for problem in anchor(book, {"report": TEXT}, {})[1]]


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        (
            "'says: \"guards beat prisoners\"'",
            (
                "error: 'says: \"guards beat prisoners\"' does not stand in 'report': it differs in"
                " its quotation marks and apostrophes or single quotation marks\n"
                '    Copy the source\'s own words: quote: "says: ‘guards beat prisoners’"'
            ),
        ),
        (
            '"prisoners 12 times... and"',
            (
                "error: 'prisoners 12 times... and' does not stand in 'report': it differs in its"
                " no-break spaces, apostrophes or single quotation marks, dashes or hyphens"
                " and ellipses\n    Copy the source's own words:"
                ' quote: "prisoners’ — 12\\xa0times… and"'
            ),
        ),
        (
            '"12 times"',
            (
                "warning: the quotation differs from the source in its no-break spaces\n"
                "    Give the source's own characters, so that it can be checked without the text:"
                ' quote: "12\\xa0times"'
            ),
        ),
        (
            '"and don\'t stop"',
            (
                "warning: the quotation differs from the source in its apostrophes or single"
                " quotation marks\n    Give the source's own characters, so that it can be checked"
                ' without the text: quote: "and don’t stop"'
            ),
        ),
        (
            '"guards beat detainees"',
            (
                "error: 'guards beat detainees' does not stand in 'report'\n"
                "    The source has its beginning, 'guards beat'; compare what follows."
            ),
        ),
    ],
)
def test_what_differs_is_told_with_the_words_to_copy(
    tmp_path: Path, quote: str, message: str
) -> None:
    assert told(tmp_path, quote) == [f"findings/report.yaml:16:10: {message}"]


def test_the_words_to_copy_are_read_as_the_source_has_them() -> None:
    exact = 'a “b” "c" \\ 12\u00a0d\nand\u00ad so \u202e on'
    line = copyable(exact)
    assert line is not None
    assert line.isprintable()
    node, _ = parse_yaml(line.replace("\\u202e", ""), "f")
    assert node is not None
    assert node.items[0][1].text == exact.replace("\u202e", "")  # type: ignore[union-attr]


def test_a_long_quotation_is_not_printed_whole() -> None:
    words = "word — " * MAX_COPIED
    assert copyable(words) is None
    message, hint = not_found(words, words.replace("—", "'"), "s", excerpt=None, hint="Copy it.")
    assert "differs" not in message
    assert hint == "Copy it."


@pytest.mark.parametrize(
    ("words", "exact"),
    [
        ('"guards beat prisoners"', "‘guards beat prisoners’"),
        ("guards beat prisoners' -", "guards beat prisoners"),
        ("prisoners - 12 times", "prisoners’ — 12\u00a0times"),
        ("guards beat prisoner", None),
        ("1 721 people", None),
        ("...", None),
        ("", None),
    ],
)
def test_only_marks_may_differ(words: str, exact: str | None) -> None:
    assert differing_only_in_marks(TEXT, words) == exact


def test_words_that_stand_there_several_times_are_not_chosen_from() -> None:
    assert differing_only_in_marks("‘a b’ and ‘a b’", '"a b"') is None


def test_kinds_of_difference() -> None:
    assert what_differs("a\nb", "a b") == "its line breaks"
    assert what_differs("cafe\u0301", "café") == "its accents that are composed otherwise"
    assert what_differs("'a\"", "\"a'") == "the order of its marks"

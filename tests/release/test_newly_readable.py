"""A preview shows what of the texts of sources would be read for the first time, and how much."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from casegraph.release.build import build
from casegraph.release.newly_readable import (
    MOST_CHARACTERS,
    MOST_LINES,
    newly_readable,
)
from casegraph.release.preview import TEXTS, preview
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path


def folder(place: Path, name: str, text: str | None) -> Path:
    """A release folder with one text, or none."""
    (place / name / "texts").mkdir(parents=True)
    if text is not None:
        (place / name / "texts" / "so1.txt").write_text(text, encoding="utf-8")
    return place / name


def told(place: Path, old: str | None, new: str) -> tuple[str, ...]:
    found = newly_readable(folder(place, "new", new), folder(place, "old", old))
    return found.get("so1", ())


def test_a_new_text_is_told_by_its_size_and_its_beginning(tmp_path: Path) -> None:
    assert told(tmp_path, None, "The report\n\nIn the first year\n") == (
        "The whole text becomes readable: 6 words in 2 lines, in texts/so1.txt. It begins:",
        "The report",
        "In the first year",
    )


def test_what_is_shown_of_a_long_text_is_bounded(tmp_path: Path) -> None:
    text = "".join(f"{n} " + "word " * 900 + "\n" for n in range(500)) + "x" * 10_000
    lines = told(tmp_path, None, text)
    assert lines[0].startswith("The whole text becomes readable: 450,501 words in 501 lines")
    assert lines[-1] == "… and 489 more lines"
    assert len(lines) == MOST_LINES + 2
    assert all(len(line) <= MOST_CHARACTERS + 2 for line in lines[1:])


def test_one_word_without_a_space_is_cut_too(tmp_path: Path) -> None:
    assert told(tmp_path, None, "x" * 10_000)[1] == "x" * MOST_CHARACTERS + " …"


def test_of_a_changed_text_the_new_paragraphs_are_told(tmp_path: Path) -> None:
    """One is new, of another only the end: it is shown from a little before that."""
    old = "One stays.\n\n" + "same " * 200 + "end.\n\nGone.\n"
    new = "One stays.\n\nInserted.\n\n" + "same " * 200 + "other end.\n"
    assert told(tmp_path, old, new) == (
        "The text in texts/so1.txt changes (205 words); 2 paragraphs not public before:",
        "Inserted.",
        "… same same same same other end.",
    )


def test_many_changed_paragraphs_are_bounded(tmp_path: Path) -> None:
    lines = told(tmp_path, "none\n", "".join(f"line {n}\n" for n in range(300)))
    assert len(lines) == MOST_LINES + 2
    assert lines[-1] == "… and 288 more paragraphs"


def test_a_text_that_is_the_same_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, "One.\n", "One.\n") == ()


def test_spaces_alone_are_told_as_such(tmp_path: Path) -> None:
    assert told(tmp_path, "One  two.\n", "One two.\r\n") == (
        "The text in texts/so1.txt changes in spaces and line ends only (2 words).",
    )


def test_the_preview_tells_of_texts_under_the_title_of_their_source(tmp_path: Path) -> None:
    """In the first release only words were quoted; the second one shows the whole text."""
    root = veldania.write(tmp_path / "workspace", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    assert TEXTS not in (root / "private" / "preview.txt").read_text(encoding="utf-8")
    changed = veldania.files()
    changed["sources/monitor.yaml"]["sources"][0]["holding"] = "full"
    changed["sources/texts/report.txt"] = changed.pop("texts/report.txt")
    (root / "texts" / "report.txt").unlink()
    given = veldania.inputs(veldania.write(root, changed))
    build(given, on=date(2031, 9, 1), engines=veldania.FAST)
    found = dict(preview(given.shelf).sections)[TEXTS]
    assert [item.address for item in found] == [f"{veldania.BASE}id/source/so00000000000001"]
    words, name = len(veldania.TEXT.split()), "texts/so00000000000001.txt"
    assert found[0].texts[:3] == (
        "Yearly report",
        f"The whole text becomes readable: {words} words in 5 lines, in {name}. It begins:",
        "The Harbour Monitor, yearly report.",
    )
    page = (root / "private" / "preview.html").read_text(encoding="utf-8")
    assert "<h2>Texts of sources (1)</h2>" in page
    assert "A witness saw two prisoners carried out." in page
    veldania.release(root, on=date(2031, 9, 1), engines=veldania.FAST)
    build(given, on=date(2031, 9, 2), engines=veldania.FAST)
    assert TEXTS not in dict(preview(given.shelf).sections)

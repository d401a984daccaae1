"""Without its text a folded quotation is refused: its words would pass for those of the source."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import InvalidRecords
from casegraph.findings.attaching import attach_text
from casegraph.release.build import build, foresee
from casegraph.workspace import open_workspace, read_workspace
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

FOLDED = "sentenced  412 people for songs"


def workspace(folder: Path, *, quote: str) -> Path:
    """A workspace whose text was checked, and then put away."""
    contents = veldania.files()
    contents["findings/report.yaml"]["statements"][0]["quote"] = quote
    root = veldania.write(folder / "workspace", contents)
    attach(root)
    shutil.move(root / "texts" / "report.txt", folder / "report.txt")
    return root


def attach(root: Path) -> None:
    reading = read_workspace(open_workspace(root))
    attach_text(root, reading.book, reading.captures, "report", None, on=date(2031, 1, 3))


def dataset(root: Path) -> str:
    candidate = build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    return candidate.assembled.manifest.dataset_sha256


def test_without_the_text_it_is_refused_at_its_place(tmp_path: Path) -> None:
    root = workspace(tmp_path, quote=FOLDED)
    with pytest.raises(InvalidRecords) as error:
        dataset(root)
    assert str(error.value) == (
        "findings/report.yaml:14:13: error: the quotation 'sentenced  412 people for songs' is not"
        " among those that were found in 'report' on 2031-01-03, and the text is not at hand\n"
        "    Bring the text back with `casegraph source attach report FILE`, run"
        " `casegraph check`, and copy the words of the source that it shows into the entry.\n"
        "    1 error; nothing was written."
    )
    foreseen = [problem.code for problem in foresee(veldania.inputs(root), on=veldania.DAY)]
    assert "quote-without-place" in foreseen


def test_mended_it_builds_the_same_with_the_text_and_without(tmp_path: Path) -> None:
    root = workspace(tmp_path, quote="sentenced 412 people for songs")
    without = dataset(root)
    shutil.copy(tmp_path / "report.txt", root / "texts" / "report.txt")
    assert dataset(root) == without


def test_with_the_text_a_folded_quotation_keeps_the_words_of_the_source(tmp_path: Path) -> None:
    exact = dataset(workspace(tmp_path / "exact", quote="sentenced 412 people for songs"))
    root = workspace(tmp_path / "folded", quote=FOLDED)
    shutil.copy(tmp_path / "folded" / "report.txt", root / "texts" / "report.txt")
    assert dataset(root) == exact


def test_a_source_that_was_never_checked_is_not_called_checked(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "workspace", veldania.files())
    (root / "texts" / "report.txt").unlink()
    (root / "sources" / "report.capture.json").unlink()
    dataset(root)

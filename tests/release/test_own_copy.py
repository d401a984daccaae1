"""A reader's own copy of a source is held against the quotations of a release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from casegraph.cli.main import run
from casegraph.errors import FixInput, NotFound
from casegraph.release.own_copy import check_own_copy

if TYPE_CHECKING:
    from pathlib import Path


def test_every_quotation_stands_in_the_article(demo_release: Path, shared_dir: Path) -> None:
    result = check_own_copy(demo_release, shared_dir / "seed" / "article.txt")
    assert result.ok
    assert result.found > 0
    assert result.same_file is None, "the hash of a text that is not public is not published"


def test_a_changed_digit_is_named(demo_release: Path, shared_dir: Path, tmp_path: Path) -> None:
    text = (shared_dir / "seed" / "article.txt").read_text(encoding="utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_text(text.replace("6,550", "5,650"), encoding="utf-8")
    result = check_own_copy(demo_release, copy)
    assert [problem.code for problem in result.problems] == ["quote-not-found"]
    assert "6,550" in result.problems[0].message


def test_other_line_breaks_and_quotation_marks_do_not_matter(
    demo_release: Path, shared_dir: Path, tmp_path: Path
) -> None:
    text = (shared_dir / "seed" / "article.txt").read_text(encoding="utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_text(text.replace(" ", "\n").replace("“", '"').replace("’", "'"), encoding="utf-8")
    assert check_own_copy(demo_release, copy).ok


def test_another_text_is_refused(demo_release: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_text("Nothing of this is quoted.\n", encoding="utf-8")
    with pytest.raises(NotFound, match=r"copy\.txt holds no quotation of any source"):
        check_own_copy(demo_release, copy)


def test_a_copy_that_is_not_utf8_is_refused_with_its_place(
    demo_release: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(b"first line\nsecond \xff line\n")
    with pytest.raises(FixInput, match="byte 0xff cannot be read") as caught:
        check_own_copy(demo_release, copy)
    assert str(caught.value.where) == "copy.txt:2:8"


def test_the_command_says_how_many_were_found(
    demo_release: Path, shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = shared_dir / "seed" / "article.txt"
    assert run(["verify", str(demo_release), "--source", str(article), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert any("quotations of" in line for line in answer["checked"])

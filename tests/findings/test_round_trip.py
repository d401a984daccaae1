"""Statements written as a table or as JSON Lines are read back as what they were."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from casegraph.findings.flat import to_csv, to_json_lines
from casegraph.findings.reader import read_book, read_passages
from tests.findings.small_workspace import FILES, TYPES, write_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from casegraph.findings.passages import Passage

    Writer = Callable[[Iterable[Passage]], str]

EVERYTHING = (
    FILES["findings/report.yaml"]
    + """- key: named
  quote: "=A"
  statement: {en: "A name, with \\"marks\\"; and a comma", be: "Імя"}
  identity: ministry
  names: {en: ["Minis|try", "M.I."], be: [Міністэрства, Мін]}
  time: none
- key: read-twice
  quote: |
    two
    lines
  conduct: [torture, arbitrary-detention]
  against: [sentenced]
  readings:
  - {during: 2024, open: "may be", statement: {en: one, be: адзін}}
  - {during: 2023, open: "'may' be, as well"}
"""
)


@pytest.mark.parametrize(("writer", "suffix"), [(to_csv, ".csv"), (to_json_lines, ".jsonl")])
def test_a_round_trip_gives_the_same_book(tmp_path: Path, writer: Writer, suffix: str) -> None:
    root = write_workspace(tmp_path, {"findings/report.yaml": EVERYTHING})
    before, problems = read_book(root, TYPES)
    assert problems == []
    text = writer(read_passages(root))
    shutil.rmtree(root / "findings")
    (root / "findings").mkdir()
    (root / "findings" / f"report{suffix}").write_bytes(text.encode())
    after, problems = read_book(root, TYPES)
    assert problems == []
    assert after == before
    assert writer(read_passages(root)) == text


def test_the_demonstration_survives_a_round_trip(tmp_path: Path, repository: Path) -> None:
    root = tmp_path / "demo"
    shutil.copytree(repository / "data" / "belarus-2024", root)
    before, _ = read_book(root, frozenset())
    text = to_csv(read_passages(root))
    shutil.rmtree(root / "findings")
    (root / "findings").mkdir()
    (root / "findings" / "all.csv").write_bytes(text.encode())
    after, problems = read_book(root, frozenset())
    assert problems == []
    assert after.findings == before.findings


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    root = write_workspace(tmp_path, {"findings/report.yaml": EVERYTHING})
    assert ",'=A," in to_csv(read_passages(root))


def test_a_table_with_semicolons_is_read(tmp_path: Path) -> None:
    root = write_workspace(tmp_path)
    text = to_csv(read_passages(root)).replace(",", ";").replace('"1;721', '"1,721')
    table = text.replace("lantern; explicit", "lantern, explicit")
    (root / "findings" / "report.yaml").unlink()
    (root / "findings" / "report.csv").write_bytes(table.encode())
    assert read_book(root, TYPES)[1] == []

"""A person becomes public by a decision of their own, with a basis, and in no other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.findings.reader import read_book

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC = "{level: public, by: desk, on: 2031-01-01, basis: %s}"


def codes(root: Path, text: str) -> list[str]:
    (root / "people.yaml").write_text(f"recorded: 2031-01-01\n{text}", encoding="utf-8")
    _, problems = read_book(root, frozenset())
    return [problem.code for problem in problems]


def test_a_line_for_the_whole_file_makes_nobody_public(tmp_path: Path) -> None:
    head = f"disclosure: {PUBLIC % 'given'}\n"
    people = "people:\n- {key: p-1, id: aaaaaaaaaaaaaaaa, label: Somebody}\n"
    assert codes(tmp_path, head + people) == ["person-by-default"]


def test_a_decision_without_a_basis_is_refused(tmp_path: Path) -> None:
    own = f"disclosure: {PUBLIC % 'none'}"
    people = f"people:\n- {{key: p-1, id: aaaaaaaaaaaaaaaa, label: Somebody, {own}}}\n"
    assert codes(tmp_path, people) == ["person-without-basis"]


def test_a_decision_of_their_own_is_accepted(tmp_path: Path) -> None:
    own = f"disclosure: {PUBLIC % 'given'}"
    people = f"people:\n- {{key: p-1, id: aaaaaaaaaaaaaaaa, label: Somebody, {own}}}\n"
    assert codes(tmp_path, people) == []

"""Readings and their times: relative words, parts, a passage left open, one sentence for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.model.terms import ReadingBasis, ReadingStatus, Role, TimeBasis
from tests.findings.small_workspace import TOP, changed, read, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.model.values import Finding

ARTICLE = (
    TOP
    + """source: report
by: lantern, explicit
statements:
- key: total
  quote: "1,721 people were sentenced"
  count: 1721
  of: sentenced
"""
)
WOMEN = """- key: women
  quote: "including 480 women"
  count: 480
  of: sentenced/women
  part-of: total
"""


def _findings(root: Path, text: str) -> dict[str, Finding]:
    book, problems = read(write_workspace(root, {"findings/report.yaml": text}))
    assert [p for p in problems if p.severity == "error"] == []
    return book.findings


def test_relative_words_have_an_anchor_for_each_reading(tmp_path: Path) -> None:
    """What decided a reading is not taken for what resolved its time."""
    readings = """  time-words: "were"
  readings:
  - {during: 2024, anchor: 2025, resolved-by: report, adopted: "it says so", see: report}
  - {during: 2023, anchor: 2024, anchor-because: "so read", set-aside: "less likely", see: report}
"""
    found = _findings(tmp_path, ARTICLE + readings + WOMEN)
    times = {
        key: (f.valid.basis, f.valid.anchor, f.valid.anchor_reason, f.valid.resolution_basis)
        for key, f in found.items()
    }
    assert times == {
        "total/a": (TimeBasis.RELATIVE, "2025", None, "report"),
        "total/b": (TimeBasis.RELATIVE, "2024", "so read", None),
        "women/a": (TimeBasis.CARRIED, "2025", None, "report"),
        "women/b": (TimeBasis.CARRIED, "2024", "so read", None),
    }
    assert {f.valid.expression for f in found.values()} == {"were"}
    assert {f.reading.see for f in found.values()} == {"report"}


@pytest.mark.parametrize(
    ("time", "basis"),
    [
        ("time: none", TimeBasis.NONE),
        ("time: now", TimeBasis.PUBLICATION),
        ("during: 2023\n  time-basis: inferred", TimeBasis.INFERRED),
        ("during: 2023", TimeBasis.CARRIED),
    ],
)
def test_a_part_carries_only_a_time_that_its_whole_has(
    tmp_path: Path, time: str, basis: TimeBasis
) -> None:
    found = _findings(tmp_path, f"{ARTICLE}  {time}\n{WOMEN}")
    assert found["women"].valid.basis is basis


def test_a_passage_with_one_meaning_may_be_left_open(tmp_path: Path) -> None:
    """No second meaning need be invented; the part follows."""
    found = _findings(tmp_path, f'{ARTICLE}  during: 2024\n  open: "title not seen"\n{WOMEN}')
    total, women = found["total"].reading, found["women"].reading
    assert (total.status, total.reason, total.alternatives) == (
        ReadingStatus.OPEN,
        "title not seen",
        (),
    )
    assert (women.status, women.basis) == (ReadingStatus.OPEN, ReadingBasis.FOLLOWS_WHOLE)
    assert found["women"].links.whole == "total"


def test_open_does_not_stand_beside_readings(tmp_path: Path) -> None:
    readings = (
        '  open: "x"\n  readings:\n  - {during: 2024, open: a}\n  - {during: 2023, open: b}\n'
    )
    _, problems = read(write_workspace(tmp_path, {"findings/report.yaml": ARTICLE + readings}))
    assert [p.code for p in problems] == ["reading-status"]


def test_each_type_has_its_own_sentence(tmp_path: Path) -> None:
    """Where only one was written for all, each finding names its type."""
    text = (
        TOP
        + """source: report
by: lantern, explicit
statements:
- key: beaten
  quote: "guards beat prisoners"
  conduct: [torture, arbitrary-detention]
  against: [sentenced]
  time: now
  statement: "The report speaks of guards."
  statement-for: {torture: "The report speaks of blows."}
"""
    )
    found = _findings(tmp_path, text)
    assert {key: f.statements[0].value for key, f in found.items()} == {
        "beaten/torture": "The report speaks of blows.",
        "beaten/arbitrary-detention": "The report speaks of guards. (arbitrary detention)",
    }
    wrong = text.replace("{torture:", "{tortur:")
    _, problems = read(write_workspace(tmp_path, {"findings/report.yaml": wrong}))
    assert [p.code for p in problems] == ["unknown-name"]


@pytest.mark.parametrize(("unit", "affected"), [("persons", ["sentenced"]), ("rulings", [])])
def test_only_people_are_affected(tmp_path: Path, unit: str, affected: list[str]) -> None:
    found = _findings(
        tmp_path, f"{ARTICLE}  during: 2024\n  unit: {unit}\n  types: [denial-of-fair-trial]\n"
    )
    (claim,) = found["total"].claims
    assert [i.who for i in claim.involvements if i.role is Role.AFFECTED] == affected


def test_support_by_an_outlet_of_the_same_origin_is_told(tmp_path: Path) -> None:
    change = changed(
        "findings/report.yaml", "  during: 2024\n", "  during: 2024\n  supports: [women]\n"
    )
    _, problems = read(write_workspace(tmp_path, change))
    assert [(p.code, p.severity) for p in problems] == [("supports-same-origin", "warning")]

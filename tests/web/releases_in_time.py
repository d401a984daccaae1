"""Three releases of the small workspace: a finding comes with the third."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from tests.web.small_release import WORKSPACE, address, publish

if TYPE_CHECKING:
    from pathlib import Path

FIRST: Final = "2026-01-15.1"
SECOND: Final = "2026-01-15.2"
THIRD: Final = "2026-02-01.1"
ALL: Final = (FIRST, SECOND, THIRD)
#: A finding in every release, and one that is in the third alone.
TOTAL: Final = address("total/a")
LATE: Final = address("freed")


def publish_three(releases: Path, work: Path) -> None:
    """The first two without the late finding; the second calls the report by another name."""
    early = shutil.copytree(WORKSPACE, work / "early")
    findings = early / "findings" / "report.yaml"
    kept = [
        line for line in findings.read_text(encoding="utf-8").splitlines() if "freed" not in line
    ]
    findings.write_text("\n".join(kept) + "\n", encoding="utf-8")
    publish(releases, workspace=early, release_id=FIRST)
    sources = early / "sources" / "all.yaml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace("A year of trials", "A year of many trials"), encoding="utf-8")
    publish(releases, workspace=early, release_id=SECOND)
    publish(releases, release_id=THIRD)

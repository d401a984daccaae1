"""Which texts the demonstrations publish: those written for them, and none of anybody else's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from casegraph.release.editions import Deadlines
from casegraph.release.semantics import SEMANTIC_CHECKS
from casegraph.release.takedown import takedown
from casegraph.release.texts import held_texts
from casegraph.release.verify import verify
from tests.hostile.leaks.byte_scan import contents, hits
from tests.published import copy_workspace
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

MAJAK = "v6j3g0xtsyc42542"


def test_the_first_demonstration_publishes_no_text(demo_release: Path) -> None:
    assert held_texts(demo_release) == {}


def test_the_invented_reports_are_published_whole_and_go_with_a_person(
    repository: Path, tmp_path: Path
) -> None:
    root = copy_workspace(repository / "data" / "invented", tmp_path / "invented")
    veldania.release(root, on=date(2026, 11, 22), engines=veldania.FAST)
    shelf = veldania.shelf(root)
    release = shelf.directory("2026-11-22.1")
    written = {path.read_bytes() for path in (root / "sources" / "texts").iterdir()}
    texts = held_texts(release)
    assert len(texts) == 6
    assert {path.read_bytes() for path in texts.values()} == written
    (person,) = (
        agent.id
        for agent in veldania.inputs(root).book.agents.values()
        if any("Valdavets" in label.value for label in agent.labels)
    )
    takedown(
        shelf, f"person/{person}", key=veldania.KEY, decision=veldania.decision(),
        deadlines=Deadlines(validate=60, reason=60), naming=True, engines=veldania.FAST,
    )  # fmt: skip
    assert MAJAK not in held_texts(release)
    assert 0 < len(held_texts(release)) < 6
    seen = [item for item in contents(shelf.releases) if "withdrawals.json" not in item[0]]
    assert hits(["Valdavets", "Валдавец", "Vałdaviec"], seen) == []
    assert verify(release, public_key=veldania.KEY.public, semantic_checks=SEMANTIC_CHECKS).ok

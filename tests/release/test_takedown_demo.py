"""Withdrawals from releases of the demo workspace, and one that leaves nothing."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import yaml

from casegraph.release.editions import Deadlines
from casegraph.release.manifest import parse_manifest
from casegraph.release.semantics import same_triples
from casegraph.release.takedown import takedown
from casegraph.release.verify import verify
from tests.hostile.leaks.byte_scan import contents, hits
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

DEADLINES = Deadlines(validate=60, reason=60)


def test_a_person_of_the_demo_leaves_both_releases(tmp_path: Path, repository: Path) -> None:
    root = shutil.copytree(repository / "data" / "belarus-2024", tmp_path / "demo")
    for day in (date(2026, 1, 31), date(2026, 11, 22)):
        veldania.release(root, on=day, engines=veldania.FAST)
    people = yaml.safe_load((root / "people.yaml").read_text(encoding="utf-8"))["people"]
    person = next(one for one in people if "Bialiatski" in str(one["label"]))
    shelf = veldania.shelf(root)
    names = ["Bialiatski", "Бяляцк", "Беляцк", person["id"]]
    assert hits(names, contents(shelf.releases)) != []
    done = takedown(
        shelf, f"person/{person['id']}", key=veldania.KEY, decision=veldania.decision(),
        deadlines=DEADLINES, naming=True, engines=veldania.FAST,
    )  # fmt: skip
    assert done.editions == ("2026-01-31.1", "2026-11-22.1")
    shown = [item for item in contents(shelf.releases) if "withdrawals.json" not in item[0]]
    assert hits(names, shown) == []
    for release_id in shelf.held():
        for release in (shelf.directory(release_id), shelf.releases / f"{release_id}.zip"):
            checked = verify(
                release, public_key=veldania.KEY.public, semantic_checks=[same_triples]
            )
            assert checked.ok, checked.problems


def test_a_release_from_which_everything_went_is_still_a_release(tmp_path: Path) -> None:
    """The publisher of all sources is withdrawn: shapes and closure run on what is left."""
    root = veldania.write(tmp_path / "workspace", veldania.files())
    release_id = veldania.release(root)
    shelf = veldania.shelf(root)
    takedown(
        shelf, "publication/ag00000000000002", key=veldania.KEY, decision=veldania.decision(),
        deadlines=DEADLINES,
    )  # fmt: skip
    directory = shelf.directory(release_id)
    assert verify(directory, public_key=veldania.KEY.public, semantic_checks=[same_triples]).ok
    assert parse_manifest((directory / "manifest.json").read_bytes()).facts["counts"] == {
        "statements": 0, "readings": 0, "findings": 0, "reportsHeld": 0, "pagesCited": 0,
        "quotations": 0,
    }  # fmt: skip

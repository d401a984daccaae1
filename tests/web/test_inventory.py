"""Which things a release holds, told without asking anybody."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixEnvironment
from casegraph.graph import terms
from casegraph.release.manifest import DATASET
from casegraph.web.releases import inventory
from casegraph.web.releases.inventory import Inventory
from casegraph.web.releases.places import CONCEPT_TYPES, ENTITY_TYPES
from tests.web.small_release import BASE, publish

if TYPE_CHECKING:
    from pathlib import Path

BASE_ID = f"{BASE}id/"
GRAPH = f"<{BASE}graph/asserted>"


def dataset(folder: Path, *subjects: str) -> Path:
    lines = sorted(
        f'<{subject}> <https://example.org/p{number}> "{BASE_ID}person/mentioned" {GRAPH} .\n'
        for subject in subjects
        for number in range(3)
    )
    path = folder / DATASET
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    return path


def test_it_holds_things_concepts_and_texts_and_nothing_else(tmp_path: Path) -> None:
    things = [f"{BASE_ID}person/ana", f"{BASE_ID}source/report", f"{terms.VT}torture"]
    text = f"{BASE_ID}source/report/rendition"
    others = [
        f"{BASE_ID}finding/abc/quantity",
        f"{BASE}graph/asserted",
        "https://example.org/elsewhere/id/person/x",
        terms.CG + "Finding",
    ]
    found = Inventory.read(dataset(tmp_path, *things, text, *others), BASE)
    assert len(found) == 4
    assert all(thing in found for thing in [*things, text])
    assert not any(other in found for other in others)
    assert f"{BASE_ID}person/mentioned" not in found
    assert f"{BASE_ID}person/an" not in found


def test_every_subject_of_a_release_is_in_it(tmp_path: Path) -> None:
    directory = publish(tmp_path)
    found = Inventory.read(directory / DATASET, BASE)
    roots = (*(f"{BASE_ID}{kind}/" for kind in ENTITY_TYPES), *CONCEPT_TYPES.values())
    lines = gzip.decompress((directory / DATASET).read_bytes()).decode().splitlines()
    subjects = {line[1:].partition(">")[0] for line in lines}
    things = {
        one
        for one in subjects
        for root in roots
        if one.startswith(root) and "/" not in one.removeprefix(root)
    }
    assert len(things) > 100
    assert all(thing in found for thing in things)
    assert len(found) - len(things) in {0, 1}  # the text of the one source that is held


def test_lines_that_are_cut_by_a_block_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subjects = [f"{BASE_ID}person/p{number}" for number in range(50)]
    path = dataset(tmp_path, *subjects)
    for size in range(1, 200):
        monkeypatch.setattr(inventory, "_BLOCK", size)
        found = Inventory.read(path, BASE)
        assert (len(found), subjects[0] in found) == (50, True)


@pytest.mark.parametrize("cut", [0, 10, -8])
def test_a_file_that_is_broken_is_told_by_its_kind(tmp_path: Path, cut: int) -> None:
    path = dataset(tmp_path, *(f"{BASE_ID}person/p{number}" for number in range(50)))
    path.write_bytes(path.read_bytes()[:cut] or b"no gzip")
    with pytest.raises(FixEnvironment, match="cannot be read"):
        Inventory.read(path, BASE)


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FixEnvironment, match="FileNotFoundError"):
        Inventory.read(tmp_path / DATASET, BASE)

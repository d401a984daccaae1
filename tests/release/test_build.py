"""What stops a build, word for word; and that nothing but the inputs decides its bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from casegraph.errors import FixInput, InvalidRecords
from casegraph.release.build import build
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return veldania.write(tmp_path / "workspace", veldania.files())


def built(root: Path, on: date = veldania.LATER) -> None:
    build(veldania.inputs(root), on=on, engines=veldania.FAST)


def refusal(root: Path, *, on: date = veldania.LATER) -> str:
    with pytest.raises(InvalidRecords) as error:
        built(root, on=on)
    return str(error.value)


def change(root: Path, name: str, number: int, **fields: Any) -> None:
    """Change the last list of a file."""
    path = root / name
    content = json.loads(path.read_text(encoding="utf-8"))
    next(reversed(content.values()))[number].update(fields)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def test_a_release_older_than_the_last_is_refused(root: Path) -> None:
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    with pytest.raises(FixInput) as error:
        built(root, on=veldania.DAY)
    assert str(error.value) == (
        "the release of 2031-05-17 would be older than 2031-09-01.1, which is published\n"
        "    Give a later date with --date; releases follow one another."
    )


def test_releases_of_one_day_are_numbered(root: Path) -> None:
    ids = [veldania.release(root, engines=veldania.FAST) for _ in range(2)]
    assert ids == ["2031-05-17.1", "2031-05-17.2"]


def test_a_published_finding_that_changed_needs_a_revision(root: Path) -> None:
    veldania.release(root, engines=veldania.FAST)
    change(root, "findings/report.yaml", 4, trend="falling")
    told = refusal(root)
    found = re.fullmatch(
        r"findings/report\.yaml:\d+:\d+: error: the published finding (\w{26}) is gone or says"
        r" something else now: “[^”]+”\n"
        r"    If that is a slip, undo the change\. If it was wrong: `casegraph revise (\w{26})"
        r' --because "…"`, with `--replacement KEY` where another entry takes its place\.\n'
        r"    1 error; nothing was written\.",
        told,
    )
    assert found
    assert found[1] == found[2]
    revision = {"id": veldania.number("re", 1), "kind": "correction", "finding": found[1],
                "because": "We misread it.", "by": "desk", "on": "2031-08-01"}  # fmt: skip
    (root / "revisions.yaml").write_text(json.dumps({"revisions": [revision]}), encoding="utf-8")
    built(root)


def test_a_published_finding_that_is_restricted_needs_a_revision(root: Path) -> None:
    veldania.release(root, engines=veldania.FAST)
    change(root, "findings/page.yaml", 0, disclosure=veldania.RESTRICTED)
    assert "is gone or says something else now" in refusal(root)


def test_nothing_public_is_nothing_to_build(root: Path) -> None:
    for name in ("findings/report.yaml", "findings/page.yaml"):
        content = json.loads((root / name).read_text(encoding="utf-8"))
        content["disclosure"] = veldania.RESTRICTED
        (root / name).write_text(json.dumps(content), encoding="utf-8")
    assert refusal(root) == (
        "error: no finding is public, so there is nothing to build\n"
        "    Decide the disclosure of at least one finding and of what it is about.\n"
        "    1 error; nothing was written."
    )


def test_a_build_before_everything_was_recorded_names_the_day(root: Path) -> None:
    """Not a matter of disclosure, so it does not send anybody to decide one."""
    assert refusal(root, on=date(2030, 12, 31)) == (
        "error: no finding is public on 2030-12-31: the first is recorded on 2031-01-02\n"
        "    Build with --date from that day on, or correct `recorded` if it is wrong.\n"
        "    1 error; nothing was written."
    )


def test_only_people_have_pseudonyms(root: Path) -> None:
    masked = {**veldania.PUBLIC, "level": "public-pseudonym"}
    change(root, "sources/monitor.yaml", 0, disclosure=masked)
    told = refusal(root)
    assert "error: 'report' cannot appear under a pseudonym: only people can\n" in told
    assert "    Decide public, aggregate-only or restricted." in told


def test_a_refused_build_leaves_the_last_candidate(root: Path) -> None:
    built(root, on=veldania.DAY)
    before = (root / "var/candidate/manifest.json").read_bytes()
    change(root, "findings/page.yaml", 0, statement="Ganna Zvirko was there.")
    refusal(root)
    assert (root / "var/candidate/manifest.json").read_bytes() == before
    names = sorted(path.name for path in (root / "var").iterdir())
    assert names == ["candidate", "candidate.inputs"]


def test_the_day_of_recording_is_that_of_the_first_release(root: Path) -> None:
    veldania.release(root, engines=veldania.FAST)
    built(root)
    turtle = (root / "var/candidate/casegraph.ttl").read_text(encoding="utf-8")
    assert set(re.findall(r'cg:recordedAt "([^"]+)"', turtle)) == {"2031-05-17T00:00:00Z"}


def test_readings_of_one_passage_are_public_together(root: Path) -> None:
    change(root, "findings/page.yaml", 0, **{"derived-from": []}, readings=[
        {"open": "it may be so"},
        {"open": "or so", "at": "mill", "disclosure": veldania.RESTRICTED},
    ])  # fmt: skip
    built(root)
    assert "was free again" not in (root / "var/candidate/casegraph.ttl").read_text("utf-8")


def test_a_part_of_something_hidden_is_hidden(root: Path) -> None:
    change(root, "findings/report.yaml", 0, disclosure=veldania.RESTRICTED)
    built(root)
    assert "Of them 97" not in (root / "var/candidate/casegraph.ttl").read_text("utf-8")


BUILD_ONCE = """
import os, sys
from datetime import date
from pathlib import Path
from tests.release import veldania

if sys.argv[2] == "backwards":
    scandir = os.scandir
    class Backwards:
        def __init__(self, path="."):
            with scandir(path) as entries:
                self.rest = sorted(entries, key=lambda entry: entry.name)
        def __enter__(self): return self
        def __exit__(self, *error): return False
        def __iter__(self): return self
        def __next__(self):
            if not self.rest:
                raise StopIteration
            return self.rest.pop()
        def close(self): pass
    listdir = os.listdir
    os.scandir = Backwards
    os.listdir = lambda path=".": sorted(listdir(path))[::-1]
engines = veldania.FAST if sys.argv[3] == "fast" else None
veldania.release(Path(sys.argv[1]), on=date(2031, 5, 17), engines=engines)
"""


def elsewhere(
    root: Path, repository: Path, *, order: str, engines: str, **environment: str
) -> dict[str, bytes]:
    """Release in another process; give every byte of it."""
    subprocess.run(
        [sys.executable, "-c", BUILD_ONCE, str(root), order, engines],
        check=True,
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository), **environment},
    )
    return {
        path.relative_to(root / "releases").as_posix(): path.read_bytes()
        for path in sorted((root / "releases").rglob("*"))
        if path.is_file()
    }


def shuffled() -> veldania.Files:
    """The same workspace in other files, its records and statements in another order."""
    contents = veldania.files()
    contents["findings/report.yaml"]["statements"].reverse()
    for name in ("people.yaml", "agents.yaml", "populations.yaml", "sources/monitor.yaml"):
        next(reversed(contents[name].values())).reverse()
    contents["findings/a/zz.yaml"] = contents.pop("findings/page.yaml")
    contents["sources/aa.yaml"] = contents.pop("sources/monitor.yaml")
    return dict(reversed(contents.items()))


@pytest.mark.parametrize("engines", ["fast", "whole"])
def test_place_zone_locale_hash_seed_and_order_change_no_byte(
    tmp_path: Path, repository: Path, engines: str
) -> None:
    one = veldania.write(tmp_path / "one", veldania.files())
    other = veldania.write(tmp_path / "an other place" / "w", shuffled())
    first = elsewhere(one, repository, order="as it is", engines=engines, PYTHONHASHSEED="1",
                      TZ="Pacific/Kiritimati", LC_ALL="C")  # fmt: skip
    second = elsewhere(other, repository, order="backwards", engines=engines, PYTHONHASHSEED="77",
                       TZ="America/Adak", LC_ALL="tr_TR.UTF-8", LANG="be_BY.UTF-8")  # fmt: skip
    assert first == second
    assert "2031-05-17.1.zip" in first


def test_a_demo_workspace_is_released_alike_everywhere(tmp_path: Path, repository: Path) -> None:
    demo = repository / "data" / "belarus-2024"
    places = [shutil.copytree(demo, tmp_path / name) for name in ("one", "other")]
    first = elsewhere(places[0], repository, order="as it is", engines="whole",
                      PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C")  # fmt: skip
    second = elsewhere(places[1], repository, order="backwards", engines="whole",
                       PYTHONHASHSEED="2", TZ="America/Adak", LC_ALL="ru_RU.UTF-8")  # fmt: skip
    assert first == second

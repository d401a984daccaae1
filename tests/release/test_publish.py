"""Publish only what was previewed; ``current`` always names a release that verifies."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest

from casegraph import durable
from casegraph.errors import Conflict, FixInput, InvalidRecords, NotAllowed, NotFound
from casegraph.release.build import build
from casegraph.release.delta import diff
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish, roll_back
from casegraph.release.semantics import same_triples
from casegraph.release.verify import verify
from tests.release import veldania
from tests.release.test_takedown import Crash, dying_at

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "2031-05-17.1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one release and a candidate that was previewed."""
    root = veldania.write(tmp_path_factory.mktemp("publish") / "workspace", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    given = veldania.inputs(root)
    build(given, on=veldania.LATER, engines=veldania.FAST)
    preview(given.shelf)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "workspace")


def message(error: pytest.ExceptionInfo[Exception]) -> str:
    return str(error.value)


def test_a_candidate_that_nobody_previewed_is_refused(root: Path) -> None:
    build(veldania.inputs(root), on=date(2031, 10, 1), engines=veldania.FAST)
    with pytest.raises(NotAllowed) as error:
        publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())
    assert message(error) == (
        "nobody has previewed this candidate\n"
        "    Run `casegraph preview`, read what would become public, then publish."
    )
    assert veldania.shelf(root).current() == FIRST


def test_a_candidate_that_changed_since_its_preview_is_refused(root: Path) -> None:
    manifest = root / "var" / "candidate" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"Songs", b"Bongs"))
    with pytest.raises(NotAllowed, match=r"^nobody has previewed this candidate"):
        publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())


def test_there_must_be_a_candidate(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "w", veldania.files())
    for step in (
        lambda: preview(veldania.shelf(root)),
        lambda: publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision()),
    ):
        with pytest.raises(NotFound) as error:
            step()
        assert message(error) == "there is no candidate\n    Run `casegraph build` first."


@pytest.mark.parametrize(("by", "because"), [("", "agreed"), ("desk", " ")])
def test_it_needs_a_name_and_a_reason(root: Path, by: str, because: str) -> None:
    with pytest.raises(NotAllowed) as error:
        publish(veldania.shelf(root), key=veldania.KEY,
                decision=Decision(by=by, because=because, on=veldania.LATER))  # fmt: skip
    assert message(error) == (
        'a publication needs a name and a reason\n    Add --by NAME --because "…".'
    )


def test_the_decision_is_kept_in_private_and_nowhere_else(root: Path) -> None:
    publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision(veldania.LATER))
    lines = (root / "private" / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    assert len(lines) == 2
    assert (last["decision"], last["by"], last["on"]) == ("publish", "the desk", "2031-09-01")
    shown = b"".join(p.read_bytes() for p in (root / "releases").rglob("*") if p.is_file())
    assert b"it was agreed" not in shown


def test_what_is_altered_after_the_preview_does_not_become_current(root: Path) -> None:
    turtle = root / "var" / "candidate" / "casegraph.ttl"
    turtle.write_bytes(turtle.read_bytes() + b"# more\n")
    with pytest.raises(InvalidRecords):
        publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())
    assert veldania.shelf(root).held() == [FIRST]
    assert veldania.shelf(root).current() == FIRST


def test_another_release_of_the_same_id_is_a_conflict(root: Path) -> None:
    shutil.copytree(root / "releases" / FIRST, root / "releases" / "2031-09-01.1")
    with pytest.raises(Conflict) as error:
        publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())
    assert message(error) == (
        "release 2031-09-01.1 exists already\n    Run `casegraph build` again."
    )


def test_a_crash_at_any_step_leaves_current_verified_and_can_be_mended(
    root: Path, tmp_path: Path
) -> None:
    step, done = 0, False
    while not done:
        step += 1
        copy = shutil.copytree(root, tmp_path / f"copy-{step}")
        shelf = veldania.shelf(copy)
        with pytest.MonkeyPatch.context() as patch:
            dying_at(patch, step, after=step % 2 == 0)
            try:
                publish(shelf, key=veldania.KEY, decision=veldania.decision())
                done = True
            except Crash:
                pass
        current = shelf.current_directory()
        assert current is not None
        assert verify(current, public_key=veldania.KEY.public).ok
        # Again: it is finished, or it was whole and says so.
        with contextlib.suppress(Conflict):
            publish(shelf, key=veldania.KEY, decision=veldania.decision())
        assert shelf.current() == "2031-09-01.1"
        assert verify(shelf.releases / "2031-09-01.1.zip", public_key=veldania.KEY.public).ok
        assert not [*shelf.releases.glob(f".*{durable.TEMPORARY_SUFFIX}")]
        shutil.rmtree(copy)
    assert step > 8


def test_roll_back_makes_an_older_release_current(root: Path) -> None:
    shelf = veldania.shelf(root)
    publish(shelf, key=veldania.KEY, decision=veldania.decision())
    roll_back(shelf, FIRST)
    assert shelf.current() == FIRST
    with pytest.raises(FixInput) as error:
        roll_back(shelf, "2030-01-01.1")
    assert message(error) == (f"there is no release 2030-01-01.1\n    Held: {FIRST}, 2031-09-01.1.")


def test_roll_back_refuses_a_release_that_does_not_verify(root: Path) -> None:
    shelf = veldania.shelf(root)
    publish(shelf, key=veldania.KEY, decision=veldania.decision())
    with (shelf.directory(FIRST) / "findings.csv").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InvalidRecords, match=r"findings.csv"):
        roll_back(shelf, FIRST)
    assert shelf.current() == "2031-09-01.1"


def test_only_the_signature_and_the_key_differ_by_key(root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy")
    publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())
    publish(veldania.shelf(copy), key=SecretKey.generate(), decision=veldania.decision())
    one, other = (place / "releases" / "2031-09-01.1" for place in (root, copy))
    names = sorted(p.relative_to(one).as_posix() for p in one.rglob("*") if p.is_file())
    different = {n for n in names if (one / n).read_bytes() != (other / n).read_bytes()}
    assert different == {"manifest.json.minisig", "minisign.pub"}


def test_turtle_that_says_something_else_is_found(root: Path) -> None:
    directory = veldania.shelf(root).directory(FIRST)
    assert same_triples(directory) == []
    turtle = directory / "casegraph.ttl"
    text = turtle.read_text(encoding="utf-8")
    for changed in (
        text.replace("412 people sentenced in", "413 people sentenced in", 1),
        text + "<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n",
        text + "[] <https://example.org/b> <https://example.org/c> .\n",
        text + "this is no Turtle",
        "",
    ):
        turtle.write_text(changed, encoding="utf-8")
        (problem,) = same_triples(directory)
        assert str(problem) == (
            "casegraph.ttl: error: casegraph.ttl does not hold the triples of the graph"
            " “asserted” in casegraph.nq.gz\n    Do not use this release; ask its publisher."
        )


def test_the_difference_of_two_releases_counts_and_names_findings(root: Path) -> None:
    changed = veldania.files()
    statements = changed["findings/page.yaml"]["statements"]
    statements.append({"cite": "last lines", "count": "3", "of": "prisoners", "on": "2031-01-02",
                       "statement": "Three people were held there."})  # fmt: skip
    veldania.write(root, changed)
    newer = veldania.release(root, on=date(2031, 10, 1), engines=veldania.FAST)
    shelf = veldania.shelf(root)
    forward = diff(shelf.directory(FIRST), shelf.directory(newer))
    back = diff(shelf.directory(newer), shelf.directory(FIRST))
    assert (forward.older, forward.newer) == (FIRST, newer)
    assert len(forward.findings_added) == 1
    assert forward.findings_removed == ()
    assert back.findings_removed == forward.findings_added
    assert (back.quads_added, back.quads_removed) == (forward.quads_removed, forward.quads_added)
    assert forward.quads_added > 10
    told = json.loads((shelf.directory(newer) / "delta.json").read_bytes())
    assert told["findingsAdded"] == list(forward.findings_added)
    assert "quadsRemoved" not in told
    same = diff(shelf.directory(newer), shelf.directory(newer))
    assert (same.quads_added, same.quads_removed) == (0, 0)


def test_the_preview_lists_what_is_new_and_nothing_else(root: Path) -> None:
    text = (root / "private" / "preview.txt").read_text(encoding="utf-8")
    assert text == (
        "Preview of release 2031-09-01.1, compared with 2031-05-17.1.\n"
        "Everything below would become public for the first time.\n\nFiles (0)\n"
    )


def test_the_first_preview_lists_everything(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "w", veldania.files())
    build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    found = preview(veldania.shelf(root))
    text, page = "\n".join(found.lines()), (root / "private/preview.html").read_text("utf-8")
    shown = [
        "Ilva Torban", "Ілва Торбан", "Witness W", "97 of them were women", "Yearly report",
        "kept the singer Ilva Torban in a cold cell", "https://monitor.example.org/2030",
        "Prisoners of the Old Mill", "Case about a song", "7-7/2030", "casegraph.ttl",
    ]  # fmt: skip
    for words in shown:
        assert words in text
        assert words in page
    told = {line.strip() for line in found.lines()}
    assert told.isdisjoint({"public", "publicPseudonym", "en", "be", "excerpt", "women"})
    assert [name for name, _ in found.sections] == [
        "People", "Institutions and other agents", "Sets of people and things", "Cases",
        "Sources", "Words of sources", "Citations", "Findings",
    ]  # fmt: skip

"""What an editor is told before anything happens: held back, protected names, stale candidates."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import Conflict, FixInput, NotAllowed
from casegraph.release.build import build, foresee
from casegraph.release.preview import preview
from casegraph.release.publish import publish
from casegraph.workspace import open_workspace, read_workspace, release_inputs
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.errors import Problem
    from casegraph.release.inputs import ReleaseInputs

ON = date(2031, 5, 17)


def inputs(root: Path) -> ReleaseInputs:
    workspace = open_workspace(root)
    return release_inputs(workspace, read_workspace(workspace))


def foreseen(root: Path) -> list[Problem]:
    return foresee(inputs(root), on=ON)


def restrict_torban(contents: veldania.Files) -> None:
    contents["people.yaml"]["people"][0]["disclosure"] = veldania.RESTRICTED


@pytest.fixture
def contents() -> veldania.Files:
    return veldania.files()


def test_nothing_is_foreseen_where_all_is_well(tmp_path: Path, contents: veldania.Files) -> None:
    assert foreseen(veldania.write(tmp_path / "w", contents)) == []


def test_a_finding_that_stays_inside_is_named_with_the_reason(
    tmp_path: Path, contents: veldania.Files
) -> None:
    restrict_torban(contents)
    held = [p for p in foreseen(veldania.write(tmp_path / "w", contents)) if p.code == "held-back"]
    assert held
    assert all(problem.severity == "info" for problem in held)
    assert any("'torban' is restricted" in problem.message for problem in held)


def test_a_protected_name_is_found_before_the_build(
    tmp_path: Path, contents: veldania.Files
) -> None:
    restrict_torban(contents)
    contents["populations.yaml"]["populations"][0]["label"]["en"] += ", with Ilva Torban"
    found = [p for p in foreseen(veldania.write(tmp_path / "w", contents))
             if p.code == "protected-name"]  # fmt: skip
    assert {problem.severity for problem in found} == {"error"}
    assert all(problem.where and problem.where.path == "populations.yaml" for problem in found)


def test_an_edit_after_the_build_stops_the_publication(
    tmp_path: Path, contents: veldania.Files
) -> None:
    """Somebody was restricted after the preview: what was previewed must not go out."""
    root = veldania.write(tmp_path / "w", contents)
    shelf = inputs(root).shelf
    build(inputs(root), on=ON, engines=veldania.FAST)
    preview(shelf)
    restrict_torban(contents)
    (root / "people.yaml").write_text(json.dumps(contents["people.yaml"]), encoding="utf-8")
    with pytest.raises(NotAllowed) as error:
        publish(shelf, key=veldania.KEY, decision=veldania.decision())
    assert str(error.value) == (
        "the workspace has changed since this candidate was built\n"
        "    Run `casegraph build` and `casegraph preview` again, then publish."
    )
    assert shelf.current() is None


def test_what_is_published_is_not_published_twice(tmp_path: Path, contents: veldania.Files) -> None:
    root = veldania.write(tmp_path / "w", contents)
    shelf = inputs(root).shelf
    build(inputs(root), on=ON, engines=veldania.FAST)
    preview(shelf)
    publish(shelf, key=veldania.KEY, decision=veldania.decision())
    with pytest.raises(Conflict, match=r"release 2031-05-17\.1 is published already"):
        publish(shelf, key=veldania.KEY, decision=veldania.decision())


def test_the_base_of_addresses_cannot_change_once_something_is_published(
    tmp_path: Path, contents: veldania.Files
) -> None:
    root = veldania.write(tmp_path / "w", contents)
    shelf = inputs(root).shelf
    build(inputs(root), on=ON, engines=veldania.FAST)
    preview(shelf)
    publish(shelf, key=veldania.KEY, decision=veldania.decision())
    file = root / "casegraph.toml"
    before = open_workspace(root).base_iri
    file.write_text(file.read_text("utf-8").replace(before, "https://other.example.org/"), "utf-8")
    with pytest.raises(FixInput) as error:
        build(inputs(root), on=ON, engines=veldania.FAST)
    assert error.value.message == (
        f"base_iri is https://other.example.org/, but what is published begins with {before}"
    )

"""Validation in a process of its own: it answers, or is ended and says why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib

from casegraph import assets
from casegraph.errors import CasegraphError, FixInput, TryLater
from casegraph.validate import child, shacl

if TYPE_CHECKING:
    from casegraph.validate.report import Report

EXAMPLES = Path(__file__).parents[1] / "shapes"
SHAPES = assets.root("shapes")
GRAPH = "<https://casegraph.example/graph/asserted>"
validator: shacl.Validator = shacl.validate  # the seam: mypy sees that this is one


def as_nquads(example: Path, folder: Path) -> Path:
    """One example as the sorted file of a release."""
    graph = rdflib.Graph().parse(example, format="turtle")
    lines = sorted(
        f"{line.removesuffix(' .')} {GRAPH} ."
        for line in graph.serialize(format="nt").splitlines()
        if line
    )
    path = folder / f"{example.stem}.nq"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def check(path: Path, *, seconds: float = 120, **options: Path) -> Report:
    return validator(path, shapes=SHAPES, deadline_seconds=seconds, **options)


def test_good_data_conforms(tmp_path: Path) -> None:
    assert check(as_nquads(EXAMPLES / "pass" / "conduct.ttl", tmp_path)).results == ()


def test_a_violation_names_node_property_and_shape(tmp_path: Path) -> None:
    report = check(as_nquads(EXAMPLES / "fail" / "ViolationType.ttl", tmp_path))
    assert not report.conforms
    (result,) = report.results
    assert result.focus.endswith("/claim")
    assert result.path == "https://w3id.org/casegraph/ns#violationType"
    assert result.value == "https://w3id.org/casegraph/violations#unheard-of"
    assert result.code == "ViolationType"


def test_warnings_do_not_block() -> None:
    report = shacl.validate_turtle(
        EXAMPLES / "fail" / "TrendBaseline.ttl", shapes=SHAPES, deadline_seconds=120
    )
    assert report.conforms
    assert [result.code for result in report.warnings] == ["TrendBaseline"]


def test_concepts_come_from_the_vocabulary_that_is_given(tmp_path: Path) -> None:
    other = tmp_path / "other.ttl"
    other.write_text(
        "<https://w3id.org/casegraph/violations#unheard-of>"
        " a <http://www.w3.org/2004/02/skos/core#Concept> .\n"
    )
    data = as_nquads(EXAMPLES / "fail" / "ViolationType.ttl", tmp_path)
    assert check(data, vocabulary=other).results == ()


def test_deadline_ends_the_process() -> None:
    with pytest.raises(TryLater, match=r"did not end within 0\.01 seconds") as caught:
        shacl.validate_turtle(
            EXAMPLES / "pass" / "trends.ttl", shapes=SHAPES, deadline_seconds=0.01
        )
    assert caught.value.limit == "time"


@pytest.mark.skipif(sys.platform == "win32", reason="the system there has no SIGKILL")
def test_process_that_the_system_ended_is_a_matter_of_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    end = "import os, signal, sys; sys.stdin.read(); os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(shacl, "_COMMAND", (sys.executable, "-c", end))
    with pytest.raises(TryLater) as caught:
        check(as_nquads(EXAMPLES / "pass" / "trends.ttl", tmp_path))
    assert caught.value.limit == "memory"


def test_process_that_fails_tells_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fail = "import sys; sys.stdin.read(); sys.exit('the last words')"
    monkeypatch.setattr(shacl, "_COMMAND", (sys.executable, "-c", fail))
    with pytest.raises(CasegraphError, match="status 1: the last words"):
        check(as_nquads(EXAMPLES / "pass" / "trends.ttl", tmp_path))


def test_line_that_is_no_nquads_is_told(tmp_path: Path) -> None:
    path = tmp_path / "data.nq"
    path.write_text("_:b <urn:x:p> <urn:x:o> .\n")
    with pytest.raises(FixInput, match="no line of canonical N-Quads") as caught:
        check(path)
    assert str(caught.value.where) == f"{path}:1"


def test_broken_shapes_are_told_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<urn:x:a> <urn:x:b> <urn:x:c> .\n<urn:x:a> oops:b 1 .\n")
    with pytest.raises(FixInput) as caught:
        shacl.validate_turtle(
            EXAMPLES / "pass" / "trends.ttl", shapes=tmp_path, deadline_seconds=120
        )
    assert str(caught.value.where) == f"{broken}:2"


def test_missing_file_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(FixInput, match="no such file"):
        check(tmp_path / "nothing.nq")


def test_other_files_than_turtle_are_not_taken_for_turtle(tmp_path: Path) -> None:
    with pytest.raises(FixInput, match="does not look like Turtle"):
        shacl.validate_turtle(tmp_path / "a.nq", shapes=SHAPES, deadline_seconds=1)


def test_child_answers_with_results_that_json_can_hold() -> None:
    answer = child.answer(
        {
            "data": str(EXAMPLES / "fail" / "TrendBaseline.ttl"),
            "shapes": str(SHAPES),
            "vocabulary": str(assets.root("ontology") / "violations.ttl"),
        }
    )
    assert [result["severity"] for result in answer["results"]] == ["warning"]

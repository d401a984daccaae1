"""Reports are sorted values that survive JSON and lead back to a place in a file."""

from __future__ import annotations

import json

from casegraph.errors import Where
from casegraph.validate.report import (
    Report,
    ResultRecord,
    ValidationResult,
    report_from_json,
    report_of,
)

NS = "https://w3id.org/casegraph/shapes#"


def record(**changes: str) -> ResultRecord:
    values = {
        "severity": "violation",
        "focus": "https://casegraph.example/id/finding/a",
        "shape": f"{NS}FindingEvidence",
        "path": "https://w3id.org/casegraph/ns#evidencedBy",
        "value": "",
        "message": "Name at least one quotation.",
    }
    return ResultRecord(**{**values, **changes})  # type: ignore[typeddict-item]


def test_order_of_results_does_not_matter_and_doubles_are_dropped() -> None:
    one, two = record(focus="https://casegraph.example/b"), record()
    assert report_of([one, two]) == report_of([two, one, two])
    assert report_of([one, two]).to_json() == report_of([two, one]).to_json()


def test_warnings_and_information_do_not_block() -> None:
    report = report_of([record(severity="warning"), record(severity="info")])
    assert report.conforms
    assert [r.severity for r in report.warnings] == ["warning"]
    assert not report_of([record()]).conforms


def test_json_round_trip_keeps_every_letter() -> None:
    report = report_of([record(value='"Ганна „Вельд“\\n"@be'), record(severity="warning")])
    assert report_from_json(report.to_json()) == report
    assert json.loads(report.to_json())["conforms"] is False
    assert "Ганна" in report.to_json()


def test_json_of_an_empty_report_is_json() -> None:
    assert json.loads(Report().to_json()) == {"conforms": True, "results": []}


def test_problems_carry_the_place_and_the_mend() -> None:
    places = {"https://casegraph.example/id/finding/a": Where("findings/a.yaml", 7, 3)}
    lost = record(focus="https://casegraph.example/elsewhere", severity="warning", path="")
    problems = report_of([record(value='"x"'), lost]).problems(places.get)
    first, second = sorted(map(str, problems))
    assert first == (
        "findings/a.yaml:7:3: error: <https://casegraph.example/id/finding/a> does not fit the"
        " shape FindingEvidence (property https://w3id.org/casegraph/ns#evidencedBy,"
        ' value "x")\n    Name at least one quotation.'
    )
    assert second == (
        "warning: <https://casegraph.example/elsewhere> does not fit the shape FindingEvidence\n"
        "    Name at least one quotation."
    )
    assert {problem.code for problem in problems} == {"shape-FindingEvidence"}


def test_code_of_a_shape_without_fragment_is_its_whole_name() -> None:
    result = ValidationResult(severity="info", focus="urn:a:b", shape="urn:shape:x")
    assert result.code == "urn:shape:x"

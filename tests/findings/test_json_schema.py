"""The published schemas are those of the reader's tables, and accept what the reader accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from casegraph.findings.json_schema import schemas
from tests.findings.small_workspace import FILES

if TYPE_CHECKING:
    from pathlib import Path

COMMITTED = "src/casegraph/findings/schema"
NAMES = {
    "people.yaml": "people",
    "agents.yaml": "agents",
    "populations.yaml": "populations",
    "cases.yaml": "cases",
    "revisions.yaml": "revisions",
}


def test_what_is_committed_is_what_is_generated(repository: Path) -> None:
    folder = repository / COMMITTED
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert committed == schemas(), f"run: casegraph export schema --to {COMMITTED}"


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(schemas()[f"{name}.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_an_editor_reads(text: str) -> object:
    """Dates stay text and yes stays a word, as in YAML 1.2."""

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012
            first: [
                (tag, regexp)
                for tag, regexp in found
                if "timestamp" not in tag and ("bool" not in tag or first in "tTfF")
            ]
            for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return yaml.load(text, Loader)  # noqa: S506 - a safe loader without two resolvers


def files_of(folder: Path) -> list[tuple[str, str]]:
    return [
        (
            NAMES.get(path.name) or ("sources" if path.parent.name == "sources" else "statements"),
            path.read_text(encoding="utf-8"),
        )
        for path in sorted(folder.rglob("*.yaml"))
        if path.name != "released-names.yaml"
    ]


@pytest.mark.parametrize("workspace", ["belarus-2024", "invented"])
def test_the_demonstrations_are_valid(repository: Path, workspace: str) -> None:
    files = files_of(repository / "data" / workspace)
    assert files or workspace == "invented"
    for name, text in files:
        assert list(validator(name).iter_errors(as_an_editor_reads(text))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("count: 1721", "cuont: 1721"),
        ("during: 2024", "during: last year"),
        ("recorded: 2026-01-15", "recorded: yesterday"),
        ("level: public", "level: open"),
        ('  quote: "including 480 women"\n', ""),
        ("  part-of: total", "  unit: heads"),
    ],
)
def test_an_editor_underlines_what_the_reader_refuses(old: str, new: str) -> None:
    text = FILES["findings/report.yaml"]
    assert old in text
    assert list(validator("statements").iter_errors(as_an_editor_reads(text))) == []
    changed = as_an_editor_reads(text.replace(old, new))
    assert list(validator("statements").iter_errors(changed)) != []

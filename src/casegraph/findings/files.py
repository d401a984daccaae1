"""Which files of a workspace are read, and a word about those that look as if they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from casegraph.errors import Problem, Where
from casegraph.findings import fields
from casegraph.findings.csv_tree import read_csv
from casegraph.findings.json_tree import read_json_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casegraph.findings.tree import Mapping

_KINDS: dict[str, Literal["yaml", "jsonl", "csv"]] = {
    ".yaml": "yaml",
    ".jsonl": "jsonl",
    ".csv": "csv",
}
_MISNAMED = {
    ".yml": "Name it .yaml.",
    ".json": "Name it .jsonl and write one record a line.",
    ".ndjson": "Name it .jsonl.",
    ".tsv": "Save it as CSV (UTF-8).",
    ".xls": "Save it as CSV (UTF-8).",
    ".xlsx": "Save it as CSV (UTF-8).",
    ".ods": "Save it as CSV (UTF-8).",
}
_OTHER_FILES = {"released-names.yaml"}


@dataclass(frozen=True, slots=True)
class RecordsFile:
    """A file of records: ``listed`` is the name of its list."""

    path: Path
    shown: str
    listed: str


@dataclass(frozen=True, slots=True)
class FindingsFile:
    """A file of statements; ``stem`` begins the keys of those that have none."""

    path: Path
    shown: str
    kind: Literal["yaml", "jsonl", "csv"]
    stem: str

    def rows(self) -> Iterator[tuple[Mapping | None, list[Problem]]]:
        """The records of a JSON Lines or CSV file with their problems."""
        if self.kind == "jsonl":
            yield from read_json_lines(self.path, self.shown)
            return
        nodes, found = read_csv(self.path, self.shown)
        yield None, found
        for node in nodes:
            yield node, []


@dataclass(frozen=True, slots=True)
class WorkspaceFiles:
    """All files that are read, in the order in which they are."""

    records: tuple[RecordsFile, ...]
    findings: tuple[FindingsFile, ...]


def list_files(root: Path) -> tuple[WorkspaceFiles, list[Problem]]:
    """The files of a workspace, with an error for each that would silently not be read."""
    problems: list[Problem] = []
    records = [
        RecordsFile(root / name, name, listed)
        for name, (listed, _) in fields.RECORD_FILES.items()
        if (root / name).exists()
    ]
    for path in _below(root, "sources", recursive=False):
        shown = path.relative_to(root).as_posix()
        if path.suffix == ".yaml":
            records.append(RecordsFile(path, shown, "sources"))
        elif path.suffix in {".yml", ".csv", ".jsonl"}:
            problems.append(_not_read(shown, "Sources are written in .yaml files."))
    findings = []
    for path in _below(root, "findings", recursive=True):
        shown = path.relative_to(root).as_posix()
        suffix = path.suffix.lower()
        if suffix in _KINDS:
            stem = path.relative_to(root / "findings").with_suffix("").as_posix()
            findings.append(FindingsFile(path, shown, _KINDS[suffix], stem))
        elif suffix in _MISNAMED:
            problems.append(_not_read(shown, _MISNAMED[suffix]))
    for path in sorted([*root.glob("*.yaml"), *root.glob("*.yml")]):
        if path.name not in fields.RECORD_FILES and path.name not in _OTHER_FILES:
            names = ", ".join(fields.RECORD_FILES)
            problems.append(_not_read(path.name, f"Files of records are {names}."))
    return WorkspaceFiles(tuple(records), tuple(findings)), problems


def _below(root: Path, folder: str, *, recursive: bool) -> list[Path]:
    place = root / folder
    found = place.rglob("*") if recursive else place.glob("*")
    return sorted(
        path
        for path in found
        if not path.is_dir() and not any(p.startswith(".") for p in path.relative_to(root).parts)
    )


def _not_read(shown: str, hint: str) -> Problem:
    return Problem("file-not-read", "this file is not read", Where(shown), hint)

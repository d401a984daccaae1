"""The one reader of a workspace's files: YAML, JSON Lines and CSV into the book.

All problems of all files are found in one run.  A file or record that cannot be read does
not hide the problems of the others, and does not cause any: its keys count as known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from casegraph.errors import InvalidRecords, Problem, Where
from casegraph.findings import fields
from casegraph.findings.book import Book
from casegraph.findings.derive import derive
from casegraph.findings.files import FindingsFile, list_files
from casegraph.findings.form import Form
from casegraph.findings.links import resolve
from casegraph.findings.passages import Draft, Header, Passage, expand
from casegraph.findings.records import RecordReader
from casegraph.findings.salvage import keys_in_file
from casegraph.findings.tree import Scalar, shown
from casegraph.findings.yaml_tree import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from casegraph.findings.tree import Mapping
    from casegraph.model.values import Agent, Case, Finding, Population, Revision, Source

    Record = Agent | Population | Case | Source

_NO_HEADER = Header(source=None, by=(), recorded=None, disclosure=None)


def read_book(root: Path, violation_types: frozenset[str]) -> tuple[Book, list[Problem]]:
    """Everything below the workspace folder ``root`` and every problem, in file order.

    ``violation_types`` are the names of the violation scheme; an empty set leaves types
    unchecked.  Offsets and captures are added later, by ``anchoring``.
    """
    reading = _Reading(root)
    reading.records()
    passages = list(reading.passages())
    book = reading.book()
    findings: dict[str, Finding] = {}
    by_passage: dict[str, list[str]] = {}
    for draft in expand(passages, reading.problems):
        made = derive(draft, book.sources, reading.problems)
        if not made:
            reading.lost |= {draft.key, draft.passage}
        for finding in made:
            first = findings.setdefault(finding.key, finding)
            if first is not finding:
                reading.problems.append(_twice("key", finding.key, finding.where, first.where))
            by_passage.setdefault(draft.passage, []).append(finding.key)
        reading.remember(draft)
    passage_keys = {key: tuple(keys) for key, keys in by_passage.items()}
    book = replace(book, findings=findings, passages=passage_keys, places=reading.places)
    resolved, link_problems = resolve(book, violation_types, frozenset(reading.lost))
    return resolved, _sorted(reading.problems + link_problems)


def read_passages(root: Path) -> list[Passage]:
    """Every statement of the workspace as it is written, with its key and its file's head.

    Raises ``InvalidRecords`` if a file cannot be read.
    """
    reading = _Reading(root)
    passages = list(reading.passages())
    if reading.problems:
        raise InvalidRecords(_sorted(reading.problems))
    return passages


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of files and lines; what several readings of a passage share is told once."""
    unique: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        unique.setdefault((problem.code, problem.message, problem.where), problem)
    nowhere = Where("")
    return sorted(
        unique.values(),
        key=lambda p: (
            (p.where or nowhere).path,
            (p.where or nowhere).line or 0,
            (p.where or nowhere).column or 0,
        ),
    )


def _twice(what: str, name: str, where: Where, first: Where) -> Problem:
    return Problem(
        f"duplicate-{what}",
        f"the {what} {shown(name)} is used twice; first at {first}",
        where,
        f"Give one of the two another {what}.",
    )


@dataclass
class _Reading:
    """What one run over a workspace gathers; ``lost`` are keys of records that are broken."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    places: dict[Where, dict[str, Where]] = field(default_factory=dict)
    named: dict[str, dict[str, Record]] = field(default_factory=dict)
    ids: dict[str, Where] = field(default_factory=dict)
    keys: dict[str, Where] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    statement_keys: dict[str, Where] = field(default_factory=dict)

    def book(self) -> Book:
        """The named records; findings are added by the caller."""
        people = {**self.named.get("people", {}), **self.named.get("agents", {})}
        return Book(
            agents=people,  # type: ignore[arg-type]  # each list holds what its reader gives
            populations=self.named.get("populations", {}),  # type: ignore[arg-type]
            cases=self.named.get("cases", {}),  # type: ignore[arg-type]
            sources=self.named.get("sources", {}),  # type: ignore[arg-type]
            revisions=tuple(self.revisions),
        )

    # ---- records

    def records(self) -> None:
        """Read every file of records."""
        files, problems = list_files(self.root)
        self.problems += problems
        for file in files.records:
            for reader, node in self._file_of_records(file.path, file.shown, file.listed):
                self._record(reader, node, file.listed)

    def _file_of_records(
        self, path: Path, shown_path: str, listed: str
    ) -> Iterator[tuple[RecordReader, Mapping]]:
        node, found = read_yaml(path, shown_path)
        self.problems += found
        if node is None:
            self.lost |= keys_in_file(path)
            return
        table = {
            "recorded": fields.STATEMENTS_FILE["recorded"],
            "disclosure": fields.STATEMENTS_FILE["disclosure"],
            listed: fields.Field(listed, "readings", "The records.", required=True),
        }
        form = Form(node, table, self.problems)
        given = frozenset(node.names())
        reader = RecordReader(form.day("recorded"), form.disclosure(), given, self.problems)
        for record in form.mappings(listed):
            yield reader, record

    def _record(self, reader: RecordReader, node: Mapping, listed: str) -> None:
        self.places[node.where] = {name.text: value.where for name, value in node.items}
        if listed == "revisions":
            revision = reader.revision(node)
            if revision:
                self.revisions.append(revision)
                self._claim_id(revision.id, revision.where)
            return
        record: Record | None
        if listed in {"people", "agents"}:
            record = reader.agent(node, person=listed == "people")
        elif listed == "populations":
            record = reader.population(node)
        elif listed == "cases":
            record = reader.case(node)
        else:
            record = reader.source(node)
        if record is None:
            self.lost |= _key_of(node)
            return
        place = self.places[node.where].get("key", node.where)
        first = self.keys.setdefault(record.key, place)
        if first is not place:
            self.problems.append(_twice("key", record.key, place, first))
        self._claim_id(record.id, self.places[node.where].get("id", node.where))
        self.named.setdefault(listed, {}).setdefault(record.key, record)

    def _claim_id(self, identifier: str, where: Where) -> None:
        first = self.ids.setdefault(identifier, where)
        if first is not where:
            self.problems.append(_twice("id", identifier, where, first))

    # ---- statements

    def passages(self) -> Iterator[Passage]:
        """Every statement of every file of findings."""
        files, _ = list_files(self.root)
        entries = [entry for file in files.findings for entry in self._entries(file)]
        for node, _, _ in entries:
            for key in _key_of(node):
                place = getattr(node.get("key"), "where", node.where)
                first = self.statement_keys.setdefault(key, place)
                if first is not place:
                    self.problems.append(_twice("key", key, place, first))
        taken = set(self.statement_keys)
        seen: set[str] = set()
        for node, header, default in entries:
            written = next(iter(_key_of(node)), None)
            # A key used twice is told above; both statements are still checked.
            key = written if written and written not in seen else _free(default, taken)
            seen.add(key)
            taken.add(key)
            yield Passage(key=key, node=node, header=header)

    def _entries(self, file: FindingsFile) -> Iterator[tuple[Mapping, Header, str]]:
        if file.kind == "yaml":
            yield from self._yaml_entries(file)
            return
        for node, found in file.rows():
            self.problems += found
            if node is not None:
                yield node, _NO_HEADER, f"{file.stem}-{node.where.line}"
            elif file.kind == "csv" or found:
                self.lost |= {key for p in found if p.where for key in keys_in_file(file.path, p)}

    def _yaml_entries(self, file: FindingsFile) -> Iterator[tuple[Mapping, Header, str]]:
        node, found = read_yaml(file.path, file.shown)
        self.problems += found
        if node is None:
            self.lost |= keys_in_file(file.path)
            return
        form = Form(node, fields.STATEMENTS_FILE, self.problems)
        header = Header(
            source=form.key("source"),
            by=form.words("by"),
            recorded=form.day("recorded"),
            disclosure=form.disclosure(),
            given=frozenset(node.names()),
            node=node.without(["statements"]),
            places={name: form.place(name) for name in ("source", "by") if node.get(name)},
        )
        for number, statement in enumerate(form.mappings("statements"), 1):
            yield statement, header, f"{file.stem}-{number}"

    def remember(self, draft: Draft) -> None:
        """Keep the places of a statement's fields, in files that people write."""
        if draft.node.where.pointer is None and draft.node.where.path.endswith(".yaml"):
            own = {name.text: value.where for name, value in draft.node.items}
            self.places[draft.node.where] = draft.header.places | own


def _key_of(node: Mapping) -> set[str]:
    key = node.get("key")
    return {key.text} if isinstance(key, Scalar) and key.text.strip() else set()


def _free(wanted: str, taken: set[str]) -> str:
    """``wanted``, or else with the first number behind it that nobody has."""
    key, number = wanted, 2
    while key in taken:
        key, number = f"{wanted}.{number}", number + 1
    return key

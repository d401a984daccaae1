"""The one reader of a workspace's files: YAML, JSON Lines and CSV into the book.

All problems of all files are found in one run; a file that cannot be read does not
hide the problems of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from casegraph.errors import Problem, Where
from casegraph.findings import fields
from casegraph.findings.book import Book
from casegraph.findings.csv_tree import read_csv
from casegraph.findings.derive import derive
from casegraph.findings.form import Form
from casegraph.findings.json_tree import read_json_lines
from casegraph.findings.links import resolve
from casegraph.findings.passages import Header, Passage, expand
from casegraph.findings.records import RecordReader
from casegraph.findings.yaml_tree import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from casegraph.findings.tree import Mapping
    from casegraph.model.values import Finding

_NO_HEADER = Header(source=None, by=(), recorded=None, disclosure=None)


class _Keyed(Protocol):
    key: str
    where: Where


_Record = TypeVar("_Record", bound=_Keyed)


def read_book(root: Path, violation_types: frozenset[str]) -> tuple[Book, list[Problem]]:
    """Everything below the workspace folder ``root`` and every problem, in file order.

    ``violation_types`` are the names of the violation scheme; an empty set leaves types
    unchecked.  Offsets and captures are added later, by ``anchoring``.
    """
    problems: list[Problem] = []
    book = _read_records(root, problems)
    passages = list(_passages(root, problems))
    _refuse_twice(((p.key, p.node.where) for p in passages), "statement", problems)
    findings: dict[str, Finding] = {}
    by_passage: dict[str, list[str]] = {}
    for draft in expand(passages, problems):
        for finding in derive(draft, book.sources, problems):
            findings[finding.key] = finding
            by_passage.setdefault(draft.passage, []).append(finding.key)
    book = Book(
        agents=book.agents,
        populations=book.populations,
        cases=book.cases,
        sources=book.sources,
        revisions=book.revisions,
        findings=findings,
        passages={key: tuple(keys) for key, keys in by_passage.items()},
    )
    resolved, link_problems = resolve(book, violation_types)
    return resolved, _sorted(problems + link_problems)


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of files and lines, each once."""
    unique = dict.fromkeys(problems)
    nowhere = Where("")
    return sorted(
        unique,
        key=lambda p: (
            (p.where or nowhere).path,
            (p.where or nowhere).line or 0,
            (p.where or nowhere).column or 0,
        ),
    )


def _read_records(root: Path, problems: list[Problem]) -> Book:
    book = Book()
    revisions = []
    for name, (listed, _) in fields.RECORD_FILES.items():
        path = root / name
        if not path.exists():
            continue
        for reader, node in _records(path, name, listed, problems):
            if listed in {"people", "agents"}:
                _add(book.agents, reader.agent(node, person=listed == "people"), problems)
            elif listed == "populations":
                _add(book.populations, reader.population(node), problems)
            elif listed == "cases":
                _add(book.cases, reader.case(node), problems)
            else:
                revisions.append(reader.revision(node))
    for path in sorted((root / "sources").glob("*.yaml")):
        shown = path.relative_to(root).as_posix()
        for reader, node in _records(path, shown, "sources", problems):
            _add(book.sources, reader.source(node), problems)
    _refuse_shared_ids(book, problems)
    return Book(
        agents=book.agents,
        populations=book.populations,
        cases=book.cases,
        sources=book.sources,
        revisions=tuple(revision for revision in revisions if revision),
    )


def _records(
    path: Path, shown: str, listed: str, problems: list[Problem]
) -> Iterator[tuple[RecordReader, Mapping]]:
    node, found = read_yaml(path, shown)
    problems += found
    if node is None:
        return
    table = {
        "recorded": fields.STATEMENTS_FILE["recorded"],
        "disclosure": fields.STATEMENTS_FILE["disclosure"],
        listed: fields.Field(listed, "readings", "The records.", required=True),
    }
    form = Form(node, table, problems)
    reader = RecordReader(form.day("recorded"), form.disclosure(), problems)
    for record in form.mappings(listed):
        yield reader, record


def _add(records: dict[str, _Record], record: _Record | None, problems: list[Problem]) -> None:
    if record is None:
        return
    first = records.get(record.key)
    if first is None:
        records[record.key] = record
        return
    problems.append(_twice("key", record.key, record.where, first.where))


def _twice(what: str, name: str, where: Where, first: Where) -> Problem:
    return Problem(
        f"duplicate-{what}",
        f"the {what} '{name}' is used twice; first at {first}",
        where,
        f"Give one of the two another {what}.",
    )


def _refuse_twice(keys: Iterable[tuple[str, Where]], what: str, problems: list[Problem]) -> None:
    seen: dict[str, Where] = {}
    for key, where in keys:
        if key in seen:
            problems.append(
                Problem(
                    "duplicate-key",
                    f"the key '{key}' of a {what} is used twice; first at {seen[key]}",
                    where,
                    "Give one of the two another key.",
                )
            )
        seen.setdefault(key, where)


def _refuse_shared_ids(book: Book, problems: list[Problem]) -> None:
    seen: dict[str, Where] = {}
    keys: dict[str, Where] = {}
    for record in book.everything_named():
        if record.id in seen:
            problems.append(_twice("id", record.id, record.where, seen[record.id]))
        elif record.key in keys:
            problems.append(_twice("key", record.key, record.where, keys[record.key]))
        seen.setdefault(record.id, record.where)
        keys.setdefault(record.key, record.where)


def _passages(root: Path, problems: list[Problem]) -> Iterator[Passage]:
    folder = root / "findings"
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        shown = path.relative_to(root).as_posix()
        if path.suffix == ".yaml":
            yield from _yaml_passages(path, shown, problems)
        elif path.suffix == ".jsonl":
            for node, found in read_json_lines(path, shown):
                problems += found
                if node is not None:
                    yield _passage(node, _NO_HEADER, f"{path.stem}-{node.where.line}")
        elif path.suffix == ".csv":
            nodes, found = read_csv(path, shown)
            problems += found
            for node in nodes:
                yield _passage(node, _NO_HEADER, f"{path.stem}-{node.where.line}")


def _yaml_passages(path: Path, shown: str, problems: list[Problem]) -> Iterator[Passage]:
    node, found = read_yaml(path, shown)
    problems += found
    if node is None:
        return
    form = Form(node, fields.STATEMENTS_FILE, problems)
    header = Header(
        source=form.key("source"),
        by=form.words("by"),
        recorded=form.day("recorded"),
        disclosure=form.disclosure(),
    )
    for number, statement in enumerate(form.mappings("statements"), 1):
        yield _passage(statement, header, f"{path.stem}-{number}")


def _passage(node: Mapping, header: Header, default_key: str) -> Passage:
    key = node.get("key")
    text = getattr(key, "text", "") or default_key
    return Passage(key=text, node=node, header=header)

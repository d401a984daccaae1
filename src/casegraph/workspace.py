"""The composition root: a folder and its settings, wired into the values that the rooms take."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casegraph import settings as settings_table
from casegraph.errors import FixInput, InvalidRecords, NotFound, Problem, Where
from casegraph.findings.anchoring import anchor
from casegraph.findings.reader import read_book
from casegraph.findings.tree import Scalar, nearest
from casegraph.findings.yaml_tree import read_yaml
from casegraph.graph.vocabulary import load_vocabulary
from casegraph.model.terms import Holding
from casegraph.release.editions import recover
from casegraph.release.inputs import ReleaseInputs, Shelf
from casegraph.sources.captures import read_captures, read_texts, text_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casegraph.findings.book import Book
    from casegraph.setting import Value
    from casegraph.settings import Settings
    from casegraph.sources.captures import CaptureRecord

FILE = "casegraph.toml"
SALT = "salt"
_KNOWN = ("name", "title", "base_iri", "organisation", "languages", "licence", "banner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An opened workspace: where it is, what it is called, its settings and its salt.

    ``banner`` is a sentence that every page and the README of a release begin with, or empty.
    """

    root: Path
    title: str
    base_iri: str
    organisation: str
    licence: str
    settings: Settings
    salt: bytes
    banner: str = ""

    @property
    def shelf(self) -> Shelf:
        """The folders of its releases."""
        return Shelf(self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A workspace read whole: the anchored book, its texts, and everything that is wrong."""

    book: Book
    texts: Mapping[str, str]
    captures: Mapping[str, CaptureRecord]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that stop a build."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def open_workspace(root: Path, *, flags: Mapping[str, Value | None] | None = None) -> Workspace:
    """Open the workspace in ``root``.

    Raises ``NotFound`` where there is no ``casegraph.toml``, ``FixInput`` for what is wrong
    in it, ``NotFound`` for a missing salt.  Mends what a takedown that crashed left without a name.
    """
    file = root / FILE
    if not file.is_file():
        raise NotFound(
            f"{root} is not a workspace: it has no {FILE}",
            hint="Go to your workspace, name it with --workspace, or make one with"
            " `casegraph init FOLDER`.",
        )
    table = _workspace_table(file)
    given = dict(flags or {})
    base_iri = table.get("base_iri")
    settings = settings_table.read(file=file, flags=given)
    if isinstance(base_iri, str) and settings.origin("base_iri") == "default":
        settings = settings_table.read(file=file, flags={"base_iri": base_iri, **given})
    recover(Shelf(root))
    return Workspace(
        root=root,
        title=_text(table, "title", file),
        base_iri=settings.base_iri,
        organisation=_text(table, "organisation", file),
        licence=_text(table, "licence", file),
        settings=settings,
        salt=_salt(root),
        banner=_text(table, "banner", file) if "banner" in table else "",
    )


def read_workspace(workspace: Workspace) -> Reading:
    """Read, link and anchor everything; problems are returned, all of them."""
    root = workspace.root
    vocabulary = load_vocabulary(workspace.base_iri)
    book, problems = read_book(root, vocabulary.violation_types)
    captures, capture_problems = read_captures(root, book.sources)
    texts, text_problems = read_texts(root, book.sources, captures)
    places = {key: record.places for key, record in captures.items()}
    anchored, quote_problems = anchor(book, texts, places)
    sources = {
        key: replace(source, capture=captures[key].capture, checked=captures[key].checked)
        if key in captures
        else source
        for key, source in anchored.sources.items()
    }
    anchored = replace(anchored, sources=sources)
    everything = [
        *problems,
        *capture_problems,
        *text_problems,
        *quote_problems,
        *_organisation_problems(workspace, anchored),
    ]
    return Reading(book=anchored, texts=texts, captures=captures, problems=tuple(everything))


def release_inputs(workspace: Workspace, reading: Reading) -> ReleaseInputs:
    """What a build takes; raises ``InvalidRecords`` with all problems if one is an error."""
    names, problems = _released_names(workspace.root)
    if reading.errors or problems:
        raise InvalidRecords([*reading.problems, *problems])
    settings = workspace.settings
    return ReleaseInputs(
        shelf=workspace.shelf,
        book=reading.book,
        base_iri=workspace.base_iri,
        salt=workspace.salt,
        title=workspace.title,
        organisation=workspace.organisation,
        licence=workspace.licence,
        public_url=settings.public_url,
        queries={
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((workspace.root / "queries").glob("*.rq"))
        },
        banner=workspace.banner,
        released_names=names,
        texts={
            key: text_path(workspace.root, source)
            for key, source in reading.book.sources.items()
            if source.holding is Holding.FULL
        },
        validate_deadline_seconds=settings.validate_deadline_seconds,
        reason_deadline_seconds=settings.reason_deadline_seconds,
    )


def _workspace_table(file: Path) -> dict[str, object]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FixInput(
            f"the file cannot be read: {error}",
            where=Where(str(file)),
            hint='Put values in double quotes, as in title = "…".',
        ) from None
    table = document.get("workspace")
    if not isinstance(table, dict):
        raise FixInput(
            "the table [workspace] is missing",
            where=Where(str(file)),
            hint="`casegraph init` shows how it looks.",
        )
    for name in table:
        if name not in _KNOWN:
            near = nearest(name, _KNOWN)
            hint = f"Did you mean {near}?" if near else f"Known: {', '.join(_KNOWN)}."
            raise FixInput(
                f"'{name}' is not known in [workspace]", where=Where(str(file)), hint=hint
            )
    return table


def _text(table: Mapping[str, object], name: str, file: Path) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value:
        raise FixInput(
            f"{name} is missing in [workspace]",
            where=Where(str(file)),
            hint=f'Add a line {name} = "…".',
        )
    return value


def _salt(root: Path) -> bytes:
    path = root / SALT
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        raise NotFound(
            f"{path} is missing: without it every finding would get another address",
            hint="Restore it from your backup. Do not make a new one if anything is published.",
        ) from None


def _organisation_problems(workspace: Workspace, book: Book) -> list[Problem]:
    if workspace.organisation in book.agents:
        return []
    near = nearest(workspace.organisation, book.agents)
    hint = f"Did you mean {near}?" if near else "Add it to agents.yaml."
    return [
        Problem(
            "link-to-nothing",
            f"organisation is '{workspace.organisation}', which is no key of an agent",
            Where(FILE),
            hint,
        )
    ]


def _released_names(root: Path) -> tuple[dict[str, str], list[Problem]]:
    """``released-names.yaml``: one line a word, with the reason why it is a false alarm."""
    path = root / "released-names.yaml"
    if not path.exists():
        return {}, []
    node, problems = read_yaml(path, path.name)
    names: dict[str, str] = {}
    for key, value in node.items if node else ():
        if isinstance(value, Scalar) and value.text.strip():
            names[key.text] = value.text
        else:
            problems.append(
                Problem(
                    "missing-reason",
                    f"'{key.text}' is released without a reason",
                    key.where,
                    "Write WORD: why it is not the protected name.",
                )
            )
    return names, problems

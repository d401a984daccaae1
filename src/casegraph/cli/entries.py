"""new: entries written into the files of the workspace."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.options import json_option
from casegraph.errors import FixInput, NotFound
from casegraph.findings.attaching import source_of
from casegraph.findings.starting import restricted_head
from casegraph.findings.write import (
    RECORD_KINDS,
    add_entry,
    add_statement,
    new_entry,
    new_record,
)
from casegraph.workspace import open_workspace, read_workspace

if TYPE_CHECKING:
    from casegraph.cli.console import Console
    from casegraph.workspace import Reading, Workspace


@click.command()
@click.argument("source")
@click.argument("words")
@click.option("--add", "file", type=click.Path(path_type=Path, dir_okay=False),
              help="Add it to this file of findings/ instead of only printing it.")  # fmt: skip
@click.option("--record", type=click.Choice(RECORD_KINDS),
              help="Add a record of this kind: SOURCE is its key, WORDS its name.")  # fmt: skip
@json_option
@click.pass_obj
def new(
    root: Path,
    *,
    source: str,
    words: str,
    file: Path | None,
    record: str | None,
    console: Console,
) -> None:
    """Print an entry for WORDS of SOURCE, filled in as far as the words tell.

    The words are looked for in the held text of the source, letter by letter.  With --record
    a person, institution, population, case or source is added with a new id.
    """
    workspace = open_workspace(root)
    reading = read_workspace(workspace)
    if record is not None:
        _add_record(workspace, reading, (record, source, words), console)
        return
    source_of(reading.book, source)
    if source not in reading.texts:
        raise NotFound(
            f"the text of '{source}' is not at hand, so the words cannot be looked for",
            hint=f"Run `casegraph source attach {source} FILE` first.",
        )
    keys = [*reading.book.passages, *reading.book.findings]
    entry = new_entry(source, reading.texts[source], words, taken=keys)
    place: str | None = None
    if file is not None:
        path = _inside(root, file)
        line = add_statement(
            path, entry, source=source, head=_head(workspace),
            depth=len(path.relative_to(root.resolve()).parts) - 1,
        )  # fmt: skip
        place = f"{path.relative_to(root.resolve()).as_posix()}:{line}"
    console.answer({"entry": entry, "added": place}, entry.rstrip("\n"))
    if "\n  near: " in entry:
        console.note("These words stand there several times; `near` means the first place.")
    if place:
        console.note(f"Added at {place}. Fill in the words in capitals, then: casegraph check -v")
    else:
        console.note("Put it under `statements:` of a file in findings/, or use --add FILE.")


def _add_record(
    workspace: Workspace, reading: Reading, record: tuple[str, str, str], console: Console
) -> None:
    taken = {one.key for one in reading.book.everything_named()}
    name, listed, entry = new_record(
        *record,
        taken=taken,
        by=workspace.organisation,
        on=date.today(),  # noqa: DTZ011
    )
    path = workspace.root / name
    head = "" if path.exists() else _head(workspace)
    line = add_entry(path, listed, entry, head=head, depth=name.count("/"))
    console.answer({"entry": entry, "added": f"{name}:{line}"}, entry.rstrip("\n"))
    todo = "Fill in what is empty, then" if listed == "sources" else "Next"
    console.note(f"Added at {name}:{line}. {todo}: casegraph check")


def _inside(root: Path, file: Path) -> Path:
    """The file as the person means it: from here, or else from the workspace."""
    folder = root.resolve() / "findings"
    for path in (file.resolve(), (root / file).resolve(), (folder / file).resolve()):
        if path.is_relative_to(folder) and path.suffix == ".yaml" and path.parent.is_dir():
            return path
    raise FixInput(
        f"{file} is no .yaml file of {folder}", hint="Use --add findings/report.yaml, say."
    )


def _head(workspace: Workspace) -> str:
    return restricted_head(workspace.organisation, date.today())  # noqa: DTZ011 - the day here

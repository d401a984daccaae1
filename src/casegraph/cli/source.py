"""source: the texts that quotations are looked for in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console, problem_value
from casegraph.cli.exit_codes import OK, REFUSED
from casegraph.cli.options import day_option, json_option
from casegraph.findings.attaching import attach_text
from casegraph.findings.fields import written
from casegraph.workspace import open_workspace, read_workspace

if TYPE_CHECKING:
    from datetime import date

    from casegraph.findings.attaching import Attached


@click.group()
def source() -> None:
    """Attach texts to sources, list what is held."""


@source.command()
@click.argument("key")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@day_option
@json_option
@click.pass_obj
def attach(root: Path, *, key: str, file: Path | None, on: date, console: Console) -> int:
    """Take FILE in as the text of the source KEY and look for its quotations.

    Without FILE the text that is held is looked through again.
    """
    workspace = open_workspace(root)
    reading = read_workspace(workspace)
    done = attach_text(root, reading.book, reading.captures, key, file, on=on)
    console.problems(done.problems)
    errors = sum(1 for problem in done.problems if problem.severity == "error")
    console.answer(
        {
            "source": key,
            "text": str(done.path),
            "sha256": done.record.capture.sha256,
            "found": done.found,
            "quotedShare": float(done.share) if done.share is not None else None,
            "problems": [problem_value(problem) for problem in done.problems],
        },
        _what_came_of_it(key, done, errors),
    )
    console.note(
        "Mend the quotations, then attach again." if errors
        else f'Next: casegraph new {key} "words", or casegraph check'
    )  # fmt: skip
    return REFUSED if errors else OK


def _what_came_of_it(key: str, done: Attached, errors: int) -> str:
    if not done.found and not errors:
        return f"The text of '{key}' is held now. Nothing is quoted from it yet."
    found = "1 quotation" if done.found == 1 else f"{done.found} quotations"
    they = "it reproduces" if done.found == 1 else "they reproduce"
    share = f"; {they} {float(done.share):.1%} of the text" if done.share else ""
    return f"{found} of '{key}' found, {errors} not found{share}."


@source.command("list")
@json_option
@click.pass_obj
def list_sources(root: Path, console: Console) -> None:
    """List the sources, what is held of each, and when it was last checked."""
    reading = read_workspace(open_workspace(root))
    rows = [
        {
            "key": one.key,
            "title": one.titles[0].value if one.titles else "",
            "holding": written(one.holding),
            "textAtHand": one.key in reading.texts,
            "checked": one.checked.isoformat() if one.checked else None,
        }
        for one in reading.book.sources.values()
    ]
    lines = [
        f"{row['key']}: {row['holding']}, text {'at hand' if row['textAtHand'] else 'not at hand'},"
        f" {'checked ' + str(row['checked']) if row['checked'] else 'not checked'}: {row['title']}"
        for row in rows
    ]
    console.answer(rows, "\n".join(lines) or "No sources yet: add a file to sources/.")

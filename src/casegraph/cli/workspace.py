"""init and check: a workspace made, a workspace checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console, problem_value
from casegraph.cli.exit_codes import OK, REFUSED
from casegraph.cli.options import json_option
from casegraph.errors import InvalidRecords
from casegraph.findings.anchoring import quoted_share
from casegraph.findings.derived import derived
from casegraph.findings.starting import start_workspace
from casegraph.findings.surroundings import look_around
from casegraph.model.terms import Holding
from casegraph.release.build import foresee
from casegraph.settings import SETTINGS
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from casegraph.errors import Problem
    from casegraph.workspace import Reading, Workspace

MOST_SHOWN = 200


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", help="What releases are called; the folder's name by default.")
@click.option("--base-iri", default=str(SETTINGS["base_iri"].default), show_default=True,
              help="The address that every identifier begins with; end it with /.")  # fmt: skip
@click.option("--organisation", default="our-organisation", show_default=True,
              help="The key of your organisation.")  # fmt: skip
@click.option("--name", "label", help="The name of your organisation.")
@json_option
def init(
    folder: Path,
    *,
    title: str | None,
    base_iri: str,
    organisation: str,
    label: str | None,
    console: Console,
) -> None:
    """Make a new workspace in FOLDER that is safe by default."""
    files = start_workspace(
        folder,
        title=title or folder.resolve().name,
        base_iri=base_iri,
        organisation=organisation,
        label=label or organisation,
        today=date.today(),  # noqa: DTZ011 - the day where the person is
    )
    open_workspace(folder)
    console.answer(
        {"workspace": str(folder), "files": files},
        f"Made a workspace in {folder}: {', '.join(name for name in files if '/' not in name)}.",
    )
    console.note(
        "Keep it on an encrypted disk and back up its salt; README.md says how.\n"
        f"Next: add a source to {folder / 'sources'}, then"
        f" `casegraph -w {folder} source attach SOURCE FILE`."
    )


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="Show what was derived from each entry.")
@json_option
@click.pass_obj
def check(root: Path, *, verbose: bool, console: Console) -> int:
    """Check every file and show all problems, each with its place and how to mend it."""
    workspace = open_workspace(root)
    with console.working("Reading"):
        reading = read_workspace(workspace)
    problems = [*reading.problems, *look_around(root, reading.book)]
    problems += _foreseen(workspace, reading)
    severities = [problem.severity for problem in problems]
    errors = severities.count("error")
    facts = derived(reading.book) if verbose else {}
    shares = {key: float(share) for key, share in quoted_share(reading.book, reading.texts).items()}
    if not console.json:
        console.problems(problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN and not console.json:
        console.note(f"… and {len(problems) - MOST_SHOWN} more; --json lists them all.")
    for key in _too_much(workspace, reading, shares):
        console.note(
            f"warning: quotations reproduce {shares[key]:.1%} of the text of '{key}'\n"
            "    Cut them to the words that decide the matter."
        )
    counts = _counts(reading)
    lines = []
    for key, named in facts.items():
        lines += [key, *(f"  {name}: {words}" for name, words in named)]
    lines += [f"'{key}': {share:.1%} of the text is quoted." for key, share in shares.items()]
    lines.append(", ".join(_counted(count, name) for name, count in counts.items()) + ".")
    lines.append(_verdict(errors, severities.count("warning")))
    value: dict[str, object] = {
        "ok": not errors,
        "counts": counts,
        "quotedShare": shares,
        "problems": [problem_value(problem) for problem in problems],
    }
    console.answer(
        value
        | ({"derived": {key: dict(named) for key, named in facts.items()}} if verbose else {}),
        "\n".join(lines),
    )
    console.note(_next_step(reading, errors))
    return REFUSED if errors else OK


def _foreseen(workspace: Workspace, reading: Reading) -> list[Problem]:
    """What the next build would say, for a workspace that is otherwise in order."""
    if reading.errors:
        return []
    try:
        inputs = release_inputs(workspace, reading)
        return foresee(inputs, on=date.today())  # noqa: DTZ011 - the day where the person is
    except InvalidRecords as error:
        return [problem for problem in error.problems if problem not in reading.problems]


def _next_step(reading: Reading, errors: int) -> str:
    if errors:
        return "Mend them and check again."
    if not reading.book.sources:
        return 'Next: casegraph new KEY "TITLE" --record source'
    if not reading.book.findings:
        return 'Next: casegraph new SOURCE "words" --add findings/FILE.yaml'
    return "Next: casegraph build"


def _too_much(workspace: Workspace, reading: Reading, shares: dict[str, float]) -> list[str]:
    limit = workspace.settings.quotation_share_warning_percent / 100
    return [
        key
        for key, share in shares.items()
        if share > limit and reading.book.sources[key].holding is not Holding.FULL
    ]


def _counts(reading: Reading) -> dict[str, int]:
    book = reading.book
    return {
        "statements": book.statements,
        "findings": len(book.findings),
        "sources": len(book.sources),
        "agents": len(book.agents),
        "populations": len(book.populations),
        "cases": len(book.cases),
    }


def _counted(count: int, name: str) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def _verdict(errors: int, others: int) -> str:
    warnings = _counted(others, "warnings")
    return f"{_counted(errors, 'errors') if errors else 'No errors'}, {warnings}."

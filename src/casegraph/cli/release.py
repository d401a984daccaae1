"""build, preview, publish, takedown, diff."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console, problem_value
from casegraph.cli.options import day_option, decision_options, json_option, key_option, read_key
from casegraph.release.build import build as build_candidate
from casegraph.release.delta import diff as compare
from casegraph.release.editions import Deadlines
from casegraph.release.preview import preview as preview_candidate
from casegraph.release.publish import Decision
from casegraph.release.publish import publish as publish_candidate
from casegraph.release.takedown import takedown as take_down
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from datetime import date

    from casegraph.release.takedown import Takedown


@click.command()
@day_option
@json_option
@click.pass_obj
def build(root: Path, *, on: date, console: Console) -> None:
    """Build an unsigned candidate; nothing is published."""
    workspace = open_workspace(root)
    with console.working("Reading, mapping, validating, reasoning"):
        inputs = release_inputs(workspace, read_workspace(workspace))
        candidate = build_candidate(inputs, on=on)
    made = candidate.assembled
    warnings = "1 warning" if len(made.remarks) == 1 else f"{len(made.remarks)} warnings"
    console.answer(
        {
            "release": made.manifest.release_id,
            "directory": str(candidate.directory),
            "counts": made.counts.as_json(),
            "warnings": [problem_value(problem) for problem in made.remarks],
        },
        f"Candidate {made.manifest.release_id}: {made.counts.sentence()}.\n"
        f"The shapes found no violation and left {warnings}.",
    )
    console.note("Next: casegraph preview")


@click.command()
@json_option
@click.pass_obj
def preview(root: Path, *, console: Console) -> None:
    """List every record, name, quotation and file that would become public."""
    workspace = open_workspace(root)
    found = preview_candidate(workspace.shelf)
    sections = {name: [item.texts for item in items] for name, items in found.sections}
    console.answer(
        {
            "release": found.release_id,
            "against": found.against,
            "new": sections | {"Other texts": found.other_texts, "Files": found.files},
        },
        "\n".join(found.lines()),
    )
    console.note(f"The same as a page: {workspace.shelf.private / 'preview.html'}")
    console.note('Next, if all of it may be public: casegraph publish --by NAME --because "…"')


@click.command()
@decision_options
@day_option
@key_option
@json_option
@click.pass_obj
def publish(
    root: Path, *, by: str, because: str, on: date, key_file: Path | None, console: Console
) -> None:
    """Sign the previewed candidate and make it the current release."""
    workspace = open_workspace(root)
    key = read_key(key_file)
    with console.working("Signing and verifying"):
        release_id = publish_candidate(
            workspace.shelf, key=key, decision=Decision(by=by, because=because, on=on)
        )
    directory = workspace.shelf.directory(release_id)
    console.answer(
        {"release": release_id, "directory": str(directory), "key": key.public.name},
        f"Published {release_id}, signed with key {key.public.name}.\n{directory}",
    )
    console.note("Next: casegraph serve")


@click.command()
@click.argument("address")
@click.option(
    "--naming", is_flag=True, help="Withdraw every record that may name the person as well."
)
@decision_options
@day_option
@key_option
@json_option
@click.pass_obj
def takedown(  # noqa: PLR0913 - one parameter an option
    root: Path,
    *,
    address: str,
    naming: bool,
    by: str,
    because: str,
    on: date,
    key_file: Path | None,
    console: Console,
) -> None:
    """Withdraw the record at ADDRESS from every release that is held."""
    workspace = open_workspace(root)
    settings = workspace.settings
    key = read_key(key_file)
    with console.working("Making every held release again"):
        done = take_down(
            workspace.shelf,
            address,
            key=key,
            decision=Decision(by=by, because=because, on=on),
            deadlines=Deadlines(
                validate=settings.validate_deadline_seconds,
                reason=settings.reason_deadline_seconds,
            ),
            naming=naming,
        )
    console.answer(
        {
            "withdrawn": done.withdrawn,
            "editions": done.editions,
            "mentions": done.mentions,
            "left": [asdict(one) for one in done.left],
            "strays": [str(path) for path in done.strays],
        },
        f"{len(done.withdrawn)} records withdrawn; made again: {', '.join(done.editions)}.",
    )
    _tell_what_remains(done, key_file, console)


def _tell_what_remains(done: Takedown, key_file: Path | None, console: Console) -> None:
    key = f" --key {shlex.quote(str(key_file))}" if key_file else ""
    for one in done.left:
        console.note(one.told() + (key if one.command else ""))
    for path in done.strays:
        console.note(f"{path} has no release folder and cannot be made again: delete it.")
    console.note(
        "Restrict or delete the record in the workspace files as well, then tell those"
        " who hold copies: releases/withdrawals.json is for them."
    )


@click.command()
@click.argument("older", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("newer", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
def diff(older: Path, newer: Path, console: Console) -> None:
    """Compare two release folders."""
    found = compare(older, newer)
    lines = [
        (
            f"From {found.older} to {found.newer}: {found.quads_added:,} triples added,"
            f" {found.quads_removed:,} removed."
        ),
        *(f"+ {address}" for address in found.findings_added),
        *(f"- {address}" for address in found.findings_removed),
    ]
    console.answer(found.as_json(), "\n".join(lines))

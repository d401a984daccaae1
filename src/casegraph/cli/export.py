"""export: statements as a table, a release in another format, schemas for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph import durable
from casegraph.cli.options import json_option
from casegraph.cli.query import release_option
from casegraph.errors import NotFound
from casegraph.findings.flat import to_csv, to_json_lines
from casegraph.findings.json_schema import schemas
from casegraph.findings.reader import read_passages
from casegraph.graph.formats import Format, document
from casegraph.graph.nquads import from_line
from casegraph.release.delta import dataset_lines
from casegraph.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.cli.console import Console
    from casegraph.graph.nquads import Quad

_STATEMENTS = {"csv": to_csv, "jsonl": to_json_lines}
_GRAPHS = ("asserted", "inferred", "vocabulary", "all")
_FORMATS = {
    "rdfxml": Format.RDFXML,
    "jsonld": Format.JSONLD,
    "ttl": Format.TURTLE,
    "nt": Format.NTRIPLES,
}


@click.command()
@click.argument("form", metavar="FORMAT",
                type=click.Choice([*_STATEMENTS, "schema", *_FORMATS]))  # fmt: skip
@click.option("-o", "--to", "target", type=click.Path(path_type=Path),
              help="Write here instead of to standard output; for schema a folder.")  # fmt: skip
@click.option("--graph", type=click.Choice(_GRAPHS), default="asserted", show_default=True,
              help="Which graph of a release.")  # fmt: skip
@release_option
@json_option
@click.pass_obj
def export(
    root: Path,
    *,
    form: str,
    target: Path | None,
    graph: str,
    release_id: str | None,
    console: Console,
) -> None:
    """Write statements (csv, jsonl), schemas for editors, or a release in another format.

    csv and jsonl hold every statement of the workspace, restricted ones as well, and can be
    read back from findings/.  rdfxml, jsonld, ttl and nt hold a published release.
    """
    if form == "schema":
        _schemas(target or root / "schema", console)
        return
    if form in _STATEMENTS:
        data = _STATEMENTS[form](read_passages(open_workspace(root).root)).encode()
        console.note("This holds restricted records too: keep it where the workspace is kept.")
    else:
        data = _release(root, _FORMATS[form], graph, release_id)
    if target is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    size = durable.write_file(target, data)
    console.answer({"file": str(target), "bytes": size}, f"Wrote {target} ({size:,} bytes).")


def _schemas(folder: Path, console: Console) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = schemas()
    for name, text in files.items():
        durable.write_file(folder / name, text.encode())
    console.answer(
        {"folder": str(folder), "files": list(files)}, f"Wrote {len(files)} schemas to {folder}."
    )


def _release(root: Path, form: Format, graph: str, release_id: str | None) -> bytes:
    workspace = open_workspace(root)
    name = release_id or workspace.shelf.current()
    if name is None or name not in workspace.shelf.held():
        raise NotFound(
            f"there is no release {name}" if name else "nothing is published yet",
            hint="`casegraph publish` makes one.",
        )
    quads = _quads(workspace.shelf.directory(name), f"{workspace.base_iri}graph/{graph}")
    return document(quads, form, base_iri=workspace.base_iri, title=f"Release {name}")


def _quads(directory: Path, graph: str) -> Iterator[Quad]:
    for line in dataset_lines(directory):
        quad = from_line(line.decode())
        if graph.endswith("/all") or quad.graph == graph:
            yield quad

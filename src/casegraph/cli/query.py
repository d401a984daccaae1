"""query and explain: ask a release."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.options import json_option
from casegraph.errors import FixInput, NotFound
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import Quad, from_line
from casegraph.graph.turtle import TurtleWriter, data_prefixes
from casegraph.query.limits import QueryLimits
from casegraph.query.oneshot import run_once
from casegraph.reason.explain import explain as explain_triple
from casegraph.release.delta import DATASET, dataset_lines
from casegraph.workspace import open_workspace

if TYPE_CHECKING:
    from casegraph.cli.console import Console
    from casegraph.workspace import Workspace

_LITERAL = re.compile(r'"(?P<text>.*)"(?:@(?P<lang>[A-Za-z0-9-]+)|\^\^(?P<type>.+))?\Z', re.DOTALL)
_FORMATS = ("json", "xml", "csv", "tsv", "ttl", "nt", "nq", "trig", "rdfxml", "jsonld")

release_option = click.option("--release", "release_id", help="A held release; the current one.")


@click.command()
@click.argument("text", required=False)
@click.option("-f", "--file", "query_file", type=click.Path(path_type=Path, exists=True),
              help="Read the query from a file (- for standard input).")  # fmt: skip
@click.option("--format", "form", type=click.Choice(_FORMATS), help="csv or ttl by default.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@release_option
@click.pass_obj
def query(
    root: Path,
    *,
    text: str | None,
    query_file: Path | None,
    form: str | None,
    as_json: bool,
    release_id: str | None,
) -> None:
    """Ask the current release in SPARQL; the answer is whole or an error."""
    workspace = open_workspace(root)
    if query_file is not None:
        text = query_file.read_text(encoding="utf-8")
    elif text is None or text == "-":
        text = sys.stdin.read()
    settings = workspace.settings
    wanted = "json" if as_json else form or _default_format(text)
    result = run_once(
        _release(workspace, release_id) / DATASET,
        text,
        base_iri=workspace.base_iri,
        accept_format=wanted,
        limits=QueryLimits(deadline_query_s=settings.query_deadline_seconds),
    )
    with result, result.open() as answer:
        while block := answer.read(1 << 16):
            sys.stdout.buffer.write(block)


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@release_option
@json_option
@click.pass_obj
def explain(
    root: Path,
    *,
    subject: str,
    predicate: str,
    object_: str,
    release_id: str | None,
    console: Console,
) -> None:
    """Say why a triple is in the release: the rule, and its premises down to what was written.

    Terms are addresses, or short names as the Turtle files have them: cg:Finding, a, f:ID.
    """
    workspace = open_workspace(root)
    directory = _release(workspace, release_id)
    base = workspace.base_iri
    triple = Quad(_iri(subject, base), _iri(predicate, base), _term(object_, base))
    quads = (from_line(line.decode()) for line in dataset_lines(directory))
    found = explain_triple(triple, quads)
    lines = list(found.lines())
    console.answer({"explanation": lines}, "\n".join(_short(line, base) for line in lines))


def _short(line: str, base: str) -> str:
    """Addresses by prefix, as in the release's Turtle."""
    writer = TurtleWriter(data_prefixes(base))
    return re.sub(r"<([^<>]+)>", lambda match: writer.iri(match[1]).replace("\\/", "/"), line)


def _release(workspace: Workspace, release_id: str | None) -> Path:
    shelf = workspace.shelf
    name = release_id or shelf.current()
    if name is None:
        raise NotFound(
            "nothing is published yet",
            hint="Run `casegraph build`, `casegraph preview`, `casegraph publish`.",
        )
    if name not in shelf.held():
        raise NotFound(f"there is no release {name}", hint=f"Held: {', '.join(shelf.held())}.")
    return shelf.directory(name)


def _default_format(text: str) -> str:
    """Choose csv for tables, Turtle for graphs, json for ASK, by the first form in the text."""
    form = re.search(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", text, re.IGNORECASE)
    return {"ASK": "json", "CONSTRUCT": "ttl", "DESCRIBE": "ttl"}.get(
        form[1].upper() if form else "", "csv"
    )


def _term(text: str, base: str) -> str | Literal:
    match = _LITERAL.match(text)
    if match is None:
        return _iri(text, base)
    if match["lang"]:
        return Literal(match["text"], terms.RDF_LANG_STRING, match["lang"].lower())
    datatype = _iri(match["type"].strip("<>"), base) if match["type"] else terms.XSD_STRING
    return Literal(match["text"], datatype)


def _iri(text: str, base: str) -> str:
    text = text.strip("<>")
    if text == "a":
        return terms.RDF_TYPE
    prefix, colon, local = text.partition(":")
    prefixes = data_prefixes(base)
    if colon and prefix in prefixes:
        return prefixes[prefix] + local
    if colon:
        return text
    if "/" in text:
        return f"{base}id/{text}"
    raise FixInput(
        f"'{text}' is neither an address nor a short name",
        hint='Write <https://…>, cg:Finding, finding/ID, or "text"@en.',
    )

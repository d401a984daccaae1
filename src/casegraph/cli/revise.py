"""revise: why a published finding is gone or changed, written into revisions.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from casegraph.cli.options import day_option, json_option
from casegraph.errors import Conflict, NotFound
from casegraph.findings.fields import written
from casegraph.findings.write import add_entry, revision_entry
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line
from casegraph.model.terms import RevisionKind
from casegraph.model.values import Quotation
from casegraph.release.delta import dataset_lines
from casegraph.release.published import published_id
from casegraph.workspace import open_workspace, read_workspace

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from casegraph.cli.console import Console
    from casegraph.findings.book import Book
    from casegraph.model.values import Revision


@click.command()
@click.argument("finding")
@click.option("--because", required=True, help="Why; it is published with the revision.")
@click.option("--kind", type=click.Choice([written(kind) for kind in RevisionKind]),
              help="correction where there is a replacement, else retraction.")  # fmt: skip
@click.option("--replacement", help="The key of the finding that takes its place.")
@click.option("--by", help="The key of who decides; the organisation by default.")
@day_option
@json_option
@click.pass_obj
def revise(  # noqa: PLR0913 - one parameter an option
    root: Path,
    *,
    finding: str,
    because: str,
    kind: str | None,
    replacement: str | None,
    by: str | None,
    on: date,
    console: Console,
) -> None:
    """Record why a published FINDING (its id or its key) is gone or changed."""
    workspace = open_workspace(root)
    book = read_workspace(workspace).book
    identifier = published_id(
        workspace.shelf, book, finding,
        base_iri=workspace.base_iri, salt=workspace.salt, on=on,
        organisation=workspace.organisation,
    )  # fmt: skip
    chosen = _kind(kind, replacement)
    if replacement and not {replacement} & {*book.findings, *book.passages}:
        raise NotFound(f"there is no finding '{replacement}'", hint="Add it first.")
    decided_by = by or workspace.organisation
    statement = _published_statement(workspace.shelf.current_directory(), identifier)
    console.note(f"This is about {identifier}:\n    “{statement}”{_entry(book, finding)}")
    _refuse_repetition(book.revisions, identifier, chosen, replacement, (decided_by, because))
    entry = revision_entry(
        kind=written(chosen), finding=identifier, because=because, by=decided_by, on=on,
        replacement=replacement,
    )  # fmt: skip
    line = add_entry(root / "revisions.yaml", "revisions", entry)
    console.answer(
        {"finding": identifier, "statement": statement, "kind": chosen.value, "entry": entry},
        entry.rstrip("\n"),
    )
    console.note(
        f"Added at revisions.yaml:{line}; delete it there if another finding was meant."
        " Next: casegraph check, casegraph build"
    )


def _kind(given: str | None, replacement: str | None) -> RevisionKind:
    if given is None:
        return RevisionKind.CORRECTION if replacement else RevisionKind.RETRACTION
    return next(kind for kind in RevisionKind if written(kind) == given)


def _published_statement(directory: Path | None, identifier: str) -> str:
    """The sentence of a finding of a release, in English where it has that."""
    wanted = f"/id/finding/{identifier}> <{terms.STATEMENT}> ".encode()
    sentences: dict[str | None, str] = {}
    for line in dataset_lines(directory) if directory else ():
        if wanted in line:
            words = from_line(line.decode()).object
            if isinstance(words, Literal):
                sentences.setdefault(words.lang, words.lexical)
    return sentences.get("en") or next(iter(sentences.values()), "")


def _entry(book: Book, key: str) -> str:
    """Where the entry stands that was named by its key, with the words it rests on."""
    keys = (key, *book.passages.get(key, ()))
    named = next((book.findings[one] for one in keys if one in book.findings), None)
    if named is None:
        return ""
    quotes = [f"“{one.exact}”" for one in named.evidence if isinstance(one, Quotation)]
    return f"\n    {named.where}" + (f" quotes {', '.join(quotes)}" if quotes else "")


def _refuse_repetition(
    revisions: tuple[Revision, ...],
    finding: str,
    kind: RevisionKind,
    replacement: str | None,
    words: tuple[str, str],
) -> None:
    """The same done twice is a slip; only disputes may come from several, for several reasons."""
    for one in revisions:
        same = (one.finding, one.kind, one.replacement) == (finding, kind, replacement)
        if same and (kind is not RevisionKind.DISPUTE or (one.by, one.reason) == words):
            raise Conflict(
                f"this revision is recorded already: {written(kind)} on {one.on} because"
                f" “{one.reason}”",
                where=one.where,
                hint="Nothing was added. Edit that entry to change its words; use --kind or"
                " --replacement for another revision of this finding.",
            )

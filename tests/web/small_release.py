"""A release directory made by hand: real mapping, real manifest, no reasoner and no signature.

The closure is stood in for by the two things that pages and examples ask of it: what is a
current finding, and which type of violation a finding reaches.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from casegraph import assets
from casegraph.errors import Where
from casegraph.findings.reader import read_book
from casegraph.graph import terms
from casegraph.graph.addresses import minting_context
from casegraph.graph.mapping import to_quads
from casegraph.graph.nquads import Quad, from_line, to_line
from casegraph.model.terms import ReadingStatus, RevisionKind
from casegraph.model.values import Revision
from casegraph.release.manifest import MANIFEST, build_manifest, checksums

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casegraph.findings.book import Book
    from casegraph.graph.context import MintingContext

HERE = Path(__file__).parent
WORKSPACE = HERE / "veldania"
BASE = "https://veldania.example/"
SALT = b"a salt that is no secret"
RELEASE = "2026-02-01.1"


def publish(
    releases: Path,
    *,
    workspace: Path = WORKSPACE,
    base_iri: str = BASE,
    release_id: str = RELEASE,
    extra_facts: Mapping[str, object] | None = None,
) -> Path:
    """Make one release below ``releases`` and let ``current`` name it."""
    directory = releases / release_id
    directory.mkdir(parents=True)
    book, problems = read_book(workspace, frozenset())
    wrong = [str(problem) for problem in problems if problem.severity == "error"]
    assert not wrong, wrong
    context = minting_context(
        base_iri=base_iri,
        salt=SALT,
        agents=book.agents.values(),
        populations=book.populations.values(),
        cases=book.cases.values(),
        sources=book.sources.values(),
        findings=book.findings.values(),
    )
    lines = sorted(set(_lines(book, context)))
    text = "".join(f"{line}\n" for line in lines).encode()
    (directory / "casegraph.nq.gz").write_bytes(gzip.compress(text, mtime=0))
    _copies(directory, workspace, lines)
    facts: dict[str, object] = {
        "title": "Protest trials in Veldania",
        "publisher": "Harbour Rights Monitor",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "counts": {
            "statements": len(book.passages),
            "readings": sum(len(keys) for keys in book.passages.values() if len(keys) > 1),
            "findings": len(book.findings),
            "reportsHeld": 1,
            "pagesCited": len(book.sources) - 1,
            "quotations": 5,
        },
        "triples": dict(Counter(line.rsplit("/", 1)[1].split(">")[0] for line in lines)),
        **(extra_facts or {}),
    }
    manifest = build_manifest(
        directory,
        release_id=release_id,
        base_iri=base_iri,
        dataset_sha256=hashlib.sha256(text).hexdigest(),
        facts=facts,
    )
    (directory / MANIFEST).write_bytes(manifest)
    (directory / "SHA256SUMS").write_text(checksums(manifest), encoding="utf-8")
    (releases / "current").write_text(f"{release_id}\n", encoding="utf-8")
    return directory


def address(workspace_key: str, *, base_iri: str = BASE) -> str:
    """Path below the base address of a record of the small workspace."""
    book, _problems = read_book(WORKSPACE, frozenset())
    context = minting_context(
        base_iri=base_iri,
        salt=SALT,
        agents=book.agents.values(),
        populations=book.populations.values(),
        cases=book.cases.values(),
        sources=book.sources.values(),
        findings=book.findings.values(),
    )
    iri = (
        context.finding(workspace_key)
        if workspace_key in book.findings
        else context.source(workspace_key)
        if workspace_key in book.sources
        else context.entity(workspace_key)
    )
    return iri.removeprefix(f"{base_iri}id/")


def _lines(book: Book, context: MintingContext) -> Iterator[str]:
    for record in (*book.everything_named(), *book.findings.values(), *_revisions(book, context)):
        yield from map(to_line, to_quads(record, context))
    inferred = terms.graph_name(context.base_iri, "inferred")
    for finding in book.findings.values():
        if finding.reading.status in {ReadingStatus.PLAIN, ReadingStatus.ADOPTED}:
            yield to_line(
                Quad(context.finding(finding.key), terms.RDF_TYPE, terms.CURRENT_FINDING, inferred)
            )
        for claim in finding.claims:
            for slug in claim.types:
                yield to_line(
                    Quad(
                        context.finding(finding.key),
                        terms.VIOLATION_TYPE_OR_BROADER,
                        terms.VT + slug,
                        inferred,
                    )
                )
    vocabulary = terms.graph_name(context.base_iri, "vocabulary")
    for name in ("casegraph", "violations"):
        data = (assets.root("ontology") / f"{name}.ttl").read_bytes()
        for triple in ox.parse(data, ox.RdfFormat.TURTLE):
            parts = (triple.subject, triple.object)
            if not any(isinstance(part, ox.BlankNode) for part in parts):
                yield f"{triple.subject} {triple.predicate} {triple.object} <{vocabulary}> ."


def _revisions(book: Book, context: MintingContext) -> Iterator[Revision]:
    if "denial" in book.findings:
        yield Revision(
            id="revision00000001",
            kind=RevisionKind.DISPUTE,
            finding=context.findings["denial"],
            reason="The ministry says that it never spoke of this.",
            by="monitor",
            on=date(2026, 1, 20),
            where=Where("revisions.yaml"),
        )


def _copies(directory: Path, workspace: Path, lines: list[str]) -> None:
    asserted = [quad for quad in map(from_line, lines) if quad.graph.endswith("/asserted")]
    turtle = "".join(f"{to_line(quad._replace(graph=''))}\n" for quad in asserted)
    (directory / "casegraph.ttl").write_text(turtle, encoding="utf-8")
    (directory / "README.txt").write_text("A release made for tests.\n", encoding="utf-8")
    (directory / "ontology").mkdir()
    for name in ("casegraph.ttl", "violations.ttl"):
        shutil.copy(assets.root("ontology") / name, directory / "ontology" / name)
    (directory / "shapes").mkdir()
    (directory / "shapes" / "findings.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n", encoding="utf-8"
    )
    for query in sorted((workspace / "queries").glob("*.rq")):
        (directory / "queries").mkdir(exist_ok=True)
        shutil.copy(query, directory / "queries" / query.name)

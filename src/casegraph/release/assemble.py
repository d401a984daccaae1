"""From the asserted graph to a whole release directory, file by file, by streaming.

``build`` comes here from a workspace and ``takedown`` from a release that is being redacted:
both bring the asserted graph twice, in byte order and in reading order, and everything else
is derived from it in the same way.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from casegraph import assets, durable
from casegraph.errors import InvalidRecords, Problem, Where
from casegraph.graph import canonical, terms
from casegraph.graph.nquads import encode_lines, from_line
from casegraph.graph.turtle import data_prefixes, turtle_lines
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.graph.vocabulary import FILES, load_vocabulary
from casegraph.reason.closure import Reasoner, close
from casegraph.release import catalogue, tables
from casegraph.release.archive import gzip_chunks
from casegraph.release.census import take_census
from casegraph.release.counts import Counts, count
from casegraph.release.delta import write_delta
from casegraph.release.manifest import FileEntry, hash_file, media_type
from casegraph.release.papers import Facts, write_papers
from casegraph.release.seal import write_manifest
from casegraph.release.texts import text_file
from casegraph.validate.shacl import Validator, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from casegraph.graph.nquads import Quad
    from casegraph.release.census import Census
    from casegraph.release.delta import Difference
    from casegraph.release.manifest import Manifest

READING = "asserted.reading.nq"
ASSERTED = "asserted.nq"
INFERRED = "inferred.nq"
VOCABULARY = "vocabulary.nq"
DATASET = "casegraph.nq.gz"
CATALOGUE = "void.ttl"
TURTLE: Final = {
    "casegraph.ttl": "What findings are about, the sources, their words, and the findings."
    "\nLabels that are not English were not yet read by a speaker of the language.",
    "inferred.ttl": "What follows from casegraph.ttl and vocabulary.ttl by OWL 2 RL.",
    "vocabulary.ttl": "The ontology, the violation types and the alignments, as one graph.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What is the same for every file of a release.

    ``work`` holds the asserted graph as ``asserted.nq`` (sorted) and ``asserted.reading.nq``
    (reading order) and takes temporary files; ``target`` becomes the release directory.
    ``previous`` is the folder of the release before.  Deadlines are in seconds.  ``kit`` is a
    release whose ontology, shapes and vocabulary are used instead of those of this casegraph.
    ``texts`` are the files of the sources that are held in full, by the id of the source.
    """

    work: Path
    target: Path
    release_id: str
    base_iri: str
    title: str
    publisher: str
    licence: str
    public_url: str
    queries: Mapping[str, str]
    previous: Path | None
    validate_deadline_seconds: float
    reason_deadline_seconds: float
    banner: str = ""
    redacted: int = 0
    kit: Path | None = None
    texts: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Engines:
    """The seam for other engines: what checks the shapes and what draws the conclusions."""

    validate: Validator = validate
    close: Reasoner = close


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The manifest of the finished directory, and warnings and information of the shapes."""

    manifest: Manifest
    counts: Counts
    remarks: tuple[Problem, ...]


def assemble(
    job: Assembly,
    *,
    place: Callable[[str], Where | None] = lambda _: None,
    engines: Engines | None = None,
) -> Assembled:
    """Make everything that a release holds, but for its signature.

    ``place`` leads from an address to the file and line it comes from.  ``target`` must not
    exist.  Raises ``InvalidRecords`` where the shapes find a violation, ``TryLater`` where a
    deadline passes.
    """
    engines = engines or Engines()
    job.target.mkdir(parents=True)
    work = job.work
    canonical.write_canonical(work / VOCABULARY, _vocabulary(job))
    remarks = _validated(job, place, engines)
    _closed(job, engines)
    dataset = _write_dataset(job)
    _write_turtle(job)
    _write_tables(job)
    counts = count(read_quads(work / READING))
    facts = _facts(job, counts, dataset)
    _copy_vocabulary(job)
    _copy_texts(job)
    delta = write_delta(job.target, work, job.previous)
    write_papers(
        job.target, facts, read_quads(work / READING), remarks,
        vocabulary=read_quads(work / VOCABULARY),
    )  # fmt: skip
    census = take_census(work / "casegraph.nq", job.base_iri)
    _write_catalogue(job, facts, census, delta)
    _check_catalogue(job, engines)
    manifest = write_manifest(
        job.target,
        release_id=job.release_id,
        base_iri=job.base_iri,
        dataset_sha256=dataset.sha256,
        facts=_manifest_facts(job, counts, census),
    )
    return Assembled(manifest=manifest, counts=counts, remarks=remarks)


def _facts(job: Assembly, counts: Counts, dataset: canonical.Digest) -> Facts:
    return Facts(
        release_id=job.release_id,
        base_iri=job.base_iri,
        title=job.title,
        publisher=job.publisher,
        licence=job.licence,
        public_url=job.public_url,
        counts=counts,
        dataset_sha256=dataset.sha256,
        banner=job.banner,
        redacted=job.redacted,
    )


def _manifest_facts(job: Assembly, counts: Counts, census: Census) -> dict[str, object]:
    triples = dict.fromkeys(("asserted", "inferred", "vocabulary"), 0)
    triples |= {graph.rpartition("/")[2]: number for graph, number in census.graphs.items()}
    facts: dict[str, object] = {
        "title": job.title,
        "publisher": job.publisher,
        "licence": job.licence,
        "counts": counts.as_json(),
        "triples": triples,
    }
    if census.begin or census.end:
        facts["temporalCoverage"] = f"{census.begin or '..'}/{census.end or '..'}"
    if job.public_url:
        facts["publicUrl"] = job.public_url
    if job.banner:
        facts["banner"] = job.banner
    if job.redacted:
        facts["redactedRecords"] = job.redacted
    return facts


def _vocabulary(job: Assembly) -> Iterable[bytes]:
    """The lines of the vocabulary graph, in any order."""
    if job.kit is None:
        return encode_lines(load_vocabulary(job.base_iri).quads)
    graph = terms.graph_name(job.base_iri, "vocabulary")
    lines = turtle_as_lines(job.kit / "vocabulary.ttl")
    return encode_lines(from_line(line.decode())._replace(graph=graph) for line in lines)


def _folder(job: Assembly, kind: Literal["ontology", "shapes"]) -> Path:
    return assets.root(kind) if job.kit is None else job.kit / kind


def _validated(
    job: Assembly, place: Callable[[str], Where | None], engines: Engines
) -> tuple[Problem, ...]:
    """Warnings and information of the shapes; the report becomes a file of the release."""
    report = engines.validate(
        job.work / ASSERTED,
        shapes=_folder(job, "shapes"),
        vocabulary=_folder(job, "ontology") / "violations.ttl",
        deadline_seconds=job.validate_deadline_seconds,
    )
    durable.write_file(job.target / "validation.json", report.to_json().encode())
    problems = report.problems(place)
    if not report.conforms:
        raise InvalidRecords(problems)
    return tuple(problems)


def _closed(job: Assembly, engines: Engines) -> None:
    """The closure; a contradiction in it means that something is in two disjoint classes."""
    closure = engines.close(
        job.work / ASSERTED,
        job.work / VOCABULARY,
        job.work / INFERRED,
        base_iri=job.base_iri,
        deadline_seconds=job.reason_deadline_seconds,
    )
    if closure.inconsistencies:
        hint = "Something has two classes that exclude each other; look at the records named."
        raise InvalidRecords(
            Problem("contradiction", text, hint=hint) for text in closure.inconsistencies
        )


def _write_dataset(job: Assembly) -> canonical.Digest:
    """The one canonical file, compressed; its digest is that of the lines themselves."""
    plain = job.work / "casegraph.nq"
    digest = canonical.write_lines(
        plain,
        canonical.merged_lines(
            *(
                canonical.read_bytes_lines(job.work / name)
                for name in (ASSERTED, INFERRED, VOCABULARY)
            )
        ),
    )
    durable.write_file(job.target / DATASET, gzip_chunks(_blocks(plain)))
    return digest


def _write_turtle(job: Assembly) -> None:
    prefixes = data_prefixes(job.base_iri)
    files = {"casegraph.ttl": READING, "inferred.ttl": INFERRED, "vocabulary.ttl": VOCABULARY}
    for name, file in files.items():
        lines = canonical.read_bytes_lines(job.work / file)
        title = f"{job.title}\nRelease {job.release_id}. {TURTLE[name]}"
        canonical.write_lines(job.target / name, turtle_lines(lines, prefixes, title=title))


def _write_tables(job: Assembly) -> None:
    """findings.csv, figures.csv and casegraph.sqlite, in one pass each over the reading order."""

    def rows() -> Iterator[tuple[tables.Row, tables.Row | None]]:
        return tables.finding_rows(lambda: read_quads(job.work / READING))

    findings, figures = tables.FINDING_COLUMNS, tables.FIGURE_COLUMNS
    durable.write_file(
        job.target / "findings.csv",
        _headed(findings, (tables.csv_line(row, findings) for row, _ in rows())),
    )
    durable.write_file(
        job.target / "figures.csv",
        _headed(figures, (tables.csv_line(f, figures) for _, f in rows() if f is not None)),
    )
    tables.write_sqlite(job.target / "casegraph.sqlite", rows())


def _headed(columns: Iterable[str], lines: Iterable[bytes]) -> Iterator[bytes]:
    yield tables.header_line(columns)
    yield from lines


def _copy_vocabulary(job: Assembly) -> None:
    """Ontology, shapes and example queries as they are written by hand."""
    kinds: dict[Literal["ontology", "shapes"], tuple[str, ...] | None]
    kinds = {"ontology": (*FILES, "context.jsonld"), "shapes": None}
    for kind, names in kinds.items():
        folder = _folder(job, kind)
        (job.target / kind).mkdir()
        for path in sorted(folder.iterdir()):
            if path.suffix in {".ttl", ".jsonld"} and (names is None or path.name in names):
                shutil.copyfile(path, job.target / kind / path.name)
    if job.queries:
        (job.target / "queries").mkdir()
        for name, text in sorted(job.queries.items()):
            durable.write_file(job.target / "queries" / name, text.encode())


def _copy_texts(job: Assembly) -> None:
    """The texts of sources whose text is public, byte for byte, under opaque names."""
    for source, path in sorted(job.texts.items()):
        target = text_file(job.target, source)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)


def _write_catalogue(job: Assembly, facts: Facts, census: Census, delta: Difference) -> None:
    files = {
        path.name: FileEntry(hash_file(path), path.stat().st_size, media_type(path.name))
        for path in sorted(job.target.iterdir())
        if path.is_file()
    }
    contents = catalogue.Contents(
        census=census,
        files=files,
        previous=delta.older,
        added=len(delta.findings_added),
        removed=len(delta.findings_removed),
    )
    lines = encode_lines(catalogue.catalogue_quads(facts, contents))
    title = "What this release is (VoID and DCAT)."
    written = turtle_lines(lines, catalogue.PREFIXES, title=title)
    canonical.write_lines(job.target / CATALOGUE, written)


def _check_catalogue(job: Assembly, engines: Engines) -> None:
    """What describes the release keeps the shapes of this casegraph, whatever its data keep."""
    report = engines.validate(
        job.target / CATALOGUE,
        shapes=assets.root("shapes") / "catalogue.ttl",
        deadline_seconds=job.validate_deadline_seconds,
    )
    if not report.conforms:
        raise InvalidRecords(report.problems(lambda _: Where(CATALOGUE)))


def read_quads(path: Path) -> Iterator[Quad]:
    """The quads of a file of canonical lines."""
    return (from_line(line.decode()) for line in canonical.read_bytes_lines(path))


def _blocks(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    with path.open("rb") as file, closing(file):
        while block := file.read(size):
            yield block

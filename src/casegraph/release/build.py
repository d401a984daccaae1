"""A checked workspace into an unsigned candidate: projection, graph, dumps.  Never publishes."""

from __future__ import annotations

import gzip
import re
import secrets
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.errors import FixInput, InvalidRecords, Problem, Where
from casegraph.graph import canonical
from casegraph.graph.addresses import minting_context
from casegraph.graph.mapping import keyed_lines
from casegraph.model.terms import Holding
from casegraph.release import assemble as assembly
from casegraph.release.delta import DATASET
from casegraph.release.held_back import held_back
from casegraph.release.inputs import release_order, workspace_digest
from casegraph.release.manifest import MANIFEST, parse_manifest
from casegraph.release.name_scan import ProtectedNames, scan
from casegraph.release.projection import (
    is_public,
    misplaced_pseudonyms,
    project,
    protected_agents,
)
from casegraph.release.unplaced import unplaced_problems
from casegraph.release.unrevised import unrevised_problems
from casegraph.release.withdrawals import require_settled, withdrawn_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from casegraph.graph.context import MintingContext
    from casegraph.model.values import Finding
    from casegraph.release.assemble import Assembled, Engines
    from casegraph.release.inputs import ReleaseInputs, Shelf
    from casegraph.release.projection import Projection

_RECORDED: Final = re.compile(
    rb"<[^>]*?/id/([a-z]+/[0-9a-z]+)> <https://w3id\.org/casegraph/ns#recordedAt> "
    rb'"(\d{4}-\d\d-\d\d)T'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A build that nobody has agreed to publish yet."""

    directory: Path
    assembled: Assembled


def build(inputs: ReleaseInputs, *, on: date, engines: Engines | None = None) -> Candidate:
    """Build the release of a day into ``var/candidate``, replacing the last candidate.

    The inputs alone decide the bytes.  Raises ``InvalidRecords`` with every problem (names,
    missing revisions, shapes), ``TryLater`` where a deadline passes; the last candidate and
    all releases are then as they were.
    """
    shelf = inputs.shelf
    require_settled(shelf)
    _refuse_the_past(shelf, on)
    _refuse_other_addresses(inputs)
    published = published_dates(shelf)
    projection, context = _projected(inputs, on, published)
    problems = [
        *misplaced_pseudonyms(inputs.book),
        *_name_problems(inputs, projection),
        *unplaced_problems(inputs.book, projection),
        *unrevised_problems(inputs, projection, context, on),
        *_nothing_to_publish(inputs, projection, on),
    ]
    if problems:
        raise InvalidRecords(problems)
    return _assembled(inputs, projection, context, next_release_id(shelf, on), engines)


def _projected(
    inputs: ReleaseInputs, on: date, published: Mapping[str, date]
) -> tuple[Projection, MintingContext]:
    """The public records and their addresses, without the findings that were withdrawn.

    The address of a finding follows from what it says, so what was withdrawn is known only
    after a first projection; leaving it out changes no other address.
    """
    withdrawn = withdrawn_paths(inputs.shelf)
    without: frozenset[str] = frozenset()
    while True:
        projection = project(
            inputs.book,
            on=on,
            salt=inputs.salt,
            organisation=inputs.organisation,
            withdrawn=withdrawn,
            published=frozenset(
                path.partition("/")[2] for path in published if path.startswith("finding/")
            ),
            without=without,
        )
        context = minting_context(
            base_iri=inputs.base_iri,
            salt=inputs.salt,
            agents=projection.agents.values(),
            populations=projection.populations.values(),
            cases=projection.cases.values(),
            sources=projection.sources.values(),
            findings=projection.findings.values(),
            recorded=published,
        )
        again = frozenset(
            key
            for key, finding in projection.findings.items()
            if not withdrawn.isdisjoint(_addresses(key, finding, context))
        )
        if not again:
            return projection, context
        without |= again


def _addresses(key: str, finding: Finding, context: MintingContext) -> Iterator[str]:
    """``segment/id`` of a finding and of the words it rests on."""
    yield f"finding/{context.findings[key]}"
    yield from map(context.evidence_path, finding.evidence)


def _assembled(
    inputs: ReleaseInputs,
    projection: Projection,
    context: MintingContext,
    release_id: str,
    engines: Engines | None,
) -> Candidate:
    shelf, digest = inputs.shelf, workspace_digest(inputs.shelf.root)
    durable.sweep(shelf.root / "var")
    work = shelf.root / "var" / f".build-{secrets.token_hex(4)}{durable.TEMPORARY_SUFFIX}"
    work.mkdir(parents=True)
    try:
        keyed = (line.encode() for line in keyed_lines(projection.records(), context))
        write_asserted(work, keyed)
        job = _job(inputs, projection, work, release_id)
        assembled = assembly.assemble(job, place=_places(projection, context), engines=engines)
        durable.sync_tree(job.target)
        if shelf.candidate.exists():
            durable.remove_tree(shelf.candidate)
        durable.rename_dir(job.target, shelf.candidate)
        durable.replace_small(shelf.candidate_inputs, f"{digest}\n")
    finally:
        durable.remove_tree(work)
    return Candidate(directory=shelf.candidate, assembled=assembled)


def _job(
    inputs: ReleaseInputs, projection: Projection, work: Path, release_id: str
) -> assembly.Assembly:
    return assembly.Assembly(
        work=work,
        target=work / "release",
        release_id=release_id,
        base_iri=inputs.base_iri,
        title=inputs.title,
        publisher=inputs.book.label(inputs.organisation),
        licence=inputs.licence,
        banner=inputs.banner,
        public_url=inputs.public_url,
        queries=inputs.queries,
        texts={
            projection.sources[key].id: path
            for key, path in _public_texts(inputs, projection).items()
        },
        previous=inputs.shelf.current_directory(),
        validate_deadline_seconds=inputs.validate_deadline_seconds,
        reason_deadline_seconds=inputs.reason_deadline_seconds,
    )


def write_asserted(work: Path, keyed: Iterable[bytes]) -> None:
    """Write the asserted graph in reading order and in byte order, both by external sort."""
    reading = canonical.without_keys(canonical.sorted_lines(keyed, directory=work))
    canonical.write_lines(work / assembly.READING, reading)
    canonical.write_canonical(
        work / assembly.ASSERTED, canonical.read_bytes_lines(work / assembly.READING)
    )


def next_release_id(shelf: Shelf, on: date) -> str:
    """``YYYY-MM-DD.n`` with the first free number of that day."""
    same_day = [release_order(held)[1] for held in shelf.held() if held.startswith(f"{on}.")]
    return f"{on}.{max(same_day, default=0) + 1}"


def published_dates(shelf: Shelf) -> dict[str, date]:
    """For each record that a held release carries, the date of the first that did.

    Read from the releases themselves, so there is no ledger that could be lost.
    """
    dates: dict[str, date] = {}
    for release_id in shelf.held():
        with gzip.open(shelf.directory(release_id) / DATASET, "rb") as file:
            for line in file:
                match = _RECORDED.match(line)
                if match:
                    day = date.fromisoformat(match[2].decode())
                    dates.setdefault(match[1].decode(), day)
    return dates


def _refuse_the_past(shelf: Shelf, on: date) -> None:
    held = shelf.held()
    if held and on.isoformat() < held[-1][:10]:
        raise FixInput(
            f"the release of {on} would be older than {held[-1]}, which is published",
            hint="Give a later date with --date; releases follow one another.",
        )


def _refuse_other_addresses(inputs: ReleaseInputs) -> None:
    """Identity is for ever: with another base every published address would be a new one."""
    current = inputs.shelf.current_directory()
    if current is None:
        return
    base_iri = parse_manifest((current / MANIFEST).read_bytes()).base_iri
    if base_iri != inputs.base_iri:
        raise FixInput(
            f"base_iri is {inputs.base_iri}, but what is published begins with {base_iri}",
            where=Where("casegraph.toml"),
            hint=f'Write base_iri = "{base_iri}" again; public_url says where a service answers.',
        )


def _name_problems(inputs: ReleaseInputs, projection: Projection) -> list[Problem]:
    protected = protected_agents(inputs.book, projection)
    names = ProtectedNames.of(protected, projection.agents.values())
    files = {f"queries/{name}": text for name, text in inputs.queries.items()}
    settings = [inputs.title, inputs.base_iri, inputs.public_url, inputs.licence, inputs.banner]
    files["casegraph.toml"] = "\n".join(settings)
    texts = {
        path.relative_to(inputs.shelf.root).as_posix(): path.read_text(encoding="utf-8")
        for path in _public_texts(inputs, projection).values()
    }
    return scan(projection, names, released=inputs.released_names, files=files,
                texts=texts)  # fmt: skip


def _public_texts(inputs: ReleaseInputs, projection: Projection) -> dict[str, Path]:
    """The files of the texts that this release shows, by key of the source."""
    return {
        key: inputs.texts[key]
        for key, source in projection.sources.items()
        if source.holding is Holding.FULL
    }


def foresee(inputs: ReleaseInputs, *, on: date) -> list[Problem]:
    """What a build of that day would refuse (errors) or keep inside (information).

    A published finding that is gone or changed is a warning here: there is time to revise it.
    """
    projection, context = _projected(inputs, on, published_dates(inputs.shelf))
    changed = unrevised_problems(inputs, projection, context, on)
    return [
        *misplaced_pseudonyms(inputs.book),
        *_name_problems(inputs, projection),
        *unplaced_problems(inputs.book, projection),
        *(replace(problem, severity="warning") for problem in changed),
        *held_back(inputs.book, projection, on),
    ]


def _nothing_to_publish(inputs: ReleaseInputs, projection: Projection, on: date) -> list[Problem]:
    if projection.findings:
        return []
    message = "no finding is public, so there is nothing to build"
    hint = "Decide the disclosure of at least one finding and of what it is about."
    later = [
        finding.recorded for finding in inputs.book.findings.values()
        if finding.recorded > on and is_public(finding.disclosure, finding.recorded)
    ]  # fmt: skip
    if later:
        message = f"no finding is public on {on}: the first is recorded on {min(later)}"
        hint = "Build with --date from that day on, or correct `recorded` if it is wrong."
    return [Problem("nothing-public", message, hint=hint)]


def _places(projection: Projection, context: MintingContext) -> Callable[[str], Where | None]:
    """From an address (or one below it) back to the file and line of its record."""
    places: dict[str, Where] = {}
    for key, finding in projection.findings.items():
        places[context.finding(key)] = finding.where
        for evidence in finding.evidence:
            places.setdefault(context.id_iri(context.evidence_path(evidence)), finding.where)
    for named in (projection.agents, projection.populations, projection.cases):
        places |= {context.entity(key): record.where for key, record in named.items()}
    places |= {context.source(key): s.where for key, s in projection.sources.items()}

    def place(address: str) -> Where | None:
        while "/id/" in address:
            if address in places:
                return places[address]
            address = address.rpartition("/")[0]
        return None

    return place

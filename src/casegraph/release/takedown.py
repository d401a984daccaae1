"""Withdrawal: a record leaves every release that is held, and leaves no trace but a number.

Each held release is made again from its own asserted graph without the record and without
all that rests on it, and is signed anew under the same id, telling only how many records
were withdrawn.  ``withdrawals.json``, signed too, lists the opaque addresses that answer
"no longer published", so that archives can follow.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.errors import FixInput, NotAllowed, NotFound
from casegraph.graph import canonical, terms
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.graph.nquads import encode_lines, from_line
from casegraph.release import assemble as assembly
from casegraph.release.build import withdrawn_paths
from casegraph.release.manifest import MANIFEST, canonical_json, hash_file, parse_manifest
from casegraph.release.minisign import sign
from casegraph.release.publish import Decision, record_decision, require_verified
from casegraph.release.seal import sign_release, write_zip
from casegraph.release.tables import Subject, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from casegraph.graph.nquads import Quad
    from casegraph.release.inputs import Shelf
    from casegraph.release.manifest import Manifest
    from casegraph.release.minisign import SecretKey

_LINKS_ONLY: Final = frozenset(
    {
        terms.ALTERNATIVE_READING_OF, terms.SUPPORTS, terms.QUALIFIES, terms.CONTRADICTS,
        terms.WHOLE, terms.ORIGIN, terms.DECIDED_BY, terms.SUBSET_OF, terms.PART_OF,
        terms.RECORDED_BY, terms.RESOLUTION_BASIS, terms.REPLACEMENT,
    }
)  # fmt: skip
"""Properties that only point: they go with their target, the record that holds them stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What was done: addresses withdrawn, releases made again."""

    withdrawn: tuple[str, ...]
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that shapes and closure may take for one release."""

    validate: float
    reason: float


def takedown(
    shelf: Shelf, address: str, *, key: SecretKey, decision: Decision, deadlines: Deadlines
) -> Takedown:
    """Withdraw the record at ``address`` (its full address, or ``finding/ID``) everywhere.

    Can be run again after a crash: the list of withdrawals is written first, and every
    release that still carries something on it is made again.  Raises ``NotFound`` if no held
    release carries it, ``NotAllowed`` without a name and a reason.
    """
    if not decision.by.strip() or not decision.because.strip():
        raise NotAllowed("a withdrawal needs a name and a reason",
                         hint='Add --by NAME --because "…".')
    path = address.partition("/id/")[2] or address.strip("/")
    known = set(withdrawn_paths(shelf))
    fallen = {
        release_id: _withdrawn_subjects(shelf.directory(release_id), known | {path})
        for release_id in shelf.held()
    }
    gone = set().union(*fallen.values()) if fallen else set()
    if not gone and path not in known:
        raise NotFound(f"no held release carries {address}",
                       hint="Give the address as a page of the release shows it.")
    base_iri = _manifest(shelf, shelf.held()[-1]).base_iri
    record_decision(shelf, decision, "withdraw", path, "")
    _write_list(shelf, base_iri, known | gone | {path}, key)
    _forget_drafts(shelf)
    editions = []
    previous: Path | None = None
    for release_id in shelf.held():
        if fallen[release_id] or editions:
            _make_again(shelf, release_id, known | gone, previous, key, deadlines)
            editions.append(release_id)
        previous = shelf.directory(release_id)
    return Takedown(
        withdrawn=tuple(sorted(f"{base_iri}id/{name}" for name in gone)),
        editions=tuple(editions),
    )


def _withdrawn_subjects(directory: Path, paths: set[str]) -> set[str]:
    """``segment/id`` of every record in a release that falls with ``paths``.

    A finding falls with anything it rests on or involves, a case with a party, a source with
    its publisher; words fall with their source and when no finding rests on them any more.
    """
    base = f"{_directory_manifest(directory).base_iri}id/"
    gone = {path for path in paths if path}
    while True:
        before = len(gone)
        leaning: set[str] = set()
        words: set[str] = set()
        for subject in subjects(_reading(directory)):
            owner = _owner(subject.iri, base)
            if owner.startswith(("quotation/", "citation/")):
                words.add(owner)
            if owner in gone or _leans_on(subject, gone, base):
                gone.add(owner)
            else:
                leaning.update(_objects(subject, base))
        gone |= words - leaning
        if len(gone) == before:
            break
    present = {_owner(s.iri, base) for s in subjects(_reading(directory))}
    return gone & present


def _leans_on(subject: Subject, gone: set[str], base: str) -> bool:
    return any(
        isinstance(value, str) and _owner(value, base) in gone
        for name, values in subject.values.items()
        if name not in _LINKS_ONLY
        for value in values
    )


def _objects(subject: Subject, base: str) -> Iterator[str]:
    for values in subject.values.values():
        for value in values:
            if isinstance(value, str) and value.startswith(base):
                yield _owner(value, base)


def _owner(address: str, base: str) -> str:
    """``segment/id`` of the record that an address belongs to; empty for other addresses."""
    if not address.startswith(base):
        return ""
    segment, _, rest = address[len(base) :].partition("/")
    return f"{segment}/{rest.partition('/')[0]}"


def _make_again(  # noqa: PLR0913 - one redacted edition
    shelf: Shelf,
    release_id: str,
    gone: set[str],
    previous: Path | None,
    key: SecretKey,
    deadlines: Deadlines,
) -> None:
    directory = shelf.directory(release_id)
    manifest = _manifest(shelf, release_id)
    work = shelf.releases / f".{release_id}-{secrets.token_hex(4)}{durable.TEMPORARY_SUFFIX}"
    work.mkdir()
    try:
        _write_kept(directory, work, gone, manifest.base_iri)
        job = _job(manifest, directory, work, previous, deadlines, len(_dropped(directory, gone)))
        assembly.assemble(job)
        sign_release(job.target, key)
        durable.sync_tree(job.target)
        require_verified(job.target, key)
        (shelf.releases / f"{release_id}.zip").unlink(missing_ok=True)
        durable.remove_tree(shelf.stores / manifest.dataset_sha256)
        old = work / "old"
        durable.rename_dir(directory, old)
        durable.rename_dir(job.target, directory)
    finally:
        durable.remove_tree(work)
    write_zip(directory, shelf.releases / f"{release_id}.zip")


def _job(  # noqa: PLR0913
    manifest: Manifest,
    directory: Path,
    work: Path,
    previous: Path | None,
    deadlines: Deadlines,
    redacted: int,
) -> assembly.Assembly:
    facts = manifest.facts
    before = facts.get("redactedRecords", 0)
    return assembly.Assembly(
        work=work,
        target=work / "release",
        release_id=manifest.release_id,
        base_iri=manifest.base_iri,
        title=str(facts["title"]),
        publisher=str(facts["publisher"]),
        licence=str(facts["licence"]),
        public_url="",
        queries={
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((directory / "queries").glob("*.rq"))
        },
        previous=previous,
        validate_deadline_seconds=deadlines.validate,
        reason_deadline_seconds=deadlines.reason,
        redacted=redacted + (before if isinstance(before, int) else 0),
    )


def _write_kept(directory: Path, work: Path, gone: set[str], base_iri: str) -> None:
    """The asserted graph without the fallen records, in the order it was read in."""
    base = f"{base_iri}id/"
    kept = (
        quad
        for quad in _reading(directory)
        if _owner(quad.subject, base) not in gone
        and not (isinstance(quad.object, str) and _owner(quad.object, base) in gone)
    )
    canonical.write_lines(work / assembly.READING, encode_lines(kept))
    canonical.write_canonical(
        work / assembly.ASSERTED, canonical.read_bytes_lines(work / assembly.READING)
    )


def _dropped(directory: Path, gone: set[str]) -> set[str]:
    base = f"{_directory_manifest(directory).base_iri}id/"
    return {_owner(subject.iri, base) for subject in subjects(_reading(directory))} & gone


def _reading(directory: Path) -> Iterator[Quad]:
    """The asserted graph of a release in the order of its Turtle file."""
    graph = terms.graph_name(_directory_manifest(directory).base_iri, "asserted")
    for line in turtle_as_lines(directory / "casegraph.ttl"):
        yield from_line(line.decode())._replace(graph=graph)


def _write_list(shelf: Shelf, base_iri: str, paths: Iterable[str], key: SecretKey) -> None:
    addresses = sorted(f"{base_iri}id/{path}" for path in paths)
    data = canonical_json({"withdrawn": addresses})
    durable.write_file(shelf.withdrawals_file, data)
    signature = sign(data, key, trusted_comment=f"casegraph withdrawals {len(addresses)}")
    durable.write_file(
        shelf.withdrawals_file.with_name("withdrawals.json.minisig"), signature.encode()
    )


def _forget_drafts(shelf: Shelf) -> None:
    """Candidate and previews hold the words that are being withdrawn."""
    durable.remove_tree(shelf.candidate)
    for name in ("preview.txt", "preview.html", "preview.json"):
        (shelf.private / name).unlink(missing_ok=True)


def _manifest(shelf: Shelf, release_id: str) -> Manifest:
    return _directory_manifest(shelf.directory(release_id))


def _directory_manifest(directory: Path) -> Manifest:
    try:
        return parse_manifest((directory / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise FixInput(f"{directory} is no release", hint="Remove the folder.") from None


def manifest_digest(directory: Path) -> str:
    """The SHA-256 of a release's manifest, which names this edition of it."""
    return hash_file(directory / MANIFEST)

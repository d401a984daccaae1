"""A held release made again without records that were withdrawn: a redacted edition.

It is made from the release alone, with the ontology, shapes and vocabulary that it carries,
so that it can be withdrawn from years later, when casegraph has newer ones.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph import canonical
from casegraph.graph.nquads import encode_lines
from casegraph.release import assemble as assembly
from casegraph.release.falling import Names, asserted, owner, telling_queries
from casegraph.release.manifest import MANIFEST, SIGNATURE, Manifest, parse_manifest
from casegraph.release.publish import require_verified
from casegraph.release.seal import sign_release, write_zip
from casegraph.release.texts import kept_texts, textless, withdrawn_texts, without_texts

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from casegraph.release.inputs import Shelf
    from casegraph.release.minisign import SecretKey
    from casegraph.release.withdrawals import Unfinished

_WORK: Final = re.compile(
    r"\.(\d{4}-\d\d-\d\d\.\d+)-[0-9a-f]{8}" + re.escape(durable.TEMPORARY_SUFFIX)
)
_NEW: Final = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that shapes and closure may take for one release."""

    validate: float
    reason: float


def make_again(
    shelf: Shelf,
    release_id: str,
    withdrawn: Unfinished,
    *,
    key: SecretKey,
    deadlines: Deadlines,
    engines: assembly.Engines,
) -> None:
    """Replace a held release by its edition without the records that are withdrawn.

    The new edition has verified and is on disk before the two folders change places; the old
    archive goes before that, the new one comes after.
    """
    directory = shelf.directory(release_id)
    work = shelf.releases / f".{release_id}-{secrets.token_hex(4)}{durable.TEMPORARY_SUFFIX}"
    work.mkdir()
    try:
        _write_kept(directory, work, frozenset(withdrawn.gone))
        assembly.assemble(_job(shelf, directory, work, withdrawn, deadlines), engines=engines)
        sign_release(work / _NEW, key)
        durable.sync_tree(work / _NEW)
        require_verified(work / _NEW, key)
        (shelf.releases / f"{release_id}.zip").unlink(missing_ok=True)
        _change_places(work / _NEW, directory, work / "old")
    finally:
        # Where the folders could only be renamed one after the other, the only copy may be here.
        if directory.exists():
            durable.remove_tree(work)
    write_zip(directory, shelf.releases / f"{release_id}.zip")


def recover(shelf: Shelf) -> list[str]:
    """Give a finished edition its name where a crash came between two renames.

    Happens only on systems that cannot exchange two folders in one step.  Gives the ids of
    the releases that were missing.
    """
    found = []
    for work in sorted(shelf.releases.glob(f".*{durable.TEMPORARY_SUFFIX}")):
        match = _WORK.fullmatch(work.name)
        if match and not shelf.directory(match[1]).exists() and (work / _NEW / SIGNATURE).exists():
            durable.rename_dir(work / _NEW, shelf.directory(match[1]))
            found.append(match[1])
    return found


def previous_release(shelf: Shelf, release_id: str) -> str | None:
    """The release that this one was compared with, if it is still held."""
    delta = json.loads((shelf.directory(release_id) / "delta.json").read_bytes())
    return delta["from"] if delta["from"] in shelf.held() else None


def _change_places(new: Path, directory: Path, parked: Path) -> None:
    if durable.exchange_dirs(new, directory):
        return
    durable.rename_dir(directory, parked)
    try:
        durable.rename_dir(new, directory)
    except BaseException:
        if not directory.exists():
            durable.rename_dir(parked, directory)
        raise


def _job(
    shelf: Shelf, directory: Path, work: Path, withdrawn: Unfinished, deadlines: Deadlines
) -> assembly.Assembly:
    manifest = _manifest(directory)
    facts = manifest.facts
    before = facts.get("redactedRecords", 0)
    previous = previous_release(shelf, manifest.release_id)
    base = f"{manifest.base_iri}id/"
    gone = frozenset(withdrawn.gone)
    dropped = {owner(quad.subject, base) for quad in asserted(directory)} & gone
    texts = kept_texts(directory, gone)
    dropped |= withdrawn_texts(directory, gone)
    telling = telling_queries(directory, gone, Names(withdrawn.names, withdrawn.wholes))
    return assembly.Assembly(
        work=work,
        target=work / _NEW,
        release_id=manifest.release_id,
        base_iri=manifest.base_iri,
        title=str(facts["title"]),
        publisher=str(facts["publisher"]),
        licence=str(facts["licence"]),
        public_url=str(facts.get("publicUrl", "")),
        banner=str(facts.get("banner", "")),
        queries={
            path.name: path.read_text(encoding="utf-8")
            for path in sorted((directory / "queries").glob("*.rq"))
            if path.name not in telling
        },
        previous=shelf.directory(previous) if previous else None,
        validate_deadline_seconds=deadlines.validate,
        reason_deadline_seconds=deadlines.reason,
        redacted=len(dropped) + (before if isinstance(before, int) else 0),
        kit=directory,
        texts=texts,
    )


def _write_kept(directory: Path, work: Path, gone: AbstractSet[str]) -> None:
    """The asserted graph without the fallen records, in the order it was read in."""
    base = f"{_manifest(directory).base_iri}id/"
    kept = (
        quad
        for quad in asserted(directory)
        if owner(quad.subject, base) not in gone
        and not (isinstance(quad.object, str) and owner(quad.object, base) in gone)
    )
    quads = without_texts(kept, textless(gone, base))
    canonical.write_lines(work / assembly.READING, encode_lines(quads))
    canonical.write_canonical(
        work / assembly.ASSERTED, canonical.read_bytes_lines(work / assembly.READING)
    )


def _manifest(directory: Path) -> Manifest:
    return parse_manifest((directory / MANIFEST).read_bytes())

"""From a previewed candidate to the current release: sign, check, rename, switch.

The order is what makes it safe: the decision is recorded, everything is on disk and has
verified before the folder gets its name, and ``current`` is replaced last, as one small file.
"""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.errors import Conflict, FixInput, InvalidRecords, NotAllowed
from casegraph.release.manifest import MANIFEST, hash_file, parse_manifest
from casegraph.release.preview import was_previewed
from casegraph.release.seal import sign_release, write_zip
from casegraph.release.semantics import same_triples
from casegraph.release.verify import verify

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from casegraph.release.inputs import Shelf
    from casegraph.release.minisign import SecretKey

DECISIONS: Final = "decisions.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decided to publish or to withdraw, when and why.  Private; part of no release."""

    by: str
    because: str
    on: date


def publish(shelf: Shelf, *, key: SecretKey, decision: Decision) -> str:
    """Publish the candidate and make it current; give its release id.

    Raises ``NotAllowed`` if exactly this candidate was not previewed or nobody says why,
    ``Conflict`` if its id is taken meanwhile, ``InvalidRecords`` if the signed folder does not
    verify.  Whatever happens before the last step leaves ``current`` as it was.
    """
    candidate = shelf.require_candidate()
    _require_preview(shelf, candidate, decision)
    release_id = parse_manifest((candidate / MANIFEST).read_bytes()).release_id
    target = shelf.directory(release_id)
    if target.exists():
        raise Conflict(f"release {release_id} exists already", hint="Run `casegraph build` again.")
    shelf.releases.mkdir(exist_ok=True)
    durable.sweep(shelf.releases)
    record_decision(shelf, decision, "publish", release_id, hash_file(candidate / MANIFEST))
    name = f".{release_id}-{secrets.token_hex(4)}{durable.TEMPORARY_SUFFIX}"
    building = shelf.releases / name
    try:
        shutil.copytree(candidate, building)
        sign_release(building, key)
        durable.sync_tree(building)
        require_verified(building, key)
        durable.rename_dir(building, target)
    except BaseException:
        if building.exists():
            durable.remove_tree(building)
        raise
    write_zip(target, shelf.releases / f"{release_id}.zip")
    durable.replace_small(shelf.current_file, release_id + "\n")
    return release_id


def roll_back(shelf: Shelf, release_id: str) -> None:
    """Make an older held release current again."""
    if release_id not in shelf.held():
        raise FixInput(f"there is no release {release_id}", hint=f"Held: {', '.join(shelf.held())}")
    durable.replace_small(shelf.current_file, release_id + "\n")


def require_verified(directory: Path, key: SecretKey) -> None:
    """Raise ``InvalidRecords`` unless the folder verifies with this key, bytes and triples."""
    result = verify(directory, public_key=key.public, semantic_checks=[same_triples])
    if not result.ok:
        raise InvalidRecords(result.problems)


def record_decision(
    shelf: Shelf, decision: Decision, what: str, release_id: str, manifest_sha256: str
) -> None:
    """Append to the private list of decisions, durably, before anything is done."""
    shelf.private.mkdir(exist_ok=True)
    path = shelf.private / DECISIONS
    before = path.read_bytes() if path.exists() else b""
    line = json.dumps(
        {
            "decision": what,
            "release": release_id,
            "manifest": manifest_sha256,
            "by": decision.by,
            "because": decision.because,
            "on": decision.on.isoformat(),
        },
        ensure_ascii=False,
    )
    durable.write_file(path, before + line.encode() + b"\n", mode=0o600)


def _require_preview(shelf: Shelf, candidate: Path, decision: Decision) -> None:
    if not was_previewed(shelf, candidate):
        raise NotAllowed(
            "nobody has previewed this candidate",
            hint="Run `casegraph preview`, read what would become public, then publish.",
        )
    if not decision.by.strip() or not decision.because.strip():
        raise NotAllowed("a publication needs a name and a reason",
                         hint='Add --by NAME --because "…".')

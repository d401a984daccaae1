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
from casegraph.release.inputs import workspace_digest
from casegraph.release.manifest import MANIFEST, hash_file, parse_manifest
from casegraph.release.preview import was_previewed
from casegraph.release.seal import sign_release, write_zip
from casegraph.release.semantics import SEMANTIC_CHECKS
from casegraph.release.verify import verify
from casegraph.release.withdrawals import require_settled

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
    require_settled(shelf)
    target = shelf.directory(release_id)
    digest = hash_file(candidate / MANIFEST)
    shelf.releases.mkdir(exist_ok=True)
    durable.sweep(shelf.releases)
    if target.exists() and shelf.current() == release_id:
        raise Conflict(
            f"release {release_id} is published already",
            hint="Nothing was built since: run `casegraph build` for the next one.",
        )
    if not target.exists():
        record_decision(shelf, decision, "publish", release_id, digest)
        _bring_in(candidate, target, key)
    elif hash_file(target / MANIFEST) != digest:
        raise Conflict(f"release {release_id} exists already", hint="Run `casegraph build` again.")
    else:  # an earlier run stopped after this point
        require_verified(target, key)
    write_zip(target, shelf.releases / f"{release_id}.zip")
    durable.replace_small(shelf.current_file, release_id + "\n")
    return release_id


def _bring_in(candidate: Path, target: Path, key: SecretKey) -> None:
    """Copy, sign, check, and only then give the folder its name."""
    building = target.with_name(f".{target.name}-{secrets.token_hex(4)}{durable.TEMPORARY_SUFFIX}")
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


def roll_back(shelf: Shelf, release_id: str) -> None:
    """Make another held release current; raises ``InvalidRecords`` if it does not verify."""
    if release_id not in shelf.held():
        held = ", ".join(shelf.held()) or "none"
        raise FixInput(f"there is no release {release_id}", hint=f"Held: {held}.")
    result = verify(shelf.directory(release_id), public_key=None, semantic_checks=SEMANTIC_CHECKS)
    if not result.ok:
        raise InvalidRecords(result.problems)
    durable.replace_small(shelf.current_file, release_id + "\n")


def require_verified(directory: Path, key: SecretKey) -> None:
    """Raise ``InvalidRecords`` unless the folder verifies with this key, bytes and triples."""
    result = verify(directory, public_key=key.public, semantic_checks=SEMANTIC_CHECKS)
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
    _require_unchanged(shelf)
    if not was_previewed(shelf, candidate):
        raise NotAllowed(
            "nobody has previewed this candidate",
            hint="Run `casegraph preview`, read what would become public, then publish.",
        )
    if not decision.by.strip() or not decision.because.strip():
        raise NotAllowed(
            "a publication needs a name and a reason", hint='Add --by NAME --because "…".'
        )


def _require_unchanged(shelf: Shelf) -> None:
    """An edit after the build was made for a reason: it may have restricted somebody."""
    try:
        built_from = shelf.candidate_inputs.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        built_from = ""
    if built_from != workspace_digest(shelf.root):
        raise NotAllowed(
            "the workspace has changed since this candidate was built",
            hint="Run `casegraph build` and `casegraph preview` again, then publish.",
        )

"""What was withdrawn, by opaque address, and a takedown that is not finished yet.

``withdrawals.json`` is public and signed: addresses that answer "no longer published", and
the digest of the manifest of every edition held.  The journal is private: it is there from
the first step of a takedown to the last, so that a crash in between is noticed and mended.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.errors import Conflict
from casegraph.release.manifest import MANIFEST, canonical_json, hash_file, parse_manifest
from casegraph.release.minisign import sign

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from casegraph.release.inputs import Shelf
    from casegraph.release.minisign import SecretKey

JOURNAL: Final = "takedown.json"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A takedown under way: ``segment/id`` of what goes, releases still to be made again.

    ``names`` are those of the people among them, ``wholes`` those of the groups and institutions:
    a half-done shelf may not hold them any more.
    """

    gone: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()


def withdrawn_paths(shelf: Shelf) -> frozenset[str]:
    """``segment/id`` of everything that was withdrawn."""
    try:
        value = json.loads(shelf.withdrawals_file.read_bytes())
    except FileNotFoundError:
        return frozenset()
    return frozenset(address.partition("/id/")[2] for address in value["withdrawn"])


def write_withdrawals(shelf: Shelf, base_iri: str, paths: Iterable[str], key: SecretKey) -> None:
    """Write and sign the public list; it names no cause and nothing but opaque addresses."""
    addresses = sorted(f"{base_iri}id/{path}" for path in paths)
    editions = {
        release_id: hash_file(shelf.directory(release_id) / MANIFEST) for release_id in shelf.held()
    }
    data = canonical_json({"withdrawn": addresses, "editions": editions})
    signature = sign(data, key, trusted_comment=f"casegraph withdrawals {len(addresses)}")
    file = shelf.withdrawals_file
    durable.write_file(file, data)
    durable.write_file(file.with_name(f"{file.name}.minisig"), signature.encode())


def read_journal(shelf: Shelf) -> Unfinished | None:
    """The takedown that a crash interrupted, if there is one."""
    try:
        value = json.loads((shelf.private / JOURNAL).read_bytes())
    except FileNotFoundError:
        return None
    fields = ("gone", "releases", "names", "wholes")
    return Unfinished(*(tuple(value.get(name, ())) for name in fields))


def write_journal(shelf: Shelf, unfinished: Unfinished) -> None:
    """Say what is still to be done, before it is done."""
    shelf.private.mkdir(exist_ok=True)
    durable.write_file(shelf.private / JOURNAL, canonical_json(asdict(unfinished)), mode=0o600)


def close_journal(shelf: Shelf) -> None:
    """The takedown is finished."""
    (shelf.private / JOURNAL).unlink(missing_ok=True)


def require_settled(shelf: Shelf) -> None:
    """Raise ``Conflict`` while a takedown is unfinished."""
    if read_journal(shelf) is not None:
        raise Conflict(
            "a takedown was interrupted and is not finished",
            hint="Run the same `casegraph takedown` again; it goes on where it stopped.",
        )


def base_iri_of(directory: Path) -> str:
    """The base address of a release."""
    return parse_manifest((directory / MANIFEST).read_bytes()).base_iri

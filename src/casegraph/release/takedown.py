"""Withdrawal: a record leaves every release that is held, and leaves no trace but a number.

Each held release is made again from its own asserted graph without the record and without
all that rests on it, and is signed anew under the same id, telling only how many records
were withdrawn.  ``withdrawals.json``, signed too, lists the opaque addresses that answer
"no longer published", so that archives can follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casegraph import durable
from casegraph.errors import NotAllowed, NotFound
from casegraph.release.assemble import Engines
from casegraph.release.editions import make_again, previous_release, recover
from casegraph.release.falling import (
    mentions,
    names_of,
    telling_queries,
    texts_with,
    ties,
    words_of,
)
from casegraph.release.manifest import MANIFEST, parse_manifest
from casegraph.release.publish import record_decision
from casegraph.release.texts import held_texts, kept_texts, withdrawn_text, withdrawn_texts
from casegraph.release.withdrawals import (
    Unfinished,
    base_iri_of,
    close_journal,
    read_journal,
    withdrawn_paths,
    write_journal,
    write_withdrawals,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from casegraph.release.editions import Deadlines
    from casegraph.release.inputs import Shelf
    from casegraph.release.minisign import SecretKey
    from casegraph.release.publish import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What was done, and what a person has to look at.

    ``withdrawn``: addresses withdrawn (of a text, that of its rendition); ``editions``: releases
    made again; ``mentions``: addresses of records that stay but may still name a person who was
    withdrawn; ``strays``: archives without a release folder, which cannot be redacted.
    """

    withdrawn: tuple[str, ...]
    editions: tuple[str, ...]
    mentions: tuple[str, ...] = ()
    strays: tuple[Path, ...] = ()


def takedown(  # noqa: PLR0913 - what, who, why, and how long it may take
    shelf: Shelf,
    address: str,
    *,
    key: SecretKey,
    decision: Decision,
    deadlines: Deadlines,
    naming: bool = False,
    engines: Engines | None = None,
) -> Takedown:
    """Withdraw the record at ``address`` (its full address, or ``finding/ID``) everywhere.

    The address of a rendition (``source/ID/rendition``) withdraws the text of the source alone.
    ``naming`` withdraws also every record in which a name of the person may stand.  Can be
    run again after a crash: a journal says what is left to do.  Raises ``NotFound`` if no
    held release carries the record, ``NotAllowed`` without a name and a reason.
    """
    _refuse_without_reason(decision)
    _tidy(shelf)
    path = _path(address)
    pending = read_journal(shelf) or Unfinished()
    known = {*withdrawn_paths(shelf), *pending.gone}
    fallen = {
        held: _falling(shelf.directory(held), known | {path}, naming=naming)
        for held in shelf.held()
    }
    gone: set[str] = set().union(*fallen.values())
    texts = _texts(shelf, gone, path)
    if not shelf.held() or not (gone or texts or pending.releases or path in known):
        raise _not_carried(address)
    everything = known | gone | texts | {path}
    work = Unfinished(
        gone=tuple(sorted(everything)),
        releases=tuple(held for held in shelf.held() if fallen[held] or held in pending.releases),
        names=tuple(sorted({*pending.names, *_names(shelf, gone)})),
    )
    work = replace(work, releases=_affected(shelf, work))
    still_named = _mentions(shelf, everything, work.names)
    write_journal(shelf, work)
    record_decision(shelf, decision, "withdraw", path, "")
    base_iri = _carry_out(shelf, work, key, deadlines, engines or Engines())
    return Takedown(
        withdrawn=tuple(sorted(f"{base_iri}id/{name}" for name in gone | texts)),
        editions=work.releases,
        mentions=tuple(sorted(f"{base_iri}id/{name}" for name in still_named)),
        strays=_strays(shelf),
    )


def _strays(shelf: Shelf) -> tuple[Path, ...]:
    held = shelf.held()
    return tuple(sorted(one for one in shelf.releases.glob("*.zip") if one.stem not in held))


def _not_carried(address: str) -> NotFound:
    return NotFound(
        f"no held release carries {address}",
        hint="Give the address as a page of the release shows it.",
    )


def _refuse_without_reason(decision: Decision) -> None:
    if not decision.by.strip() or not decision.because.strip():
        raise NotAllowed(
            "a withdrawal needs a name and a reason", hint='Add --by NAME --because "…".'
        )


def _falling(directory: Path, paths: AbstractSet[str], *, naming: bool) -> set[str]:
    tied = ties(directory)
    gone = tied.falling(paths)
    while naming:
        more = mentions(directory, gone, names_of(directory, gone))
        if not more:
            break
        gone = tied.falling(gone | more)
    return gone


def _carry_out(
    shelf: Shelf, work: Unfinished, key: SecretKey, deadlines: Deadlines, engines: Engines
) -> str:
    """Everything after the journal; each step can be done twice.  Gives the base address."""
    _forget_drafts(shelf)
    base_iri = base_iri_of(shelf.directory(shelf.held()[-1]))
    write_withdrawals(shelf, base_iri, work.gone, key)
    for number, release_id in enumerate(work.releases, start=1):
        make_again(shelf, release_id, work, key=key, deadlines=deadlines, engines=engines)
        write_journal(shelf, replace(work, releases=work.releases[number:]))
    write_withdrawals(shelf, base_iri, work.gone, key)
    _forget_stores(shelf)
    close_journal(shelf)
    return base_iri


def _affected(shelf: Shelf, work: Unfinished) -> tuple[str, ...]:
    """Releases to make again: those that carry something, and those compared with one."""
    affected: list[str] = []
    for held in shelf.held():
        if (
            held in work.releases
            or previous_release(shelf, held) in affected
            or kept_texts(shelf.directory(held), work.gone).keys()
            != held_texts(shelf.directory(held)).keys()
            or telling_queries(shelf.directory(held), frozenset(work.gone), work.names)
        ):
            affected.append(held)
    return tuple(affected)


def _names(shelf: Shelf, gone: AbstractSet[str]) -> list[str]:
    return [name for held in shelf.held() for name in names_of(shelf.directory(held), gone)]


def _path(address: str) -> str:
    """``segment/id`` of the record that an address belongs to, or the address of a text."""
    parts = (address.partition("/id/")[2] or address.strip("/")).split("/")
    text = withdrawn_text(parts[1]) if len(parts) > 1 else ""
    return text if "/".join(parts) == text else "/".join(parts[:2])


def _texts(shelf: Shelf, gone: AbstractSet[str], path: str) -> set[str]:
    """Texts to withdraw: of them, in every release, only what is quoted is to remain."""
    held = [shelf.directory(release_id) for release_id in shelf.held()]
    asked = {path} if any(withdrawn_texts(directory, {path}) for directory in held) else set()
    names = _names(shelf, gone)
    words = {exact for directory in held for exact in words_of(directory, gone)}
    return asked.union(*(texts_with(directory, gone, names, words) for directory in held))


def _mentions(shelf: Shelf, gone: AbstractSet[str], names: Iterable[str]) -> set[str]:
    held = [shelf.directory(release_id) for release_id in shelf.held()] if names else []
    return set().union(*(mentions(directory, gone, names) for directory in held))


def _tidy(shelf: Shelf) -> None:
    """Half-made folders of crashed runs may hold what is being withdrawn."""
    recover(shelf)
    for folder in (shelf.releases, shelf.root / "var", shelf.stores, shelf.private):
        if folder.is_dir():
            durable.sweep(folder)


def _forget_drafts(shelf: Shelf) -> None:
    """Candidate and previews hold the words that are being withdrawn."""
    durable.remove_tree(shelf.candidate)
    for name in ("preview.txt", "preview.html", "preview.json"):
        (shelf.private / name).unlink(missing_ok=True)


def _forget_stores(shelf: Shelf) -> None:
    """Stores of data sets that no held release has any more."""
    digests = {
        parse_manifest((shelf.directory(held) / MANIFEST).read_bytes()).dataset_sha256
        for held in shelf.held()
    }
    for path in shelf.stores.glob("*") if shelf.stores.is_dir() else ():
        if path.name.partition(".")[0] in digests:
            continue
        if path.is_dir():
            durable.remove_tree(path)
        else:
            path.unlink()

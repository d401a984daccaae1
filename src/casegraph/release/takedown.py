"""Withdrawal: a record leaves every release that is held, and leaves no trace but a number.

Each held release is made again from its own asserted graph without the record and without
all that rests on it, and is signed anew under the same id, telling only how many records
were withdrawn.  ``withdrawals.json``, signed too, lists the opaque addresses that answer
"no longer published", so that archives can follow.

What was asked for goes at once and without a question: while somebody decides about the rest,
it would still be public.  Where else a name of it stands is told afterwards, place by place.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casegraph import durable
from casegraph.errors import NotAllowed, NotFound
from casegraph.release.assemble import Engines
from casegraph.release.editions import make_again, previous_release, recover
from casegraph.release.falling import (
    Names,
    mentions,
    names_of,
    telling_facts,
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
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from casegraph.release.editions import Deadlines
    from casegraph.release.inputs import Shelf
    from casegraph.release.minisign import SecretKey
    from casegraph.release.publish import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A record that stays, but in which a name of what was withdrawn may still stand.

    ``fields``: the properties that hold it (``statement``, ``title`` …); ``releases``: those that
    carry it; ``command``: what withdraws the record.  Where ``command`` is empty, a release says
    it of itself (``address`` is its id), and no withdrawal reaches that.
    """

    address: str
    fields: tuple[str, ...]
    releases: tuple[str, ...]
    command: str

    def told(self) -> str:
        """One sentence with the place and what to do; it does not repeat the name."""
        fields, releases = ", ".join(self.fields), ", ".join(self.releases)
        if not self.command:
            return (
                f"A name of what was withdrawn may still stand in what release {releases} says of"
                f" itself ({fields}): mend casegraph.toml for later releases, and delete the folder"
                " and the archive of this one."
            )
        return (
            f"A name of what was withdrawn may still stand in {self.address} ({fields};"
            f" in {releases}). If so, withdraw it as well: {self.command}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """What was done, and what a person has to look at.

    ``withdrawn``: addresses withdrawn (of a text, that of its rendition); ``editions``: releases
    made again; ``left``: where a name of what was withdrawn may still stand; ``strays``:
    archives without a release folder, which cannot be redacted.
    """

    withdrawn: tuple[str, ...]
    editions: tuple[str, ...]
    left: tuple[Mention, ...] = ()
    strays: tuple[Path, ...] = ()

    @property
    def mentions(self) -> tuple[str, ...]:
        """The addresses of the records in ``left``."""
        return tuple(one.address for one in self.left if one.command)


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
    ``naming`` withdraws also every record in which a name of the person, group or institution
    may stand.  Can be run again after a crash: a journal says what is left to do.  Raises
    ``NotFound`` if no held release carries the record, or if its names are wanted and it was
    withdrawn before; ``NotAllowed`` without a name and a reason.
    """
    _refuse_without_reason(decision)
    _tidy(shelf)
    path = _path(address)
    journal = read_journal(shelf)
    pending = journal or Unfinished()
    known = {*withdrawn_paths(shelf), *pending.gone}
    fallen = {
        held: _falling(shelf.directory(held), known | {path}, naming=naming)
        for held in shelf.held()
    }
    gone: set[str] = set().union(*fallen.values())
    texts = _texts(shelf, gone, path)
    if not shelf.held() or not (gone or texts or pending.releases):
        _refuse_nothing(shelf, address, known, naming=naming and journal is None)
    everything = known | gone | texts | {path}
    names = Names(pending.names, pending.wholes) | _names(shelf, gone)
    losing = {held for held, some in fallen.items() if some}.union(pending.releases)
    work = _to_do(shelf, everything, losing, names)
    left = _left(shelf, everything, names, decision)
    write_journal(shelf, work)
    record_decision(shelf, decision, "withdraw", path, "")
    base_iri = _carry_out(shelf, work, key, deadlines, engines or Engines())
    return Takedown(
        withdrawn=tuple(sorted(f"{base_iri}id/{name}" for name in gone | texts)),
        editions=work.releases,
        left=left,
        strays=_strays(shelf),
    )


def _strays(shelf: Shelf) -> tuple[Path, ...]:
    held = shelf.held()
    return tuple(sorted(one for one in shelf.releases.glob("*.zip") if one.stem not in held))


def _to_do(
    shelf: Shelf, gone: AbstractSet[str], losing: AbstractSet[str], names: Names
) -> Unfinished:
    """What the journal says; ``losing`` are the releases that carry some of ``gone``."""
    work = Unfinished(
        gone=tuple(sorted(gone)),
        releases=tuple(sorted(losing)),
        names=names.people,
        wholes=names.wholes,
    )
    return replace(work, releases=_affected(shelf, work))


def _refuse_nothing(shelf: Shelf, address: str, known: AbstractSet[str], *, naming: bool) -> None:
    """Nothing carries it: fine if it was withdrawn before and no name has to be looked for."""
    path = _path(address)
    if not shelf.held() or path not in known:
        raise NotFound(
            f"no held release carries {address}",
            hint="Give the address as a page of the release shows it.",
        )
    if naming:
        raise NotFound(
            f"{path} was withdrawn before, so no held release tells its names any more",
            hint="If that was done with --naming, nothing is left to do. If not, find the records"
            " that still name it as in docs/how-to/a-name-got-out.md, and withdraw each by its"
            " address.",
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
        gone = tied.falling(gone | more.keys())
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
    names = Names(work.names, work.wholes)
    for held in shelf.held():
        if (
            held in work.releases
            or previous_release(shelf, held) in affected
            or kept_texts(shelf.directory(held), work.gone).keys()
            != held_texts(shelf.directory(held)).keys()
            or telling_queries(shelf.directory(held), frozenset(work.gone), names)
        ):
            affected.append(held)
    return tuple(affected)


def _names(shelf: Shelf, gone: AbstractSet[str]) -> Names:
    found = Names()
    for held in shelf.held():
        found |= names_of(shelf.directory(held), gone)
    return found


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


def _left(
    shelf: Shelf, gone: AbstractSet[str], names: Names, decision: Decision
) -> tuple[Mention, ...]:
    """Where such a name may stand in what stays: records first, by address, then releases."""
    fields: dict[str, set[str]] = {}
    carriers: dict[str, list[str]] = {}
    releases = []
    for held in shelf.held() if names else ():
        directory = shelf.directory(held)
        base = f"{base_iri_of(directory)}id/"
        for path, found in mentions(directory, gone, names).items():
            fields.setdefault(f"{base}{path}", set()).update(found)
            carriers.setdefault(f"{base}{path}", []).append(held)
        if facts := telling_facts(directory, gone, names):
            releases.append(
                Mention(address=held, fields=tuple(sorted(facts)), releases=(held,), command="")
            )
    records = (
        Mention(
            address=address,
            fields=tuple(sorted(fields[address])),
            releases=tuple(carriers[address]),
            command=_command(address, decision),
        )
        for address in sorted(fields)
    )
    return (*records, *releases)


def _command(address: str, decision: Decision) -> str:
    words = ("casegraph", "takedown", address, "--by", decision.by, "--because", decision.because)
    return shlex.join(words)


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

"""The releases that lie in a folder: which is current, what each holds, what was withdrawn.

Everything is looked up by a stat of the file it comes from, so that a new release and a
takedown are seen by the next request.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from casegraph.errors import FixEnvironment, FixInput, Gone, NotFound
from casegraph.release.manifest import DATASET, FRAME, MANIFEST, parse_manifest
from casegraph.web.releases.inventory import Inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from casegraph.release.manifest import FileEntry, Manifest

RELEASE_ID: Final = re.compile(r"\d{4}-\d{2}-\d{2}\.[1-9]\d{0,5}")
_FRAME_TYPES: Final = {
    MANIFEST: "application/json",
    "SHA256SUMS": "text/plain",
    "manifest.json.minisig": "text/plain",
    "minisign.pub": "text/plain",
}

_CURRENT: Final = "current"
_WITHDRAWALS: Final = "withdrawals.json"
#: Clocks of file systems tick every few milliseconds; what is younger may change once more
#: under the same stamp.
_SETTLED_NS: Final = 100_000_000

Stamp = tuple[int, int, int, int]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Release:
    """One published release; ``edition`` is the sha256 of its manifest.

    A takedown rewrites a release under the same id: only ``edition`` tells the two apart.
    """

    id: str
    directory: Path
    manifest: Manifest
    edition: str

    @property
    def date(self) -> str:
        """The day of the release, as ``2026-01-31``."""
        return self.id.partition(".")[0]

    @property
    def base_iri(self) -> str:
        """What the addresses of its data begin with."""
        return self.manifest.base_iri

    @property
    def files(self) -> Mapping[str, FileEntry]:
        """The files that the manifest lists, by name."""
        return self.manifest.files

    @property
    def facts(self) -> Mapping[str, object]:
        """What the build says of it: title, counts, licence."""
        return self.manifest.facts

    def counts(self) -> Mapping[str, int]:
        """How many statements, readings, reports and pages it holds."""
        counts = self.facts.get("counts")
        return counts if isinstance(counts, dict) else {}

    def file(self, name: str) -> tuple[Path, str, str | None]:
        """Path, media type and sha256 of a file.  Raises ``NotFound`` for any other name."""
        entry = self.files.get(name)
        if entry is not None:
            return self.directory / name, entry.media_type, entry.sha256
        path = self.directory / name
        if name in FRAME and path.is_file():
            return path, _FRAME_TYPES[name], None
        raise NotFound(
            f"Release {self.id} has no file of that name.",
            hint="The page of the release lists its files.",
        )


class _Watched(Generic[_T]):
    """What a small file says, read again when the file has changed.

    As long as it has not, one look costs one ``stat`` and gives the same object.
    """

    def __init__(self, path: Path, parse: Callable[[bytes], _T]) -> None:
        self._path = os.fspath(path)
        self._parse = parse
        self._seen: tuple[Stamp, bool, bytes, _T] | None = None

    def read(self) -> _T:
        """What it says.  Raises ``OSError`` and whatever ``parse`` raises."""
        seen, stamp = self._seen, _stamp(self._path)
        if seen is not None and seen[1] and seen[0] == stamp:
            return seen[3]
        # The stamp is older than the bytes: a change in between is read once more.
        with open(self._path, "rb") as file:  # noqa: PTH123 - every request comes by here
            data = file.read()
        value = seen[3] if seen is not None and seen[2] == data else self._parse(data)
        self._seen = stamp, time.time_ns() - stamp[1] > _SETTLED_NS, data, value
        return value


class Shelf:
    """The folder ``releases`` of a workspace.  Thread-safe; nothing is ever written."""

    def __init__(self, releases: Path) -> None:
        self.folder = releases
        self._lock = threading.Lock()
        self._named = _Watched(releases / _CURRENT, lambda data: data.decode("ascii").strip())
        self._gone = _Watched(releases / _WITHDRAWALS, _addresses)
        self._manifests: dict[str, _Watched[Release]] = {}
        self._inventories: dict[str, tuple[str, Inventory]] = {}
        self._compared: dict[str, tuple[frozenset[str], bool]] = {}
        self._last = ""

    def named(self) -> str:
        """What ``current`` names, whether or not it is there.  Raises ``NotFound``."""
        try:
            return self._named.read()
        except FileNotFoundError:
            raise NotFound(
                "No release is published here yet.",
                hint="Publish one: `casegraph build`, then `preview`, then `publish`.",
            ) from None
        except (OSError, ValueError):
            return ""

    def current(self) -> Release:
        """The release that ``current`` names.  Raises ``NotFound`` where there is none.

        While it names one that cannot be read, the one before stays current.
        """
        name = self.named()
        try:
            release = self.release(name)
        except NotFound:
            if not self._last:
                raise
            return self.release(self._last)
        self._last = name
        return release

    def release(self, name: str) -> Release:
        """The release of that id.  Raises ``NotFound``."""
        if not RELEASE_ID.fullmatch(name):
            raise _no_release()
        watched = self._manifests.get(name)
        if watched is None:
            watched = _Watched(self.folder / name / MANIFEST, self._reader(name))
        try:
            release = watched.read()
        except (OSError, FixInput):
            self._manifests.pop(name, None)
            raise _no_release() from None
        self._manifests[name] = watched
        return release

    def _reader(self, name: str) -> Callable[[bytes], Release]:
        def read(data: bytes) -> Release:
            edition = hashlib.sha256(data).hexdigest()
            return Release(name, self.folder / name, parse_manifest(data), edition)

        return read

    def holds(self, release: Release, iri: str) -> bool:
        """Whether the release says anything of a thing; no worker is asked.

        Raises ``FixEnvironment`` where the data of the release cannot be read.
        """
        return iri in self.inventory(release)

    def inventory(self, release: Release) -> Inventory:
        """The things of a release, read once for each edition of it.  Raises as ``holds``."""
        known = self._inventories.get(release.id)
        if known is not None and known[0] == release.edition:
            return known[1]
        with self._lock:
            known = self._inventories.get(release.id)
            if known is None or known[0] != release.edition:
                read = Inventory.read(release.directory / DATASET, release.base_iri)
                known = self._inventories[release.id] = release.edition, read
        return known[1]

    def carries_withdrawn(self, release: Release) -> bool:
        """Whether this edition still holds what was withdrawn: its new edition is on the way."""
        withdrawn = self.withdrawn()
        if not withdrawn:
            return False
        compared = self._compared.get(release.edition)
        if compared is None or compared[0] is not withdrawn:
            held = self.inventory(release)
            compared = withdrawn, any(address in held for address in withdrawn)
            self._compared[release.edition] = compared
        return compared[1]

    def releases(self) -> list[Release]:
        """All of them, the newest first."""
        found = []
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if RELEASE_ID.fullmatch(path.name):
                try:
                    found.append(self.release(path.name))
                except NotFound:
                    continue
        return sorted(found, key=lambda release: order_of(release.id), reverse=True)

    def archive(self, name: str) -> Path:
        """The one file with all of a release.  Raises ``NotFound``."""
        self.release(name)
        path = self.folder / f"{name}.zip"
        if not path.is_file():
            raise NotFound(
                f"Release {name} has no archive here.", hint="Take its files one by one."
            )
        return path

    def refuse_withdrawn(self, iri: str) -> None:
        """Raise ``Gone`` for an address that was withdrawn, and for those below it."""
        withdrawn = self.withdrawn()
        if withdrawn and any(part in withdrawn for part in _with_parents(iri)):
            raise Gone("No longer published.")

    def withdrawn(self) -> frozenset[str]:
        """The addresses that were withdrawn.

        Raises ``FixEnvironment`` where the list is there and cannot be read: without it
        nothing can be told from what has to stay hidden.
        """
        try:
            return self._gone.read()
        except FileNotFoundError:
            return frozenset()
        except (OSError, ValueError, AttributeError) as error:
            raise FixEnvironment(
                "The list of what was withdrawn cannot be read.",
                hint="Mend releases/withdrawals.json: `casegraph takedown` writes it anew.",
            ) from error


def order_of(release_id: str) -> tuple[str, int]:
    """What releases are sorted by: the day, then the number on that day."""
    date, _, number = release_id.partition(".")
    return date, int(number)


def _addresses(data: bytes) -> frozenset[str]:
    return frozenset(map(str, json.loads(data).get("withdrawn", ())))


def _with_parents(iri: str) -> list[str]:
    """``a/b/c`` as itself, ``a/b`` and ``a``: a node below a withdrawn finding went with it."""
    parts = iri.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _stamp(path: str) -> Stamp:
    said = os.stat(path)  # noqa: PTH116 - every request comes by here
    return said.st_ino, said.st_mtime_ns, said.st_size, said.st_ctime_ns


def _no_release() -> NotFound:
    return NotFound("There is no such release here.", hint="The list at /release/ names them all.")

"""The releases that lie in a folder: which is current, what each holds, what was withdrawn.

Everything is looked up by a stat of the file it comes from, so that a new release and a
takedown are seen by the next request.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput, Gone, NotFound
from casegraph.release.manifest import FRAME, MANIFEST, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casegraph.release.manifest import FileEntry, Manifest

RELEASE_ID: Final = re.compile(r"\d{4}-\d{2}-\d{2}\.[1-9]\d{0,5}")
_FRAME_TYPES: Final = {
    MANIFEST: "application/json",
    "SHA256SUMS": "text/plain",
    "manifest.json.minisig": "text/plain",
    "minisign.pub": "text/plain",
}

Stamp = tuple[int, int, int]


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


class Shelf:
    """The folder ``releases`` of a workspace.  Thread-safe; nothing is ever written."""

    def __init__(self, releases: Path) -> None:
        self.folder = releases
        self._lock = threading.Lock()
        self._releases: dict[str, tuple[Stamp, Release]] = {}
        self._withdrawn: tuple[Stamp | None, frozenset[str]] = None, frozenset()

    def current(self) -> Release:
        """The release that ``current`` names.  Raises ``NotFound`` where there is none."""
        try:
            name = (self.folder / "current").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise NotFound(
                "No release is published here yet.",
                hint="Publish one: `casegraph build`, then `preview`, then `publish`.",
            ) from None
        return self.release(name)

    def release(self, name: str) -> Release:
        """The release of that id.  Raises ``NotFound``."""
        if not RELEASE_ID.fullmatch(name):
            raise _no_release()
        path = self.folder / name / MANIFEST
        try:
            stamp = _stamp(path)
            with self._lock:
                known = self._releases.get(name)
            if known is not None and known[0] == stamp:
                return known[1]
            data = path.read_bytes()
            manifest = parse_manifest(data)
        except (OSError, FixInput):
            raise _no_release() from None
        edition = hashlib.sha256(data).hexdigest()
        release = Release(name, self.folder / name, manifest, edition)
        with self._lock:
            self._releases[name] = stamp, release
        return release

    def releases(self) -> list[Release]:
        """All of them, the newest first."""
        found = []
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if RELEASE_ID.fullmatch(path.name):
                try:
                    found.append(self.release(path.name))
                except NotFound:
                    continue
        return sorted(found, key=lambda release: _order(release.id), reverse=True)

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
        withdrawn = self._withdrawn_addresses()
        if withdrawn and any(part in withdrawn for part in _with_parents(iri)):
            raise Gone("No longer published.")

    def _withdrawn_addresses(self) -> frozenset[str]:
        path = self.folder / "withdrawals.json"
        try:
            stamp = _stamp(path)
        except OSError:
            return frozenset()
        with self._lock:
            if self._withdrawn[0] == stamp:
                return self._withdrawn[1]
        addresses = frozenset(map(str, json.loads(path.read_bytes()).get("withdrawn", ())))
        with self._lock:
            self._withdrawn = stamp, addresses
        return addresses


def _with_parents(iri: str) -> list[str]:
    """``a/b/c`` as itself, ``a/b`` and ``a``: a node below a withdrawn finding went with it."""
    parts = iri.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _stamp(path: Path) -> Stamp:
    said = path.stat()
    return said.st_ino, said.st_mtime_ns, said.st_size


def _order(name: str) -> tuple[str, int]:
    date, _, number = name.partition(".")
    return date, int(number)


def _no_release() -> NotFound:
    return NotFound("There is no such release here.", hint="The list of releases names them all.")

"""What a build needs to know, handed over whole by the workspace."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casegraph.errors import NotFound
from casegraph.release.manifest import is_release_id

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.findings.book import Book


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folders that releases live in; ``root`` is the workspace."""

    root: Path

    @property
    def releases(self) -> Path:
        """Published releases, their archives, ``current`` and ``withdrawals.json``."""
        return self.root / "releases"

    @property
    def current_file(self) -> Path:
        """The small file that names the current release."""
        return self.releases / "current"

    @property
    def withdrawals_file(self) -> Path:
        """The list of withdrawn addresses."""
        return self.releases / "withdrawals.json"

    @property
    def candidate(self) -> Path:
        """The last build that nobody has agreed to publish yet."""
        return self.root / "var" / "candidate"

    def require_candidate(self) -> Path:
        """The folder of the last build; raises ``NotFound`` where there is none."""
        if not self.candidate.is_dir():
            raise NotFound("there is no candidate", hint="Run `casegraph build` first.")
        return self.candidate

    @property
    def candidate_inputs(self) -> Path:
        """The digest of the workspace that the candidate was built from."""
        return self.root / "var" / "candidate.inputs"

    @property
    def stores(self) -> Path:
        """Stores by digest of their data set; each can be rebuilt from its release."""
        return self.root / "var" / "store"

    @property
    def private(self) -> Path:
        """Decisions and previews; never part of a release."""
        return self.root / "private"

    def current(self) -> str | None:
        """The id of the current release, or ``None`` before the first."""
        try:
            return self.current_file.read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None

    def current_directory(self) -> Path | None:
        """The folder of the current release, or ``None`` before the first."""
        current = self.current()
        return self.releases / current if current else None

    def held(self) -> list[str]:
        """The ids of all releases held, oldest first."""
        if not self.releases.exists():
            return []
        names = (path.name for path in self.releases.iterdir() if path.is_dir())
        return sorted(filter(is_release_id, names), key=release_order)

    def directory(self, release_id: str) -> Path:
        """The folder of one release."""
        return self.releases / release_id


def release_order(release_id: str) -> tuple[str, int]:
    """Sorting key of a release id: ``2026-11-22.10`` comes after ``2026-11-22.9``."""
    day, _, number = release_id.partition(".")
    return day, int(number)


def workspace_digest(root: Path) -> str:
    """One SHA-256 over every file that decides what a release says: records, findings, queries.

    Held texts stand in it by their capture records, which carry their hashes.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if _decides(name):
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _decides(name: str) -> bool:
    folder, inside, _ = name.partition("/")
    if inside:
        return folder in {"sources", "findings", "queries"}
    return name == "salt" or name.endswith((".yaml", ".toml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseInputs:
    """A checked workspace, ready to be built.

    ``book`` is anchored and without errors; ``queries`` are the example queries by file name;
    ``released_names`` are false alarms of the name scan, each with its reason; ``texts`` are
    the files of the sources that are held in full, by key, decided upon or not; ``banner``
    is a sentence that stands on every page, or empty.
    """

    shelf: Shelf
    book: Book
    base_iri: str
    salt: bytes
    title: str
    organisation: str
    licence: str
    public_url: str
    queries: dict[str, str]
    released_names: dict[str, str]
    texts: dict[str, Path]
    validate_deadline_seconds: float
    reason_deadline_seconds: float
    banner: str = ""

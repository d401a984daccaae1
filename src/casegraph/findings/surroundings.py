"""Where a workspace lies: places from which restricted records could wander off."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from casegraph.errors import Problem, Where
from casegraph.model.terms import DisclosureLevel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casegraph.findings.book import Book

_SYNCED = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "icloud drive": "iCloud",
    "com~apple~clouddocs": "iCloud",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "yandex.disk": "Yandex Disk",
    "box sync": "Box",
    "pclouddrive": "pCloud",
}


def restricted_count(book: Book) -> int:
    """How many records of a book are not public as they stand."""
    records = [*book.everything_named(), *book.findings.values()]
    return sum(1 for record in records if record.disclosure.level is not DisclosureLevel.PUBLIC)


def look_around(root: Path, book: Book) -> Iterator[Problem]:
    """Warnings about a git remote or a synced folder around restricted records."""
    count = restricted_count(book)
    if not count:
        return
    what = "1 record here is" if count == 1 else f"{count} records here are"
    place = root.absolute().resolve()
    for folder in (place, *place.parents):
        for name in _remotes(folder / ".git" / "config"):
            yield Problem(
                "git-remote",
                f"{what} not public, and the git repository around them has the remote '{name}'",
                Where(str(folder)),
                "Keep restricted records in a repository without a remote, or outside of git.",
                "warning",
            )
        service = next((s for w, s in _SYNCED.items() if folder.name.casefold().startswith(w)), "")
        if service:
            yield Problem(
                "synced-folder",
                f"{what} not public, and {service} seems to copy this folder",
                Where(str(folder)),
                "Move the workspace to an encrypted disk that nothing copies.",
                "warning",
            )


def _remotes(config: Path) -> list[str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string(config.read_text(encoding="utf-8", errors="replace"))
    except (OSError, configparser.Error):
        return []
    return [s.partition(" ")[2].strip('"') for s in parser.sections() if s.startswith("remote ")]

"""The feed of releases (Atom, RFC 4287): newest first, with the archive as enclosure.

Ids are addresses below ``base_iri``, so they stay whatever the service is called.  An entry
of a redacted edition is updated and says only that it is one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from casegraph.release.counts import many
from casegraph.release.manifest import MANIFEST
from casegraph.web.site import fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.web.releases.shelf import Release

MEDIA_TYPE: Final = "application/atom+xml"
_SPACE: Final = "http://www.w3.org/2005/Atom"
_METHOD: Final = (
    "A statement is what a source says, not what is known to be true; counts of statements are no"
    " counts of violations. METHOD.md in the release says how to read them."
)


def atom(releases: Sequence[Release], *, current: Release, public_url: str) -> bytes:
    """The feed of ``releases``, the newest first; ``current`` names it."""
    feed = Element("feed", {"xmlns": _SPACE})
    base = current.base_iri
    _text(feed, "id", f"{base}release/")
    _text(feed, "title", f"{fact(current, 'title')}: releases")
    _text(feed, "updated", max((_updated(one) for one in releases), default=_midnight(current)))
    _author(feed, current)
    if licence := fact(current, "licence"):
        _text(feed, "rights", f"Data under {licence}; quotations belong to their sources.")
    _link(feed, rel="self", type=MEDIA_TYPE, href=f"{public_url}feed.atom")
    _link(feed, rel="alternate", type="text/html", href=f"{public_url}release/")
    for release in releases:
        _entry(feed, release, public_url)
    indent(feed, " ")
    text: str = tostring(feed, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _entry(feed: Element, release: Release, public_url: str) -> None:
    entry = SubElement(feed, "entry")
    page = f"{public_url}release/{release.id}/"
    _text(entry, "id", f"{release.base_iri}release/{release.id}")
    _text(entry, "title", f"Release {release.id}")
    _text(entry, "published", _midnight(release))
    _text(entry, "updated", _updated(release))
    _author(entry, release)
    _link(entry, rel="alternate", type="text/html", href=page)
    archive = release.directory.parent / f"{release.id}.zip"
    if archive.is_file():
        _link(
            entry,
            rel="enclosure",
            type="application/zip",
            href=f"{public_url}release/{release.id}.zip",
            length=str(archive.stat().st_size),
        )
    if "METHOD.md" in release.files:
        _link(entry, rel="related", type="text/markdown", href=f"{page}METHOD.md")
    _text(entry, "summary", _summary(release))


def _summary(release: Release) -> str:
    counts = release.counts()
    kinds = ("statements", "statement"), ("readings", "reading")
    parts = [many(counts.get(name, 0), noun) for name, noun in kinds]
    parts.append(f"{many(counts.get('reportsHeld', 0), 'report')} held")
    parts.append(f"{many(counts.get('pagesCited', 0), 'page')} cited")
    redacted = " This is a redacted edition." if release.facts.get("redactedRecords") else ""
    return f"{', '.join(parts)}.{redacted} {_METHOD}"


def _midnight(release: Release) -> str:
    return f"{release.date}T00:00:00Z"


def _updated(release: Release) -> str:
    """The day of the release; for a redacted edition, when it came to this server."""
    if not release.facts.get("redactedRecords"):
        return _midnight(release)
    came = (release.directory / MANIFEST).stat().st_mtime
    said = datetime.fromtimestamp(came, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return max(said, _midnight(release))


def _author(parent: Element, release: Release) -> None:
    author = SubElement(parent, "author")
    _text(author, "name", fact(release, "publisher") or "not named")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _link(parent: Element, **attributes: str) -> None:
    SubElement(parent, "link", attributes)

"""The sitemap of a release: every document that it holds, by pages (sitemaps.org, 0.9).

The canonical file is read once for each edition, streaming; what is kept are paths in a file
without a name and where each page of it begins, so memory does not grow with the data.
"""

from __future__ import annotations

import gzip
import tempfile
import threading
import weakref
from typing import IO, TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from casegraph.release.manifest import DATASET
from casegraph.web.releases.places import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casegraph.web.releases.shelf import Release

#: The protocol allows 50,000 addresses and 50 MB; the second is reached by no public_url of
#: fewer than 800 characters.
PER_PAGE: Final = 50_000
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Sitemap:
    """The paths of the documents of one edition, in the order of their addresses."""

    def __init__(self, release: Release, *, per_page: int = PER_PAGE) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as this lives
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._per_page = per_page
        self.count = 0
        self._starts = [0]
        for path in _documents(release):
            if self.count and self.count % per_page == 0:
                self._starts.append(self._file.tell())
            self._file.write(path.encode() + b"\n")
            self.count += 1

    @property
    def pages(self) -> int:
        """How many pages the documents take; 1 where there are none."""
        return len(self._starts)

    def page(self, number: int) -> list[str]:
        """The paths on a page, counted from 1."""
        with self._lock:
            self._file.seek(self._starts[number - 1])
            return [
                line.decode().rstrip("\n")
                for line, _ in zip(self._file, range(self._per_page), strict=False)
            ]


class Sitemaps:
    """The sitemap of the edition that was asked for last, made once."""

    def __init__(self, make: Callable[[Release], Sitemap] = Sitemap) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[tuple[str, str], Sitemap] | None = None

    def of(self, release: Release) -> Sitemap:
        """The sitemap of a release as it stands now."""
        key = str(release.directory), release.edition
        with self._lock:
            if self._made is None or self._made[0] != key:
                # The file of the one before goes when the last who reads it lets go of it.
                self._made = key, self._make(release)
            return self._made[1]


def _documents(release: Release) -> Iterator[str]:
    """The path of each document, once; subjects stand together in the canonical file."""
    last = b""
    with gzip.open(release.directory / DATASET, "rb") as lines:
        for line in lines:
            subject = line[1 : line.index(b"> ")]
            if subject != last:
                last = subject
                path = path_of(subject.decode(), release.base_iri)
                if path is not None and path.startswith("doc/") and "#" not in path:
                    yield path


def urlset(entries: list[tuple[str, str]]) -> bytes:
    """One page of a sitemap: pairs of address and day of the last change."""
    rows = "".join(
        f"<url><loc>{escape(address)}</loc><lastmod>{day}</lastmod></url>\n"
        for address, day in entries
    )
    return _document("urlset", rows)


def index(entries: list[tuple[str, str]]) -> bytes:
    """The list of pages, as pairs like those of ``urlset``."""
    rows = "".join(
        f"<sitemap><loc>{escape(address)}</loc><lastmod>{day}</lastmod></sitemap>\n"
        for address, day in entries
    )
    return _document("sitemapindex", rows)


def _document(name: str, rows: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<{name} xmlns="{_SPACE}">\n{rows}</{name}>\n'.encode()

"""What every handler needs: the shelf of releases, the live one, the pages, the settings."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter
from starlette.responses import Response

from casegraph.errors import CasegraphError
from casegraph.query.admission import Admission
from casegraph.query.limits import QueryLimits
from casegraph.web.http.coded_files import CodedFiles
from casegraph.web.http.compression import vary_by_coding
from casegraph.web.http.conditional import unchanged
from casegraph.web.http.negotiation import prefers_html
from casegraph.web.http.problems import MEDIA_TYPE
from casegraph.web.releases.tags import last_modified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from casegraph.settings import Settings
    from casegraph.web.http.problems import ProblemDocument
    from casegraph.web.releases.live import Live
    from casegraph.web.releases.shelf import Release, Shelf
    from casegraph.web.rendering import Pages

_DAY: Final = 86_400
#: Threads beside those that hold or wait for a worker: they refuse, or answer what they know.
_SPARE: Final = 8


@dataclass(frozen=True, slots=True)
class Banner:
    """What head and foot of every page name; empty where no release is published.

    ``notice`` is what the publisher wants on every page, such as that all is invented.
    """

    title: str = "casegraph"
    release: str = ""
    licence: str = ""
    publisher: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One running site.

    ``asking`` and ``leaving`` bound the threads of visitors who ask queries and of those who
    hang up, so that neither takes the threads that everything else needs.
    """

    shelf: Shelf
    live: Live
    pages: Pages
    settings: Settings
    admission: Admission = field(default_factory=Admission)
    coded: CodedFiles = field(default_factory=CodedFiles)
    asking: CapacityLimiter = field(init=False)
    leaving: CapacityLimiter = field(init=False, default_factory=partial(CapacityLimiter, _SPARE))

    def __post_init__(self) -> None:
        """Make room for the queries that run and, twice over, for those that may wait."""
        places = self.settings.query_workers * (1 + 2 * QueryLimits().queue_factor)
        object.__setattr__(self, "asking", CapacityLimiter(places + _SPARE))

    def stamp(self) -> bytes:
        """The state of everything that a page is made of: releases, withdrawals, the day.

        Pages say what may no longer hold, so each day has a state of its own.
        """
        folder = self.shelf.folder
        times = []
        for path in (folder, folder / "withdrawals.json"):
            try:
                stat = path.stat()
            except OSError:
                continue
            times.append(f"{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_size}")
        # What answers may still be the release before the one that `current` names.
        return self.live.stamp() + " ".join([*times, str(int(time.time()) // _DAY)]).encode()

    def banner(self, release: Release | None = None) -> Banner:
        """Head and foot of every page: of the release it was asked of, else the current one."""
        try:
            release = release or self.shelf.current()
        except CasegraphError:
            return Banner()
        return Banner(
            title=fact(release, "title") or "casegraph",
            release=release.id,
            licence=fact(release, "licence"),
            publisher=fact(release, "publisher"),
            notice=fact(release, "banner"),
        )

    def problem(self, request: Request, document: ProblemDocument) -> Response:
        """A problem as the reader wants it: a page for browsers, else a problem document."""
        if prefers_html(request.headers.get("accept")):
            return self.pages.problem(request, document)
        headers = {"Vary": "Accept", "Cache-Control": "no-store", **document.headers}
        return Response(document.to_json(), document.status, media_type=MEDIA_TYPE, headers=headers)

    def limits(self) -> dict[str, float]:
        """What one query may use, by the name of the limit: seconds, rows, bytes."""
        return {
            "time": self.settings.query_deadline_seconds,
            "rows": self.settings.max_result_rows,
            "bytes": self.settings.max_result_bytes,
            "memory": self.settings.worker_memory_bytes,
        }

    def public_url(self, request: Request) -> str:
        """Where the service answers, with a final slash: as set, else as asked.

        The asked name has passed the check of hosts.
        """
        return self.settings.public_url or str(request.base_url)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site


def fact(release: Release, name: str) -> str:
    """A text among the facts of a release, or nothing."""
    value = release.facts.get(name)
    return value if isinstance(value, str) else ""


def digest_headers(sha256: str) -> dict[str, str]:
    """``Repr-Digest`` (RFC 9530, section 3) of a hexadecimal sha256."""
    encoded = base64.b64encode(bytes.fromhex(sha256)).decode()
    return {"Repr-Digest": f"sha-256=:{encoded}:"}


def tagged(
    request: Request, data: bytes, media_type: str, *, release: Release, headers: Mapping[str, str]
) -> Response:
    """Bytes with tag, time and digest; 304 where the reader has them already."""
    sha256 = hashlib.sha256(data).hexdigest()
    etag = f'"{release.id}-{sha256[:32]}"'
    said = {
        "ETag": etag,
        "Last-Modified": last_modified(release),
        "Vary": "Accept",
        "Cache-Control": "public, max-age=60",
        "X-Casegraph-Release": release.id,
        "X-Casegraph-Sha256": sha256,
        **headers,
    }
    said["Vary"] = vary_by_coding(said["Vary"])
    tag = unchanged(request.headers, etag, said["Last-Modified"])
    if tag is not None:
        return Response(status_code=304, headers={**said, "ETag": tag or etag})
    return Response(data, media_type=media_type, headers=said | digest_headers(sha256))

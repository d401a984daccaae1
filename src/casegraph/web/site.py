"""What every handler needs: the shelf of releases, the live one, the pages, the settings."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from casegraph.errors import CasegraphError
from casegraph.web.negotiation import prefers_html
from casegraph.web.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from casegraph.settings import Settings
    from casegraph.web.live import Live
    from casegraph.web.problems import ProblemDocument
    from casegraph.web.rendering import Pages
    from casegraph.web.shelf import Release, Shelf


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
    """One running site."""

    shelf: Shelf
    live: Live
    pages: Pages
    settings: Settings

    def banner(self) -> Banner:
        """Head and foot of every page."""
        try:
            release = self.shelf.current()
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


def matches(request: Request, etag: str) -> bool:
    """Whether ``If-None-Match`` names the tag (RFC 9110, section 13.1.2)."""
    asked = request.headers.get("if-none-match", "")
    return asked.strip() == "*" or etag in [
        one.strip().removeprefix("W/") for one in asked.split(",")
    ]


def tagged(
    request: Request, data: bytes, media_type: str, *, release: Release, headers: Mapping[str, str]
) -> Response:
    """Bytes with tag and digest; 304 where the reader has them already."""
    sha256 = hashlib.sha256(data).hexdigest()
    etag = f'"{release.id}-{sha256[:32]}"'
    said = {
        "ETag": etag,
        "Vary": "Accept",
        "Cache-Control": "public, max-age=60",
        "X-Casegraph-Release": release.id,
        **headers,
    }
    if matches(request, etag):
        return Response(status_code=304, headers=said)
    return Response(data, media_type=media_type, headers=said | digest_headers(sha256))

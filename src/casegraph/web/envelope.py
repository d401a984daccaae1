"""Around every answer: security headers, CORS, HEAD, hosts, and errors nobody foresaw."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from casegraph.web import problems

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from casegraph.settings import Settings

_LOG: Final = logging.getLogger("casegraph.web")
_SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Link, ETag, Content-Digest, Repr-Digest, Memento-Datetime, Retry-After, "
        "X-Casegraph-Release, X-Casegraph-Citable"
    ),
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, accept, if-none-match, accept-datetime",
    "Access-Control-Max-Age": "86400",
}
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]{1,253})(?::\d{1,5})?")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, not bound


class Envelope:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = _allowed_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _dress(message)
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        if not _host_is_known(scope, self._hosts):
            refusal = problems.refused(421, "host", "This site does not answer to that name.")
            await _plain(refusal.document)(scope, receive, send_dressed)
        elif scope["method"] == "OPTIONS":
            headers = {"Allow": "GET, HEAD, POST, OPTIONS", **_PREFLIGHT}
            await Response(status_code=204, headers=headers)(scope, receive, send_dressed)
        else:
            try:
                await self._app(scope, receive, send_dressed)
            except Exception as error:  # noqa: BLE001 - the last resort
                _log(error)
                if started:
                    # The connection must break: an answer that was begun stays unfinished.
                    raise RuntimeError("an answer could not be finished") from None
                await _plain(problems.unexpected())(scope, receive, send_dressed)


def _dress(message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in (_SECURITY | _CORS).items():
        headers.setdefault(name, value)


def _plain(document: problems.ProblemDocument) -> Response:
    return Response(
        document.to_json(),
        document.status,
        media_type=problems.MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def _log(error: Exception) -> None:
    """Kind and place, never the message: it may hold what a visitor typed."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else "?"
    _LOG.error("unexpected %s in %s", type(error).__name__, where)


def _allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Names that the site answers to; None where it listens everywhere under no set address."""
    if not settings.public_url:
        if settings.host in _EVERYWHERE:
            return None
        return _LOOPBACK | {_bracketed(settings.host)}
    return _LOOPBACK | {_bracketed(urlsplit(settings.public_url).hostname or "")}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()


def _host_is_known(scope: Scope, allowed: frozenset[str] | None) -> bool:
    named = [value for name, value in scope["headers"] if name == b"host"]
    match = _HOST.fullmatch(named[0].decode("latin-1")) if len(named) == 1 else None
    return match is not None and (allowed is None or match[1].lower() in allowed)

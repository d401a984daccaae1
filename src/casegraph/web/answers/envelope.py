"""Around every answer: security headers, CORS, HEAD, hosts, methods, and unforeseen errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from casegraph.web.answers.delivery import Delivery
from casegraph.web.http import problems
from casegraph.web.http.hosts import allowed_hosts, host_is_known, in_origin_form
from casegraph.web.logs import unexpected

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from casegraph.settings import Settings

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
        "X-Casegraph-Release, X-Casegraph-Citable, X-Casegraph-Rows, X-Casegraph-Complete, "
        "X-Casegraph-Sha256, X-Casegraph-Answer"
    ),
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, accept, if-none-match, accept-datetime",
    "Access-Control-Max-Age": "86400",
}
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_NOT_ALLOWED: Final = 405


class Envelope:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = Delivery(app)
        self._hosts = allowed_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = in_origin_form(scope)
        dressed = _Dressed(scope, send)
        if not host_is_known(scope, self._hosts):
            refusal = problems.refused(421, "host", "This site does not answer to that name.")
            await _plain(refusal.document)(scope, receive, dressed)
            return
        if scope["method"] == "OPTIONS" and (allowed := _allowed(scope)):
            headers = {"Allow": allowed, **_PREFLIGHT}
            await Response(status_code=204, headers=headers)(scope, receive, dressed)
            return
        try:
            await self._app(scope, receive, dressed)
        except ClientDisconnect:
            return  # Nobody is there to be answered.
        except Exception as error:  # noqa: BLE001 - the last resort
            unexpected(error)
            if dressed.started:
                # The connection must break: an answer that was begun stays unfinished.
                raise RuntimeError("an answer could not be finished") from None
            await _plain(problems.unexpected())(scope, receive, dressed)


class _Dressed:
    """Puts headers around an answer and takes the body of HEAD away."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in (_SECURITY | _CORS).items():
                headers.setdefault(name, value)
            if message["status"] == _NOT_ALLOWED:
                headers["Allow"] = _allowed(self._scope) or headers.get("Allow", "")
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


def _allowed(scope: Scope) -> str:
    """The methods that an address answers to (RFC 9110, section 10.2.1); empty for none."""
    if scope.get("raw_path") == b"*":
        return "GET, HEAD, POST, OPTIONS"
    routes = scope["app"].router.routes
    found = [
        method
        for method in _METHODS
        # A copy each: routes write what they found into the scope they are given.
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ", ".join([*found, "OPTIONS"]) if found else ""


def _plain(document: problems.ProblemDocument) -> Response:
    return Response(
        document.to_json(),
        document.status,
        media_type=problems.MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **document.headers},
    )

"""A service below a path of a shared host, whether or not a proxy takes the path away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from casegraph.web.http.hosts import in_origin_form

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """ASGI middleware: the same request with and without the prefix is the same request.

    Inside, ``root_path`` is the prefix and ``path`` begins with it (ASGI, HTTP connection
    scope); ``raw_path`` is what follows it, from which relative links are counted.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._prefix:
            scope = in_origin_form(scope)
            path: str = scope["path"]
            if path == self._prefix:
                # The first page has a final slash: links in it are relative.
                home = self._prefix.rpartition("/")[2] + "/"
                await Response(status_code=308, headers={"Location": home})(scope, receive, send)
                return
            if path.startswith(f"{self._prefix}/"):
                scope["raw_path"] = self._below(scope)
            else:
                scope["path"] = self._prefix + path
            scope["root_path"] = self._prefix
        await self._app(scope, receive, send)

    def _below(self, scope: Scope) -> bytes:
        """The path as sent, without as many steps as the prefix has."""
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        steps = raw.split(b"/")
        return b"/" + b"/".join(steps[self._prefix.count("/") + 1 :])

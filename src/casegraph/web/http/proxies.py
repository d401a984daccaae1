"""Who is believed about whom it speaks for: the proxies of the settings, nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from casegraph.setting import UNIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send


class Proxies:
    """ASGI middleware: takes the visitor's address and scheme from headers of trusted proxies.

    X-Forwarded-For is read from its end up to the first address that is no trusted proxy;
    X-Forwarded-Host is never read.  A Unix socket has no address, so it gets a name.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._believing = ProxyHeadersMiddleware(app, list(trusted)) if trusted else None  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not scope.get("client"):
            scope["client"] = (UNIX, 0)
        if self._believing is None:
            await self._app(scope, receive, send)
        else:
            await self._believing(scope, receive, send)  # type: ignore[arg-type]

"""A service that was asked to stop: it finishes what it has begun and begins nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from casegraph.errors import TryLater
from casegraph.web.http import problems

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Who runs the service may ask until the end.
_STILL_ANSWERED: Final = ("/healthz", "/readyz")
_AGAIN_SECONDS: Final = 10


@dataclass(slots=True)
class Running:
    """Whether this process is on its way out."""

    stopping: bool = False


class Door:
    """ASGI middleware: closed to new requests once the service is stopping."""

    def __init__(self, app: ASGIApp, running: Running) -> None:
        self._app = app
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or ask to come again."""
        shut = self._running.stopping and scope["type"] == "http"
        if not shut or scope["path"].endswith(_STILL_ANSWERED):
            await self._app(scope, receive, send)
            return
        document = problems.from_error(
            TryLater(
                "This service is being started again.", limit="load", retry_after=_AGAIN_SECONDS
            )
        )
        headers = {"Cache-Control": "no-store", "Connection": "close", **document.headers}
        answer = Response(
            document.to_json(), document.status, headers=headers, media_type=problems.MEDIA_TYPE
        )
        await answer(scope, receive, send)

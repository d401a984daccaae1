"""A finished result on its way to a reader: whole, with its length, tag and digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response, StreamingResponse

from casegraph.web.site import digest_headers, matches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from casegraph.query.result import Result
    from casegraph.web.shelf import Release

_IN_MEMORY: Final = 4 * 1024 * 1024
_BLOCK: Final = 256 * 1024


class SpoolResponse(StreamingResponse):
    """Sends an open file block by block and closes it, whatever becomes of the reader."""

    def __init__(self, stream: BinaryIO, headers: dict[str, str], media_type: str) -> None:
        super().__init__(_blocks(stream), headers=headers, media_type=media_type)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def send_result(request: Request, result: Result, release: Release, *, media_type: str) -> Response:
    """Send a result; a small one from memory, a large one from its file.

    Closes the result in any case.
    """
    etag = f'"{release.id}-{result.sha256[:32]}"'
    headers = {
        "ETag": etag,
        "Vary": "Accept",
        "Cache-Control": "no-cache",
        "X-Casegraph-Release": release.id,
        "X-Casegraph-Citable": "yes"
        if result.citable
        else f"no; {result.reason or ''}".strip("; "),
        **digest_headers(result.sha256),
    }
    if media_type in {"text/csv", "text/tab-separated-values"}:
        headers["Content-Disposition"] = f'attachment; filename="result{result.suffix}"'
    with result:
        if matches(request, etag) and request.method in {"GET", "HEAD"}:
            return Response(status_code=304, headers=headers)
        if result.length <= _IN_MEMORY:
            return Response(result.read(), media_type=media_type, headers=headers)
        headers["Content-Length"] = str(result.length)
        # The open file outlives its name; the response closes it.
        return SpoolResponse(result.open(), headers, media_type)

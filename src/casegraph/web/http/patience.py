"""How long the service waits for a visitor: for headers, for a body, for a reader.

uvicorn waits for ever.  The three waits are bounded where the bytes are seen: headers and
readers in the protocol, bodies where the application asks for them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import h11

from casegraph.web.http import problems
from casegraph.web.http.strict import StrictProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

_LEAST_PROGRESS_BYTES: Final = 32 * 1024


class Bodies:
    """ASGI middleware: a body arrives in time, or the request is refused with 408."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ends: float | None = None
        whole = False

        async def receive_in_time() -> Message:
            nonlocal ends, whole
            if whole:
                # From here on the application only waits for the reader to leave.
                return await receive()
            loop = asyncio.get_running_loop()
            ends = ends or loop.time() + self._seconds
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                raise self._late() from None
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)

    def _late(self) -> problems.RefusedRequestError:
        return problems.refused(
            408,
            "slow",
            f"The body of the request did not arrive within {self._seconds:g} seconds.",
            headers={"Connection": "close"},
        )


class PatientProtocol(StrictProtocol):
    """HTTP/1.1 with an end to waiting.

    ``header_seconds`` bounds the time in which headers arrive, counted from the connection
    or from the first byte of a later request, and the time in which a body that nobody reads
    any more ends; ``reader_seconds`` that in which a reader takes at least 32 KiB.
    """

    header_seconds: float = 10.0
    reader_seconds: float = 30.0

    def __init__(self, *positional: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*positional, **named)
        self._waiting: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        # Every byte that nobody takes is watched: also few would hold the connection for ever.
        transport.set_write_buffer_limits(high=0)
        self._watch_request()

    def data_received(self, data: bytes) -> None:
        """Take bytes; begin or end the wait."""
        self._begun = True
        super().data_received(data)
        self._watch_request()

    def on_response_complete(self) -> None:
        """Go on to the next request, of which a part may be here already."""
        super().on_response_complete()
        if self.conn.trailing_data[0]:
            self._begun = True
            self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget both waits."""
        super().connection_lost(exc)
        self._waiting = _stopped(self._waiting)
        self._writing = _stopped(self._writing)

    def pause_writing(self) -> None:
        """The reader is slower than the answer: look later whether it still reads."""
        super().pause_writing()
        self._writing = _stopped(self._writing)
        self._watch_reader()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        super().resume_writing()
        self._writing = _stopped(self._writing)

    def _watch_request(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        answered = cycle is not None and cycle.response_complete
        theirs = self.conn.their_state
        unfinished = theirs is h11.IDLE or (answered and theirs is h11.SEND_BODY)
        if unfinished and not self.transport.is_closing():
            if self._waiting is None:
                self._waiting = self.loop.call_later(self.header_seconds, self._too_late)
        else:
            self._waiting = _stopped(self._waiting)
            self._begun = False

    def _too_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._begun and self.conn.their_state is h11.IDLE:
            self.transport.write(_request_timeout(self.header_seconds))
        self.transport.close()

    def _watch_reader(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._writing = self.loop.call_later(self.reader_seconds, self._reader_stuck, left)

    def _reader_stuck(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < _LEAST_PROGRESS_BYTES:
            self.transport.abort()
        else:
            self._watch_reader()


def protocol(header_seconds: float, reader_seconds: float) -> type[PatientProtocol]:
    """The protocol with these waits; uvicorn makes one object of it for each connection."""
    waits = {"header_seconds": header_seconds, "reader_seconds": reader_seconds}
    return type("Protocol", (PatientProtocol,), waits)


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Nothing, in the place of a timer that has been stopped."""
    if timer is not None:
        timer.cancel()
    return None


def _request_timeout(seconds: float) -> bytes:
    body = problems.refused(
        408, "slow", f"The headers of the request did not arrive within {seconds:g} seconds."
    ).document.to_json()
    head = (
        "HTTP/1.1 408 Request Timeout",
        f"Content-Type: {problems.MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body

"""HTTP/1.1 read strictly: what two readers could take for two things is refused.

h11 refuses most of it, and reads a folded header as one line, as RFC 9112 section 5.2 allows.
Added here: a body with two lengths, more headers than anybody needs, another version of HTTP;
and refusals are problem documents with the status code that fits.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from casegraph.web.http import problems

_LOG: Final = logging.getLogger("casegraph.web.http.strict")
_MOST_HEADERS: Final = 100
_LONGEST_HEAD: Final = 128 * 1024
_VERSIONS: Final = frozenset({b"1.0", b"1.1"})
_DETAILS: Final = {
    400: "The request is not HTTP/1.1 as RFC 9112 defines it.",
    431: f"The head of a request has at most {_MOST_HEADERS} fields and {_LONGEST_HEAD:,} bytes.",
    501: "The body of a request comes as it is or in chunks, and in no other coding.",
    505: "This service speaks HTTP/1.1.",
}


class StrictConnection(h11.Connection):
    """A server's side of h11 that also refuses what may be read in two ways.

    RFC 9112, sections 6.1 and 11.2 (a length and chunks in one request).
    """

    def __init__(self) -> None:
        super().__init__(h11.SERVER, _LONGEST_HEAD)
        self.status = 400

    def next_event(self) -> Any:  # noqa: ANN401 - h11 names no type for this
        """The next event.  Raises ``RemoteProtocolError``, and ``status`` says what to answer."""
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self.status = error.error_status_hint
            raise
        if isinstance(event, h11.Request):
            self._check(event)
        return event

    def _check(self, request: h11.Request) -> None:
        names = [name for name, _ in request.headers]
        if request.http_version not in _VERSIONS:
            self._refuse(505, "another version of HTTP")
        size = len(request.target) + sum(len(n) + len(value) for n, value in request.headers)
        # h11 looks at what is still incomplete; a head may also come in one piece.
        if len(names) > _MOST_HEADERS or size > _LONGEST_HEAD:
            self._refuse(431, "too many headers")
        if b"transfer-encoding" in names and (
            b"content-length" in names or request.http_version == b"1.0"
        ):
            self._refuse(400, "two lengths")

    def _refuse(self, status: int, message: str) -> None:
        self.status = status
        raise h11.RemoteProtocolError(message, error_status_hint=status)


class StrictProtocol(H11Protocol):
    """uvicorn's protocol over ``StrictConnection``."""

    def __init__(self, *positional: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*positional, **named)
        self.conn: StrictConnection = StrictConnection()

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be read, if an answer still can be sent, and hang up."""
        _LOG.debug("%s", msg)
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            document = problems.refused(
                self.conn.status, "http", _DETAILS.get(self.conn.status, _DETAILS[400])
            ).document
            body = document.to_json()
            headers = [
                ("Content-Type", problems.MEDIA_TYPE),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Connection", "close"),
            ]
            head = h11.Response(status_code=document.status, headers=headers, reason=document.title)
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

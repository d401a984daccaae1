"""One HTTP request, as plain as it can be sent: no header that is not asked for."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
    timeout: float = PATIENCE_S,
) -> Answer:
    """Send one request.  Raises ``OSError`` or ``http.client.HTTPException`` as they come."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, said, answer.read())
    finally:
        connection.close()


def query(
    url: str,
    text: str,
    *,
    accept: str,
    dataset: Iterable[tuple[str, str]] = (),
    timeout: float = PATIENCE_S,
) -> Answer:
    """Send a query directly, its dataset in the address (SPARQL 1.1 Protocol, 2.1.3)."""
    fields = urlencode(list(dataset))
    return ask(
        f"{url}?{fields}" if fields else url,
        method="POST",
        headers=[("Content-Type", "application/sparql-query"), ("Accept", accept)],
        body=text.encode(),
        timeout=timeout,
    )

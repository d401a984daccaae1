"""A visitor inside this process: requests to the application, without any network."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urljoin, urlsplit

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message

_MOST_REDIRECTS: Final = 5
_MOST_BYTES: Final = 16 * 1024 * 1024
_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FAILS: Final = 500
_LATER: Final = frozenset({429, 503})
_MOST_WAITS: Final = 3
_LONGEST_WAIT_S: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its address, status and headers, and at most 16 MiB of its body."""

    url: str
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8", "replace")


class Visitor:
    """Asks an application what a client at ``public_url`` would ask.

    To be used as a context manager, in a thread of its own: it brings its own event loop.
    """

    def __init__(self, app: ASGIApp, public_url: str, base_iri: str) -> None:
        self._app = app
        self.public_url = public_url
        self._base_iri = base_iri
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def here(self, address: str) -> str | None:
        """An address of ours as one of this service, without its fragment; None for others'."""
        plain = address.partition("#")[0]
        for start in (self._base_iri, self.public_url):
            if plain.startswith(start):
                return f"{self.public_url}{plain.removeprefix(start)}"
        return None

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """One request; ``path`` from the top of the site, or a whole address of ours.

        Where it is told to come again later, it does, a few times: others come first.
        """
        url = urljoin(self.public_url, path)
        answer = self._now(method, url, headers, body)
        for _ in range(_MOST_WAITS):
            later = answer.headers.get("retry-after", "")
            if answer.status not in _LATER or not later.isdecimal():
                break
            time.sleep(min(int(later), _LONGEST_WAIT_S))
            answer = self._now(method, url, headers, body)
        return answer

    def _now(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes) -> Answer:
        return self._loop.run_until_complete(self._ask(method, url, dict(headers or {}), body))

    def follow(self, address: str, *, method: str = "HEAD") -> Answer:
        """What an address leads to in the end, over a few redirects."""
        answer = self.ask(address, method=method)
        for _ in range(_MOST_REDIRECTS):
            if answer.status not in _REDIRECTS:
                break
            aim = self.here(urljoin(answer.url, answer.headers.get("location", "")))
            if aim is None:
                break
            answer = self.ask(aim, method=method)
        return answer

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 80)
        sent = {"host": parts.netloc, "content-length": str(len(body)), **headers}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": parts.scheme,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [
                (name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()
            ],
            "client": ("127.0.0.1", 0),
            "server": (parts.hostname, port),
            "state": {},
        }
        exchange = _Exchange(body)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - an answer that broke off is a finding
            return Answer(url, _FAILS, Headers(), type(error).__name__.encode())
        return Answer(url, exchange.status, Headers(raw=exchange.headers), bytes(exchange.body))


class _Exchange:
    """The two ends of one request (ASGI, HTTP)."""

    def __init__(self, sent: bytes) -> None:
        self._sent: bytes | None = sent
        self._over = asyncio.Event()
        self.status = _FAILS
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def receive(self) -> Message:
        """The body, then nothing until the answer is complete."""
        if self._sent is not None:
            body, self._sent = self._sent, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Keep what is answered."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")[: _MOST_BYTES - len(self.body)]
            if not message.get("more_body"):
                self._over.set()

"""Many visitors at once, on connections that are kept: polite ones at a pace, hostile ones not.

A polite visitor sends at times fixed beforehand, and its seconds count from that time: an
answer that comes late makes the next ones late as well, and that is counted (no coordinated
omission).  A hostile one sends again as soon as it is answered and heeds no Retry-After.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PATIENCE_S: Final = 60.0
HONEST: Final = "127.0.0.1"
HOSTILE: Final = "127.1.2.3"
"""An address of this machine in another block, so another client."""
_RESTING_S: Final = 5.0
_AHEAD_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; a query goes directly, in the body."""

    target: str
    body: bytes = b""
    accept: str = "*/*"

    @classmethod
    def point(cls, path: str, query: str, accept: str = "application/sparql-results+json") -> Self:
        """A query by GET."""
        return cls(f"{path}?query={quote(query, safe='')}", accept=accept)

    def wire(self, host: str) -> bytes:
        """As it goes over the wire."""
        head = f"{'POST' if self.body else 'GET'} {self.target} HTTP/1.1\r\nHost: {host}\r\n"
        head += f"Accept: {self.accept}\r\n"
        if self.body:
            head += "Content-Type: application/sparql-query\r\n"
            head += f"Content-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


@dataclass(frozen=True, slots=True)
class Sample:
    """One request and its end; ``status`` 0 where no whole answer came."""

    request: Request
    status: int
    seconds: float
    bytes: int = 0


class Line:
    """One connection, opened anew where the other side closed it."""

    def __init__(self, port: int, source: str = HONEST) -> None:
        self._port = port
        self._source = source
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._used = -math.inf

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body; status 0 where no whole answer came."""
        now = asyncio.get_running_loop().time()
        if self._reader is None or self._reader.at_eof() or now - self._used > _RESTING_S:
            self.close()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await self._exchange(request.wire(f"{HONEST}:{self._port}"))
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            self.close()
            return 0, repr(error).encode()
        self._used = asyncio.get_running_loop().time()
        return answer

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, data: bytes) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                HONEST, self._port, local_addr=(self._source, 0), limit=1 << 20
            )
        self._writer.write(data)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        first, *lines = head.split("\r\n")
        headers = {
            name: value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        status = int(first.split(" ")[1])
        body = await _body(self._reader, headers, empty=status in {204, 304})
        if headers.get("connection") == "close":
            self.close()
        return status, body


async def _body(reader: asyncio.StreamReader, headers: dict[str, str], *, empty: bool) -> bytes:
    if empty:
        return b""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read()
    body = bytearray()
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return bytes(body)


async def visit(
    port: int, requests: Sequence[Request], *, clients: int, rate: float, seconds: float
) -> list[Sample]:
    """Polite visitors: each of ``clients`` sends ``rate`` requests a second, in turn."""
    count = max(1, round(rate * seconds))

    async def one(number: int) -> list[Sample]:
        loop = asyncio.get_running_loop()
        line, samples = Line(port), []
        begun = loop.time() + number / (clients * rate)
        for turn in range(count):
            due = begun + turn / rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            request = requests[(number + turn) % len(requests)]
            status, body = await line.ask(request)
            samples.append(Sample(request, status, loop.time() - due, len(body)))
        line.close()
        return samples

    found = await asyncio.gather(*(one(number) for number in range(clients)))
    return [sample for samples in found for sample in samples]


async def press(
    port: int,
    requests: Sequence[Request],
    *,
    connections: int,
    seconds: float,
    sources: Sequence[str] = (HONEST,),
) -> list[Sample]:
    """Visitors that ask again as soon as they are answered, given up after ``seconds``.

    Closed loop: what its seconds say depends on the number of connections, and nothing is
    said about those who had to wait to be heard.
    """
    samples: list[Sample] = []

    async def one(number: int) -> None:
        loop = asyncio.get_running_loop()
        line, turn = Line(port, sources[number % len(sources)]), number
        try:
            while True:
                request = requests[turn % len(requests)]
                turn += connections
                begun = loop.time()
                status, body = await line.ask(request)
                samples.append(Sample(request, status, loop.time() - begun, len(body)))
                if status == 0:
                    await asyncio.sleep(0.05)
        finally:
            line.close()

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(one(number) for number in range(connections)))
    return samples


async def besieged(
    port: int,
    *,
    honest: Sequence[Request],
    hostile: Sequence[Request],
    seconds: float,
    clients: int = 4,
    rate: float = 5.0,
    connections: int = 8,
) -> tuple[list[Sample], list[Sample]]:
    """Polite and hostile visitors for the same time, the hostile a second earlier."""
    attack = asyncio.create_task(
        press(
            port, hostile, connections=connections, seconds=seconds + _AHEAD_S, sources=(HOSTILE,)
        )
    )
    await asyncio.sleep(_AHEAD_S)
    polite = await visit(port, honest, clients=clients, rate=rate, seconds=seconds)
    return polite, await attack


def percentile(seconds: Iterable[float], share: float) -> float:
    """The smallest of ``seconds`` that at least this share does not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

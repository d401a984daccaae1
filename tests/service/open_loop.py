"""Requests sent at a steady pace, whether or not those before were answered.

Each takes a connection that is free, or a new one; nothing is sent twice.  Connections come
from several networks of this machine, as visitors do.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Connections that rest longer are left alone: the server may be about to close them.
_RESTED_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 120.0
_NETWORKS: Final = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: path with query, headers."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``status`` 0 where nothing whole did, and ``body`` says what instead."""

    asked: Asked
    status: int
    headers: Mapping[str, str]
    body: bytes


class OpenLoop:
    """A load of ``rate`` requests a second on a port of this machine, in the order given."""

    def __init__(self, port: int, asked: Sequence[Asked], *, rate: float) -> None:
        self._port = port
        self._asked = asked
        self._rate = rate
        self._resting: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._opened = 0
        self.answers: list[Answer] = []
        self._stop = False

    def stop(self) -> None:
        """Send nothing more."""
        self._stop = True

    async def run(self, heard: Callable[[Answer], None]) -> None:
        """Send until stopped, then wait for every answer."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        running: set[asyncio.Task[None]] = set()
        number = 0
        while not self._stop:
            await asyncio.sleep(max(0.0, begun + number / self._rate - loop.time()))
            task = asyncio.create_task(self._one(self._asked[number % len(self._asked)], heard))
            running.add(task)
            task.add_done_callback(running.discard)
            number += 1
        await asyncio.gather(*running)
        for _, _, writer in self._resting:
            writer.close()

    async def _one(self, asked: Asked, heard: Callable[[Answer], None]) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                answer = await self._ask(asked)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            answer = Answer(asked, 0, {}, repr(error).encode())
        self.answers.append(answer)
        heard(answer)

    async def _ask(self, asked: Asked) -> Answer:
        reader, writer = await self._connection()
        lines = [
            f"GET {asked.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            *(f"{name}: {value}" for name, value in asked.headers.items()),
        ]
        writer.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        loop = asyncio.get_running_loop()
        self._resting.append((loop.time(), reader, writer))
        return Answer(asked, int(head[0].split(" ")[1]), headers, body)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        now = asyncio.get_running_loop().time()
        while self._resting:
            since, reader, writer = self._resting.pop()
            if now - since < _RESTED_SECONDS and not reader.at_eof():
                return reader, writer
            writer.close()
        # Clients are told apart by their /24; all of 127.0.0.0/8 is this machine (Linux).
        self._opened += 1
        near = (f"127.0.{self._opened % _NETWORKS}.1", 0)
        return await asyncio.open_connection("127.0.0.1", self._port, local_addr=near)

"""Hostile requests as files: what is sent, byte for byte, and what has to come back.

A file begins with comments::

    # expect: 400            status codes of the answers, in order; ``closed`` for none at all,
    #                        ``|`` between what is as good
    # within: 3              seconds, where an answer may take longer than two
    # without: evil.example  what no answer may hold; may stand there more than once
    # with: Allow: GET       a line that the first answer holds
    # why: ...               one sentence

The rest is the request.  Lines end with CRLF on the wire, and ``\\r``, ``\\n``, ``\\0``,
``\\t``, ``\\\\`` and ``\\xHH`` are single bytes.  ``{host}`` and ``{release}`` are those of the
served site, ``{repeat N TEXT}`` is TEXT so many times, ``{wait S}`` a pause, ``{drip N S TEXT}``
the same with a pause after each, ``{end}`` closes the sending side, ``{body N}`` the length of
what follows the empty line, less N.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_DIRECTIVE: Final = re.compile(r"\{(repeat|drip|wait|end|body)((?: [^{}]*)?)\}", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(x[0-9a-fA-F]{2}|[rn0t\\])")
_SINGLE: Final = {b"r": b"\r", b"n": b"\n", b"0": b"\0", b"t": b"\t", b"\\": b"\\"}
_STATUS: Final = re.compile(rb"(?:^|\n|\})HTTP/1\.1 (\d{3}) ")
_WITHIN: Final = 2.0
_QUIET: Final = 0.2


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile request; ``expect`` holds what is as good, each a list of answers."""

    name: str
    expect: tuple[str, ...]
    within: float
    without: tuple[str, ...]
    present: tuple[str, ...]
    text: str

    def steps(self, host: str, release: str) -> list[bytes | float | None]:
        """Bytes to send, pauses in seconds, and None where the sending side is closed."""
        text = self.text.replace("{host}", host).replace("{release}", release)
        steps: list[bytes | float | None] = []
        at = 0
        for match in _DIRECTIVE.finditer(text):
            steps.append(_wire(text[at : match.start()]))
            steps.extend(self._directive(match, text))
            at = match.end()
        steps.append(_wire(text[at:]))
        return steps

    def _directive(self, match: re.Match[str], text: str) -> list[bytes | float | None]:
        name, rest = match[1], match[2].removeprefix(" ")
        if name == "end":
            return [None]
        if name == "wait":
            return [float(rest)]
        if name == "body":
            body = text[match.end() :].partition("\n\n")[2]
            return [str(len(_wire(_DIRECTIVE.sub(_expanded, body))) - int(rest or 0)).encode()]
        count, _, what = rest.partition(" ")
        if name == "repeat":
            return [_wire(what) * int(count)]
        pause, _, what = what.partition(" ")
        return [part for _ in range(int(count)) for part in (_wire(what), float(pause))]


def read(path: Path) -> Case:
    """A case from its file."""
    said: dict[str, list[str]] = {}
    lines = path.read_text(encoding="utf-8").split("\n")
    while lines and lines[0].startswith("# "):
        name, _, value = lines.pop(0).removeprefix("# ").partition(": ")
        said.setdefault(name, []).append(value)
    return Case(
        name=path.stem,
        expect=tuple(one.strip() for one in said["expect"][0].split("|")),
        within=float(said.get("within", [str(_WITHIN)])[0]),
        without=tuple(said.get("without", ())),
        present=tuple(said.get("with", ())),
        text="\n".join(lines).removesuffix("\n"),
    )


def cases() -> list[Case]:
    """All of them, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.http"))]


def exchange(case: Case, address: tuple[str, int], release: str) -> tuple[str, bytes, float]:
    """Send a case; the answers as in ``expect``, all bytes that came, and the seconds it took.

    The connection is given up once nothing more comes, or after the time that the case allows.
    """
    began = time.monotonic()
    received = b""
    with socket.create_connection(address, timeout=5.0) as connection:
        with contextlib.suppress(OSError):
            for step in case.steps(f"{address[0]}:{address[1]}", release):
                if isinstance(step, bytes):
                    connection.sendall(step)
                elif step is None:
                    connection.shutdown(socket.SHUT_WR)
                else:
                    time.sleep(step)
        sent = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - sent < case.within:
                connection.settimeout(_QUIET if received else case.within)
                block = connection.recv(65536)
                if not block:
                    break
                received += block
    answers = " ".join(one.decode() for one in _STATUS.findall(received))
    return answers or "closed", received, time.monotonic() - began


def _expanded(match: re.Match[str]) -> str:
    count, _, what = match[2].removeprefix(" ").partition(" ")
    return what * int(count) if match[1] == "repeat" else ""


def _wire(text: str) -> bytes:
    data = text.replace("\n", "\r\n").encode()
    return _ESCAPE.sub(_single, data)


def _single(match: re.Match[bytes]) -> bytes:
    name = match[1]
    return bytes([int(name[1:], 16)]) if name.startswith(b"x") else _SINGLE[name]

"""Files of releases in a content coding: made once, kept on disk within a budget.

The copies have no names: what a takedown removed can be found nowhere after it, not even where
the process was killed.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

    from casegraph.web.http.compression import Coding

#: A larger file goes out as it is: coding it would hold a reader up for seconds.
LARGEST: Final = 64 * 1024 * 1024
_BUDGET: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CodedFile:
    """``length`` is in bytes, ``sha256`` lower-case hex; both of the coded bytes."""

    file: io.BufferedRandom
    length: int
    sha256: str


class CodedFiles:
    """Coded copies without names.  Thread-safe.

    Copies are found by what they were made from, so one of other bytes is never given out;
    when ``state`` changes (a release, a takedown) all of them go.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = b""
        self._files: OrderedDict[str, CodedFile] = OrderedDict()
        weakref.finalize(self, _close, self._files)

    def get(
        self, source: Path, etag: str, coding: Coding, *, state: bytes
    ) -> tuple[io.BufferedReader, CodedFile]:
        """The coded bytes, opened, and what they are.  One copy is made at a time."""
        key = f"{coding.name} {etag}"
        with self._lock:
            if state != self._state:
                self._drop(0)
                self._state = state
            found = self._files.get(key)
            if found is None:
                found = _made(source, coding)
                self._drop(_BUDGET - found.length)
                self._files[key] = found
            self._files.move_to_end(key)
            return io.BufferedReader(_Reader(found.file.fileno())), found

    def _drop(self, budget: int) -> None:
        """Let go of the oldest copies until the rest fits; who reads one reads on."""
        while self._files and sum(one.length for one in self._files.values()) > budget:
            self._files.popitem(last=False)[1].file.close()


class _Reader(io.RawIOBase):
    """Reads a file from its beginning, whoever else reads it at the same time."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = os.dup(fd)
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read on."""
        view = memoryview(buffer)
        data = os.pread(self._fd, len(view), self._at)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the file."""
        if not self.closed:
            os.close(self._fd)
        super().close()


def _close(files: OrderedDict[str, CodedFile]) -> None:
    for one in files.values():
        one.file.close()


def _made(source: Path, coding: Coding) -> CodedFile:
    file = tempfile.TemporaryFile(prefix="casegraph-coded-")  # noqa: SIM115 - it is kept
    try:
        with source.open("rb") as plain:
            length = coding.large(plain, file)
        file.flush()
        _check(source, length)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        file.close()
        raise
    return CodedFile(file, os.fstat(file.fileno()).st_size, digest)


def _check(source: Path, length: int) -> None:
    if source.stat().st_size != length:
        raise OSError(errno.EIO, "the file changed while it was read")

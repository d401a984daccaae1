"""The file a result is written to: hashed, counted and capped while it grows."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Final

_BLOCK: Final = 64 * 1024
_STRING: Final = {
    "json": re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL),
    "csv": re.compile(rb'"[^"]*+"'),
}
_ROW_MARKS: Final = {
    "json": (b"[{", b",{"),
    "xml": (b"<result>",),
    "csv": (b"\r\n",),
    "tsv": (b"\n",),
}
_HEADER_ROWS: Final = {"csv": 1, "tsv": 1}


class TooLargeError(Exception):
    """The result passed ``limit``: ``bytes`` or ``rows``."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class RowCounter:
    """Counts the rows of a SELECT result from its bytes, in any of the four formats.

    The engine writes results without telling how many rows there were.  What
    stands inside quotation marks is dropped before marks are counted, so no
    literal can imitate one; XML and TSV escape their marks.
    """

    def __init__(self, name: str) -> None:
        self._string = _STRING.get(name)
        self._escapes = name == "json"
        self._marks = _ROW_MARKS[name]
        self._keep = max(map(len, self._marks)) - 1
        self._tail = b""
        self._inside = False
        self._escaped = False
        self._rows = -_HEADER_ROWS.get(name, 0)

    @property
    def rows(self) -> int:
        """Rows seen so far."""
        return max(self._rows, 0)

    def feed(self, block: bytes) -> None:
        """Count on."""
        plain = self._tail + (block if self._string is None else self._outside(block))
        self._rows += sum(plain.count(mark) for mark in self._marks)
        # A mark may be cut by the end of the block; all marks of a format are as long.
        self._tail = plain[-self._keep :] if self._keep else b""

    def _outside(self, block: bytes) -> bytes:
        """What stands outside quotation marks; remembers a string that is still open."""
        assert self._string is not None  # noqa: S101 - the caller looked
        if self._inside:
            # Give the string its opening mark back, and what its escape lost.
            block = (b'"\\' if self._escaped else b'"') + block
        plain = self._string.sub(b"", block)
        start = plain.find(b'"')
        self._inside = start >= 0
        if not self._inside:
            self._escaped = False
            return plain
        rest = plain[start + 1 :]
        self._escaped = self._escapes and (len(rest) - len(rest.rstrip(b"\\"))) % 2 == 1
        return plain[:start]


class Spool:
    """A binary writer over a descriptor; raises ``TooLargeError`` at a cap."""

    def __init__(
        self, fd: int, *, max_bytes: int, max_rows: int, counter: RowCounter | None = None
    ) -> None:
        self._fd = fd
        self._max_bytes = max_bytes
        self._max_rows = max_rows
        self._counter = counter
        self._pending = bytearray()
        self._digest = hashlib.sha256()
        self.size = 0
        self.rows = 0
        self.failure: Exception | None = None

    def write(self, data: bytes) -> int:
        """Take bytes; they reach the file in blocks."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise self._fail(TooLargeError("bytes"))
        self._pending += data
        if len(self._pending) >= _BLOCK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Write what waits."""
        block = bytes(self._pending)
        self._pending.clear()
        if self._counter is not None:
            self._counter.feed(block)
            self.rows = self._counter.rows
            self._check_rows()
        self._digest.update(block)
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise self._fail(error) from None

    def count_row(self) -> None:
        """Count one triple of a graph result."""
        self.rows += 1
        self._check_rows()

    def hexdigest(self) -> str:
        """SHA-256 of everything written and flushed."""
        return self._digest.hexdigest()

    def _check_rows(self) -> None:
        if self.rows > self._max_rows:
            raise self._fail(TooLargeError("rows"))

    def _fail(self, error: Exception) -> Exception:
        # The engine may wrap what a writer raises; the first cause is kept here.
        self.failure = self.failure or error
        return error

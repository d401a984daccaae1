"""The file a result is written to: hashed, counted and capped while it grows."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

from casegraph.query.row_count import counter, exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INLINE_BYTES: Final = 64 * 1024
"""An answer of at most so many bytes travels without a file."""

_BLOCK: Final = 64 * 1024
_NOT_IN_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


class TooLargeError(Exception):
    """The result passed ``limit``: ``bytes`` or ``rows``."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class NotXmlError(Exception):
    """The result holds a character that no XML document may hold (XML 1.0, section 2.2)."""


class Spool:
    """A binary writer over a descriptor; raises ``TooLargeError`` at a cap.

    ``rows_of`` names the format whose rows are counted from the bytes; ``xml`` says that it
    has to be readable as XML, which the engine does not see to: ``NotXmlError``.
    """

    def __init__(
        self, fd: int, *, max_bytes: int, max_rows: int, rows_of: str | None, xml: bool = False
    ) -> None:
        self._xml = xml
        self._fd = fd
        self._max_bytes = max_bytes
        self._max_rows = max_rows
        self._rows_of = rows_of
        self._counter = None if rows_of is None else counter(rows_of)
        self._pending = bytearray()
        self._digest = hashlib.sha256()
        self._flushed = False
        self.size = 0
        self.rows = 0
        self.failure: Exception | None = None

    def write(self, data: bytes) -> int:
        """Take bytes; they reach the file in blocks."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise self._fail(TooLargeError("bytes"))
        self._pending += data
        if len(self._pending) > _BLOCK:
            self._drain()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the engine asks for it at its end, which ``finish`` sees to."""

    def _drain(self) -> None:
        block = bytes(self._pending)
        self._pending.clear()
        if not block:
            return
        self._flushed = True
        self._account(block)
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise self._fail(error) from None

    def finish(self) -> bytes:
        """Write the rest, or return the whole of a small result, which then has no file."""
        if self._flushed or self.size > INLINE_BYTES:
            self._drain()
            self._settle(self._written())
            return b""
        whole = bytes(self._pending)
        self._account(whole)
        self._settle([whole])
        return whole

    def count_rows(self, number: int) -> None:
        """Count triples of a graph result."""
        self.rows += number
        self._check_rows()

    def hexdigest(self) -> str:
        """SHA-256 of everything written, once it is finished."""
        return self._digest.hexdigest()

    def _account(self, block: bytes) -> None:
        if self._xml and _NOT_IN_XML.search(block):
            raise self._fail(NotXmlError())
        self._digest.update(block)
        if self._counter is not None:
            self._counter.feed(block)
            self.rows = self._counter.rows
            self._check_rows()

    def _settle(self, blocks: Iterable[bytes]) -> None:
        """Count again where a quick count was not sure."""
        if self._counter is not None and self._rows_of is not None and self._counter.in_doubt:
            self.rows = exact(self._rows_of, blocks)
            self._check_rows()

    def _written(self) -> Iterator[bytes]:
        offset = 0
        while block := self._read(offset):
            offset += len(block)
            yield block

    def _read(self, offset: int) -> bytes:
        os.lseek(self._fd, offset, os.SEEK_SET)
        return os.read(self._fd, _BLOCK)

    def _check_rows(self) -> None:
        if self.rows > self._max_rows:
            raise self._fail(TooLargeError("rows"))

    def _fail(self, error: Exception) -> Exception:
        # The engine may wrap what a writer raises; the first cause is kept here.
        self.failure = self.failure or error
        return error

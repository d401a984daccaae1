"""The canonical text of an answer: its lines in the order of their bytes.

Two runs of a query, on the same release but in another engine, may find rows
in another order; their sorted lines are equal.  SELECT is written as TSV (SPARQL
1.1 Query Results CSV and TSV, section 4), the line of variables first and all
rows kept, repeated ones too; ASK as ``true`` or ``false``; a graph as
N-Triples, each triple once.  Every line ends in a line feed, so the same text
comes from ``LC_ALL=C sort`` and its digest from ``sha256sum``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.query.spool import TooLargeError

if TYPE_CHECKING:
    from casegraph.query.spool import Spool

_LINES_AT_ONCE: Final = 4_096


class Lines:
    """A binary writer that holds everything, then hands it on in order."""

    def __init__(self, spool: Spool, *, max_bytes: int) -> None:
        self._spool = spool
        self._max_bytes = max_bytes
        self._text = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._text += data
        if len(self._text) > self._max_bytes:
            self._spool.failure = TooLargeError("bytes")
            raise self._spool.failure
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is handed on before all of it is here."""

    def finish(self, *, header: bool, distinct: bool) -> None:
        """Hand the lines on, the first one first if it is a header.

        ``distinct``: each line once, and each is counted as a row.
        """
        lines = bytes(self._text).split(b"\n")
        self._text.clear()
        if lines[-1] == b"":
            lines.pop()
        rest = sorted(set(lines) if distinct else lines[header:])
        ordered = lines[:header] + rest
        for start in range(0, len(ordered), _LINES_AT_ONCE):
            some = ordered[start : start + _LINES_AT_ONCE]
            if distinct:
                self._spool.count_rows(len(some))
            self._spool.write(b"\n".join(some) + b"\n")

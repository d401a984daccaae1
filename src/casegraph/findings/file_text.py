"""The bytes of a file as text, within limits, with one clear problem where that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.errors import FixEnvironment, FixInput, Problem, Where
from casegraph.findings.tree import MAX_FILE_BYTES, MAX_LINE_BYTES
from casegraph.sources.text import decode, not_text

if TYPE_CHECKING:
    from pathlib import Path

_HEAD_BYTES = 64 * 1024


def read_text(path: Path, shown: str) -> str:
    """A whole file as text, without byte order mark, every line end a line feed.

    Raises ``FixInput`` with the place where it is too large, has a line that is too long, is
    no plain text or not UTF-8, and ``FixEnvironment`` where the system does not give it.
    """
    try:
        refuse_other_files(path, shown)
        _refuse_size(path.stat().st_size, shown)
        data = path.read_bytes()
    except OSError as error:
        raise FixEnvironment(
            f"the file cannot be read: {error.strerror or error}",
            where=Where(shown),
            hint="Check that it is a file and that you may read it.",
        ) from error
    _refuse_long_line(data, shown)
    kind = not_text(data)
    if kind is not None:
        raise _no_text(kind, shown)
    text = decode(data, path=shown).removeprefix("\ufeff")
    return text.replace("\r\n", "\n")


def problem_of(error: FixInput | FixEnvironment) -> Problem:
    """The problem of a file that could not be read."""
    return Problem("unreadable-file", error.message, error.where, error.hint)


def refuse_other_files(path: Path, shown: str) -> None:
    """Raise ``FixInput`` for a file that begins as a PDF, an archive or the like does.

    NUL bytes alone are left to whoever reads the whole: its size is the better message.
    """
    with path.open("rb") as file:
        kind = not_text(file.read(_HEAD_BYTES).replace(b"\0", b""))
    if kind is not None:
        raise _no_text(kind, shown)


def _no_text(kind: str, shown: str) -> FixInput:
    return FixInput(
        f"the file is {kind}, not plain text",
        where=Where(shown),
        hint="Records are YAML, JSON Lines or CSV in UTF-8. Take this file away from here; the"
        " text of a source comes in by `casegraph source attach`.",
    )


def _refuse_size(size: int, shown: str) -> None:
    if size > MAX_FILE_BYTES:
        raise FixInput(
            f"the file has {size:,} bytes; {MAX_FILE_BYTES:,} are the most that is read at once",
            where=Where(shown),
            hint="Split it into several files, or use JSON Lines for bulk data.",
        )


def _refuse_long_line(data: bytes, shown: str) -> None:
    start, number = 0, 1
    while start <= len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if end - start > MAX_LINE_BYTES:
            raise FixInput(
                f"the line is {end - start:,} bytes long; {MAX_LINE_BYTES:,} are allowed",
                where=Where(shown, number, 1),
                hint="Break the line; a quotation needs only the deciding words.",
            )
        start, number = end + 1, number + 1

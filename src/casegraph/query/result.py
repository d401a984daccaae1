"""A finished result: whole and hashed, on disk or, if small, in memory.  Never in part."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections import deque
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

from casegraph.errors import TryLater
from casegraph.query import wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from casegraph.query.formats import Form, ResultFormat
    from casegraph.query.guard import QueryForm
    from casegraph.query.wire import Frame

_KEPT: Final = 16
_BINARY: Final = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Result:
    """One answer.  Close it (or leave its ``with`` block) and its file is gone.

    A small one has no file: its bytes are ``data`` and its ``path`` is None.
    ``rows`` counts solutions of SELECT or triples of a graph, and is None for
    ASK; ``length`` is bytes, ``sha256`` lower-case hex over them; ``elapsed``
    is seconds from dispatch to the last byte.
    """

    form: Form
    media_type: str
    suffix: str
    path: Path | None
    length: int
    sha256: str
    rows: int | None
    elapsed: float
    citable: bool
    reason: str | None
    cleanup: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    data: bytes = field(default=b"", repr=False)

    def open(self) -> BinaryIO:
        """Open the bytes for reading; the caller closes them."""
        return BytesIO(self.data) if self.path is None else self.path.open("rb")

    def read(self) -> bytes:
        """All bytes at once."""
        return self.data if self.path is None else self.path.read_bytes()

    def close(self) -> None:
        """Remove the file; a second call does nothing."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        if self.cleanup is not None:
            self.cleanup()

    def __enter__(self) -> Self:
        """Return the result itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class SpoolFolder:
    """A private folder for results on their way.  Thread-safe.

    A file that was not needed, because the result came another way, is used
    again: making one costs more than a small query.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="casegraph-"))
        self._unused: deque[tuple[Path, int]] = deque()

    def new(self) -> tuple[Path, int]:
        """An empty file and a descriptor that reads and writes it."""
        with contextlib.suppress(IndexError):
            return self._unused.pop()
        path = self._folder / uuid4().hex
        return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, 0o600)

    def give_back(self, path: Path, fd: int) -> None:
        """Keep a file to which nobody has written nor can write any more."""
        if len(self._unused) < _KEPT and os.fstat(fd).st_size == 0:
            self._unused.append((path, fd))
        else:
            self.discard(path, fd)

    def discard(self, path: Path, fd: int) -> None:
        """Remove a file whose content nobody is to see."""
        os.close(fd)
        path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove everything."""
        while self._unused:
            with contextlib.suppress(IndexError):
                self.discard(*self._unused.pop())
        for path in self._folder.glob("*"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def remove_if_empty(self) -> None:
        """Remove the folder once its last result is closed."""
        with contextlib.suppress(OSError):
            self._folder.rmdir()


def finished(
    path: Path,
    fd: int,
    reply: Frame,
    *,
    form: QueryForm,
    style: ResultFormat,
    cleanup: Callable[[], None] | None = None,
) -> Result:
    """Make a result of a worker's reply and its spool.

    Raises what the reply tells, and

        TryLater: bytes are missing or are not those that the worker wrote;
            ``limit`` is ``disk``.

    """
    if "error" in reply:
        raise wire.raised(reply)
    data = reply.pop("tail", b"")
    inline = bool(data) or reply["bytes"] == 0
    there = len(data) if inline else os.fstat(fd).st_size
    if there != reply["bytes"] or (inline and hashlib.sha256(data).hexdigest() != reply["sha256"]):
        msg = "The result was not stored whole; nothing was sent."
        raise TryLater(msg, limit="disk", hint="Try again later.")
    return Result(
        form=form.form,
        media_type=style.media_type,
        suffix=style.suffix,
        path=None if inline else path,
        length=reply["bytes"],
        sha256=reply["sha256"],
        rows=None if form.form == "ASK" else reply["rows"],
        elapsed=reply["elapsed"],
        citable=form.citable,
        reason=form.reason,
        cleanup=cleanup,
        data=data,
    )

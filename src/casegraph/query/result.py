"""A finished result: whole, on disk, hashed.  It never exists in part."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from casegraph.query.formats import Form, ResultFormat
    from casegraph.query.guard import QueryForm
    from casegraph.query.wire import Frame


@dataclass(frozen=True, slots=True)
class Result:
    """One answer.  Close it (or leave its ``with`` block) and its file is gone.

    ``rows`` counts solutions of SELECT or triples of a graph, and is None for
    ASK; ``length`` is bytes, ``sha256`` lower-case hex over them; ``elapsed``
    is seconds from dispatch to the last byte.
    """

    form: Form
    media_type: str
    suffix: str
    path: Path
    length: int
    sha256: str
    rows: int | None
    elapsed: float
    citable: bool
    reason: str | None
    cleanup: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    def open(self) -> BinaryIO:
        """Open the bytes for reading; the caller closes them."""
        return self.path.open("rb")

    def read(self) -> bytes:
        """All bytes at once."""
        return self.path.read_bytes()

    def close(self) -> None:
        """Remove the file; a second call does nothing."""
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
    """A private folder for results on their way."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="casegraph-"))

    def new(self) -> tuple[Path, int]:
        """A new empty file and a descriptor that writes to it."""
        path = self._folder / uuid4().hex
        return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)

    def remove(self) -> None:
        """Remove everything."""
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
    reply: Frame,
    *,
    form: QueryForm,
    style: ResultFormat,
    cleanup: Callable[[], None] | None = None,
) -> Result:
    """Make a result of a worker's reply and its file."""
    return Result(
        form=form.form,
        media_type=style.media_type,
        suffix=style.suffix,
        path=path,
        length=reply["bytes"],
        sha256=reply["sha256"],
        rows=None if form.form == "ASK" else reply["rows"],
        elapsed=reply["elapsed"],
        citable=form.citable,
        reason=form.reason,
        cleanup=cleanup,
    )

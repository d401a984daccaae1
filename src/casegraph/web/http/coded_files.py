"""Files of releases in a content coding: made once, kept on disk within a budget."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

if TYPE_CHECKING:
    from typing import BinaryIO

    from casegraph.web.http.compression import Coding

#: A larger file goes out as it is: coding it would hold a reader up for seconds.
LARGEST: Final = 64 * 1024 * 1024
_BUDGET: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CodedFile:
    """``length`` is in bytes, ``sha256`` lower-case hex; both of the coded bytes."""

    path: Path
    length: int
    sha256: str


class CodedFiles:
    """Coded copies in a private folder that goes with the process.  Thread-safe.

    Copies are found by what they were made from, so one of other bytes is never given out;
    when ``state`` changes (a release, a takedown) all of them go.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._state = b""
        self._files: OrderedDict[str, CodedFile] = OrderedDict()

    def get(
        self, source: Path, etag: str, coding: Coding, *, state: bytes
    ) -> tuple[BinaryIO, CodedFile]:
        """The coded bytes, opened, and what they are.  One copy is made at a time."""
        key = f"{coding.name} {etag}"
        with self._lock:
            if state != self._state:
                self._drop(0)
                self._state = state
            found = self._files.get(key)
            if found is None:
                found = self._make(source, coding)
                self._drop(_BUDGET - found.length)
                self._files[key] = found
            self._files.move_to_end(key)
            # An open file outlives its name.
            return found.path.open("rb"), found

    def _make(self, source: Path, coding: Coding) -> CodedFile:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="casegraph-coded-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        path = self._folder / uuid4().hex
        try:
            with source.open("rb") as plain, path.open("wb") as coded:
                length = coding.large(plain, coded)
            _check(source, length)
            with path.open("rb") as coded:
                digest = hashlib.file_digest(coded, "sha256").hexdigest()
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return CodedFile(path, path.stat().st_size, digest)

    def _drop(self, budget: int) -> None:
        """Remove the oldest copies until the rest fits."""
        while self._files and sum(one.length for one in self._files.values()) > budget:
            self._files.popitem(last=False)[1].path.unlink(missing_ok=True)


def _check(source: Path, length: int) -> None:
    if source.stat().st_size != length:
        raise OSError(errno.EIO, "the file changed while it was read")

"""Sort lines of any number with flat memory: the canonical file and the reading order.

The canonical form of a data set without blank nodes is its set of canonical N-Quads lines in
byte order (what ``LC_ALL=C sort -u`` gives), so any archive can check the digest with
coreutils.  Runs of bounded size are sorted in memory, written to temporary files and merged.
"""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph.node import KEY_END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Bytes of text in one run; a run takes about twice that in memory.
RUN_BYTES: Final = 32 * 1024 * 1024
#: Runs merged at once; beyond it, they are merged in groups first.
FAN_IN: Final = 64

_BLOCK_LINES: Final = 4096


@dataclass(frozen=True, slots=True)
class Digest:
    """What was written: SHA-256 of the bytes (hexadecimal), lines, and bytes."""

    sha256: str
    lines: int
    size: int


def sorted_lines(
    lines: Iterable[bytes], *, run_bytes: int = RUN_BYTES, directory: Path | None = None
) -> Iterator[bytes]:
    """Give lines (without line feeds) in byte order, each once.

    Temporary files lie in ``directory``, by default the system's; they are gone when the
    iterator ends or is closed.  At most about ``2 * run_bytes`` of memory is taken.
    """
    # Named as `durable.sweep` looks for it, should the process be killed.
    with tempfile.TemporaryDirectory(
        dir=directory, prefix=".sort.", suffix=durable.TEMPORARY_SUFFIX
    ) as folder:
        runs = _Runs(Path(folder))
        run: list[bytes] = []
        size = 0
        for line in lines:
            run.append(line)
            size += len(line)
            if size >= run_bytes:
                run.sort()
                runs.add(_once(run))
                run, size = [], 0
        run.sort()
        yield from _once(heapq.merge(run, *runs.open()) if runs else run)


def merged_lines(*streams: Iterable[bytes]) -> Iterator[bytes]:
    """Merge streams that are sorted already; a line in several of them is given once."""
    return _once(heapq.merge(*streams))


def write_lines(path: Path, lines: Iterable[bytes]) -> Digest:
    """Write lines with line feeds to a file, durably, and digest them on the way."""
    tally = _Tally()
    durable.write_file(path, tally.blocks(lines))
    return tally.digest()


def write_canonical(path: Path, lines: Iterable[bytes], *, run_bytes: int = RUN_BYTES) -> Digest:
    """Sort lines and write them as a canonical file; temporary files lie beside it."""
    return write_lines(path, sorted_lines(lines, run_bytes=run_bytes, directory=path.parent))


def read_bytes_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, without line feeds."""
    with path.open("rb") as file:
        yield from _lines_of(file)


def without_keys(keyed: Iterable[bytes]) -> Iterator[bytes]:
    """The canonical lines of ``key TAB line``."""
    separator = KEY_END.encode()
    return (line.partition(separator)[2] for line in keyed)


def digest_of(lines: Iterable[bytes]) -> Digest:
    """The digest that a file of these lines would have."""
    tally = _Tally()
    for _block in tally.blocks(lines):
        pass
    return tally.digest()


class _Tally:
    """Counts and digests what flows through it."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._lines = 0
        self._size = 0

    def blocks(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        block: list[bytes] = []
        for line in lines:
            block.append(line)
            if len(block) == _BLOCK_LINES:
                yield self._counted(block)
                block = []
        if block:
            yield self._counted(block)

    def _counted(self, block: list[bytes]) -> bytes:
        data = b"\n".join(block) + b"\n"
        self._hash.update(data)
        self._lines += len(block)
        self._size += len(data)
        return data

    def digest(self) -> Digest:
        return Digest(self._hash.hexdigest(), self._lines, self._size)


class _Runs:
    """Sorted runs in temporary files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[Path] = []
        self._made = 0

    def __len__(self) -> int:
        return len(self._paths)

    def add(self, lines: Iterable[bytes]) -> None:
        self._paths.append(self._write(lines))
        if len(self._paths) > FAN_IN:
            merged = self._write(_once(heapq.merge(*self.open())))
            for path in self._paths:
                path.unlink()
            self._paths = [merged]

    def open(self) -> list[Iterator[bytes]]:
        return [read_bytes_lines(path) for path in self._paths]

    def _write(self, lines: Iterable[bytes]) -> Path:
        self._made += 1
        path = self._folder / f"run-{self._made}"
        with path.open("wb") as file:
            for line in lines:
                file.write(line)
                file.write(b"\n")
        return path


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    return (line.removesuffix(b"\n") for line in file)


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out lines equal to the one before."""
    last: bytes | None = None
    for line in lines:
        if line != last:
            yield line
            last = line

"""Fakes of the system calls behind ``casegraph.durable``.

``failing`` runs against a real directory and refuses the k-th call.  ``Disk`` is a small
model of a disk that keeps only what was synced: it yields every state in which a machine
may wake up after a loss of power.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from casegraph.durable import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Counter:
    """Counts calls; raises ``error`` at call number ``at`` (1-based) and notes its name."""

    at: int
    error: Callable[[], BaseException]
    count: int = 0
    failed: str | None = None
    names: list[str] = field(default_factory=list)

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.count += 1
            self.names.append(name)
            if self.count == self.at:
                self.failed = name
                # The system releases a descriptor even when close reports an error.
                if name == "close":
                    real(*arguments)
                raise self.error()
            return real(*arguments)

        return call


def failing(at: int, error: Callable[[], BaseException]) -> tuple[Files, Counter]:
    """Give the real calls, of which the one numbered ``at`` raises."""
    counter = Counter(at, error)
    real = Files()
    calls = {one.name: counter.wrap(one.name, getattr(real, one.name)) for one in fields(Files)}
    return Files(**calls), counter


def refusal(number: int) -> Callable[[], OSError]:
    return lambda: OSError(number, os.strerror(number))


@dataclass
class Node:
    """A file: what programs see, and what the platter holds."""

    seen: bytes = b""
    held: bytes = b""


@dataclass
class Disk:
    """One directory.  Names are bound by ``entries``; ``pending`` is not yet on disk."""

    entries: dict[str, Node] = field(default_factory=dict)
    held: dict[str, Node] = field(default_factory=dict)
    pending: list[Callable[[dict[str, Node]], object]] = field(default_factory=list)
    handles: dict[int, Node | None] = field(default_factory=dict)
    states: list[Disk] = field(default_factory=list)
    observe: Callable[[], None] = lambda: None

    def files(self) -> Files:
        return Files(
            open=self._noticed(self._open),
            write=self._noticed(self._write),
            fsync=self._noticed(self._fsync),
            close=self._noticed(self._close),
            replace=self._noticed(self._replace),
            unlink=self._noticed(self._unlink),
        )

    def put(self, path: str, content: bytes) -> None:
        node = Node(content, content)
        self.entries[path] = self.held[path] = node

    def after_power_loss(self) -> Iterator[dict[str, bytes]]:
        """Every mapping of paths to contents that may be found after a loss of power.

        Any subset of the unsynced changes of names may have reached the disk, and of
        each unsynced file any of nothing, half or all.
        """
        for kept in itertools.product((False, True), repeat=len(self.pending)):
            names = dict(self.held)
            for change, wanted in zip(self.pending, kept, strict=True):
                if wanted:
                    change(names)
            variants = [
                {n.held, n.seen, n.seen[: len(n.seen) // 2]} if n.held != n.seen else {n.seen}
                for n in names.values()
            ]
            for contents in itertools.product(*variants):
                yield dict(zip(names, contents, strict=True))

    def _noticed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:
            self.observe()
            answer = call(*arguments)
            self.observe()
            return answer

        return wrapped

    def _change(self, change: Callable[[dict[str, Node]], object]) -> None:
        change(self.entries)
        self.pending.append(change)

    def _open(self, path: str, flags: int, _mode: int) -> int:
        handle = len(self.handles) + 3
        if flags & os.O_CREAT:
            if flags & os.O_EXCL and path in self.entries:
                raise OSError(errno.EEXIST, "exists")
            node = Node()
            self._change(lambda names: names.__setitem__(path, node))
            self.handles[handle] = node
        else:
            self.handles[handle] = self.entries.get(path)
        return handle

    def _write(self, handle: int, data: memoryview) -> int:
        node = self.handles[handle]
        assert node is not None
        # One short write after the other: the caller must go on.
        part = bytes(data[:3])
        node.seen += part
        return len(part)

    def _fsync(self, handle: int) -> None:
        node = self.handles[handle]
        if node is None:
            for change in self.pending:
                change(self.held)
            self.pending.clear()
        else:
            node.held = node.seen

    def _close(self, handle: int) -> None:
        self.handles[handle] = None

    def _replace(self, source: str, target: str) -> None:
        node = self.entries[source]

        def change(names: dict[str, Node]) -> None:
            names.pop(source, None)
            names[target] = node

        self._change(change)

    def _unlink(self, path: str) -> None:
        self._change(lambda names: names.pop(path, None))


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)

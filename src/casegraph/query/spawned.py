"""Workers started one by one, for systems that cannot fork safely and for single runs.

Each loads the dataset for itself and is killed from here at its deadline.  On
Linux they have the same system-call filter, except that they open their spool
files themselves.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from casegraph.query import job as jobs
from casegraph.query import wire

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from casegraph.query.limits import QueryLimits
    from casegraph.query.wire import Frame

_REAP_S: Final = 5.0


def worker_environment() -> dict[str, str]:
    """The environment of query processes: no proxies, few memory arenas.

    An address-space limit counts arenas that are never touched.
    """
    kept = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return kept | {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}


class SpawnedWorker:
    """One worker process; used by one thread at a time."""

    def __init__(self, dataset: Path, limits: QueryLimits) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "casegraph.query.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
        )
        self._replies_ended = False
        self._replies: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._send({"dataset": str(dataset.resolve()), "memory_bytes": limits.memory_bytes})
        ready = self._receive(limits.start_s)
        if ready is None or "error" in ready:
            self.kill()
            raise jobs.restarting() if ready is None else wire.raised(ready)
        self.missing: tuple[str, ...] = tuple(ready["missing"])
        self.served = 0

    def answer(self, job: Frame, path: Path) -> Frame:
        """Send a job and wait for the reply, the deadline or the worker's death."""
        started = time.monotonic()
        self.served += 1
        self._send(job | {"spool": str(path)})
        reply = self._receive(job["deadline_s"])
        if reply is not None:
            return reply
        elapsed = time.monotonic() - started
        if elapsed >= job["deadline_s"]:
            self.kill()
            return wire.error_frame(jobs.out_of_time(job["deadline_s"], elapsed))
        return wire.error_frame(jobs.worker_died(self.kill(), job, elapsed))

    @property
    def alive(self) -> bool:
        """Whether another job can be sent."""
        return self._process.poll() is None

    def kill(self) -> int | None:
        """End the process and return its exit code (negative for a signal)."""
        try:
            code = self._process.wait(0.1) if self._replies_ended else None
        except subprocess.TimeoutExpired:
            code = None
        if code is None:
            self._process.kill()
            code = self._process.wait(_REAP_S)
        for pipe in self._pipes():
            try:
                pipe.close()
            except OSError:
                continue
        return code

    def _pipes(self) -> tuple[BinaryIO, ...]:
        return tuple(p for p in (self._process.stdin, self._process.stdout) if p is not None)  # type: ignore[misc]

    def _listen(self) -> None:
        fd = self._pipes()[1].fileno()
        try:
            while (frame := wire.read(fd)) is not None:
                self._replies.put(frame)
        except (OSError, ValueError):
            pass
        self._replies_ended = True
        self._replies.put(None)

    def _send(self, frame: Frame) -> None:
        try:
            wire.write(self._pipes()[0].fileno(), frame)
        except (OSError, ValueError):
            self._replies.put(None)

    def _receive(self, seconds: float) -> Frame | None:
        try:
            return self._replies.get(timeout=seconds)
        except queue.Empty:
            return None


class SpawnedPool:
    """So many spawned workers, each free or busy; any thread may submit."""

    def __init__(self, dataset: Path, *, limits: QueryLimits, workers: int) -> None:
        self._dataset = dataset
        self._limits = limits
        self._free: queue.LifoQueue[SpawnedWorker | None] = queue.LifoQueue()
        self._waiting = threading.BoundedSemaphore(workers * (1 + limits.queue_factor))
        self._workers = workers
        first = SpawnedWorker(dataset, limits)
        self.missing = first.missing
        for _ in range(workers - 1):
            self._free.put(None)
        self._free.put(first)

    def submit(self, job: Frame, path: Path, fd: int) -> Frame:  # noqa: ARG002 - forked pools need the descriptor
        """Wait for a free worker, then answer."""
        if not self._waiting.acquire(blocking=False):
            raise jobs.too_busy(self._limits.wait_s)
        try:
            return self._answer(job, path)
        finally:
            self._waiting.release()

    def close(self) -> None:
        """End every worker, after the query it is at."""
        for _ in range(self._workers):
            worker = self._free.get()
            if worker is not None:
                worker.kill()

    def _answer(self, job: Frame, path: Path) -> Frame:
        try:
            worker = self._free.get(timeout=self._limits.wait_s)
        except queue.Empty:
            raise jobs.too_busy(self._limits.wait_s) from None
        try:
            worker = worker or SpawnedWorker(self._dataset, self._limits)
            reply = worker.answer(job, path)
            if not worker.alive or worker.served >= self._limits.queries_per_worker:
                worker.kill()
                worker = None
            return reply
        finally:
            self._free.put(worker)

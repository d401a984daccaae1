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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.query import job as jobs
from casegraph.query import wire
from casegraph.query.crew import give_way
from casegraph.query.turns import Turn, Turns

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from casegraph.errors import CasegraphError
    from casegraph.query.limits import QueryLimits
    from casegraph.query.ticket import Ticket
    from casegraph.query.wire import Frame

_REAP_S: Final = 5.0
_WEAKER: Final = (
    "Each query process holds the dataset for itself, so that memory is needed once for each.",
    "Query processes open the files of their results themselves, so they may write files.",
    "A query process that was stopped is replaced when it is needed; whoever comes next waits.",
)


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
        self._slowed = False
        self._replies: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._send({"dataset": str(dataset.resolve()), "memory_bytes": limits.memory_bytes})
        ready = self._receive(limits.start_s, since=time.monotonic())
        if ready is None or "error" in ready:
            self.kill()
            raise jobs.restarting() if ready is None else wire.raised(ready)
        self.missing: tuple[str, ...] = tuple(ready["missing"])
        self.served = 0

    def answer(self, job: Frame, path: Path, *, slow_after_s: float | None = None) -> Frame:
        """Send a job and wait for the reply, the deadline or the worker's death.

        After ``slow_after_s`` the worker gives way to other processes, where
        the system can do that; it is not to be used again then.
        """
        started = time.monotonic()
        self.served += 1
        self._send(job | {"spool": str(path)})
        deadline = job["deadline_s"]
        if slow_after_s is not None and slow_after_s < deadline:
            reply = self._receive(slow_after_s, since=started)
            if reply is not None:
                return reply
            self._slow_down()
        reply = self._receive(deadline, since=started)
        if reply is not None:
            return reply
        elapsed = time.monotonic() - started
        if elapsed >= deadline:
            self.kill()
            return wire.error_frame(jobs.out_of_time(deadline, elapsed))
        died = jobs.worker_died(
            self.kill(), deadline_s=deadline, memory_bytes=job["memory_bytes"], elapsed=elapsed
        )
        return wire.error_frame(died)

    def stop(self) -> None:
        """End the process from any thread; whoever waits for its answer finds it dead."""
        self._process.kill()

    @property
    def alive(self) -> bool:
        """Whether another job can be sent."""
        return not self._slowed and self._process.poll() is None

    def kill(self) -> int | None:
        """End the process and return its exit code (negative for a signal)."""
        try:
            code = self._process.wait(0.1) if self._replies_ended else None
        except subprocess.TimeoutExpired:
            code = None
        if code is None:
            self._process.kill()
            code = self._process.wait(_REAP_S)
        # It reads by number: closed under it, the number may be that of another file by then.
        self._listener.join(_REAP_S)
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

    def _receive(self, seconds: float, *, since: float) -> Frame | None:
        if self._replies_ended and self._replies.empty():
            return None
        try:
            return self._replies.get(timeout=max(0.0, since + seconds - time.monotonic()))
        except queue.Empty:
            return None

    def _slow_down(self) -> None:
        self._slowed = True
        give_way(self._process.pid)


@dataclass(slots=True, eq=False)
class _Seat(Turn):
    """A call that waits for its turn or has it."""

    gone: CasegraphError | None = None


class SpawnedPool:
    """So many spawned workers; any thread may submit, and turns are taken as elsewhere."""

    def __init__(self, dataset: Path, *, limits: QueryLimits, workers: int) -> None:
        self._dataset = dataset
        self._limits = limits
        self._turns: Turns[_Seat] = Turns(workers, limits.queue_factor * workers)
        self._change = threading.Condition()
        self._closed = False
        first = SpawnedWorker(dataset, limits)
        self.missing = (*first.missing, *_WEAKER)
        self._idle = [first]
        self._busy: set[SpawnedWorker] = set()

    def submit(self, job: Frame, path: Path, fd: int, ticket: Ticket) -> Frame:  # noqa: ARG002 - forked pools need the descriptor
        """Wait for a turn, then answer."""
        seat = _Seat(
            number=0,
            lane=job["lane"],
            client=job["client"],
            deadline_s=job["deadline_s"],
            came=time.monotonic(),
        )
        ticket.on_cancel(lambda: self._leave(seat, jobs.cancelled()))
        self._wait(seat)
        try:
            return self._answer(job, path, seat, ticket)
        finally:
            ticket.over()
            ticket.work_s += time.monotonic() - seat.started
            with self._change:
                self._turns.end(seat, time.monotonic())
                self._deal()

    def close(self) -> None:
        """End every worker, whatever it is at."""
        with self._change:
            self._closed = True
            for seat in list(self._turns.waiting):
                self._turns.drop(seat)
                seat.gone = jobs.restarting()
            self._change.notify_all()
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.stop()
        for worker in workers:
            if worker not in self._busy:
                worker.kill()

    def _wait(self, seat: _Seat) -> None:
        """Return when the seat has its turn; raise if it has to go."""
        with self._change:
            if self._closed:
                raise jobs.restarting()
            if seat.gone is None:
                self._turns.add(seat)
                self._deal()
            ends = seat.came + self._limits.wait_s
            while not seat.started and seat.gone is None:
                left = ends - time.monotonic()
                if left <= 0:
                    self._turns.drop(seat)
                    seat.gone = jobs.too_busy(self._limits.wait_s)
                else:
                    self._change.wait(left)
        if seat.gone is not None and not seat.started:
            raise seat.gone

    def _deal(self) -> None:
        """Give out turns; the lock is held."""
        while self._turns.start(time.monotonic()) is not None:
            pass
        wait_s = self._limits.wait_s
        for seat, greedy in self._turns.surplus():
            seat.gone = jobs.too_many(wait_s) if greedy else jobs.too_busy(wait_s)
        self._change.notify_all()

    def _leave(self, seat: _Seat, error: CasegraphError) -> None:
        """Give a call up while it waits; afterwards it has another way to be given up."""
        with self._change:
            seat.gone = error
            if seat in self._turns.waiting:
                self._turns.drop(seat)
            self._change.notify_all()

    def _answer(self, job: Frame, path: Path, seat: _Seat, ticket: Ticket) -> Frame:
        worker = self._worker()
        try:
            ticket.on_cancel(worker.stop)
            if seat.gone is not None:
                raise seat.gone
            slow = self._limits.slow_after_s if seat.lane == "query" else None
            reply = worker.answer(job, path, slow_after_s=slow)
            if ticket.cancelled and "error" in reply:
                raise jobs.cancelled(time.monotonic() - seat.started)
            return reply
        finally:
            ticket.over()
            self._put_back(worker, usable=not ticket.cancelled)

    def _put_back(self, worker: SpawnedWorker, *, usable: bool) -> None:
        usable = usable and worker.alive and worker.served < self._limits.queries_per_worker
        with self._change:
            self._busy.discard(worker)
            usable = usable and not self._closed
            if usable:
                self._idle.append(worker)
        if not usable:
            worker.kill()

    def _worker(self) -> SpawnedWorker:
        """An idle worker, or a new one; its turn is taken already."""
        with self._change:
            worker = self._idle.pop() if self._idle else None
        worker = worker or SpawnedWorker(self._dataset, self._limits)
        with self._change:
            self._busy.add(worker)
        return worker

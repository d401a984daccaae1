"""The process between the web and the workers: queue, deadlines, deaths.

It has one thread and opens nothing, so it can fork and never waits for a
query.  ``python -m casegraph.query.supervisor FD`` serves the socket ``FD``
until its other end closes; then everything below it ends, too.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from casegraph.query import job as jobs
from casegraph.query import wire
from casegraph.query.worker import Confinement
from casegraph.query.zygote import run_zygote

if TYPE_CHECKING:
    from casegraph.query.wire import Frame

_IDLE_S: Final = 60.0
_HAND_OVER_S: Final = 1.0


@dataclass(slots=True)
class _Task:
    """A job on its way: its number, its spool's descriptor, and when it came."""

    number: int
    job: Frame
    fd: int
    came: float
    started: float = 0.0


@dataclass(slots=True)
class _Worker:
    pid: int
    channel: socket.socket
    task: _Task | None = None
    served: int = 0
    buffer: bytearray = field(default_factory=bytearray)


class Supervisor:
    """Gives jobs to workers and ends those that overstay."""

    def __init__(self, client: socket.socket, zygote: socket.socket, setup: Frame) -> None:
        self._client = client
        self._zygote = zygote
        self._setup = setup
        self._workers: list[_Worker] = []
        self._queue: deque[_Task] = deque()
        self._selector = selectors.DefaultSelector()
        self._selector.register(client, selectors.EVENT_READ, None)
        self._selector.register(zygote, selectors.EVENT_READ, None)

    def run(self) -> None:
        """Serve until the client is gone."""
        for _ in range(self._setup["workers"]):
            self._fork()
        while True:
            for key, _ in self._selector.select(self._pause()):
                if key.fileobj is self._client:
                    if not self._receive():
                        return
                elif key.fileobj is self._zygote:
                    return  # The zygote speaks only when asked: it is dead.
                elif key.data in self._workers:
                    self._hear(key.data)
            self._expire()

    # -- client -------------------------------------------------------------------

    def _receive(self) -> bool:
        mark, descriptors, _, _ = socket.recv_fds(self._client, 1, 1)
        frame = wire.read(self._client.fileno()) if mark else None
        if frame is None or not descriptors:
            return False
        task = _Task(frame["number"], frame["job"], descriptors[0], time.monotonic())
        idle = next((worker for worker in self._workers if worker.task is None), None)
        if idle is not None:
            self._start(idle, task)
        elif len(self._queue) < self._setup["queue"]:
            self._queue.append(task)
        else:
            self._reply(task, wire.error_frame(jobs.too_busy(self._setup["wait_s"])))
        return True

    def _reply(self, task: _Task, frame: Frame) -> None:
        with contextlib.suppress(OSError):
            os.close(task.fd)
        wire.write(self._client.fileno(), {"number": task.number, "reply": frame})

    # -- workers ------------------------------------------------------------------

    def _start(self, worker: _Worker, task: _Task) -> None:
        task.started = time.monotonic()
        worker.task = task
        worker.served += 1
        try:
            socket.send_fds(worker.channel, [b"j"], [task.fd])
            worker.channel.sendall(wire.encode(task.job))
        except OSError:
            self._replace(worker)

    def _hear(self, worker: _Worker) -> None:
        try:
            data = worker.channel.recv(wire.MAX_REPLY)
            worker.buffer += data
            frame = wire.take(worker.buffer)
        except (OSError, ValueError):
            data, frame = b"", None
        if frame is not None and worker.task is not None:
            task, worker.task = worker.task, None
            grown = frame.pop("grown", 0)
            self._reply(task, frame)
            tired = worker.served >= self._setup["queries_per_worker"]
            if tired or grown > self._setup["memory_bytes"] // 4:
                self._replace(worker)
            self._next()
        elif not data:
            self._replace(worker)
            self._next()

    def _replace(self, worker: _Worker, *, late: bool = False) -> None:
        """End a worker for certain, answer for it, and fork another."""
        with contextlib.suppress(ProcessLookupError):
            # One that is ending already keeps the exit code it has.
            os.kill(worker.pid, signal.SIGKILL)
        if late and worker.task is not None:
            self._answer_for(worker, None, late=True)
        wire.write(self._zygote_fd(b"z"), {"reap": worker.pid})
        reply = wire.read(self._zygote.fileno())
        self._workers.remove(worker)
        self._selector.unregister(worker.channel)
        worker.channel.close()
        if worker.task is not None:
            self._answer_for(worker, None if reply is None else reply["exit"], late=False)
        self._fork()

    def _answer_for(self, worker: _Worker, exit_code: int | None, *, late: bool) -> None:
        task, worker.task = worker.task, None
        if task is None:
            return
        elapsed = time.monotonic() - task.started
        error = (
            jobs.out_of_time(task.job["deadline_s"], elapsed)
            if late
            else jobs.worker_died(exit_code, task.job, elapsed)
        )
        self._reply(task, wire.error_frame(error))

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            wire.write(self._zygote_fd(b"z", theirs.fileno()), {"fork": True})
        reply = wire.read(self._zygote.fileno())
        if reply is None:
            sys.exit(1)
        ours.settimeout(_HAND_OVER_S)
        worker = _Worker(reply["pid"], ours)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _zygote_fd(self, mark: bytes, *descriptors: int) -> int:
        socket.send_fds(self._zygote, [mark], list(descriptors))
        return self._zygote.fileno()

    # -- time ---------------------------------------------------------------------

    def _next(self) -> None:
        for worker in [worker for worker in self._workers if worker.task is None]:
            if self._queue:
                self._start(worker, self._queue.popleft())

    def _ends(self, task: _Task) -> float:
        return task.started + float(task.job["deadline_s"])

    def _pause(self) -> float:
        ends = [self._ends(worker.task) for worker in self._workers if worker.task]
        if self._queue:
            ends.append(self._queue[0].came + self._setup["wait_s"])
        return max(0.0, min(ends) - time.monotonic()) if ends else _IDLE_S

    def _expire(self) -> None:
        now = time.monotonic()
        late = [w for w in self._workers if w.task is not None and self._ends(w.task) <= now]
        for worker in late:
            self._replace(worker, late=True)
        while self._queue and self._queue[0].came + self._setup["wait_s"] <= now:
            task = self._queue.popleft()
            self._reply(task, wire.error_frame(jobs.too_busy(self._setup["wait_s"])))
        if late:
            self._next()


def main(client: socket.socket) -> None:
    """Start the zygote, tell the client how that went, and serve."""
    setup = wire.read(client.fileno())
    if setup is None:
        return
    ours, theirs = socket.socketpair()
    path = Path(setup["dataset"])
    rules = Confinement(setup["memory_bytes"], fixed_files=True, disk_store=path.is_dir())
    if os.fork() == 0:
        _become_zygote(client, ours, theirs, path, rules)
    theirs.close()
    ready = wire.read(ours.fileno())
    if ready is None:
        ready = wire.error_frame(jobs.restarting())
    wire.write(client.fileno(), ready)
    if "error" not in ready:
        with contextlib.suppress(OSError):
            Supervisor(client, ours, setup).run()


def _become_zygote(
    client: socket.socket,
    supervisor: socket.socket,
    channel: socket.socket,
    path: Path,
    rules: Confinement,
) -> NoReturn:
    client.close()
    supervisor.close()
    run_zygote(channel, path, rules)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(socket.socket(fileno=int(sys.argv[1])))

"""The process between the web and the workers: turns, deadlines, deaths.

It has one thread and opens nothing, so it can fork and never waits for a
query.  ``python -m casegraph.query.supervisor FD`` serves the socket ``FD``
until its other end closes; then everything below it ends, too.

Frames from the web: a job (``number``, ``lane``, ``client``, ``deadline_s`` and
the job itself as the tail, with the descriptors of its spool and of the line on
which whoever asked waits for the worker's reply) or ``{"cancel": number}``.
Frames to it, where no worker replies: ``number``, an error as the ``reply``, and
``work_s``, the time that a worker spent.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, cast

from casegraph.query import job as jobs
from casegraph.query import wire
from casegraph.query.crew import Crew
from casegraph.query.turns import Turn, Turns
from casegraph.query.worker import Confinement
from casegraph.query.zygote import run_zygote

if TYPE_CHECKING:
    from casegraph.query.crew import Worker
    from casegraph.query.wire import Frame

_IDLE_S: Final = 60.0
_SWOLLEN: Final = 4
_DESCRIPTORS: Final = 16_384


@dataclass(slots=True, eq=False)
class _Task(Turn):
    """A job on its way: its bytes as they came, and its two descriptors."""

    job: bytes = b""
    handed: list[int] = field(default_factory=list)
    answered: bool = False

    def let_go(self) -> None:
        """Close the descriptors here; a worker has its own."""
        while self.handed:
            os.close(self.handed.pop())


class Supervisor:
    """Gives jobs to workers and ends those that overstay."""

    def __init__(self, client: socket.socket, zygote: socket.socket, setup: Frame) -> None:
        self._client = client
        self._inbox = wire.Inbox(client)
        self._zygote = zygote
        self._setup = setup
        self._turns: Turns[_Task] = Turns(setup["workers"], setup["queue"])
        self._selector = selectors.DefaultSelector()
        self._selector.register(client, selectors.EVENT_READ, None)
        self._selector.register(zygote, selectors.EVENT_READ, None)
        self._crew = Crew(zygote, self._selector, workers=setup["workers"])
        self._refill_at: float | None = None

    def run(self) -> None:
        """Serve until the client is gone."""
        while True:
            # First what somebody waits for, then what only has to be done some time.
            self._give_out(time.monotonic())
            now = time.monotonic()
            if self._expire(now):
                self._give_out(now)
            self._refill_at = self._crew.refill(now)
            for key, _ in self._selector.select(self._pause()):
                if key.fileobj is self._client:
                    if not self._receive():
                        return
                elif key.fileobj is self._zygote:
                    gone = self._crew.hear()
                    if gone is None:
                        return
                    for worker, exit_code in gone:
                        self._mourn(worker, exit_code)
                elif key.data in self._crew:
                    self._hear(key.data)

    # -- client -------------------------------------------------------------------

    def _receive(self) -> bool:
        if not self._inbox.fill():
            return False
        while (frame := self._inbox.take()) is not None:
            if "cancel" in frame:
                self._cancel(frame["cancel"])
                continue
            handed = self._inbox.descriptors(2)
            if handed is None:
                return False
            task = _Task(
                number=frame["number"],
                lane=frame["lane"],
                client=frame["client"],
                deadline_s=float(frame["deadline_s"]),
                came=time.monotonic(),
                job=frame["tail"],
                handed=handed,
            )
            self._turns.add(task)
        return True

    def _cancel(self, number: int) -> None:
        for task in self._turns.waiting:
            if task.number == number:
                self._turns.drop(task)
                self._reply(task, wire.error_frame(jobs.cancelled()))
                return
        for worker in self._crew.busy:
            running = _task_of(worker)
            if running is not None and running.number == number:
                elapsed = time.monotonic() - running.started
                self._reply(running, wire.error_frame(jobs.cancelled(elapsed)))
                self._dismiss(worker)
                return

    def _reply(self, task: _Task, frame: Frame) -> None:
        """Say what became of a job, once and before its line ends."""
        if not task.answered:
            task.answered = True
            work = time.monotonic() - task.started if task.started else 0.0
            head = {"number": task.number, "work_s": work, "reply": frame}
            wire.send(self._client, head)
        task.let_go()

    # -- workers ------------------------------------------------------------------

    def _give_out(self, now: float) -> None:
        while self._crew.has_idle and (task := self._turns.start(now)) is not None:
            worker = self._crew.take()
            worker.turn = task
            worker.served += 1
            try:
                wire.send(worker.channel, {"tail": task.job}, *task.handed)
            except OSError:
                self._dismiss(worker)
            task.let_go()
        for task, greedy in self._turns.surplus():
            wait_s = self._setup["wait_s"]
            error = jobs.too_many(wait_s) if greedy else jobs.too_busy(wait_s)
            self._reply(task, wire.error_frame(error))

    def _hear(self, worker: Worker) -> None:
        try:
            open_still = worker.inbox.fill()
            frame = worker.inbox.take()
        except (OSError, ValueError):
            open_still, frame = False, None
        task = _task_of(worker)
        if frame is not None and task is not None:
            grown = frame.get("grown", 0)
            task.answered = True
            tired = worker.slowed or worker.served >= self._setup["queries_per_worker"]
            if tired or grown > self._setup["memory_bytes"] // _SWOLLEN:
                self._dismiss(worker)
            else:
                self._turns.end(task, time.monotonic())
                self._crew.free(worker)
        elif not open_still:
            self._dismiss(worker)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker; who waits for its answer is answered when it is gone."""
        task = _task_of(worker)
        if task is not None:
            self._turns.end(task, time.monotonic())
        self._crew.dismiss(worker)

    def _mourn(self, worker: Worker, exit_code: int) -> None:
        task = _task_of(worker)
        if task is not None:
            elapsed = time.monotonic() - task.started
            died = jobs.worker_died(
                exit_code,
                deadline_s=task.deadline_s,
                memory_bytes=self._setup["memory_bytes"],
                elapsed=elapsed,
            )
            self._reply(task, wire.error_frame(died))

    # -- time ---------------------------------------------------------------------

    def _pause(self) -> float:
        moments = [] if self._refill_at is None else [self._refill_at]
        for worker in self._crew.busy:
            task = _task_of(worker)
            if task is not None:
                moments.append(task.ends())
                if task.lane == "query" and not worker.slowed:
                    moments.append(task.started + self._setup["slow_after_s"])
        moments += [task.came + self._setup["wait_s"] for task in self._turns.waiting]
        return max(0.0, min(moments) - time.monotonic()) if moments else _IDLE_S

    def _expire(self, now: float) -> bool:
        """End what has lasted too long; tells whether that made room."""
        room = False
        for worker in self._crew.busy:
            task = _task_of(worker)
            if task is None:
                continue
            if task.ends() <= now:
                late = jobs.out_of_time(task.deadline_s, now - task.started)
                self._reply(task, wire.error_frame(late))
                self._dismiss(worker)
                room = True
            elif (
                task.lane == "query"
                and not worker.slowed
                and task.started + self._setup["slow_after_s"] <= now
            ):
                worker.slow_down()
        for task in self._turns.overdue(now, self._setup["wait_s"]):
            self._reply(task, wire.error_frame(jobs.too_busy(self._setup["wait_s"])))
        return room


def _allow_descriptors() -> None:
    """Each job that waits brings two; a usual limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _task_of(worker: Worker) -> _Task | None:
    return cast("_Task | None", worker.turn)


def main(client: socket.socket) -> None:
    """Start the zygote, tell the client how that went, and serve."""
    setup = wire.read_with(client.recv)
    if setup is None:
        return
    _allow_descriptors()
    ours, theirs = socket.socketpair()
    path = Path(setup["dataset"])
    rules = Confinement(setup["memory_bytes"], fixed_files=True, disk_store=path.is_dir())
    own = os.getpid()
    if os.fork() == 0:
        _become_zygote(client, ours, theirs, path, rules, own)
    theirs.close()
    ready = wire.read_with(ours.recv)
    if ready is None:
        ready = wire.error_frame(jobs.restarting())
    wire.send(client, ready)
    if "error" not in ready:
        with contextlib.suppress(OSError):
            Supervisor(client, ours, setup).run()


def _become_zygote(
    client: socket.socket,
    supervisor: socket.socket,
    channel: socket.socket,
    path: Path,
    rules: Confinement,
    number: int,
) -> NoReturn:
    client.close()
    supervisor.close()
    run_zygote(channel, path, rules, supervisor=number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(socket.socket(fileno=int(sys.argv[1])))

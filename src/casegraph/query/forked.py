"""Queries answered by a supervisor process and the workers it forks."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final

from casegraph.query import job as jobs
from casegraph.query import wire
from casegraph.query.disk import room_wanted
from casegraph.query.spawned import worker_environment

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.query.limits import QueryLimits
    from casegraph.query.ticket import Ticket
    from casegraph.query.wire import Frame

_GRACE_S: Final = 5.0


class ForkedPool:
    """A supervisor process and its workers; any thread may submit.

    A job takes two descriptors along: its spool, and the end of a pipe on which
    the worker replies.  Where the pipe ends without a reply, the supervisor says
    on its own line what became of the job.
    """

    def __init__(self, dataset: Path, *, limits: QueryLimits, workers: int) -> None:
        self._limits = limits
        self._setup = {
            "dataset": str(dataset.resolve()),
            "workers": workers,
            "queue": limits.queue_factor * workers,
            "wait_s": limits.wait_s,
            "memory_bytes": limits.memory_bytes,
            "queries_per_worker": limits.queries_per_worker,
            "slow_after_s": limits.slow_after_s,
        }
        self._lock = threading.Lock()
        self._pending: dict[int, queue.SimpleQueue[Frame | None]] = {}
        self._number = 0
        self._closed = False
        self.missing: tuple[str, ...] = ()
        self._start()

    def submit(self, job: Frame, path: Path, fd: int, ticket: Ticket) -> Frame:  # noqa: ARG002 - spawned pools need the path
        """Send the job and wait for its reply."""
        answer: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        with room_wanted():
            incoming, outgoing = os.pipe()
        try:
            try:
                number = self._send(job, (fd, outgoing), answer)
            finally:
                os.close(outgoing)
            ticket.on_cancel(lambda: self._cancel(number))
            longest = self._limits.wait_s + job["deadline_s"] + _GRACE_S
            reply = wire.read_within(incoming, longest)
        finally:
            os.close(incoming)
        try:
            return self._instead(answer, number, ticket) if reply is None else reply
        finally:
            ticket.over()
            self._pending.pop(number, None)
            if reply is not None:
                ticket.work_s += reply["work_s"]

    def _instead(
        self, answer: queue.SimpleQueue[Frame | None], number: int, ticket: Ticket
    ) -> Frame:
        """What the supervisor says where a worker has not answered whole."""
        try:
            frame = answer.get(timeout=_GRACE_S)
        except queue.Empty:
            self._cancel(number)
            frame = None
        if frame is None:
            raise jobs.restarting()
        ticket.work_s += frame["work_s"]
        return frame["reply"]  # type: ignore[no-any-return]

    def close(self) -> None:
        """End every process below."""
        with self._lock:
            self._closed = True
            self._stop()

    def _send(
        self, job: Frame, handed: tuple[int, int], answer: queue.SimpleQueue[Frame | None]
    ) -> int:
        frame = {name: job[name] for name in ("lane", "client", "deadline_s")}
        frame["tail"] = wire.body(job)
        with self._lock:
            if self._closed:
                raise jobs.restarting()
            if self._process.poll() is not None or not self._reader.is_alive():
                self._stop()
                self._start()
            self._number += 1
            number = self._number
            self._pending[number] = answer
            try:
                wire.send(self._channel, frame | {"number": number}, *handed)
            except OSError:
                self._pending.pop(number, None)
                raise jobs.restarting() from None
        return number

    def _cancel(self, number: int) -> None:
        """Give a job up; the supervisor answers for it.  Nobody waits for that here.

        The lock is held long only while the processes start again, and then
        there is nothing left to give up soon.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._send_cancel(number)
            finally:
                self._lock.release()
        else:
            threading.Thread(target=self._cancel_later, args=(number,), daemon=True).start()

    def _cancel_later(self, number: int) -> None:
        with self._lock:
            self._send_cancel(number)

    def _send_cancel(self, number: int) -> None:
        if number in self._pending and not self._closed:
            with contextlib.suppress(OSError):
                wire.send(self._channel, {"cancel": number})

    def _start(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(self._limits.start_s)
        command = [sys.executable, "-P", "-m", "casegraph.query.supervisor", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=worker_environment(),
                start_new_session=True,
            )
        try:
            wire.send(self._channel, self._setup)
            ready = wire.read_with(self._channel.recv)
        except OSError:
            ready = None
        if ready is None or "error" in ready:
            self._stop()
            raise jobs.restarting() if ready is None else wire.raised(ready)
        self.missing = tuple(ready["missing"])
        self._channel.settimeout(None)
        self._reader = threading.Thread(
            target=self._listen, args=(self._channel,), name="casegraph-query", daemon=True
        )
        self._reader.start()

    def _listen(self, channel: socket.socket) -> None:
        inbox = wire.Inbox(channel)
        with contextlib.suppress(OSError, ValueError):
            while (frame := inbox.wait()) is not None:
                answer = self._pending.pop(frame["number"], None)
                if answer is not None:
                    answer.put(frame)
        for number in list(self._pending):
            answer = self._pending.pop(number, None)
            if answer is not None:
                answer.put(None)

    def _stop(self) -> None:
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        reader = getattr(self, "_reader", None)
        if reader is not None and reader is not threading.current_thread():
            reader.join(_GRACE_S)
        self._channel.close()

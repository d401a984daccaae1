"""The workers of a supervisor: forked ahead, handed out, and ended for certain.

Forking and reaping are asked of the zygote and answered by it later, so that
the supervisor never waits.  One worker more than may work is kept: whoever is
killed is replaced at once by the one that stands by.
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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.query import wire

if TYPE_CHECKING:
    from casegraph.query.turns import Turn

# By how much a query that runs long gives way (``nice``), and the last place there is.
_GENTLE: Final = 10
_LAST: Final = 19

_HAND_OVER_S: Final = 1.0
_SPARES: Final = 1
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 5.0


@dataclass(slots=True, eq=False)
class Worker:
    """A process, the line to it and what it is at.

    ``slowed``: it has been made to give way to others, which cannot be taken
    back without privileges.
    """

    pid: int
    channel: socket.socket
    inbox: wire.Inbox
    turn: Turn | None = None
    served: int = 0
    slowed: bool = False

    def slow_down(self) -> None:
        """Let other processes go first."""
        self.slowed = True
        give_way(self.pid)


def give_way(pid: int) -> None:
    """Let other processes go before this one; without effect where it cannot be done."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            stands = os.getpriority(os.PRIO_PROCESS, pid)
            os.setpriority(os.PRIO_PROCESS, pid, min(_LAST, stands + _GENTLE))


class Crew:
    """So many workers and a spare one."""

    def __init__(
        self, zygote: socket.socket, selector: selectors.BaseSelector, *, workers: int
    ) -> None:
        self._zygote = zygote
        self._inbox = wire.Inbox(zygote)
        self._selector = selector
        self._size = workers + _SPARES
        self._ordered: deque[socket.socket] = deque()
        self._leaving: dict[int, Worker] = {}
        self._idle: list[Worker] = []
        self._alive: set[Worker] = set()
        self._pause_s = 0.0
        self._not_before = 0.0

    def __contains__(self, worker: object) -> bool:
        return worker in self._alive

    @property
    def busy(self) -> list[Worker]:
        """Those at work."""
        return [worker for worker in self._alive if worker.turn is not None]

    @property
    def has_idle(self) -> bool:
        """Whether somebody can be given a job now."""
        return bool(self._idle)

    def refill(self, now: float) -> float | None:
        """Order as many workers as are missing; tells when to come back, if not now."""
        missing = self._size - len(self._alive) - len(self._ordered)
        if missing > 0 and now < self._not_before:
            return self._not_before
        for _ in range(missing):
            ours, theirs = socket.socketpair()
            with theirs:
                wire.send(self._zygote, {"fork": True}, theirs.fileno())
            self._ordered.append(ours)
        return None

    def take(self) -> Worker:
        """Whoever was idle last, because its memory is still warm."""
        return self._idle.pop()

    def free(self, worker: Worker) -> None:
        """A worker can be given another job."""
        worker.turn = None
        self._pause_s = 0.0
        self._idle.append(worker)

    def dismiss(self, worker: Worker) -> None:
        """End a worker for certain; ``hear`` tells when it is gone."""
        with contextlib.suppress(ProcessLookupError):
            # One that is ending already keeps the exit code it has.
            os.kill(worker.pid, signal.SIGKILL)
        self._alive.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        self._selector.unregister(worker.channel)
        worker.channel.close()
        self._leaving[worker.pid] = worker
        if worker.served == 0:
            self._wait_longer()
        wire.send(self._zygote, {"reap": worker.pid})

    def hear(self) -> list[tuple[Worker, int]] | None:
        """Read what the zygote says: who is gone, with exit codes; None if it is dead."""
        try:
            if not self._inbox.fill():
                return None
        except OSError:
            return None
        gone: list[tuple[Worker, int]] = []
        while (frame := self._inbox.take()) is not None:
            if "exit" in frame:
                gone.append((self._leaving.pop(frame["reaped"]), frame["exit"]))
            elif frame["pid"] is None:
                self._ordered.popleft().close()
                self._wait_longer()
            else:
                self._enlist(frame["pid"])
        return gone

    def _wait_longer(self) -> None:
        """Whatever ends workers before their first job would end the next ones, too."""
        self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
        self._not_before = time.monotonic() + self._pause_s

    def _enlist(self, pid: int) -> None:
        channel = self._ordered.popleft()
        channel.settimeout(_HAND_OVER_S)
        worker = Worker(pid, channel, wire.Inbox(channel, most=wire.MAX_REPLY))
        self._alive.add(worker)
        self._idle.insert(0, worker)
        self._selector.register(channel, selectors.EVENT_READ, worker)

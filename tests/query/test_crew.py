"""The crew: one worker stands by, the dead are replaced, and forking is not tried in a frenzy."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from casegraph.query import wire
from casegraph.query.crew import Crew, give_way
from casegraph.query.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator


class FakeZygote:
    """Says what it is told to say; its workers are programs that wait for their input's end."""

    def __init__(self) -> None:
        self.line, theirs = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.crew = Crew(theirs, self.selector, workers=2)
        self._theirs = theirs
        self._inbox = wire.Inbox(self.line)
        self._started: list[subprocess.Popen[bytes]] = []
        self._lines: list[int] = []

    def asked(self) -> wire.Frame:
        frame = self._inbox.wait()
        assert frame is not None
        if "fork" in frame:
            self._lines += self._inbox.descriptors(1) or []
        return frame

    def start(self) -> int:
        waiting = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        self._started.append(subprocess.Popen(waiting, stdin=subprocess.PIPE))
        return self._started[-1].pid

    def say(self, **frame: object) -> None:
        wire.send(self.line, dict(frame))

    def exit_code(self, pid: int) -> int:
        return next(one for one in self._started if one.pid == pid).wait(10)

    def close(self) -> None:
        for one in self._started:
            one.kill()
            one.communicate()
        for line in self._lines:
            socket.close(line)
        for channel in [key.fileobj for key in self.selector.get_map().values()]:
            assert isinstance(channel, socket.socket)
            channel.close()
        for ordered in self.crew._ordered:
            ordered.close()
        self.selector.close()
        self.line.close()
        self._theirs.close()


@pytest.fixture
def zygote() -> Iterator[FakeZygote]:
    made = FakeZygote()
    yield made
    made.close()


def turn() -> Turn:
    return Turn(1, "query", "", 30.0, 0.0)


def test_one_more_than_may_work_is_kept(zygote: FakeZygote) -> None:
    crew = zygote.crew
    assert crew.refill(0.0) is None
    assert [zygote.asked() for _ in range(3)] == [{"fork": True}] * 3
    assert crew.refill(0.0) is None
    for _ in range(3):
        zygote.say(pid=zygote.start())
    gone: list[object] = []
    for _ in range(3):
        gone += crew.hear() or []
        if len(crew._alive) == 3:
            break
    assert gone == []
    assert crew.has_idle
    worker = crew.take()
    worker.turn = turn()
    assert crew.busy == [worker]
    crew.free(worker)
    assert crew.take() is worker


def test_the_dead_are_told_with_their_exit_codes_and_replaced(zygote: FakeZygote) -> None:
    crew = zygote.crew
    crew.refill(0.0)
    for _ in range(3):
        zygote.asked()
        zygote.say(pid=zygote.start())
    while len(crew._alive) < 3:
        crew.hear()
    worker = crew.take()
    worker.turn, worker.served = turn(), 1
    crew.dismiss(worker)
    assert worker not in crew
    assert zygote.asked() == {"reap": worker.pid}
    zygote.say(reaped=worker.pid, exit=zygote.exit_code(worker.pid))
    assert crew.hear() == [(worker, -signal.SIGKILL)]
    assert crew.refill(0.0) is None
    assert zygote.asked() == {"fork": True}


def test_what_cannot_be_forked_is_tried_again_later_and_later(zygote: FakeZygote) -> None:
    crew = zygote.crew
    crew.refill(0.0)
    pauses = []
    for _ in range(3):
        zygote.asked()
        zygote.say(pid=None)
    while crew._ordered:
        crew.hear()
    for now in (0.0, 10.0**9):
        at = crew.refill(now)
        pauses.append(at)
    assert pauses[0] is not None
    assert pauses[0] > 0
    assert pauses[1] is None


def test_the_end_of_the_zygote_is_noticed(zygote: FakeZygote) -> None:
    zygote.line.shutdown(socket.SHUT_RDWR)
    assert zygote.crew.hear() is None


@pytest.mark.parametrize("before", [0, 5, 15])
def test_to_give_way_is_to_go_behind_where_one_stood(zygote: FakeZygote, before: int) -> None:
    """A service that runs nicely itself must not stand before the queries that gave way."""
    pid = zygote.start()
    here = os.getpriority(os.PRIO_PROCESS, pid)
    os.setpriority(os.PRIO_PROCESS, pid, min(19, here + before))
    give_way(pid)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, here + before + 10)


def test_one_that_is_gone_gives_way_to_nobody(zygote: FakeZygote) -> None:
    pid = zygote.start()
    os.kill(pid, signal.SIGKILL)
    zygote.exit_code(pid)
    give_way(pid)

"""Whose turn it is: which waiting job starts next, and which one has to go.

The rules, for so many workers:

* Ad-hoc queries hold at most all workers but one: a page never waits for them.
* One client holds at most half of what is left, and at least one; pages that
  the site asks for itself (client ``""``) are not bounded so.
* The next job is that of the client which cost least lately, then the oldest.
  Cost is time of workers, halved every half minute, running jobs included.
* Each lane has a queue.  One client fills half of one at most, and where a
  queue is full, the newest job of whoever has most in it makes room.

Nothing here waits, forks or locks; the caller gives the time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from casegraph.query.limits import Lane

SITE: Final = ""
_HALF_LIFE_S: Final = 30.0
_NOTHING_S: Final = 0.001
_ACCOUNTS: Final = 10_000


@dataclass(slots=True, eq=False)
class Turn:
    """A job on its way: whose it is, and when it came and was started."""

    number: int
    lane: Lane
    client: str
    deadline_s: float
    came: float
    started: float = 0.0

    def ends(self) -> float:
        """When it must have been answered, once it is started."""
        return self.started + self.deadline_s


@dataclass(slots=True)
class _Account:
    """Seconds of work, as of a time."""

    seconds: float = 0.0
    at: float = 0.0

    def on(self, now: float) -> float:
        return self.seconds * math.exp2((self.at - now) / _HALF_LIFE_S)


T = TypeVar("T", bound=Turn)


@dataclass(slots=True)
class Turns(Generic[T]):
    """The jobs of one pool of ``workers``; ``queue`` jobs of each lane may wait."""

    workers: int
    queue: int
    waiting: list[T] = field(default_factory=list)
    running: list[T] = field(default_factory=list)
    _accounts: dict[str, _Account] = field(default_factory=dict)

    @property
    def ad_hoc_at_once(self) -> int:
        """How many ad-hoc queries may run at the same time."""
        return max(1, self.workers - 1)

    @property
    def of_one_client_at_once(self) -> int:
        """How many jobs of one client may run at the same time."""
        return max(1, (self.workers - 1) // 2)

    @property
    def of_one_client_waiting(self) -> int:
        """How many jobs of one client may wait in a lane."""
        return max(1, self.queue // 2)

    def add(self, turn: T) -> None:
        """Let a job wait; ``surplus`` tells afterwards who has to go."""
        self.waiting.append(turn)

    def start(self, now: float) -> T | None:
        """Take the job that may start now, if any may."""
        if not self.waiting or len(self.running) >= self.workers:
            return None
        able = self.waiting
        if self.running:
            held = Counter(turn.client for turn in self.running)
            ad_hoc = sum(turn.lane == "query" for turn in self.running)
            able = [turn for turn in self.waiting if self._may(turn, ad_hoc, held[turn.client])]
        best: T | None = able[0] if able else None
        if len(able) > 1:
            costs = self._costs(now)
            best = min(able, key=lambda turn: costs[turn.client])
        if best is not None:
            self.waiting.remove(best)
            best.started = now
            self.running.append(best)
        return best

    def end(self, turn: T, now: float) -> None:
        """A running job is over; its client has had that time."""
        self.running.remove(turn)
        account = self._accounts.setdefault(turn.client, _Account(at=now))
        account.seconds = account.on(now) + now - turn.started
        account.at = now
        if len(self._accounts) > _ACCOUNTS:
            self._forget(now)

    def drop(self, turn: T) -> None:
        """Take a job out of the queue."""
        self.waiting.remove(turn)

    def overdue(self, now: float, wait_s: float) -> list[T]:
        """Take out those that have waited long enough."""
        late = [turn for turn in self.waiting if turn.came + wait_s <= now]
        for turn in late:
            self.waiting.remove(turn)
        return late

    def surplus(self) -> list[tuple[T, bool]]:
        """Take out those for whom there is no room; True: its client alone took too much."""
        gone: list[tuple[T, bool]] = []
        if not self.waiting:
            return gone
        for lane in ("page", "query"):
            while victim := self._victim([turn for turn in self.waiting if turn.lane == lane]):
                self.waiting.remove(victim[0])
                gone.append(victim)
        return gone

    def _may(self, turn: T, ad_hoc: int, held: int) -> bool:
        """Whether a job may start beside so many ad-hoc ones and so many of its client."""
        if turn.lane == "query" and ad_hoc >= self.ad_hoc_at_once:
            return False
        return turn.client == SITE or held < self.of_one_client_at_once

    def _costs(self, now: float) -> dict[str, float]:
        """Seconds of work that those who wait have had lately."""
        costs = {turn.client: 0.0 for turn in self.waiting}
        for client in costs:
            if account := self._accounts.get(client):
                costs[client] = account.on(now)
        for turn in self.running:
            if turn.client in costs:
                costs[turn.client] += now - turn.started
        return costs

    def _victim(self, lane: list[T]) -> tuple[T, bool] | None:
        held = Counter(turn.client for turn in lane)
        newest = {turn.client: place for place, turn in enumerate(lane)}
        for client, number in held.items():
            if client != SITE and number > self.of_one_client_waiting:
                return lane[newest[client]], True
        if len(lane) <= self.queue:
            return None
        greedy = max(held, key=lambda client: (held[client], newest[client]))
        return lane[newest[greedy]], False

    def _forget(self, now: float) -> None:
        """Keep whoever cost something lately, and of too many the costliest."""
        costly = [pair for pair in self._accounts.items() if pair[1].on(now) > _NOTHING_S]
        costly.sort(key=lambda pair: -pair[1].on(now))
        self._accounts = dict(costly[: _ACCOUNTS // 2])

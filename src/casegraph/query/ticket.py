"""A handle on one query while it waits or runs: to give it up, and to learn its cost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Ticket:
    """Make one for each call of ``QueryService.run`` and use it once.

    ``cancel`` may be called from any thread, at any time and more than once, and
    returns at once.  A query that waits leaves the queue, one that runs loses its
    worker, and ``run`` raises ``TryLater`` with the limit ``cancelled``; one that
    was answered just before is answered.

    After ``run`` has returned or raised, ``work_s`` is the time in seconds that
    guard and worker spent on it and ``died`` tells whether the worker ended with
    it: what ``Admission.charge`` asks for.
    """

    __slots__ = ("_cancel", "_lock", "cancelled", "died", "work_s")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancel: Callable[[], None] | None = None
        self.cancelled = False
        self.work_s = 0.0
        self.died = False

    def cancel(self) -> None:
        """Give the query up."""
        with self._lock:
            self.cancelled = True
            act, self._cancel = self._cancel, None
        if act is not None:
            act()

    def on_cancel(self, act: Callable[[], None]) -> None:
        """Say how to give it up; done at once if that has been asked for already."""
        with self._lock:
            if not self.cancelled:
                self._cancel = act
                return
        act()

    def over(self) -> None:
        """There is nothing to give up any more."""
        with self._lock:
            self._cancel = None

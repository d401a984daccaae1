"""Releases opened in the background, and again after a while where that fails."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from casegraph.web.releases.retries import Failure, Retries
    from casegraph.web.releases.shelf import Release, Shelf

_Q = TypeVar("_Q")
_LOG: Final = logging.getLogger("casegraph.web.releases.opening")

#: Id, edition, and whether it is opened as an old release.
Key = tuple[str, str, bool]


class WithdrawingError(Exception):
    """The edition on disk carries what was withdrawn; the next one is being made."""


WITHDRAWING: Final = WithdrawingError.__name__


class Opening(Generic[_Q]):
    """Starts what answers queries on releases, one thread for each.

    Every method is called with ``changed`` held, which is notified when something is open or
    did not open; ``opened`` gets what was started, also with ``changed`` held.
    """

    def __init__(
        self,
        shelf: Shelf,
        factory: Callable[..., _Q],
        *,
        changed: threading.Condition,
        retries: Retries[Key],
        opened: Callable[[Release, _Q, bool], None],
    ) -> None:
        self._shelf = shelf
        self._factory = factory
        self._changed = changed
        self._retries = retries
        self._opened = opened
        self._threads: dict[Key, threading.Thread] = {}

    def begin(self, release: Release, *, old: bool) -> tuple[Failure, float] | None:
        """Open it unless that is going on, or failed a moment ago.

        Then the failure is given, with the seconds that are left until the next try.
        """
        key = key_of(release, old=old)
        failure = self._retries.last(key)
        if key not in self._threads:
            if failure is not None and (left := self._retries.left(key)):
                return failure, left
            self._threads[key] = threading.Thread(
                target=self._open, args=(release, key), name="casegraph-open", daemon=True
            )
            self._threads[key].start()
        return None

    def failure(self, release: Release) -> Failure | None:
        """Why it did not open as the current release, if it has not since."""
        return self._retries.last(key_of(release, old=False))

    def old_ones(self) -> int:
        """How many old releases are being opened."""
        return sum(old for _, _, old in self._threads)

    def threads(self) -> list[threading.Thread]:
        """The threads that run."""
        return list(self._threads.values())

    def _open(self, release: Release, key: Key) -> None:
        old = key[2]
        try:
            self._shelf.inventory(release)
            if self._shelf.carries_withdrawn(release):
                raise WithdrawingError  # noqa: TRY301 - handled as any other reason
            started = self._factory(release, old=True) if old else self._factory(release)
        except Exception as error:  # noqa: BLE001 - whatever it is, others go on answering
            self._failed(key, type(error).__name__)
            return
        with self._changed:
            del self._threads[key]
            self._retries.forget(key)
            self._opened(release, started, old)
            self._changed.notify_all()

    def _failed(self, key: Key, kind: str) -> None:
        """Note the kind alone: the message of an error may hold anything."""
        with self._changed:
            failure = self._retries.note(key, kind, soon=kind == WITHDRAWING)
            del self._threads[key]
            self._changed.notify_all()
        _LOG.warning("release %s was not opened (%s), try %d", key[0], kind, failure.times)


def key_of(release: Release, *, old: bool) -> Key:
    """What tells the opening of one edition from that of another."""
    return release.id, release.edition, old

"""Releases that can be asked: the current one, and a few old ones, opened and closed as needed.

A change of ``current`` is noticed by the next request.  The new release is opened in the
background while the one before goes on answering; those that run on it finish there, then it
is closed.  A takedown is another matter: from the moment its list or its new edition is there,
nothing is answered from the edition before, so requests wait until the new one is open.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from casegraph.errors import CasegraphError, TryLater
from casegraph.web.releases.keeping import Keeping
from casegraph.web.releases.opening import WITHDRAWING, Opening
from casegraph.web.releases.remembered import Remembered
from casegraph.web.releases.retries import Retries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from casegraph.web.releases.answering import Queries
    from casegraph.web.releases.shelf import Release, Shelf

_LOOK_AGAIN_S: Final = 0.2
_TIDY_S: Final = 5.0
_CLOSE_S: Final = 10.0


class OpenRelease:
    """A release that can be asked; answers for its pages live as long as it does."""

    def __init__(self, release: Release, queries: Queries, *, old: bool = False) -> None:
        self.release = release
        self.queries = queries
        self.old = old
        self.users = 0
        self.opened_at = 0.0
        self.used_at = 0.0
        self.retired = False
        self._remembered = Remembered()

    def page_answer(self, query: str, accept_format: str) -> bytes:
        """The bytes of an answer for a page, asked once for each release."""

        def ask() -> bytes:
            with self.queries.run(query, accept_format=accept_format, lane="page") as result:
                return result.read()

        return self._remembered.get((query, accept_format), ask)


class Live:
    """Hands out releases.  Thread-safe.

    ``factory(release)`` starts what answers queries on the current release,
    ``factory(release, old=True)`` on another one.
    """

    def __init__(
        self,
        shelf: Shelf,
        factory: Callable[..., Queries],
        *,
        keeping: Keeping | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._keeping = keeping or Keeping()
        self._clock = clock
        self._changed = threading.Condition()
        self._answering: OpenRelease | None = None
        self._before: OpenRelease | None = None
        self._left_at = 0.0
        self._old: OrderedDict[str, OpenRelease] = OrderedDict()
        self._old_closing = 0
        self._opening = Opening(
            shelf,
            factory,
            changed=self._changed,
            retries=Retries(self._keeping.first_retry_s, self._keeping.longest_retry_s, clock),
            opened=self._install,
        )
        self._waiting = 0
        self._timer: threading.Timer | None = None
        self._closed = False

    @contextmanager
    def lease(self, release_id: str | None = None) -> Iterator[OpenRelease]:
        """A release, kept open until the block ends: the current one, or the one of that id.

        What the block gave is dropped, with ``TryLater``, if the edition was withdrawn
        meanwhile.  Raises ``NotFound`` where there is no such release and ``TryLater`` while
        it cannot be opened.
        """
        with self.leases(release_id) as held:
            yield held[0]

    @contextmanager
    def leases(self, *release_ids: str | None) -> Iterator[tuple[OpenRelease, ...]]:
        """Several at once, or none: who holds one and waits for another could wait for ever.

        Raises as ``lease``.
        """
        held = self._take(release_ids)
        try:
            yield held
            if not all(self._is_published(one.release) for one in held):
                raise _not_now("A release was changed while your request ran.", 1.0)
        finally:
            self._give_back(held)

    def release(self, release_id: str | None = None) -> Release:
        """What ``lease`` would hand out, without opening an old release.  Raises as ``lease``."""
        if release_id is None:
            with self.lease() as held:
                return held.release
        release = self._shelf.release(release_id)
        if self._shelf.carries_withdrawn(release):
            raise _not_now("A new edition of this release is being made.", 5.0)
        return release

    def trouble(self) -> str:
        """Why the release that ``current`` names does not answer yet; empty if it does.

        One sentence for an operator: an id and the kind of an error, nothing of the data.
        """
        try:
            named, wanted = self._shelf.named(), self._shelf.current()
        except CasegraphError as error:
            return error.message
        if named != wanted.id:
            return f"Release {named!r} is named as current and cannot be read."
        with self._changed:
            now = self._answering
            if now is not None and _same(now.release, wanted):
                return ""
            failure = self._opening.failure(wanted)
        if failure is None:
            return f"Release {wanted.id} is being opened."
        return f"Release {wanted.id} could not be opened ({failure.kind}); it is tried again."

    def stamp(self) -> bytes:
        """What every answer depends on, besides the request: it changes when answers may.

        Raises nothing, waits for nothing, and costs a few ``stat``.
        """
        now = self._answering
        parts = [f"{now.release.id} {now.release.edition}"] if now is not None else []
        try:
            named = self._shelf.current()
            parts += [named.id, named.edition, str(hash(self._shelf.withdrawn()))]
        except CasegraphError as error:
            parts.append(error.message)
        return "\n".join(parts).encode()

    def tidy(self) -> None:
        """Close old releases that nobody asked for a while, and editions that were replaced."""
        with self._changed:
            if (before := self._before) is not None:
                lingered = self._clock() - self._left_at >= self._keeping.linger_s
                if lingered or not self._is_published(before.release):
                    self._forget_before()
            for release_id, held in list(self._old.items()):
                idle = self._clock() - held.used_at > self._keeping.idle_s and not held.users
                if idle or not self._is_published(held.release):
                    self._retire(self._old.pop(release_id))
            self._timer = None
            self._watch()

    def close(self) -> None:
        """Close for good."""
        with self._changed:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            open_now = [*self._old.values(), self._answering, self._before]
            self._old.clear()
            self._answering = self._before = None
            starting = self._opening.threads()
            self._changed.notify_all()
        for one in open_now:
            if one is not None:
                one.queries.close()
        for thread in starting:
            thread.join(_CLOSE_S)

    # -- taking and giving back ---------------------------------------------------

    def _take(self, release_ids: tuple[str | None, ...]) -> tuple[OpenRelease, ...]:
        deadline = self._clock() + self._keeping.wait_s
        with self._changed:
            while True:
                if self._closed:
                    raise _not_now("The service is stopping.", 5.0)
                found = [
                    self._current() if one is None else self._named(one, release_ids)
                    for one in release_ids
                ]
                held = tuple(one for one in found if one is not None)
                # One that had to be closed to make room for the next is none any more.
                if len(held) == len(found) and not any(one.retired for one in held):
                    for one in held:
                        one.users += 1
                        one.used_at = self._clock()
                    return held
                self._wait(deadline, old=any(one is not None for one in release_ids))

    def _wait(self, deadline: float, *, old: bool) -> None:
        """Until something changed; threads that wait for old releases leave room for others."""
        most = self._keeping.waiting // (2 if old else 1)
        if self._waiting >= most or self._clock() >= deadline:
            raise _not_now("This release is being opened.", 2.0)
        self._waiting += 1
        try:
            self._changed.wait(_LOOK_AGAIN_S)
        finally:
            self._waiting -= 1

    def _give_back(self, used: tuple[OpenRelease, ...]) -> None:
        with self._changed:
            for one in used:
                one.users -= 1
                one.used_at = self._clock()
                if one.retired and one.users == 0:
                    self._close_later(one)
            self._changed.notify_all()

    def _current(self) -> OpenRelease | None:
        wanted = self._shelf.current()
        now = self._answering
        published = now is not None and self._is_published(now.release)
        if now is not None and published and _same(now.release, wanted):
            return now
        if now is not None and not published:
            self._answering = None
            self._retire(now)
            now = None
        if (before := self._lingering(wanted)) is not None:  # it was put back
            self._answering, self._before, self._left_at = before, now, self._clock()
            return before
        self._forget_before()
        self._begin(wanted, old=False, must_answer=now is None)
        return now

    def _named(self, release_id: str, together: tuple[str | None, ...]) -> OpenRelease | None:
        wanted = self._shelf.release(release_id)
        now = self._answering
        if now is not None and _same(now.release, wanted) and self._is_published(wanted):
            return now
        if _same(wanted, self._shelf.current()):
            if (now := self._current()) is not None and _same(now.release, wanted):
                return now
            self._begin(wanted, old=False, must_answer=True)
            return None
        held = self._old.get(release_id)
        if held is not None and self._is_published(held.release):
            self._old.move_to_end(release_id)
            return held
        if held is not None:
            self._retire(self._old.pop(release_id))
        before = self._lingering(wanted)
        running = len(self._old) + self._opening.old_ones() + self._old_closing
        if running < self._keeping.old:
            self._begin(wanted, old=True, must_answer=before is None)
        elif not self._opening.old_ones():
            self._make_room(together)
        return before

    def _lingering(self, wanted: Release) -> OpenRelease | None:
        """The release before the current one, if it is the one that is wanted."""
        before = self._before
        same = before is not None and _same(before.release, wanted)
        return before if same and self._is_published(wanted) else None

    def _make_room(self, wanted: tuple[str | None, ...]) -> None:
        """Close the old release that was asked longest ago, unless all are being asked."""
        since = self._clock() - self._keeping.least_open_s
        for release_id, held in self._old.items():
            if held.users == 0 and held.opened_at <= since and release_id not in wanted:
                self._retire(self._old.pop(release_id))
                return

    def _is_published(self, release: Release) -> bool:
        """Whether exactly this edition may be answered from."""
        try:
            same = self._shelf.release(release.id).edition == release.edition
            return same and not self._shelf.carries_withdrawn(release)
        except CasegraphError:
            return False

    # -- opening and closing ------------------------------------------------------

    def _begin(self, release: Release, *, old: bool, must_answer: bool) -> None:
        """Open a release in the background, unless it failed a moment ago.

        Raises ``TryLater`` for such a one if nothing else can answer.
        """
        failed = self._opening.begin(release, old=old)
        if failed is not None and must_answer and failed[0].kind != WITHDRAWING:
            raise _not_now("This release could not be opened.", failed[1])

    def _install(self, release: Release, queries: Queries, old: bool) -> None:  # noqa: FBT001 - a callback
        opened = OpenRelease(release, queries, old=old)
        opened.opened_at = opened.used_at = self._clock()
        if self._closed or not self._is_published(opened.release):
            self._retire(opened)
        elif opened.old:
            self._old[opened.release.id] = opened
            self._watch()
        elif (now := self._answering) is not None and self._is_wanted(now.release):
            self._retire(opened)  # switched there and back
        else:
            self._forget_before()
            self._answering, self._before, self._left_at = opened, now, self._clock()
            if now is not None and not (self._keeping.linger_s and self._is_published(now.release)):
                self._forget_before()
            self._watch()

    def _forget_before(self) -> None:
        """Close the release before the current one."""
        if self._before is not None:
            self._retire(self._before)
            self._before = None

    def _is_wanted(self, release: Release) -> bool:
        try:
            return _same(self._shelf.current(), release)
        except CasegraphError:
            return False

    def _retire(self, held: OpenRelease) -> None:
        held.retired = True
        self._old_closing += held.old
        if held.users == 0:
            self._close_later(held)

    def _close_later(self, held: OpenRelease) -> None:
        """Ending processes takes a moment, which no request should wait for."""
        threading.Thread(target=self._end, args=(held,), name="casegraph-retire").start()

    def _end(self, held: OpenRelease) -> None:
        try:
            held.queries.close()
        finally:
            with self._changed:
                self._old_closing -= held.old
                self._changed.notify_all()

    def _watch(self) -> None:
        """As long as an old release is open, look after it now and then."""
        if (self._old or self._before) and self._timer is None and not self._closed:
            self._timer = threading.Timer(min(_TIDY_S, self._keeping.idle_s), self.tidy)
            self._timer.daemon = True
            self._timer.start()


def _same(one: Release, other: Release) -> bool:
    return (one.id, one.edition) == (other.id, other.edition)


def _not_now(message: str, seconds: float) -> TryLater:
    return TryLater(message, limit="load", retry_after=seconds, hint="Ask again in a moment.")

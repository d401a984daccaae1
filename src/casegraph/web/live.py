"""The current release with the service that answers queries on it, swapped when it changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from casegraph.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from casegraph.query.limits import Lane
    from casegraph.query.result import Result
    from casegraph.web.shelf import Release, Shelf

_CACHED_ANSWERS: Final = 256
_LARGEST_CACHED: Final = 256 * 1024


class Queries(Protocol):
    """What answers queries: ``casegraph.query.pool.QueryService``."""

    def run(
        self,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        lane: Lane = "query",
    ) -> Result:
        """Answer one query whole, or raise an error of casegraph."""

    def close(self) -> None:
        """End every process."""


class OpenRelease:
    """A release that can be asked; ``remembered`` answers live as long as it does."""

    def __init__(self, release: Release, queries: Queries) -> None:
        self.release = release
        self.queries = queries
        self.users = 0
        self.retired = False
        self._lock = threading.Lock()
        self._remembered: OrderedDict[Hashable, bytes] = OrderedDict()

    def page_answer(self, query: str, accept_format: str) -> bytes:
        """The bytes of an answer for a page, asked once for each release."""
        key = query, accept_format
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        with self.queries.run(query, accept_format=accept_format, lane="page") as result:
            data = result.read()
        if len(data) <= _LARGEST_CACHED:
            with self._lock:
                self._remembered[key] = data
                while len(self._remembered) > _CACHED_ANSWERS:
                    self._remembered.popitem(last=False)
        return data


class Live:
    """Hands out the current release.  A change is noticed by the next request.

    Requests wait while a new one starts, so that after a takedown nothing is answered from
    what was withdrawn; those that run on the old one finish first, then it is closed.
    """

    def __init__(self, shelf: Shelf, factory: Callable[[Release], Queries]) -> None:
        self._shelf = shelf
        self._factory = factory
        self._lock = threading.Lock()
        self._open: OpenRelease | None = None
        self._closed = False

    @contextmanager
    def lease(self) -> Iterator[OpenRelease]:
        """The current release, kept open until the block ends.

        Raises ``NotFound`` where none is published, and what the factory raises.
        """
        current = self._take()
        try:
            yield current
        finally:
            self._give_back(current)

    def close(self) -> None:
        """Close for good."""
        with self._lock:
            self._closed = True
            old, self._open = self._open, None
        if old is not None:
            old.queries.close()

    def _take(self) -> OpenRelease:
        with self._lock:
            if self._closed:
                raise TryLater("The service is stopping.", limit="load")
            release = self._shelf.current()
            old = self._open
            if old is None or _key(old.release) != _key(release):
                self._open = None
                if old is not None:
                    self._retire(old)
                self._open = OpenRelease(release, self._factory(release))
            current = self._open
            assert current is not None  # noqa: S101 - set just above
            current.users += 1
            return current

    def _give_back(self, used: OpenRelease) -> None:
        with self._lock:
            used.users -= 1
            finished = used.retired and used.users == 0
        if finished:
            used.queries.close()

    def _retire(self, old: OpenRelease) -> None:
        old.retired = True
        if old.users == 0:
            threading.Thread(target=old.queries.close, name="casegraph-retire").start()


def _key(release: Release) -> tuple[str, str]:
    return release.id, release.edition

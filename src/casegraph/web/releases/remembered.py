"""Answers kept as long as their release is open, each asked once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_MOST: Final = 256
_MOST_BYTES: Final = 16 * 1024 * 1024
_LARGEST: Final = 256 * 1024


class Remembered:
    """At most 256 answers and 16 MiB; those that were not wanted for longest go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._asking: dict[Hashable, Future[bytes]] = {}

    def get(self, key: Hashable, ask: Callable[[], bytes]) -> bytes:
        """What ``ask`` gave for the key.

        Those who want the same at the same time wait for one answer, or get its error.
        """
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            others = self._asking.get(key)
            mine: Future[bytes] = Future()
            if others is None:
                self._asking[key] = mine
        return self._asked(key, mine, ask) if others is None else others.result()

    def _asked(self, key: Hashable, mine: Future[bytes], ask: Callable[[], bytes]) -> bytes:
        try:
            data = ask()
            self._keep(key, data)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(data)
            return data
        finally:
            with self._lock:
                del self._asking[key]

    def _keep(self, key: Hashable, data: bytes) -> None:
        if len(data) > _LARGEST:
            return
        with self._lock:
            self._answers[key] = data
            self._bytes += len(data)
            while len(self._answers) > _MOST or self._bytes > _MOST_BYTES:
                self._bytes -= len(self._answers.popitem(last=False)[1])

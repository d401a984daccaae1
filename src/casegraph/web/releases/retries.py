"""When to try again what failed: after a while, then after twice as long each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_K = TypeVar("_K", bound="Hashable")
_MOST: Final = 64
_MOST_DOUBLINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """How often something failed in a row, when to try again, and the kind of the last error."""

    times: int
    retry_at: float
    kind: str


class Retries(Generic[_K]):
    """Failures by what failed.  Seconds throughout; not thread-safe."""

    def __init__(self, first_s: float, longest_s: float, clock: Callable[[], float]) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._clock = clock
        self._failures: dict[_K, Failure] = {}

    def note(self, key: _K, kind: str, *, soon: bool = False) -> Failure:
        """It failed again; ``soon`` for what will be mended without anybody's doing."""
        known = self._failures.pop(key, None)
        times = 1 if known is None else known.times + 1
        doublings = 0 if soon else min(times - 1, _MOST_DOUBLINGS)
        wait = min(self._first_s * 2**doublings, self._longest_s)
        failure = self._failures[key] = Failure(times, self._clock() + wait, kind)
        while len(self._failures) > _MOST:
            del self._failures[next(iter(self._failures))]
        return failure

    def forget(self, key: _K) -> None:
        """It went well."""
        self._failures.pop(key, None)

    def last(self, key: _K) -> Failure | None:
        """The last failure, if it has not gone well since."""
        return self._failures.get(key)

    def left(self, key: _K) -> float:
        """Seconds until it may be tried again; 0 for now."""
        failure = self._failures.get(key)
        return 0.0 if failure is None else max(0.0, failure.retry_at - self._clock())

"""What failed is tried again after a while, and after longer each time."""

from __future__ import annotations

from casegraph.web.releases.retries import Retries


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_failure_in_a_row_doubles_the_wait() -> None:
    retries: Retries[str] = Retries(1.0, 5.0, Clock())
    waits = []
    for _ in range(5):
        retries.note("a", "Broken")
        waits.append(retries.left("a"))
    assert waits == [1, 2, 4, 5, 5]
    assert retries.left("b") == 0


def test_the_wait_passes_and_success_forgets() -> None:
    clock = Clock()
    retries: Retries[str] = Retries(1.0, 5.0, clock)
    assert retries.note("a", "Broken").times == 1
    clock.now += 0.75
    assert retries.left("a") == 0.25
    clock.now += 1
    assert retries.left("a") == 0
    assert retries.note("a", "Broken").times == 2
    retries.forget("a")
    assert retries.last("a") is None
    assert retries.note("a", "Broken").times == 1


def test_what_mends_itself_is_tried_soon_each_time() -> None:
    retries: Retries[str] = Retries(1.0, 5.0, Clock())
    assert [retries.note("a", "Soon", soon=True).retry_at for _ in range(3)] == [101, 101, 101]


def test_few_failures_are_remembered() -> None:
    retries: Retries[int] = Retries(1.0, 5.0, Clock())
    for key in range(1000):
        retries.note(key, "Broken")
    assert sum(retries.last(key) is not None for key in range(1000)) == 64

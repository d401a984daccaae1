"""Answers are asked once, also by many at a time, and never fill the memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from casegraph.errors import TryLater
from casegraph.web.releases.remembered import Remembered


def test_what_many_want_at_a_time_is_asked_once() -> None:
    remembered, gate, asked = Remembered(), threading.Event(), []

    def ask() -> bytes:
        asked.append(1)
        assert gate.wait(10)
        return b"whole"

    with ThreadPoolExecutor(8) as many:
        wanted = [many.submit(remembered.get, "key", ask) for _ in range(8)]
        gate.set()
        assert {one.result(10) for one in wanted} == {b"whole"}
    assert asked == [1]


def test_an_error_is_not_remembered() -> None:
    remembered = Remembered()

    def fail() -> bytes:
        raise TryLater("Not now.", limit="load")

    for _ in range(2):
        with pytest.raises(TryLater):
            remembered.get("key", fail)
    assert remembered.get("key", lambda: b"whole") == b"whole"


def test_those_who_waited_get_the_error_of_the_one_who_asked() -> None:
    remembered, gate, begun = Remembered(), threading.Event(), threading.Event()

    def fail() -> bytes:
        begun.set()
        assert gate.wait(10)
        raise TryLater("Not now.", limit="load")

    with ThreadPoolExecutor(2) as many:
        first = many.submit(remembered.get, "key", fail)
        assert begun.wait(10)
        second = many.submit(remembered.get, "key", lambda: b"late")
        gate.set()
        assert isinstance(first.exception(10), TryLater)
        # It came while the first was asking, or after that had failed.
        assert isinstance(second.exception(10), TryLater) or second.result() == b"late"


def test_the_oldest_go_first_and_large_ones_are_not_kept() -> None:
    remembered = Remembered()
    for number in range(300):
        remembered.get(number, lambda: b"x")
    assert remembered.get(299, lambda: b"new") == b"x"
    assert remembered.get(0, lambda: b"new") == b"new"
    for number in range(1000, 1100):
        remembered.get(number, lambda: bytes(256 * 1024))
    assert remembered.get(1099, lambda: b"new") == bytes(256 * 1024)
    assert remembered.get(1000, lambda: b"new") == b"new"
    remembered.get("large", lambda: bytes(256 * 1024 + 1))
    assert remembered.get("large", lambda: b"new") == b"new"

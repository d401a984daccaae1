"""Admission: who asks for more than a share waits, exactly as long as it is told."""

from __future__ import annotations

import threading
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import TryLater
from casegraph.query.admission import Admission, AdmissionLimits


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Admission:
    return Admission(clock=clock)


def wait_of(door: Admission, key: str) -> float:
    """What ``enter`` tells to wait; 0 if it lets in."""
    try:
        door.enter(key)
    except TryLater as error:
        return error.retry_after if error.limit == "rate" and error.retry_after else -1
    return 0


def test_a_stranger_may_use_the_burst_and_then_waits(door: Admission, clock: Clock) -> None:
    for _ in range(119):
        door.enter("a")
        door.charge("a", 1.0)
    assert wait_of(door, "a") == 0
    door.charge("a", 1.0)
    assert wait_of(door, "a") == 1
    clock.now += 1
    assert wait_of(door, "a") == 0


def test_every_millisecond_counts(door: Admission) -> None:
    """The short queries of a flood add up."""
    entered = 0
    while wait_of(door, "a") == 0:
        door.charge("a", 0.004)
        entered += 1
    assert entered == 30_000


def test_what_is_owed_is_worked_off_first(door: Admission, clock: Clock) -> None:
    door.charge("a", 150.0)
    assert wait_of(door, "a") == 31
    clock.now += 30
    assert wait_of(door, "a") == 1


def test_a_dead_worker_costs_ten_seconds_more(door: Admission) -> None:
    for _ in range(3):
        door.charge("a", 30.0, died=True)
    assert wait_of(door, "a") == 1
    door.charge("a", 0.0, died=True)
    assert wait_of(door, "a") == 11


def test_errors_have_a_bucket_of_their_own(door: Admission, clock: Clock) -> None:
    for _ in range(60):
        door.enter("a")
        door.charge("a", 0.0, refused=True)
    with pytest.raises(TryLater, match="failed") as caught:
        door.enter("a")
    assert caught.value.retry_after == 2
    clock.now += 1
    assert wait_of(door, "a") == 1
    clock.now += 1
    assert wait_of(door, "a") == 0


def test_a_client_pays_for_nobody_else(door: Admission) -> None:
    door.charge("a", 1_000.0)
    assert wait_of(door, "a") > 0
    assert wait_of(door, "b") == 0


def test_a_bucket_holds_no_more_than_its_burst(door: Admission, clock: Clock) -> None:
    door.charge("a", 0.0)
    clock.now += 800
    door.charge("a", 120.0)
    assert wait_of(door, "a") == 1


@given(
    charges=st.lists(
        st.tuples(st.floats(0, 60), st.booleans(), st.booleans(), st.floats(0, 30)), max_size=30
    )
)
def test_retry_after_is_exact(charges: list[tuple[float, bool, bool, float]]) -> None:
    """At that second the client is let in, a second sooner it is not."""
    clock = Clock()
    limits = AdmissionLimits(errors_burst=4, work_burst_s=20)
    door = Admission(limits, clock=clock)
    for seconds, died, refused, pause in charges:
        door.charge("a", seconds, died=died, refused=refused)
        clock.now += pause
    wait = wait_of(door, "a")
    if wait == 0:
        return
    assert wait == int(wait)
    if wait < limits.expiry_s:
        clock.now += wait - 1
        assert wait_of(door, "a") == 1
        clock.now += 1
        assert wait_of(door, "a") == 0


def test_only_so_many_clients_are_remembered(clock: Clock) -> None:
    """Whoever was seen last is kept."""
    door = Admission(AdmissionLimits(clients=3), clock=clock)
    for key in "abcd":
        door.charge(key, 500.0)
    assert len(door) == 3
    assert wait_of(door, "b") > 0
    assert wait_of(door, "a") == 0  # forgotten; and "c" went to make room
    assert wait_of(door, "b") > 0
    assert wait_of(door, "c") == 0


def test_a_client_is_forgotten_after_a_quarter_of_an_hour(door: Admission, clock: Clock) -> None:
    door.charge("a", 5_000.0)
    clock.now += 899
    assert wait_of(door, "a") > 0
    clock.now += 900
    assert wait_of(door, "a") == 0
    door.enter("b")
    clock.now += 900
    door.enter("c")
    assert len(door) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("192.0.2.1", "::ffff:192.0.2.77", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.3.1", False),
        ("2001:db8:0:1200::1", "2001:db8:0:12ff:ffff::2", True),
        ("2001:db8:0:1200::1", "2001:db8:0:1300::1", False),
        ("[2001:db8::1]", "2001:db8::2", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("127.0.0.1", "127.0.1.1", False),
        ("testclient", "testclient", True),
        ("testclient", "", False),
        ("\udc80", "x", False),
    ],
)
def test_a_client_is_a_network(door: Admission, one: str, other: str, *, same: bool) -> None:
    assert (door.key(one) == door.key(other)) is same


def test_a_key_tells_nothing_and_lasts_a_day(clock: Clock) -> None:
    salts = (bytes([number]) * 32 for number in count(1))
    door = Admission(clock=clock, salt=lambda _: next(salts))
    first = door.key("192.0.2.1")
    assert "192" not in first
    assert len(first) == 32
    assert first != Admission(clock=clock, salt=lambda _: b"\x09" * 32).key("192.0.2.1")
    door.charge(first, 1.0)
    clock.now += 86_399
    assert door.key("192.0.2.1") == first
    clock.now += 1
    assert door.key("192.0.2.1") != first
    assert len(door) == 0


def test_many_threads_lose_no_charge(door: Admission) -> None:
    def charge() -> None:
        for _ in range(500):
            door.charge("a", 0.1)

    threads = [threading.Thread(target=charge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wait_of(door, "a") == 81  # 200 s of 120 s: 80 s and a millisecond

"""Turns: pages always get through, and nobody is pushed out by who asks more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casegraph.query.turns import SITE, Turn, Turns


def turn(client: str, number: int = 0, lane: str = "query", came: float = 0.0) -> Turn:
    """A job of a client."""
    return Turn(number, lane, client, 30.0, came)  # type: ignore[arg-type]


def full(workers: int, queue: int, *clients: str) -> Turns[Turn]:
    """So many jobs waiting, in that order."""
    turns: Turns[Turn] = Turns(workers, queue)
    for number, client in enumerate(clients):
        turns.add(turn(client, number, "page" if client == SITE else "query"))
    return turns


def started(turns: Turns[Turn], now: float = 1.0) -> list[str]:
    """The clients of all jobs that may start now."""
    found = []
    while (one := turns.start(now)) is not None:
        found.append(one.client)
    return found


def test_ad_hoc_queries_leave_a_worker_to_the_pages() -> None:
    turns = full(4, 16, "a", "b", "c", "d", "e")
    assert started(turns) == ["a", "b", "c"]
    turns.add(turn(SITE, 9, "page"))
    assert started(turns) == [SITE]
    assert started(full(1, 2, "a", "b")) == ["a"]
    assert started(full(2, 4, "a", "b")) == ["a"]


def test_pages_may_have_all_workers() -> None:
    assert started(full(3, 6, SITE, SITE, SITE, SITE)) == [SITE] * 3


def test_one_client_holds_at_most_half_of_what_is_left() -> None:
    assert started(full(9, 18, *"aaaaaaaa", "b")) == ["a"] * 4 + ["b"]
    assert started(full(4, 18, *"aaaaaaaa", "b")) == ["a", "b"]
    assert started(full(2, 4, *"aa")) == ["a"]


def test_a_client_that_asks_for_pages_is_bounded_as_well() -> None:
    turns: Turns[Turn] = Turns(4, 16)
    for number in range(4):
        turns.add(turn("a", number, "page"))
    assert started(turns) == ["a"]


def test_the_next_is_whoever_cost_least_lately() -> None:
    """One that asked once goes before one that asked eight times, though it came later."""
    turns = full(2, 32, *"aaaaaaaa")
    first = turns.start(0.0)
    assert first is not None
    turns.add(turn("b", 9))
    turns.end(first, 0.5)
    second = turns.start(0.5)
    assert second is not None
    assert second.client == "b"
    turns.end(second, 20.0)
    third = turns.start(20.0)
    assert third is not None
    assert third.client == "a"


def test_running_work_counts_while_it_runs() -> None:
    turns = full(9, 18, "a")
    assert started(turns, 0.0) == ["a"]
    turns.add(turn("a", 1))
    turns.add(turn("b", 2))
    assert started(turns, 5.0) == ["b", "a"]


def test_old_work_is_forgotten_by_and_by() -> None:
    """What cost 8 s two minutes ago weighs less than one second now."""
    turns = full(2, 8, "a", "b")
    heavy = turns.start(0.0)
    assert heavy is not None
    assert heavy.client == "a"
    turns.end(heavy, 8.0)
    light = turns.start(127.0)
    assert light is not None
    assert light.client == "b"
    turns.end(light, 128.0)
    turns.add(turn("b", 3))
    turns.add(turn("a", 4))
    assert started(turns, 128.0) == ["a"]


def test_jobs_of_one_client_keep_their_order() -> None:
    turns = full(2, 8, *"aaa")
    numbers = []
    for now in range(3):
        one = turns.start(now)
        assert one is not None
        numbers.append(one.number)
        turns.end(one, now + 0.5)
    assert numbers == [0, 1, 2]


def test_one_client_fills_half_of_the_queue_at_most() -> None:
    turns = full(1, 4, *"aaaa")
    assert [(one.number, greedy) for one, greedy in turns.surplus()] == [(3, True), (2, True)]
    assert [one.number for one in turns.waiting] == [0, 1]


def test_a_full_queue_makes_room_for_who_has_least_in_it() -> None:
    turns = full(1, 4, *"aabbc")
    assert [(one.client, one.number, greedy) for one, greedy in turns.surplus()] == [
        ("b", 3, False)
    ]
    turns.add(turn("d", 5))
    assert [one.client for one, _ in turns.surplus()] == ["a"]
    turns.add(turn("e", 6))
    assert [one.client for one, _ in turns.surplus()] == ["e"]


def test_pages_have_a_queue_of_their_own() -> None:
    turns = full(1, 2, "a", "b", SITE, SITE, SITE)
    assert [(one.client, greedy) for one, greedy in turns.surplus()] == [(SITE, False)]


def test_whoever_waited_too_long_is_taken_out() -> None:
    turns: Turns[Turn] = Turns(1, 4)
    turns.add(turn("a", 0, came=0.0))
    turns.add(turn("b", 1, came=3.0))
    assert [one.client for one in turns.overdue(5.0, 5.0)] == ["a"]
    assert [one.client for one in turns.waiting] == ["b"]
    turns.drop(turns.waiting[0])
    assert turns.start(6.0) is None


def test_only_so_many_clients_are_remembered() -> None:
    """The costliest are."""
    turns: Turns[Turn] = Turns(2, 4)
    for number in range(10_500):
        one = turn(f"c{number}", number)
        turns.add(one)
        turns.start(0.0)
        turns.end(one, 0.01 if number else 9.0)
    assert len(turns._accounts) <= 10_000
    turns.add(turn("c0"))
    turns.add(turn("new"))
    assert started(turns, 1.0) == ["new"]


@given(
    workers=st.integers(1, 9),
    moves=st.lists(
        st.tuples(st.sampled_from(["a", "a", "a", "b", "c", SITE]), st.booleans()), max_size=60
    ),
)
def test_the_rules_hold_whatever_comes(workers: int, moves: list[tuple[str, bool]]) -> None:
    """Nobody holds too much, nothing is lost, and a page starts whenever one may."""
    turns: Turns[Turn] = Turns(workers, 2 * workers)
    gone = 0
    for seen, (client, ends) in enumerate(moves, start=1):
        now = seen / 10
        turns.add(turn(client, seen, "page" if client == SITE else "query", now))
        while turns.start(now) is not None:
            pass
        gone += len(turns.surplus())
        if ends and turns.running:
            turns.end(turns.running[0], now)
            gone += 1
        held = [one.client for one in turns.running]
        assert len(held) <= workers
        assert sum(one.lane == "query" for one in turns.running) <= max(1, workers - 1)
        for known in "abc":
            assert held.count(known) <= max(1, (workers - 1) // 2)
            assert sum(one.client == known for one in turns.waiting) <= max(1, workers)
        assert len(turns.waiting) <= 4 * workers
        assert seen == gone + len(held) + len(turns.waiting)
        if any(one.lane == "page" for one in turns.waiting):
            assert turns.start(now) is not None or len(turns.running) == workers

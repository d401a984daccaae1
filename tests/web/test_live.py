"""Which release answers: switches, takedowns, old releases, and releases that do not open."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixEnvironment, NotFound, TryLater
from casegraph.release.manifest import DATASET, MANIFEST
from casegraph.web.releases.keeping import Keeping
from casegraph.web.releases.live import Live
from casegraph.web.releases.shelf import Shelf
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import BASE, address, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from casegraph.web.releases.shelf import Release

FIRST, SECOND, THIRD, FOURTH = "2026-02-01.1", "2026-03-01.1", "2026-03-01.2", "2026-04-01.1"


class Started:
    """A factory that remembers what it started; ``gate`` holds it back, ``wrong`` breaks it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[tuple[str, bool, FakeQueries]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.wrong: set[str] = set()
        self.begun: list[str] = []

    def __call__(self, release: Release, *, old: bool = False) -> FakeQueries:
        self.begun.append(release.id)
        assert self.gate.wait(10)
        if release.id in self.wrong:
            raise FixEnvironment("broken, with words that nobody may read in a log")
        queries = FakeQueries(self.folder)
        self.all.append((release.id, old, queries))
        return queries

    def open(self, release_id: str) -> int:
        return sum(one == release_id and not queries.closed for one, _, queries in self.all)

    def opened(self) -> list[str]:
        return [one for one, _, _ in self.all]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def until(said: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    for _ in range(1000):
        if said():
            return
        time.sleep(0.01)
    pytest.fail("it never came")


def answering(live: Live, release_id: str | None = None) -> str:
    with live.lease(release_id) as held:
        return held.release.id


def redact(folder: Path, release_id: str) -> None:
    """What a takedown does to a release: another manifest under the same id."""
    path = folder / release_id / MANIFEST
    text = path.read_bytes().replace(b'"release": ', b'"redactedRecords": 1,\n  "release": ')
    path.write_bytes(text)


def withdraw(folder: Path, *addresses: str) -> None:
    text = json.dumps({"withdrawn": [f"{BASE}id/{one}" for one in addresses], "editions": {}})
    (folder / "withdrawals.json").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path / "releases")
    return tmp_path / "releases"


@pytest.fixture
def several(folder: Path) -> Path:
    """Four releases, of which the last is current."""
    for release_id in (SECOND, THIRD, FOURTH):
        publish(folder, release_id=release_id)
    return folder


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    given = Started(tmp_path)
    yield given
    given.gate.set()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def living(
    opened: ExitStack,
    folder: Path,
    started: Started,
    keeping: Keeping | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Live:
    """A Live that is closed when the test ends."""
    live = Live(Shelf(folder), started, keeping=keeping, clock=clock)
    opened.callback(live.close)
    return live


# -- switches -----------------------------------------------------------------------------


def test_one_service_answers_while_nothing_changes(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    assert [answering(live) for _ in range(3)] == [FIRST] * 3
    assert started.opened() == [FIRST]


def test_the_release_before_answers_until_the_new_one_is_open(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    started.gate.clear()
    publish(folder, release_id=SECOND)
    assert [answering(live) for _ in range(5)] == [FIRST] * 5
    until(lambda: SECOND in started.begun)
    assert live.trouble() == f"Release {SECOND} is being opened."
    assert answering(live) == FIRST
    started.gate.set()
    until(lambda: answering(live) == SECOND)
    assert started.begun == [FIRST, SECOND]
    assert live.trouble() == ""


def test_what_runs_on_the_release_before_finishes_there(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started, Keeping(linger_s=0))
    with live.lease() as before:
        publish(folder, release_id=SECOND)
        until(lambda: answering(live) == SECOND)
        assert before.page_answer("ASK {}", "json")
        assert started.open(FIRST) == 1
    until(lambda: started.open(FIRST) == 0)


def test_the_release_before_stays_open_for_a_while(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    """Who asks for it by its id does not wait: it answers until it is open as an old one."""
    clock = Clock()
    live = living(opened, folder, started, clock=clock)
    answering(live)
    publish(folder, release_id=SECOND)
    until(lambda: answering(live) == SECOND)
    clock.now += 29
    live.tidy()
    assert started.open(FIRST) == 1
    started.gate.clear()
    assert [answering(live, FIRST) for _ in range(3)] == [FIRST] * 3
    started.gate.set()
    until(lambda: started.open(FIRST) == 2)
    clock.now += 2
    live.tidy()
    until(lambda: started.open(FIRST) == 1)
    assert answering(live, FIRST) == FIRST
    assert [(one, old) for one, old, _ in started.all] == [
        (FIRST, False), (SECOND, False), (FIRST, True),
    ]  # fmt: skip


def test_a_release_that_is_put_back_answers_at_once(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    publish(folder, release_id=SECOND)
    until(lambda: answering(live) == SECOND)
    for name in (FIRST, SECOND, FIRST):
        (folder / "current").write_text(f"{name}\n", encoding="utf-8")
        assert answering(live) == name
    assert started.begun == [FIRST, SECOND]


def test_two_releases_at_most_are_open_while_a_third_opens(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    for release_id in (FIRST, SECOND):
        if release_id != FIRST:
            publish(folder, release_id=release_id)
        until(lambda wanted=release_id: answering(live) == wanted)  # type: ignore[misc]
    started.gate.clear()
    publish(folder, release_id=THIRD)
    assert answering(live) == SECOND
    until(lambda: started.open(FIRST) == 0)
    started.gate.set()
    until(lambda: answering(live) == THIRD)


def test_the_release_before_is_closed_when_it_is_withdrawn_from(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    publish(folder, release_id=SECOND)
    until(lambda: answering(live) == SECOND)
    redact(folder, FIRST)
    with live.lease(FIRST) as held:
        assert held.old
    live.tidy()
    until(lambda: started.open(FIRST) == 1)


def test_there_and_back_while_the_other_opens_changes_nothing(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    started.gate.clear()
    publish(folder, release_id=SECOND)
    answering(live)
    until(lambda: SECOND in started.begun)
    (folder / "current").write_text(f"{FIRST}\n", encoding="utf-8")
    started.gate.set()
    until(lambda: SECOND in started.opened() and started.open(SECOND) == 0)
    assert answering(live) == FIRST
    assert started.begun == [FIRST, SECOND]


def test_a_page_answer_is_asked_once_and_goes_with_its_release(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    with live.lease() as current:
        first = current.page_answer("SELECT * {}", "json")
        assert current.page_answer("SELECT * {}", "json") == first
    assert [one.lane for one in started.all[0][2].asked] == ["page"]
    publish(folder, release_id=SECOND)
    until(lambda: answering(live) == SECOND)
    with live.lease() as current:
        current.page_answer("SELECT * {}", "json")
    assert len(started.all[1][2].asked) == 1


# -- releases that do not open ------------------------------------------------------------


def test_a_release_that_does_not_open_leaves_the_one_before(
    folder: Path, started: Started, opened: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    live = living(opened, folder, started, Keeping(first_retry_s=1), clock)
    answering(live)
    started.wrong.add(SECOND)
    publish(folder, release_id=SECOND)
    for tries in (1, 2):
        assert answering(live) == FIRST
        until(lambda tries=tries: f"try {tries}" in caplog.text)  # type: ignore[misc]
        clock.now += tries - 0.5
        assert answering(live) == FIRST
        assert len(started.begun) == 1 + tries
        clock.now += 0.6
    assert live.trouble() == (
        f"Release {SECOND} could not be opened (FixEnvironment); it is tried again."
    )
    assert "words that nobody may read" not in caplog.text
    started.wrong.clear()
    clock.now += 10
    until(lambda: answering(live) == SECOND)
    assert live.trouble() == ""


@pytest.mark.parametrize("broken", [MANIFEST, DATASET])
def test_a_release_with_broken_files_leaves_the_one_before(
    folder: Path, started: Started, opened: ExitStack, broken: str
) -> None:
    live = living(opened, folder, started)
    answering(live)
    publish(folder, release_id=SECOND)
    path = folder / SECOND / broken
    path.write_bytes(path.read_bytes()[:100])
    assert answering(live) == FIRST
    until(lambda: SECOND in live.trouble() and "opened." not in live.trouble())
    assert answering(live) == FIRST


def test_the_first_release_not_opening_is_told_at_once(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started, Keeping(first_retry_s=30))
    started.wrong.add(FIRST)
    for _ in range(2):
        with pytest.raises(TryLater) as refused, live.lease():
            pass
        assert refused.value.retry_after is not None
        assert refused.value.retry_after > 20
    assert started.begun == [FIRST]


# -- takedowns ----------------------------------------------------------------------------


def test_after_a_takedown_requests_wait_for_the_new_edition(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    with live.lease() as before:
        edition = before.release.edition
    started.gate.clear()
    redact(folder, FIRST)
    seen: list[str] = []

    def ask() -> None:
        with live.lease() as held:
            seen.append(held.release.edition)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    until(lambda: started.begun == [FIRST, FIRST])
    assert seen == []
    started.gate.set()
    for one in asking:
        one.join(10)
    assert len(seen) == 4
    assert edition not in seen
    until(lambda: started.open(FIRST) == 1)


def test_what_was_computed_on_a_withdrawn_edition_is_dropped(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    with pytest.raises(TryLater), live.lease():
        redact(folder, FIRST)


def test_while_a_takedown_is_under_way_nothing_is_answered(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    """The list names a record that the edition on disk still carries."""
    live = living(opened, folder, started, Keeping(wait_s=0.5))
    answering(live)
    withdraw(folder, address("ana"))
    with pytest.raises(TryLater), live.lease():
        pass
    with pytest.raises(TryLater):
        live.release(FIRST)
    until(lambda: started.open(FIRST) == 0)
    assert "WithdrawingError" in live.trouble()
    withdraw(folder)
    until(lambda: answering(live) == FIRST)


def test_a_withdrawal_of_something_else_changes_nothing(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    withdraw(folder, "finding/zzzzzzzzzzzzzzzzzzzzzzzzzz", f"{address('ana')}/rendition")
    assert answering(live) == FIRST
    assert started.begun == [FIRST]


def test_a_list_of_withdrawals_that_cannot_be_read_closes_everything(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    (folder / "withdrawals.json").write_text("{", encoding="utf-8")
    with pytest.raises(TryLater), live.lease():
        pass


# -- old releases -------------------------------------------------------------------------


def test_an_old_release_is_opened_as_such_and_kept(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started)
    assert answering(live, FIRST) == FIRST
    assert answering(live, FIRST) == FIRST
    assert [(one, old) for one, old, _ in started.all] == [(FIRST, True)]


def test_the_current_release_by_its_id_is_the_current_one(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started)
    assert answering(live, FOURTH) == answering(live) == FOURTH
    assert [(one, old) for one, old, _ in started.all] == [(FOURTH, False)]


def test_two_old_releases_are_open_at_most(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started, Keeping(least_open_s=0))
    for release_id in (FIRST, SECOND, FIRST, THIRD):
        assert answering(live, release_id) == release_id
        assert sum(map(started.open, (FIRST, SECOND, THIRD))) <= 2
    until(lambda: started.open(SECOND) == 0)
    assert (started.open(FIRST), started.open(THIRD)) == (1, 1)


def test_an_old_release_in_use_is_not_closed_for_another(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started, Keeping(wait_s=0.3, least_open_s=0))
    with live.lease(FIRST), live.lease(SECOND):
        with pytest.raises(TryLater), live.lease(THIRD):
            pass
        assert (started.open(FIRST), started.open(SECOND)) == (1, 1)
        assert answering(live) == FOURTH
    assert answering(live, THIRD) == THIRD


def test_an_old_release_is_not_closed_for_another_at_once(
    several: Path, started: Started, opened: ExitStack
) -> None:
    """Who asks for one old release after the other waits; the machine does not."""
    clock = Clock()
    live = living(opened, several, started, Keeping(least_open_s=30, wait_s=900), clock)
    for release_id in (FIRST, SECOND):
        answering(live, release_id)
    asking = threading.Thread(target=answering, args=(live, THIRD))
    asking.start()
    clock.now += 15
    assert answering(live, FIRST) == FIRST
    assert THIRD not in started.begun
    clock.now += 3
    asking.join(0.5)
    assert (asking.is_alive(), THIRD in started.begun) == (True, False)
    clock.now += 20
    asking.join(10)
    assert answering(live, THIRD) == THIRD


def test_two_old_releases_are_taken_together_or_not_at_all(
    several: Path, started: Started, opened: ExitStack
) -> None:
    """Those who compare two releases each do not wait for each other for ever."""
    publish(several, release_id="2026-05-01.1")
    live = living(opened, several, started, Keeping(least_open_s=0))
    met: list[tuple[str, ...]] = []

    def compare(*pair: str) -> None:
        for _ in range(10):
            with live.leases(*pair) as held:
                assert not any(one.retired for one in held)
                met.append(tuple(one.release.id for one in held))

    pairs = [(FIRST, SECOND), (THIRD, FOURTH), (SECOND, THIRD), (FOURTH, FIRST)]
    comparing = [threading.Thread(target=compare, args=pair) for pair in pairs]
    for one in comparing:
        one.start()
    for one in comparing:
        one.join(30)
    assert sorted(met) == sorted(pairs * 10)


def test_a_release_and_the_current_one_are_taken_together(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started)
    with live.leases(FIRST, None, FOURTH) as held:
        assert [one.release.id for one in held] == [FIRST, FOURTH, FOURTH]
    with live.leases(FIRST, FIRST) as held:
        assert held[0] is held[1]
    live.close()
    assert {one for one, _, queries in started.all if not queries.closed} == set()


def test_an_old_release_is_closed_when_nobody_asks_for_it(
    several: Path, started: Started, opened: ExitStack
) -> None:
    clock = Clock()
    live = living(opened, several, started, clock=clock)
    answering(live, FIRST)
    answering(live, SECOND)
    clock.now += 400
    answering(live, SECOND)
    clock.now += 300
    live.tidy()
    until(lambda: started.open(FIRST) == 0)
    assert started.open(SECOND) == 1


def test_the_old_edition_of_an_old_release_is_closed(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started)
    with live.lease(FIRST) as held:
        before = held.release.edition
    redact(several, FIRST)
    live.tidy()
    until(lambda: started.open(FIRST) == 0)
    with live.lease(FIRST) as held:
        assert held.release.edition != before


def test_an_old_release_that_does_not_open_stops_nobody(
    several: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, several, started)
    started.wrong.add(FIRST)
    for _ in range(4):
        with pytest.raises(TryLater), live.lease(FIRST):
            pass
    assert [answering(live, one) for one in (SECOND, THIRD)] == [SECOND, THIRD]
    assert answering(live) == FOURTH


@pytest.mark.parametrize("name", ["", "2026-02-01", "2026-02-01.9", "../x", "current"])
def test_an_unknown_release_is_not_found(
    folder: Path, started: Started, opened: ExitStack, name: str
) -> None:
    live = living(opened, folder, started)
    with pytest.raises(NotFound, match="no such release") as refused, live.lease(name):
        pass
    assert "/release/" in (refused.value.hint or "")


# -- the rest -----------------------------------------------------------------------------


def test_too_many_who_wait_are_sent_away(folder: Path, started: Started, opened: ExitStack) -> None:
    live = living(opened, folder, started, Keeping(waiting=1))
    started.gate.clear()
    waiting = threading.Thread(target=answering, args=(live,))
    waiting.start()
    until(lambda: started.begun == [FIRST])
    with pytest.raises(TryLater), live.lease():
        pass
    started.gate.set()
    waiting.join(10)


def test_a_closed_site_starts_nothing(folder: Path, started: Started) -> None:
    live = Live(Shelf(folder), started)
    answering(live)
    live.close()
    assert started.all[0][2].closed
    with pytest.raises(TryLater), live.lease():
        pass


def test_what_opens_while_the_site_closes_is_closed(folder: Path, started: Started) -> None:
    live = Live(Shelf(folder), started)
    started.gate.clear()

    def ask() -> None:
        with pytest.raises(TryLater):
            answering(live)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: started.begun == [FIRST])
    closing = threading.Thread(target=live.close)
    closing.start()
    asking.join(10)
    started.gate.set()
    closing.join(10)
    until(lambda: len(started.all) == 1 and started.open(FIRST) == 0)


def test_the_stamp_changes_with_what_answers_and_with_withdrawals(
    folder: Path, started: Started, opened: ExitStack
) -> None:
    live = living(opened, folder, started)
    answering(live)
    seen = [live.stamp()]
    assert live.stamp() == seen[0]
    started.gate.clear()
    publish(folder, release_id=SECOND)
    answering(live)
    seen.append(live.stamp())
    started.gate.set()
    until(lambda: answering(live) == SECOND)
    seen.append(live.stamp())
    withdraw(folder, "finding/zzzzzzzzzzzzzzzzzzzzzzzzzz")
    seen.append(live.stamp())
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("text", ["", "../../etc", "2026-99", "2026-02-01.9"])
def test_a_current_that_names_nothing_is_told(folder: Path, text: str) -> None:
    (folder / "current").write_text(text, encoding="utf-8")
    with pytest.raises(NotFound):
        Shelf(folder).current()


def test_a_shelf_sees_every_change_of_current(folder: Path) -> None:
    """Also those that come faster than the clock of the file system ticks."""
    publish(folder, release_id=SECOND)
    shelf = Shelf(folder)
    for number in range(200):
        named = (FIRST, SECOND)[number % 2]
        (folder / "current").write_text(f"{named}\n", encoding="utf-8")
        assert shelf.current().id == named


def test_a_shelf_reads_nothing_twice(folder: Path) -> None:
    shelf = Shelf(folder)
    first = shelf.current()
    assert shelf.current() is first
    assert shelf.release(FIRST) is first
    assert shelf.inventory(first) is shelf.inventory(first)

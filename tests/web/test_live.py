"""A new current release, or a takedown, is picked up by the next request."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import NotFound, TryLater
from casegraph.release.manifest import MANIFEST
from casegraph.web.live import Live
from casegraph.web.shelf import Shelf
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import publish

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.web.shelf import Release


class Started:
    """A factory that remembers what it started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[tuple[str, FakeQueries]] = []

    def __call__(self, release: Release) -> FakeQueries:
        queries = FakeQueries(self.folder)
        self.all.append((release.id, queries))
        return queries


def wait_for_retirement() -> None:
    for thread in threading.enumerate():
        if thread.name == "casegraph-retire":
            thread.join(5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path / "releases")
    return tmp_path / "releases"


def test_one_service_answers_while_nothing_changes(folder: Path, tmp_path: Path) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    for _ in range(3):
        with live.lease() as current:
            assert current.release.id == "2026-02-01.1"
    assert len(started.all) == 1


def test_the_old_release_is_closed_when_its_last_query_is_done(
    folder: Path, tmp_path: Path
) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    with live.lease() as old:
        publish(folder, release_id="2026-03-01.1")
        with live.lease() as new:
            assert (old.release.id, new.release.id) == ("2026-02-01.1", "2026-03-01.1")
        wait_for_retirement()
        assert [queries.closed for _, queries in started.all] == [False, False]
    assert [queries.closed for _, queries in started.all] == [True, False]


def test_an_unused_old_release_is_closed_at_once(folder: Path, tmp_path: Path) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    with live.lease():
        pass
    publish(folder, release_id="2026-03-01.1")
    with live.lease():
        pass
    wait_for_retirement()
    assert started.all[0][1].closed


def test_a_takedown_under_the_same_id_starts_a_new_service(folder: Path, tmp_path: Path) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    with live.lease() as before:
        edition = before.release.edition
    path = folder / "2026-02-01.1" / MANIFEST
    changed = path.read_bytes().replace(b'"release": ', b'"redactedRecords": 1,\n  "release": ')
    path.write_bytes(changed)
    with live.lease() as after:
        assert after.release.edition != edition
    assert len(started.all) == 2


def test_answers_of_pages_are_asked_once_for_a_release(folder: Path, tmp_path: Path) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    with live.lease() as current:
        first = current.page_answer("SELECT * {}", "json")
        assert current.page_answer("SELECT * {}", "json") == first
    assert [one.lane for one in started.all[0][1].asked] == ["page"]


def test_a_closed_site_starts_nothing(folder: Path, tmp_path: Path) -> None:
    started = Started(tmp_path)
    live = Live(Shelf(folder), started)
    with live.lease():
        pass
    live.close()
    assert started.all[0][1].closed
    with pytest.raises(TryLater), live.lease():
        pass


@pytest.mark.parametrize("text", ["", "../../etc", "2026-99", "2026-02-01.9"])
def test_a_current_that_names_nothing_is_told(folder: Path, text: str) -> None:
    (folder / "current").write_text(text, encoding="utf-8")
    with pytest.raises(NotFound):
        Shelf(folder).current()

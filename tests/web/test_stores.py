"""Stores of old releases are made where they are missing, and none of what was withdrawn."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from casegraph.graph.store import EmbeddedStore
from casegraph.query.pool import QueryService
from casegraph.settings import Settings
from casegraph.web.releases import stores as making
from casegraph.web.releases.shelf import Shelf
from casegraph.web.releases.stores import finished_store
from casegraph.web.server import service_factory
from tests.web.served import PATIENCE_SECONDS
from tests.web.small_release import RELEASE, publish

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.web.releases.shelf import Release


@pytest.fixture
def release(tmp_path: Path) -> Release:
    publish(tmp_path / "releases")
    (tmp_path / "var").mkdir()
    return Shelf(tmp_path / "releases").release(RELEASE)


def test_an_old_release_is_asked_on_disk(release: Release, tmp_path: Path) -> None:
    stores = tmp_path / "var" / "store"
    with closing(service_factory(Settings(query_workers=1), stores)(release, old=True)) as queries:
        assert isinstance(queries, QueryService)
        assert queries.storage == "disk"
    (made,) = [path for path in stores.iterdir() if path.is_dir()]
    assert made.name == release.manifest.dataset_sha256
    facts = release.facts["triples"]
    assert isinstance(facts, dict)
    assert EmbeddedStore(made).quads() == sum(facts.values())


def test_a_current_release_that_fits_stays_in_memory(release: Release, tmp_path: Path) -> None:
    stores = tmp_path / "var" / "store"
    assert finished_store(release, stores, old=False, workers=4) is None
    assert not stores.exists()


def test_one_too_large_for_memory_gets_a_store(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "available_memory", lambda: 1024)
    made = finished_store(release, tmp_path / "var" / "store", old=False, workers=4)
    assert made is not None
    assert made.is_dir()


def test_a_store_of_an_edition_that_is_gone_is_not_kept(release: Release, tmp_path: Path) -> None:
    stores = tmp_path / "var" / "store"
    before = replace(release, edition="0" * 64)
    assert finished_store(before, stores, old=True, workers=1) is None
    assert not (stores / release.manifest.dataset_sha256).exists()


def test_a_host_that_may_write_nothing_goes_without(release: Release, tmp_path: Path) -> None:
    stores = tmp_path / "nothing" / "store"
    assert finished_store(release, stores, old=True, workers=1) is None


def test_without_a_place_for_stores_nothing_is_made(release: Release) -> None:
    assert finished_store(release, None, old=True, workers=1) is None


ORDERS = """
import os, subprocess, sys
makes = [sys.executable, "-m", "casegraph.web.releases.stores", str(os.getpid())]
subprocess.run([*makes, *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ends a process with its parent.")
def test_whoever_makes_a_store_ends_with_the_service(tmp_path: Path) -> None:
    """The data never comes, so that it would wait for ever."""
    data, stores = tmp_path / "data.nq", tmp_path / "store"
    os.mkfifo(data)
    program = [sys.executable, "-c", ORDERS, str(data), str(stores), "0" * 64]
    with (
        subprocess.Popen(program, stdout=subprocess.PIPE) as service,
        # It opens once the store is being made.
        data.open("wb"),
    ):
        service.kill()
        # The line ends when both are gone: each holds an end of it.
        service.communicate(timeout=PATIENCE_SECONDS)
    assert not (stores / ("0" * 64)).exists()

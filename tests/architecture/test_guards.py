"""The guards around every test hold: no network, a clean environment, honest skips."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.conftest import REPOSITORY, require_tool
from tests.once import made_once
from tests.schedule import TOGETHER, scope_of

if TYPE_CHECKING:
    from pathlib import Path

FAILED = pytest.fail.Exception
SKIPPED = pytest.skip.Exception


def test_a_connection_to_a_stranger_fails_the_test() -> None:
    with socket.socket() as stranger, pytest.raises(FAILED, match="reached for the network"):
        stranger.connect(("192.0.2.1", 80))
    with socket.socket() as stranger, pytest.raises(FAILED, match=r"192\.0\.2\.1"):
        stranger.connect_ex(("192.0.2.1", 80))


def test_code_that_forgives_failed_connections_does_not_hide_one() -> None:
    def forgiving() -> None:
        with contextlib.suppress(Exception):
            urllib.request.urlopen("http://example.org/")

    with pytest.raises(FAILED, match=r"example\.org"):
        forgiving()


def test_this_machine_may_be_reached() -> None:
    def answer() -> None:
        connection, _ = server.accept()
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        answered = threading.Thread(target=answer)
        answered.start()
        with socket.create_connection(("localhost", server.getsockname()[1])) as connection:
            assert connection.recv(1) == b""
        answered.join()


def test_no_setting_of_whoever_runs_the_tests_gets_in() -> None:
    assert [name for name in os.environ if name.startswith("CASEGRAPH_")] in (
        [],
        ["CASEGRAPH_SHARED"],
    )


def test_a_missing_tool_is_skipped_here_and_fails_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(SKIPPED, match="apt-get install some-package"):
        require_tool("no-such-tool", package="some-package")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(FAILED, match="with CI=true this is a failure"):
        require_tool("no-such-tool")


def test_a_tool_that_is_there_is_found() -> None:
    assert require_tool("python3" if os.name == "posix" else "python")


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    lines = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []
    packages = [number for number, line in enumerate(lines) if "==" in line and line[0] != " "]
    assert len(packages) > 50
    assert all(lines[number + 1].strip().startswith("--hash=sha256:") for number in packages)


def test_what_shares_something_costly_stays_on_one_worker() -> None:
    assert [place for place in TOGETHER if not (REPOSITORY / place).exists()] == []
    assert scope_of("tests/e2e/test_demo_site.py::test_a[1]") == "tests/e2e/"
    assert scope_of("tests/model/test_edtf.py::test_a[1]") == "tests/model/test_edtf.py::test_a[1]"


def test_workers_share_what_is_made_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    name = f"once-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").touch()

    first = made_once(tmp_path_factory, name, make)
    assert made_once(tmp_path_factory, name, make) == first
    assert made == [first]
    assert (first / "file").exists()


def test_what_could_not_be_made_fails_for_everybody(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def make(_: Path) -> None:
        raise OSError("no room")

    name = f"never-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with pytest.raises(OSError, match="no room"):
        made_once(tmp_path_factory, name, make)
    with pytest.raises(RuntimeError, match="no room"):
        made_once(tmp_path_factory, name, make)

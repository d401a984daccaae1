"""What every test may rely on: no network, a clean environment, honest skips.

A test that needs something this machine may lack asks for it with ``require_tool`` or
``shared_dir``.  Where it is missing the test is skipped and says what to install; where
``CI=true`` it fails instead, so that nothing is skipped silently for ever.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["tests.published", "tests.schedule"]

REPOSITORY = Path(__file__).resolve().parent.parent

# Durations say nothing on a machine that does other things as well, so no deadline.
# The sample is the same in every run: green stays green until something changes.
hypothesis.settings.register_profile(
    "sample",
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "full",
    max_examples=1000,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sample"))


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true this is a failure")
    pytest.skip(reason)


def require_tool(name: str, *, package: str | None = None) -> str:
    """Give the path of a program, or skip (fail, where ``CI=true``) naming its package."""
    found = shutil.which(name)
    if found is None:
        _missing(f"{name} is not installed (Debian: apt-get install {package or name})")
    return found


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with the article and the suites: CASEGRAPH_SHARED, or ../shared."""
    folder = Path(os.environ.get("CASEGRAPH_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        _missing(
            f"{folder} is not there; set CASEGRAPH_SHARED to the folder with seed/ and suites/"
        )
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """Top of the checkout."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("CASEGRAPH_") and name != "CASEGRAPH_SHARED":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def _is_local(host: object) -> bool:
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_strangers(what: str, host: object) -> None:
    if not _is_local(host):
        # Not an OSError: code under test that forgives a failed connection must not
        # swallow this.
        pytest.fail(f"a test reached for the network: {what} {host!r}")


def _guarded(real: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, *rest: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_strangers("connect", address[0])
        return real(self, address, *rest)

    return connect


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets reach this machine only."""
    real_lookup = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        _refuse_strangers("getaddrinfo", host)
        return real_lookup(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))

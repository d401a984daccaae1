"""Sockets are taken first, on IPv4, IPv6 and Unix paths, or the reason is told."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixEnvironment
from casegraph.web.running.listening import listening, listening_on_path, url_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_listens_on_both_kinds_of_addresses(host: str) -> None:
    with listening(host, 0) as sockets:
        port = sockets[0].getsockname()[1]
        assert port > 0
        with socket.create_connection((host, port), timeout=10):
            pass


def test_small_answers_are_not_held_back() -> None:
    """Asyncio sets TCP_NODELAY where a socket says that it is TCP; else 40 ms are lost."""
    with listening("127.0.0.1", 0) as sockets:
        assert sockets[0].proto == socket.IPPROTO_TCP


def test_every_address_of_a_name_gets_the_same_port() -> None:
    with listening("localhost", 0) as sockets:
        assert len({one.getsockname()[1] for one in sockets}) == 1


def test_an_address_is_shown_as_a_browser_takes_it() -> None:
    assert url_of("::1", 80) == "http://[::1]:80/"
    assert url_of("127.0.0.1", 8000) == "http://127.0.0.1:8000/"


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with (
        listening("127.0.0.1", 0) as sockets,
        pytest.raises(FixEnvironment, match="is taken by another program") as caught,
        listening("127.0.0.1", sockets[0].getsockname()[1]),
    ):
        pass
    assert caught.value.hint is not None
    assert "--port" in caught.value.hint


def test_an_address_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with (
        pytest.raises(FixEnvironment, match=r"this machine has no address 192\.0\.2\.1"),
        listening("192.0.2.1", 0),
    ):
        pass


def test_a_socket_that_a_crash_left_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with (
        listening_on_path(path),
        pytest.raises(FixEnvironment, match="is taken by another program"),
        listening_on_path(path),
    ):
        pass
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FixEnvironment, match="cannot be listened on"), listening_on_path(path):
        pass
    assert path.read_text(encoding="utf-8") == "mine"

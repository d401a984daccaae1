"""X-Forwarded-For and X-Forwarded-Proto count where they come from a trusted proxy, else not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from casegraph.web.http.proxies import Proxies

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


def seen(
    trusted: str, client: tuple[str, int] | None, *forwarded_for: str, proto: str = "https"
) -> tuple[str, str]:
    """Whom and which scheme an application behind sees."""
    found: dict[str, Any] = {}

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.update(scope)

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded_for]
    headers += [(b"x-forwarded-proto", proto.encode()), (b"x-forwarded-host", b"evil.example")]
    scope = {"type": "http", "scheme": "http", "client": client, "headers": headers}

    async def nothing(*_: object) -> Any:
        return None

    asyncio.run(Proxies(app, trusted.split())(scope, nothing, nothing))
    return found["client"][0], found["scheme"]


@pytest.mark.parametrize("trusted", ["", "10.0.0.1", "10.0.0.0/8 ::1", "unix"])
def test_a_stranger_is_not_believed(trusted: str) -> None:
    assert seen(trusted, ("127.0.0.1", 4), "203.0.113.7") == ("127.0.0.1", "http")


@pytest.mark.parametrize(
    ("trusted", "proxy"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8 10.1.0.0/16", "10.1.2.3"),
        ("::1", "::1"),
        ("::1", "0:0:0:0:0:0:0:1"),
    ],
)
def test_a_trusted_proxy_is_believed(trusted: str, proxy: str) -> None:
    assert seen(trusted, (proxy, 4), "203.0.113.7") == ("203.0.113.7", "https")


def test_the_last_address_that_is_no_proxy_of_ours_is_the_visitor() -> None:
    """What stands before it was sent by the visitor."""
    trusted = "127.0.0.1 10.0.0.0/8"
    chain = ("198.51.100.1, 203.0.113.7", "10.0.0.9")
    assert seen(trusted, ("127.0.0.1", 4), *chain) == ("203.0.113.7", "https")
    assert seen("127.0.0.1", ("127.0.0.1", 4), "127.0.0.1, unix") == ("unix", "https")


def test_who_comes_through_the_unix_socket_is_believed_where_that_is_said() -> None:
    assert seen("unix", None, "203.0.113.7") == ("203.0.113.7", "https")
    assert seen("127.0.0.1", None, "203.0.113.7") == ("unix", "http")


def test_another_scheme_than_http_is_not_taken_over() -> None:
    assert seen("127.0.0.1", ("127.0.0.1", 4), proto="javascript") == ("127.0.0.1", "http")

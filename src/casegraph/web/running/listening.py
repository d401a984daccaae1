"""Sockets to listen on, taken before anything else is started."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixEnvironment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BACKLOG: Final = 2048
_SOCKET_MODE: Final = 0o660
_REASONS: Final = {
    errno.EADDRINUSE: (
        "{place} is taken by another program",
        "Stop that program, or choose another port with --port.",
    ),
    errno.EACCES: (
        "this user may not listen on {place}",
        "Ports below 1024 belong to root: choose another, and put a web server in front.",
    ),
    errno.EADDRNOTAVAIL: (
        "this machine has no address {host}",
        "Name one that it has with --host; 127.0.0.1 is this machine only.",
    ),
}


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets on every address of ``host`` (a name, IPv4, IPv6); port 0 takes a free one.

    Raises ``FixEnvironment`` where one cannot be had.
    """
    with contextlib.ExitStack() as taken:
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except socket.gaierror:
            raise FixEnvironment(
                f"there is no host {host}", hint="Name an address of this machine with --host."
            ) from None
        sockets: list[socket.socket] = []
        for family, *_, address in dict.fromkeys(found):
            number = sockets[0].getsockname()[1] if sockets else port
            sockets.append(taken.enter_context(_bound(family, str(address[0]), number)))
        yield sockets


@contextlib.contextmanager
def listening_on_path(path: Path) -> Iterator[list[socket.socket]]:
    """A Unix socket that this user and its group may open; it is removed at the end.

    One that nobody answers on was left by a crash and is replaced.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise FixEnvironment("this system has no Unix sockets", hint="Leave out unix_socket.")
    _remove_if_left(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        try:
            one.bind(str(path))
            path.chmod(_SOCKET_MODE)
            one.listen(_BACKLOG)
        except OSError as error:
            raise FixEnvironment(
                f"{path} cannot be listened on: {error.strerror or error}",
                hint="unix_socket names a path in a folder that this user may write to.",
            ) from None
        try:
            yield [one]
        finally:
            path.unlink(missing_ok=True)


def url_of(host: str, port: int) -> str:
    """The address as it is typed into a browser."""
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _bound(family: int, host: str, port: int) -> socket.socket:
    # Said to be TCP: only then asyncio sends small answers at once (TCP_NODELAY).
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Elsewhere it would let a second program take the port as well.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((host, port))
        one.listen(_BACKLOG)
    except OSError as error:
        one.close()
        message, hint = _REASONS.get(
            error.errno or 0, (f"{{place}} cannot be listened on: {error.strerror}", "")
        )
        place = url_of(host, port).removeprefix("http://").removesuffix("/")
        raise FixEnvironment(message.format(place=place, host=host), hint=hint or None) from None
    return one


def _remove_if_left(path: Path) -> None:
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
        else:
            raise FixEnvironment(
                f"{path} is taken by another program",
                hint="Stop that program, or name another path in unix_socket.",
            )

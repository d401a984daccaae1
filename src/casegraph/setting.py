"""What a row of the settings is: its name, its type, its default, and what may stand in it."""

from __future__ import annotations

import ipaddress
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float

PREFIX: Final = "CASEGRAPH_"
TYPE_NAMES: Final = {str: "text in quotation marks", int: "a whole number", float: "a number"}
#: What stands among proxies for whoever comes through the Unix socket.
UNIX: Final = "unix"

_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    ``complain`` gives what is wrong with a value of the right type, as the end of a
    sentence ("must be ..."), or ``None``.
    """

    name: str
    default: Value
    doc: str
    complain: Callable[[Value], str | None]

    @property
    def type(self) -> type[Value]:
        """Type of every value of this setting: ``str``, ``int`` or ``float``."""
        return type(self.default)

    @property
    def variable(self) -> str:
        """Name of its environment variable."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """Name of its command-line option."""
        return "--" + self.name.replace("_", "-")

    def converted(self, value: object, *, from_text: bool) -> Value | None:
        """``value`` in the type of this setting; ``None`` where it cannot be that."""
        wanted = self.type
        if from_text and isinstance(value, str) and wanted is not str:
            # int() and float() also read 1_000, ١٠ and nan; a person who writes those means
            # something else.
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value, re.ASCII):
                return None
            if wanted is int:
                return int(value) if "." not in value else None
            return float(value)
        if wanted is float and type(value) is int:
            return float(value)
        if type(value) is not wanted:
            return None
        return None if isinstance(value, float) and not math.isfinite(value) else value


def anything(_value: Value) -> str | None:
    """Accept every value of the right type."""
    return None


def between(lowest: int, highest: int) -> Callable[[Value], str | None]:
    """Accept numbers from ``lowest`` to ``highest``, both included."""

    def complain(value: Value) -> str | None:
        if lowest <= cast("float", value) <= highest:
            return None
        return f"must be from {lowest} to {highest}"

    return complain


def one_of(*words: str) -> Callable[[Value], str | None]:
    """Accept these words alone."""
    return lambda value: None if value in words else f"must be {' or '.join(words)}"


def address(value: Value) -> str | None:
    """Accept ``http(s)://host/.../`` alone: names are made by appending to it."""
    if _is_address(str(value)):
        return None
    return "must be an http or https address that ends with / and holds no space, ?, # or @"


def address_or_nothing(value: Value) -> str | None:
    """Accept an address, or nothing."""
    return address(value) if value else None


def proxies(value: Value) -> str | None:
    """Accept network addresses and ranges; never all of the internet."""
    for word in str(value).split():
        if word == UNIX:
            continue
        try:
            wide = ipaddress.ip_network(word).prefixlen == 0
        except ValueError:
            wide = True
        if wide:
            return (
                "must be network addresses with spaces between, such as 127.0.0.1 or 10.0.0.0/8,"
                f" or the word {UNIX}"
            )
    return None


def path_or_nothing(value: Value) -> str | None:
    """Accept ``/a`` or ``/a/b``, or nothing."""
    if not value or _PATH.fullmatch(str(value)):
        return None
    return "must begin with /, end without one, and hold letters, digits and . _ ~ - alone"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = not re.search(r"[^!-~]|[<>\"{}|\\^`?#@]", text)
    return plain and parts.scheme in {"http", "https"} and bool(host) and text.endswith("/")

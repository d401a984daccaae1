"""Validators and what clients say about them (RFC 9110, sections 8.8 and 13).

``Last-Modified`` has the day and the second at which a release came to this server.  A
release can be followed by an older one (``current`` is put back) or rewritten (a takedown),
so ``If-Modified-Since`` holds for exactly the time that was sent and for no other.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.web.http.compression import acceptable, plain_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import Headers


_MOST_TAGS: Final = 100
_REMEMBERED: Final = 4_096
_SECONDS: Final = 60.0
#: Headers that a 304 repeats from the 200 it stands for (RFC 9110, section 15.4.5).
_REPEATED: Final = frozenset(
    {
        b"cache-control",
        b"content-location",
        b"etag",
        b"last-modified",
        b"link",
        b"memento-datetime",
        b"vary",
        b"x-casegraph-release",
    }
)

RawHeaders = list[tuple[bytes, bytes]]


def fresh_tag(headers: Headers, etag: str) -> str | None:
    """The tag that the client holds and may keep, if it is ``etag`` in a coding it accepts.

    A cache that holds several codings names them all; it may be told only of one that the
    client behind it can read.
    """
    asked = headers.get("if-none-match", "").strip()
    if asked == "*":
        return etag
    readable = {"", *acceptable(headers.get("accept-encoding"))}
    for one in asked.split(",")[:_MOST_TAGS]:
        tag = one.strip().removeprefix("W/")
        plain, coding = plain_tag(tag)
        if tag == etag or (plain == etag and coding in readable):
            return tag
    return None


def unchanged(headers: Headers, etag: str | None, modified: str | None) -> str | None:
    """The tag for a 304, or None where all must be sent.

    ``If-Modified-Since`` is read only where no ``If-None-Match`` is (RFC 9110, 13.1.3).
    """
    if "if-none-match" in headers:
        return fresh_tag(headers, etag) if etag else None
    since = headers.get("if-modified-since")
    return (etag or "") if since is not None and since == modified else None


def has_condition(headers: Headers) -> bool:
    """Whether a request may be answered with 304 at all."""
    return "if-none-match" in headers or "if-modified-since" in headers


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a 200 said of itself: its tag, its time and the headers that a 304 repeats."""

    etag: str
    modified: str | None
    headers: tuple[tuple[bytes, bytes], ...]
    until: float


class Memory:
    """Validators of answers that were given lately, so that a 304 needs no handler.

    It holds hashes under a key that no one knows, never what was asked, and forgets after a
    minute: the same minute for which any cache may keep a page.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Remembered] = OrderedDict()

    def key(self, *parts: bytes) -> bytes:
        """A key for whatever decides an answer: state of the site, address, headers."""
        digest = hashlib.blake2b(key=self._secret, digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def get(self, key: bytes) -> Remembered | None:
        """What is remembered under a key, if it still holds."""
        with self._lock:
            found = self._known.get(key)
            if found is not None and found.until <= self._clock():
                del self._known[key]
                return None
            return found

    def keep(self, key: bytes, headers: Mapping[str, str], raw: RawHeaders) -> None:
        """Remember an answer by its headers, in which the tag is that of the plain bytes."""
        known = Remembered(
            etag=headers["etag"],
            modified=headers.get("last-modified"),
            headers=repeated(raw),
            until=self._clock() + _SECONDS,
        )
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def repeated(raw: RawHeaders) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a 200 that its 304 repeats."""
    return tuple((name, value) for name, value in raw if name.lower() in _REPEATED)

"""Which names this site answers to, and requests that carry theirs in the target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from starlette.types import Scope

    from casegraph.settings import Settings

_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]{1,253})(?::\d{1,5})?")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#@]*)(/.*)?", re.IGNORECASE | re.DOTALL)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, not bound


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Names that the site answers to; None where it listens everywhere under no set address."""
    if not settings.public_url:
        if settings.host in _EVERYWHERE:
            return None
        return _LOOPBACK | {_bracketed(settings.host)}
    return _LOOPBACK | {_bracketed(urlsplit(settings.public_url).hostname or "")}


def host_is_known(scope: Scope, allowed: frozenset[str] | None) -> bool:
    """Whether a request names one host, and one of ours."""
    named = [value for name, value in scope["headers"] if name == b"host"]
    match = _HOST.fullmatch(named[0].decode("latin-1")) if len(named) == 1 else None
    return match is not None and (allowed is None or match[1].lower() in allowed)


def in_origin_form(scope: Scope) -> Scope:
    """A request whose target is a whole address, as if its host had stood in the header.

    RFC 9112, section 3.2.2: the address wins over the Host header.
    """
    raw: bytes = scope.get("raw_path") or b""
    match = None if raw.startswith(b"/") else _ABSOLUTE.fullmatch(raw)
    if match is None:
        return scope
    host, path = match[1], match[2] or b"/"
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {
        **scope,
        "raw_path": path,
        "path": scope.get("root_path", "") + unquote(path.decode("ascii", "replace")),
        "headers": [*headers, (b"host", host)],
    }


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()

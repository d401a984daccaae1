"""What an address in a catalogue must be, so that it can stand in a release as it is."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

MAX_LENGTH: Final = 4096
_FORBIDDEN: Final = frozenset('<>"{}|\\^`')
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def address_fault(url: str) -> str | None:
    """What keeps ``url`` from being published as an IRI (RFC 3987), or ``None``."""
    return _character_fault(url) or _form_fault(url)


def _character_fault(url: str) -> str | None:
    if len(url) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    for character in url:
        if character.isspace():
            return "it holds a space"
        if character in _FORBIDDEN or unicodedata.category(character) in _INVISIBLE:
            return f"it holds the character U+{ord(character):04X}"
    if unicodedata.normalize("NFC", url) != url:
        return "a letter and its accent are written as two characters"
    return "a % stands without two hexadecimal digits" if _PERCENT.search(url) else None


def _form_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "its host or port cannot be read"
    if parts.scheme not in {"http", "https"}:
        return (
            f"it begins with {parts.scheme}:" if parts.scheme else "it does not begin with https:"
        )
    if not host or not url[len(parts.scheme) :].startswith("://"):
        return "it has no host"
    if "@" in parts.netloc:
        return "it carries a user name"
    try:
        host.encode("idna")
    except UnicodeError:
        return "its host name cannot be"
    return None

"""The one constructor through which every IRI enters the graph.

The engines disagree on what an IRI may hold: Oxigraph takes ``javascript:`` and U+202E, rdflib
writes line feeds and closing angle brackets without complaint.  So the check is ours.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from casegraph.errors import FixInput

if TYPE_CHECKING:
    from casegraph.errors import Where

SCHEMES = ("https", "http", "urn")
MAX_LENGTH = 4096

# Nearly every IRI we make is of this form; the slow checks below would find nothing in it.
_PLAIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?(?:[?#][A-Za-z0-9._~!$&'()*+,;=:@/-]*)?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[^\s#?]+", re.IGNORECASE)
# Excluded from IRIREF by SPARQL 1.1 section 19.8 and Turtle section 6.5.
_FORBIDDEN = frozenset('<>"{}|\\^`')
# Controls, formats (bidi, zero-width), surrogates, private use, unassigned, all separators.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def iri(text: str, *, where: Where | None = None) -> str:
    """Give ``text`` back if it may stand in a release as an IRI.

    Allowed: schemes https, http and urn, NFC, a host that survives IDNA, and none of the
    characters that RFC 3987 or RDF 1.1 exclude, nor any that a reader could not see.
    Raises ``FixInput`` saying which rule is broken.
    """
    if _PLAIN.fullmatch(text) and len(text) <= MAX_LENGTH and ".." not in text.split("/")[2]:
        return text
    reason = _fault(text)
    if reason:
        raise FixInput(
            f"{_shown(text)} is no address that can be published: {reason}",
            where=where,
            hint="Use an https, http or urn address, with other characters percent-encoded.",
        )
    return text


def _fault(text: str) -> str | None:  # noqa: PLR0911 - one return for each rule
    """What is wrong with it, or ``None``."""
    if len(text) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    for character in text:
        if character in _FORBIDDEN or unicodedata.category(character) in _FORBIDDEN_CATEGORIES:
            return f"it contains U+{ord(character):04X}"
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "it does not begin with a scheme such as https:"
    if scheme[0].lower() not in SCHEMES:
        return f"the scheme {scheme[0]}: is not allowed"
    if unicodedata.normalize("NFC", text) != text:
        return "it is not in Unicode normal form C"
    if _PERCENT.search(text):
        return "a percent sign is not followed by two hexadecimal digits"
    if scheme[0].lower() == "urn":
        return None if _URN.fullmatch(text) else "a urn is written urn:name:rest"
    return _authority_fault(text)


def _authority_fault(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "its host or port cannot be read"
    if not text[len(parts.scheme) :].startswith("://") or not host:
        return "it has no host"
    if "@" in parts.netloc:
        return "it carries a user name"
    if "[" in parts.netloc:  # urlsplit has checked the address inside
        return None
    try:
        encoded = host.encode("idna").decode("ascii")
    except UnicodeError:
        return f"{host} is no host name"
    labels = encoded.removesuffix(".").split(".")
    return None if all(map(_HOST_LABEL.fullmatch, labels)) else f"{host} is no host name"


def _shown(text: str) -> str:
    """The text as a message may show it: cut, and with invisible characters spelt out."""
    cut = text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004
    return ascii(cut) if any(unicodedata.category(c)[0] in "CZ" for c in cut) else f"“{cut}”"

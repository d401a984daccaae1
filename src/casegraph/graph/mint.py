"""Identifiers: random ones for entities, keyed hashes for what is said about them.

Persons, institutions, cases, sources and populations get 80 random bits, never anything made
from a name.  Quotations, citations and findings get an HMAC-SHA256 of what is published of
them, keyed with the salt of the workspace: equal content gives an equal address, changed
content another one, and a withdrawn finding cannot be guessed back from its address.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.model.terms import AgentKind

if TYPE_CHECKING:
    from casegraph.errors import Where

#: Douglas Crockford's base 32 in lower case: no i, l, o, u, so nothing to misread.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_LENGTH: Final = 16
HASHED_LENGTH: Final = 26

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

_SEGMENTS: Final = {
    AgentKind.PERSON: "person",
    AgentKind.GROUP: "group",
    AgentKind.UNIDENTIFIED: "unidentified",
    AgentKind.PUBLICATION: "publication",
}


def random_id() -> str:
    """A new identifier of 80 random bits: 16 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def keyed_id(salt: bytes, purpose: str, content: str) -> str:
    """The first 130 bits of HMAC-SHA256 over purpose and content: 26 characters."""
    digest = hmac.new(salt, f"{purpose}\n{content}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big") >> (len(digest) * 8 - HASHED_LENGTH * 5)
    return "".join(
        ALPHABET[(number >> shift) & 31] for shift in range(5 * (HASHED_LENGTH - 1), -1, -5)
    )


def canonical_json(content: object) -> str:
    """JSON with sorted names, no space and no escapes that are not needed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def agent_path(kind: AgentKind, identifier: str, *, where: Where | None = None) -> str:
    """The part of an agent's address after ``{base}id/``."""
    return entity_path(_SEGMENTS.get(kind, "institution"), identifier, where=where)


def entity_path(segment: str, identifier: str, *, where: Where | None = None) -> str:
    """``segment/identifier``; raises ``FixInput`` for an id that is no id."""
    if not _ID.fullmatch(identifier):
        raise FixInput(
            f"“{identifier}” is no id",
            where=where,
            hint="Use one that `casegraph new` minted: lower-case letters and digits.",
        )
    return f"{segment}/{identifier}"


def id_iri(base_iri: str, path: str) -> str:
    """The address of ``segment/identifier``."""
    return f"{base_iri}id/{path}"


def violation_iri(slug: str) -> str:
    """The address of a violation type by its local name, as ``torture``."""
    if not _ID.fullmatch(slug):
        raise FixInput(
            f"“{slug}” is no violation type",
            hint="Types are written in lower case with hyphens, as denial-of-fair-trial.",
        )
    return terms.VT + slug

"""The tag of an answer before it is computed: whatever decides its bytes, hashed."""

from __future__ import annotations

import hashlib
import json
from email.utils import formatdate
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from casegraph.release.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.web.releases.shelf import Release

_A_DAY = "public, max-age=86400"


def last_modified(release: Release) -> str:
    """When a release, as it stands now, came to this server (IMF-fixdate)."""
    return formatdate((release.directory / MANIFEST).stat().st_mtime, usegmt=True)


def tag_of_answer(release: Release, *parts: str | Sequence[str] | None, old: bool) -> str:
    """A strong tag for the answer that ``parts`` ask of a release.

    An old release is read from disk, where rows may come in another order than from memory.
    """
    decides = [release.edition, "disk" if old else "as configured", *_programs(), *parts]
    digest = hashlib.sha256(json.dumps(decides).encode("utf-8", "surrogatepass")).hexdigest()
    return f'"{release.id}-{digest[:32]}"'


def validators(release: Release, etag: str, *, versioned: bool) -> dict[str, str]:
    """Headers of an answer that stays the same as long as its release does.

    One whose address names the release may be kept for a day and not for ever: a takedown
    has to reach caches.
    """
    return {
        "ETag": etag,
        "Last-Modified": last_modified(release),
        "Cache-Control": _A_DAY if versioned else "no-cache",
        "X-Casegraph-Release": release.id,
    }


@cache
def _programs() -> tuple[str, str]:
    return version("casegraph"), version("pyoxigraph")

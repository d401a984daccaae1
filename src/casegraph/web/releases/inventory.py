"""Which things a release holds, known without asking anybody: a few bytes for each of them.

Documents of a release, their absence, and the list of releases in which a thing exists are
told from it, so that none of these takes a worker or opens an old release.
"""

from __future__ import annotations

import gzip
import re
import zlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Self

from casegraph.errors import FixEnvironment
from casegraph.web.releases.places import CONCEPT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BLOCK: Final = 1024 * 1024


class Inventory:
    """The subjects of a release that have documents, and the texts of sources.

    Only 64-bit hashes are kept, sorted: 8 bytes a thing.  With n things, an address that was
    never published passes for one that was with a chance of n in 2^64.
    """

    def __init__(self, addresses: Iterable[bytes]) -> None:
        self._hashes = array("q", sorted({hash(address) for address in addresses}))

    @classmethod
    def read(cls, dataset: Path, base_iri: str) -> Self:
        """Read the canonical file of a release (``casegraph.nq.gz``), streaming.

        Raises ``FixEnvironment`` where it cannot be read.
        """
        try:
            return cls(_subjects(dataset, base_iri))
        except (OSError, EOFError, zlib.error) as error:
            raise FixEnvironment(
                f"The data of release {dataset.parent.name} cannot be read"
                f" ({type(error).__name__}).",
                hint="Compare the release with its SHA256SUMS, or publish it again.",
            ) from error

    def __contains__(self, iri: str) -> bool:
        """Whether anything is said of the address."""
        wanted = hash(iri.encode())
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted

    def __len__(self) -> int:
        return len(self._hashes)


def _subjects(dataset: Path, base_iri: str) -> Iterable[bytes]:
    """Addresses of things in the order of the file; a few of them more than once."""
    concepts = b"|".join(
        re.escape(namespace.encode()) + rb"[^>/]+" for namespace in CONCEPT_TYPES.values()
    )
    things = re.escape(f"{base_iri}id/".encode()) + rb"[a-z]+/[^>/]+(?:/rendition)?"
    pattern = re.compile(rb"^<(" + things + rb"|" + concepts + rb")> ", re.MULTILINE)
    with gzip.open(dataset, "rb") as lines:
        while block := lines.read(_BLOCK):
            yield from set(pattern.findall(block + lines.readline()))

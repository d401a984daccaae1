"""The difference between two releases: what came in, and which findings are gone.

A delta lists the triples that were added and, of what was removed, only the opaque addresses
of findings: a list of removed triples would publish again what was taken out.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph import canonical
from casegraph.release.archive import gzip_chunks
from casegraph.release.manifest import MANIFEST, canonical_json, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

DATASET: Final = "casegraph.nq.gz"
_SUBJECT_TYPE = re.compile(
    rb"<([^>]+/id/finding/[0-9a-z]+)> <http://www\.w3\.org/1999/02/22-rdf-syntax-ns#type> "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Between two releases: findings by address, quads by number."""

    older: str | None
    newer: str
    findings_added: tuple[str, ...]
    findings_removed: tuple[str, ...]
    quads_added: int
    quads_removed: int

    def as_json(self) -> dict[str, object]:
        """For ``delta.json`` and ``casegraph diff --json``."""
        return {
            "from": self.older,
            "to": self.newer,
            "findingsAdded": list(self.findings_added),
            "findingsRemoved": list(self.findings_removed),
            "quadsAdded": self.quads_added,
            "quadsRemoved": self.quads_removed,
        }


def diff(older: Path, newer: Path) -> Difference:
    """Compare two release directories by their canonical files, streaming."""
    old_lines, new_lines = dataset_lines(older), dataset_lines(newer)
    return _difference(_release_id(older), _release_id(newer), _marked(old_lines, new_lines), None)


def write_delta(target: Path, work: Path, previous: Path | None) -> Difference:
    """Write ``delta.json`` and ``added.nq.gz`` against the release before (or against nothing)."""
    old_lines: Iterable[bytes] = dataset_lines(previous) if previous else ()
    new_lines = canonical.read_bytes_lines(work / "casegraph.nq")
    added = work / "added.nq"
    with added.open("wb") as spool:
        difference = _difference(
            _release_id(previous) if previous else None,
            "",
            _marked(old_lines, new_lines),
            spool.write,
        )
    durable.write_file(target / "added.nq.gz", gzip_chunks(_blocks(added)))
    value = {k: v for k, v in difference.as_json().items() if k not in {"to", "quadsRemoved"}}
    durable.write_file(target / "delta.json", canonical_json(value))
    return difference


def dataset_lines(directory: Path) -> Iterator[bytes]:
    """The canonical lines of a release directory, without line feeds."""
    with gzip.open(directory / DATASET, "rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")


def added_lines(older: Path | None, newer: Path) -> Iterator[bytes]:
    """The lines that only the newer release directory has; all of them without an older one."""
    old_lines: Iterable[bytes] = dataset_lines(older) if older else ()
    return (line for sign, line in _marked(old_lines, dataset_lines(newer)) if sign > 0)


def _difference(
    older: str | None,
    newer: str,
    marked: Iterator[tuple[int, bytes]],
    keep: Callable[[bytes], object] | None,
) -> Difference:
    added: list[str] = []
    removed: list[str] = []
    more = fewer = 0
    for sign, line in marked:
        finding = _SUBJECT_TYPE.match(line)
        if sign > 0:
            more += 1
            if keep is not None:
                keep(line + b"\n")
        else:
            fewer += 1
        if finding and b"#Finding>" in line:
            (added if sign > 0 else removed).append(finding[1].decode())
    return Difference(
        older=older,
        newer=newer,
        findings_added=tuple(added),
        findings_removed=tuple(removed),
        quads_added=more,
        quads_removed=fewer,
    )


def _marked(old_lines: Iterable[bytes], new_lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """+1 with each line that only the newer has, -1 with each that only the older has."""
    old, new = iter(old_lines), iter(new_lines)
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left < right):
            yield -1, left or b""
            left = next(old, None)
        elif left is None or right < left:
            yield 1, right
            right = next(new, None)
        else:
            left, right = next(old, None), next(new, None)


def _release_id(directory: Path) -> str:
    return parse_manifest((directory / MANIFEST).read_bytes()).release_id


def _blocks(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(size):
            yield block

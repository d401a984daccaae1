"""A release made of N-Quads lines and nothing else."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

from casegraph.release.manifest import MANIFEST, build_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLAIN_RELEASE = "2026-01-01.1"


def publish_lines(releases: Path, lines: Iterable[str]) -> None:
    """Make it the current release below ``releases``."""
    directory = releases / PLAIN_RELEASE
    directory.mkdir(parents=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    (directory / "casegraph.nq.gz").write_bytes(gzip.compress(data, mtime=0))
    (directory / MANIFEST).write_bytes(
        build_manifest(
            directory,
            release_id=PLAIN_RELEASE,
            base_iri="http://example.org/",
            dataset_sha256=hashlib.sha256(data).hexdigest(),
            facts={},
        )
    )
    (releases / "current").write_text(f"{PLAIN_RELEASE}\n", encoding="utf-8")

"""A small signed release of an invented country, made in a few milliseconds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from casegraph.release.archive import gzip_chunks
from casegraph.release.minisign import SecretKey
from casegraph.release.seal import sign_release, write_manifest, write_zip

if TYPE_CHECKING:
    from pathlib import Path

RELEASE_ID: Final = "2031-05-17.2"
KEY: Final = SecretKey(bytes(range(8)), bytes(range(32)))
OTHER_KEY: Final = SecretKey(bytes(range(8, 16)), bytes(range(1, 33)))
NQUADS: Final = b"".join(
    b"<https://example.org/case/%02d> <https://example.org/ns#in> "
    b"<https://example.org/place/veldania> <https://example.org/graph/asserted> .\n" % number
    for number in range(20)
)


def fill(directory: Path) -> Path:
    """Write the files of a release, without its frame."""
    (directory / "shapes").mkdir(parents=True)
    (directory / "casegraph.nq.gz").write_bytes(b"".join(gzip_chunks([NQUADS])))
    (directory / "casegraph.ttl").write_text("# Veldania\n", encoding="utf-8")
    (directory / "README.txt").write_text("An invented release.\n", encoding="utf-8")
    (directory / "figures.csv").write_bytes(b"")
    (directory / "shapes" / "findings.ttl").write_text("# shapes\n", encoding="utf-8")
    return directory


def write_sample_manifest(directory: Path) -> None:
    """Write the manifest of what ``fill`` made."""
    write_manifest(
        directory,
        release_id=RELEASE_ID,
        base_iri="https://example.org/",
        dataset_sha256=hashlib.sha256(NQUADS).hexdigest(),
        facts={"counts": {"quads": 20}, "title": "Велданія"},
    )


def make_release(directory: Path, key: SecretKey = KEY) -> Path:
    """Make the whole signed release in a new directory."""
    fill(directory)
    write_sample_manifest(directory)
    sign_release(directory, key)
    return directory


def make_zip(folder: Path) -> Path:
    """Make the release and its archive in ``folder``; return the archive."""
    target = folder / "release.zip"
    write_zip(make_release(folder / "unpacked"), target)
    return target

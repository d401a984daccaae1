"""The canonical file of a release: its hash, its order, and what it may cost to look."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import pytest

from casegraph.release.archive import gzip_chunks
from casegraph.release.seal import sign_release, write_manifest
from casegraph.release.verify import Limits, Verification, verify, verify_dataset
from tests.release.sample_release import KEY, NQUADS, RELEASE_ID, make_release

if TYPE_CHECKING:
    from pathlib import Path


def _codes(result: Verification) -> set[str]:
    return {problem.code for problem in result.problems if problem.severity == "error"}


def _trusting(path: Path) -> Verification:
    return verify(path, public_key=KEY.public)


def _dataset(folder: Path, nquads: bytes) -> tuple[Path, str]:
    file = folder / "casegraph.nq.gz"
    file.write_bytes(b"".join(gzip_chunks([nquads])))
    return file, hashlib.sha256(nquads).hexdigest()


@pytest.mark.parametrize(
    "nquads", [b"b .\na .\n", b"a .\na .\n", b"a .\nb .", b"a .\n\n", b"b .\n" * 600_000 + b"a .\n"]
)
def test_lines_out_of_order_or_twice_are_refused(tmp_path: Path, nquads: bytes) -> None:
    file, digest = _dataset(tmp_path, nquads)
    [problem] = verify_dataset(file, sha256=digest)
    assert problem.code == "dataset-not-canonical"


def test_sorted_lines_are_accepted_across_blocks(tmp_path: Path) -> None:
    file, digest = _dataset(tmp_path, b"".join(b"%08d .\n" % n for n in range(300_000)))
    assert verify_dataset(file, sha256=digest) == []
    file, digest = _dataset(tmp_path, b"")
    assert verify_dataset(file, sha256=digest) == []


def test_a_dataset_with_another_hash_is_refused_though_the_manifest_is_signed(
    tmp_path: Path,
) -> None:
    release = make_release(tmp_path / "r")
    write_manifest(
        release, release_id=RELEASE_ID, base_iri="x:y", dataset_sha256="0" * 64, facts={}
    )
    sign_release(release, KEY)
    assert _codes(_trusting(release)) == {"dataset-altered"}


def test_a_release_without_a_dataset_is_refused(tmp_path: Path) -> None:
    release = make_release(tmp_path / "r")
    (release / "casegraph.nq.gz").unlink()
    write_manifest(
        release, release_id=RELEASE_ID, base_iri="x:y", dataset_sha256="0" * 64, facts={}
    )
    sign_release(release, KEY)
    assert _codes(_trusting(release)) == {"dataset-missing"}


@pytest.mark.parametrize("data", [b"no gzip", b"\x1f\x8b", gzip.compress(NQUADS)[:-9]])
def test_a_dataset_that_cannot_be_unpacked_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "d.gz").write_bytes(data)
    [problem] = verify_dataset(tmp_path / "d.gz", sha256="0" * 64)
    assert problem.code == "dataset-unreadable"


@pytest.mark.parametrize(
    ("limits", "nquads"),
    [
        (Limits(), bytes(30_000_000)),
        (Limits(), b"a .\n" * 5_000_000),
        (Limits(total_bytes=1000), NQUADS),
        (Limits(ratio=10_000), bytes(9_000_000)),
    ],
    ids=["long line", "ratio", "total", "line"],
)
def test_a_bomb_is_unpacked_up_to_a_limit_only(
    tmp_path: Path, limits: Limits, nquads: bytes
) -> None:
    file, digest = _dataset(tmp_path, nquads)
    [problem] = verify_dataset(file, sha256=digest, limits=limits)
    assert problem.code == "dataset-unreadable"

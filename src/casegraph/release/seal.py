"""The last two steps of a release directory: its manifest, then its signature.

They are apart because a build makes candidates that nobody has agreed to publish yet:
``write_manifest`` belongs to the build, ``sign_release`` to the publication, and the
second changes nothing that the first wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph import durable
from casegraph.release.archive import zip_chunks
from casegraph.release.manifest import (
    CHECKSUMS,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    Manifest,
    build_manifest,
    checksums,
    folder_name,
    parse_manifest,
)
from casegraph.release.minisign import SecretKey, sign

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_manifest(
    directory: Path,
    *,
    release_id: str,
    base_iri: str,
    dataset_sha256: str,
    facts: Mapping[str, object],
) -> Manifest:
    """Write ``manifest.json`` and ``SHA256SUMS`` for the files in ``directory``.

    Takes what ``build_manifest`` takes and raises what it raises.
    """
    data = build_manifest(
        directory,
        release_id=release_id,
        base_iri=base_iri,
        dataset_sha256=dataset_sha256,
        facts=facts,
    )
    durable.write_file(directory / MANIFEST, data)
    durable.write_file(directory / CHECKSUMS, checksums(data).encode())
    return parse_manifest(data)


def sign_release(directory: Path, key: SecretKey) -> None:
    """Sign the manifest of ``directory`` and put the public key beside it.

    The signature follows from manifest and key alone: it holds no time.  Raises FixInput
    where the manifest is not one of ours.
    """
    data = (directory / MANIFEST).read_bytes()
    comment = f"casegraph release {parse_manifest(data).release_id}"
    durable.write_file(directory / PUBLIC_KEY, key.public.to_text().encode())
    durable.write_file(directory / SIGNATURE, sign(data, key, trusted_comment=comment).encode())


def write_zip(directory: Path, target: Path) -> int:
    """Write the archive of a release directory to ``target`` and return its bytes.

    ``target`` lies outside of ``directory``.
    """
    release_id = parse_manifest((directory / MANIFEST).read_bytes()).release_id
    return durable.write_file(target, zip_chunks(directory, folder=folder_name(release_id)))

"""Whether files are what manifest, catalogue and headers say, and the signature holds."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.catalogue import DCAT, SPDX
from casegraph.release.manifest import (
    CHECKSUMS,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    checksums,
    hash_file,
)
from casegraph.release.minisign import PublicKey, check
from casegraph.web.releases.nodes import Nodes
from casegraph.web.selfcheck.report import untested, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.web.releases.shelf import Release
    from casegraph.web.selfcheck.report import Check
    from casegraph.web.selfcheck.visitor import Visitor

GROUP: Final = "files"
_OK: Final = 200


def check_files(visitor: Visitor, release: Release) -> Iterator[Check]:
    """Bytes on disk, manifest, catalogue and the headers of answers, file by file."""
    files = release.files
    wrong = [
        f"{name} has another SHA-256 than the manifest says"
        for name, entry in files.items()
        if hash_file(release.directory / name) != entry.sha256
    ]
    yield verdict(GROUP, "digest = manifest", wrong, f"{len(files)} files")
    yield verdict(GROUP, "headers = manifest", _headers(visitor, release), f"{len(files)} files")
    yield _catalogue(release)
    yield _sums(release)
    yield _signature(release)


def _headers(visitor: Visitor, release: Release) -> Iterator[str]:
    for name, entry in release.files.items():
        answer = visitor.ask(f"release/{release.id}/{name}", method="HEAD")
        digest = base64.b64encode(bytes.fromhex(entry.sha256)).decode()
        said = {
            "status": str(answer.status),
            "Repr-Digest": answer.headers.get("repr-digest", ""),
            "Content-Length": answer.headers.get("content-length", ""),
            "Content-Type": answer.headers.get("content-type", "").partition(";")[0],
        }
        due = {
            "status": str(_OK),
            "Repr-Digest": f"sha-256=:{digest}:",
            "Content-Length": str(entry.size),
            "Content-Type": entry.media_type,
        }
        yield from (f"{name}: {key} {said[key]}" for key in due if said[key] != due[key])


def _catalogue(release: Release) -> Check:
    name = "catalogue = manifest"
    if "void.ttl" not in release.files:
        return untested(GROUP, name, "this release carries no description")
    lines = turtle_as_lines(release.directory / "void.ttl")
    nodes = Nodes(line.decode() for line in lines)
    folder = f"{release.base_iri}release/{release.id}"
    wrong, described = [], 0
    for file in nodes.links(folder, DCAT + "distribution"):
        entry = release.files.get(file.removeprefix(f"{folder}/"))
        digest = nodes.text(nodes.link(file, SPDX + "checksum"), SPDX + "checksumValue")
        size = nodes.text(file, DCAT + "byteSize")
        described += 1
        if entry is None or (digest, size) != (entry.sha256, str(entry.size)):
            wrong.append(f"{file.rpartition('/')[2]} is described otherwise")
    if not described:
        wrong.append("no file is described")
    return verdict(GROUP, name, wrong, f"{described} files, size and SHA-256")


def _sums(release: Release) -> Check:
    manifest = (release.directory / MANIFEST).read_bytes()
    sums = release.directory / CHECKSUMS
    same = sums.is_file() and sums.read_text(encoding="ascii") == checksums(manifest)
    wrong = [] if same else [f"{CHECKSUMS} does not follow from the manifest"]
    return verdict(GROUP, f"{CHECKSUMS} = manifest", wrong)


def _signature(release: Release) -> Check:
    """Whether the signature was made with the key beside it; whose key that is, no site can say."""
    name = "signature over the manifest"
    key, signature = release.directory / PUBLIC_KEY, release.directory / SIGNATURE
    if not (key.is_file() and signature.is_file()):
        return verdict(GROUP, name, ["this release is not signed"])
    public = PublicKey.from_text(key.read_text(encoding="ascii"))
    problem = check(
        (release.directory / MANIFEST).read_bytes(), signature.read_text(encoding="utf-8"), public
    )
    wrong = [problem.message] if problem else []
    seen = f"made with the key {public.name}, which stands beside it"
    return verdict(GROUP, name, wrong, seen)

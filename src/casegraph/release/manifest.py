"""The manifest of a release: which files it holds, how long, with which hash.

``manifest.json`` names every file but the four that stand around it::

    manifest.json           what a signature covers
    manifest.json.minisig   that signature
    minisign.pub            the key that made it
    SHA256SUMS              the same hashes for coreutils' sha256sum

So a signature over the manifest covers the whole release, the manifest is the same
whoever signs it, and two builds from the same input differ in nothing at all.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.json.minisig"
PUBLIC_KEY: Final = "minisign.pub"
CHECKSUMS: Final = "SHA256SUMS"
DATASET: Final = "casegraph.nq.gz"
"""The canonical file: all graphs as sorted N-Quads, compressed."""
FRAME: Final = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY, CHECKSUMS})
"""The files that a manifest does not list."""

_FRAME_LOWER: Final = {name.lower(): name for name in FRAME}
_FORMAT: Final = 1
_RESERVED: Final = frozenset({"manifestVersion", "release", "baseIri", "datasetSha256", "files"})
_RELEASE_ID: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\.[1-9]\d{0,5}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NAME_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_WINDOWS_DEVICE: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_MAX_NAME: Final = 200
_MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "gz": "application/gzip",
    "html": "text/html",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "md": "text/markdown",
    "nq": "application/n-quads",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "rq": "application/sparql-query",
    "sqlite": "application/vnd.sqlite3",
    "ttl": "text/turtle",
    "txt": "text/plain",
}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file as a manifest describes it; ``size`` is in bytes."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says; ``facts`` holds whatever else the build put there."""

    release_id: str
    base_iri: str
    dataset_sha256: str
    files: Mapping[str, FileEntry]
    facts: Mapping[str, object]

    def to_json(self) -> bytes:
        """Return the one spelling of this manifest."""
        files = {
            name: {"sha256": entry.sha256, "bytes": entry.size, "mediaType": entry.media_type}
            for name, entry in self.files.items()
        }
        return canonical_json(
            {
                **self.facts,
                "manifestVersion": _FORMAT,
                "release": self.release_id,
                "baseIri": self.base_iri,
                "datasetSha256": self.dataset_sha256,
                "files": files,
            }
        )


def build_manifest(
    directory: Path,
    *,
    release_id: str,
    base_iri: str,
    dataset_sha256: str,
    facts: Mapping[str, object],
) -> bytes:
    """Return the bytes of ``manifest.json`` for the files that stand in ``directory``.

    ``dataset_sha256`` is that of the sorted canonical N-Quads before compression;
    ``facts`` become further members at the top (``counts``, ``licence``).  Raises
    FixInput where a name, an id or a fact has no place in a release.
    """
    if taken := sorted(_RESERVED & set(facts)):
        raise FixInput(f"The fact “{taken[0]}” has a meaning of its own in a manifest.")
    files = {name: _describe(directory / name) for name in listed_files(directory)}
    manifest = Manifest(release_id, base_iri, dataset_sha256, files, dict(facts))
    data = manifest.to_json()
    parse_manifest(data)
    return data


def checksums(manifest_json: bytes) -> str:
    """Return ``SHA256SUMS`` for a manifest: its own line and one for each file it lists."""
    sums = {name: entry.sha256 for name, entry in parse_manifest(manifest_json).files.items()}
    sums[MANIFEST] = hashlib.sha256(manifest_json).hexdigest()
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def parse_manifest(data: bytes) -> Manifest:
    """Read ``manifest.json`` and refuse every spelling but the one that we write.

    Raises FixInput: not JSON, a key twice, a wrong type, a name that could lead out of
    the directory, or anything else that ``Manifest.to_json`` would write otherwise.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        reason = "its brackets go too deep" if isinstance(error, RecursionError) else str(error)
        raise _bad(f"it is not JSON as this format wants it ({reason})") from error
    if not isinstance(value, dict) or value.get("manifestVersion") != _FORMAT:
        raise _bad(f"its manifestVersion is not {_FORMAT}")
    try:
        manifest = _from_json(value)
        canonical = manifest.to_json()
    except (KeyError, TypeError, AttributeError) as error:
        raise _bad(f"a member is missing or of the wrong type ({error})") from error
    if canonical != data:
        raise _bad("it is not written in the canonical form (sorted keys, two spaces)")
    return manifest


def canonical_json(value: object) -> bytes:
    """Return the one form of a JSON value: sorted keys, two spaces, UTF-8, one final newline.

    Raises FixInput where the value is not JSON (a NaN, a lone surrogate, an odd type).
    """
    try:
        text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise FixInput(f"This value has no canonical JSON form: {error}.") from error


def hash_file(path: Path) -> str:
    """Return the sha256 of a file in lower-case hexadecimal; memory stays flat."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_release_id(name: str) -> bool:
    """Whether a name is a release id, ``YYYY-MM-DD.n``."""
    return _RELEASE_ID.fullmatch(name) is not None


def folder_name(release_id: str) -> str:
    """Return the name of the one folder in the archive of a release."""
    return f"casegraph-{release_id}"


def name_fault(name: str) -> str | None:
    """Say why a file of a release may not have this name; None where it may.

    Names are portable (POSIX.1-2017, 3.282, parts joined with ``/``): they mean the
    same on every system and can neither leave the directory nor hide.
    """
    if len(name) > _MAX_NAME:
        return f"is longer than {_MAX_NAME} characters"
    for part in name.split("/"):
        if part in {"", ".", ".."}:
            return "does not stay inside the folder"
        if not _NAME_PART.fullmatch(part):
            return "has characters other than letters, digits, “.”, “_” and “-”"
        if part.endswith(".") or _WINDOWS_DEVICE.fullmatch(part):
            return "cannot be a file on Windows"
    return None


def shown(name: str) -> str:
    """Return a name for a message, with nothing in it that could steer a terminal."""
    return name if name.isascii() and name.isprintable() else ascii(name)


def walk(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name with ``/``, path) of all that stands in a directory, in no order.

    Links are yielded, not followed; a folder is yielded (with a final ``/``) only where
    it is empty.  No recursion: a stranger's folders may be nested deeper than Python's
    stack.
    """
    pending = [("", directory)]
    while pending:
        inside, folder = pending.pop()
        children = list(folder.iterdir())
        if inside and not children:
            yield inside, folder
        for path in children:
            name = f"{inside}{path.name}"
            if path.is_symlink() or not path.is_dir():
                yield name, path
            else:
                pending.append((f"{name}/", path))


def listed_files(directory: Path) -> list[str]:
    """Return the sorted names of the files that a manifest of ``directory`` lists.

    Raises FixInput for a name that is not portable and for anything that is no file.
    """
    names = dict(_FRAME_LOWER)
    for name, path in sorted(walk(directory)):
        if name in FRAME:
            continue
        if path.is_symlink() or not path.is_file():
            raise _misplaced(name, "is neither a file nor a folder with files in it")
        if fault := name_fault(name):
            raise _misplaced(name, fault)
        if (twin := names.setdefault(name.lower(), name)) != name:
            raise _misplaced(name, f"differs from {twin} only in capital letters")
    return sorted(set(names.values()) - FRAME)


def media_type(name: str) -> str:
    """The media type that a file of a release is served as, by its ending."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def _describe(path: Path) -> FileEntry:
    return FileEntry(hash_file(path), path.stat().st_size, media_type(path.name))


def _from_json(value: dict[str, object]) -> Manifest:
    files = value["files"]
    release_id, base_iri, dataset = (
        _text(value[key]) for key in ("release", "baseIri", "datasetSha256")
    )
    if not _RELEASE_ID.fullmatch(release_id):
        raise _bad(f"its release id {shown(release_id)} is not a date, a dot and a number")
    if not _SHA256.fullmatch(dataset):
        raise _bad("its datasetSha256 is not 64 hexadecimal digits")
    if not isinstance(files, dict):
        raise TypeError("files")
    entries = {name: _entry(name, entry) for name, entry in files.items()}
    if len({name.lower() for name in entries}) != len(entries):
        raise _bad("two of its files differ only in capital letters")
    facts = {key: fact for key, fact in value.items() if key not in _RESERVED}
    return Manifest(release_id, base_iri, dataset, entries, facts)


def _entry(name: str, value: dict[str, object]) -> FileEntry:
    if fault := name_fault(name):
        raise _bad(f"the name {shown(name)} {fault}")
    if name.lower() in _FRAME_LOWER:
        raise _bad(f"it lists {name}, which stands outside of it")
    entry = FileEntry(_text(value["sha256"]), _size(value["bytes"]), _text(value["mediaType"]))
    if not _SHA256.fullmatch(entry.sha256):
        raise _bad(f"the sha256 of {name} is not 64 hexadecimal digits")
    return entry


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {type(value).__name__}")
    return value


def _size(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("bytes is a whole number from 0 up")
    return value


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key that stands twice: readers differ in which of the two they believe."""
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise ValueError(f"the key {shown(key)} stands twice")
        members[key] = value
    return members


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is not a number in JSON")


def _bad(reason: str) -> FixInput:
    return FixInput(
        f"This manifest is refused: {reason}.",
        where=Where(MANIFEST),
        hint="Get the release again from its publisher.",
    )


def _misplaced(name: str, fault: str) -> FixInput:
    return FixInput(
        f"The name {shown(name)} {fault}, so no release can hold it.",
        where=Where(shown(name)),
        hint="Rename or remove it, then build again.",
    )

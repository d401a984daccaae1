"""Find out whether a release, folder or zip, is byte for byte the one that was signed.

The order is that of trust: the signature vouches for the manifest, the manifest for
every file, the files for each other.  All that is wrong is reported, not only the first;
what the files mean is looked at only when their bytes are right.
"""

from __future__ import annotations

import gzip
import hashlib
import operator
import tempfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixEnvironment, FixInput, NotFound, Problem, Where
from casegraph.release.archive import read_archive, unpack
from casegraph.release.manifest import (
    CHECKSUMS,
    DATASET,
    FRAME,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    Manifest,
    checksums,
    folder_name,
    hash_file,
    parse_manifest,
    shown,
    walk,
)
from casegraph.release.minisign import SIGNATURE_COMMENT, PublicKey, check, untrusted_comment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MINISIGN_COMMENT: Final = "signature from minisign secret key"
_KNOWN_COMMENTS: Final = frozenset({SIGNATURE_COMMENT, _MINISIGN_COMMENT})
_MAX_MANIFEST: Final = 1 << 24
_MAX_SMALL: Final = 4096
_MAX_LINE: Final = 8 << 20
_BLOCK: Final = 1 << 20
_FREE_BYTES: Final = 10 << 20
_AGAIN: Final = "Get the release again from its publisher."


@dataclass(frozen=True, slots=True)
class Limits:
    """What a stranger's release may cost: bytes unpacked, and how far gzip may expand.

    The ratio counts from 10 MiB on: tiny files of repeated lines pass it harmlessly.
    """

    total_bytes: int = 1 << 30
    ratio: int = 100


@dataclass(frozen=True, slots=True)
class Verification:
    """The result: ``problems`` (empty or warnings only: it is the signed release).

    ``checked`` says in sentences what was looked at and found right; ``key_trusted`` is
    False where the only key at hand came with the release itself.
    """

    problems: tuple[Problem, ...]
    checked: tuple[str, ...]
    release_id: str | None
    key_name: str | None
    key_trusted: bool

    @property
    def ok(self) -> bool:
        """No error; an untrusted key is a warning."""
        return all(problem.severity != "error" for problem in self.problems)


def verify(
    release: Path,
    *,
    public_key: PublicKey | None,
    semantic_checks: Sequence[Callable[[Path], Sequence[Problem]]] = (),
    limits: Limits | None = None,
) -> Verification:
    """Verify a release directory or its zip.

    ``public_key`` is one that the reader trusts; without it the release's own
    ``minisign.pub`` is used, and a warning says so.  Each of ``semantic_checks`` gets
    the directory once all bytes are right (a zip is unpacked to a temporary one).
    Raises NotFound where nothing stands at ``release``, FixEnvironment where a file
    cannot be read or there is no room to unpack.
    """
    limits = limits or Limits()
    try:
        if release.is_dir():
            return _Check(release, public_key, limits).run(semantic_checks)
        if release.is_file():
            return _verify_zip(release, public_key, semantic_checks, limits)
    except OSError as error:
        raise FixEnvironment(
            f"The release cannot be read or unpacked: {error.strerror or error}.",
            where=Where(str(error.filename or release)),
            hint="See that you may read its files and that the temporary folder has room.",
        ) from error
    raise NotFound(
        "There is no release here.",
        where=Where(str(release)),
        hint="Give the folder of a release, or its zip.",
    )


def _verify_zip(
    release: Path,
    public_key: PublicKey | None,
    semantic_checks: Sequence[Callable[[Path], Sequence[Problem]]],
    limits: Limits,
) -> Verification:
    archive = read_archive(release, max_bytes=limits.total_bytes)
    if isinstance(archive, Problem):
        return Verification((archive,), (), None, None, key_trusted=False)
    with tempfile.TemporaryDirectory(prefix="casegraph-verify-") as unpacked:
        problems = unpack(archive, Path(unpacked))
        inner = _Check(Path(unpacked), public_key, limits).run(semantic_checks)
    if inner.release_id and archive.folder != folder_name(inner.release_id):
        message = f"Its folder is {archive.folder}, not {folder_name(inner.release_id)}."
        problems.append(Problem("archive-altered", message, Where(release.name), _AGAIN))
    if not problems:
        inner = replace(
            inner, checked=("The archive holds these files and nothing else.", *inner.checked)
        )
    return replace(inner, problems=(*problems, *inner.problems))


def verify_files(directory: Path, manifest: Manifest) -> list[Problem]:
    """Return what differs between a directory and its manifest, signed or not.

    Looks at names, kinds, lengths and hashes, and not at the four files of the frame.
    """
    problems = []
    found = {name: path for name, path in sorted(walk(directory)) if name not in FRAME}
    for name, path in found.items():
        if path.is_symlink() or not path.is_file():
            problems.append(_not_a_file(name, path))
        elif name in manifest.files:
            problems += _verify_file(path, name, manifest)
        else:
            message = f"{shown(name)} is not part of this release."
            problems.append(_fault("file-added", name, message, hint="Remove it and try again."))
    problems += [
        _fault("file-missing", name, f"{name} is missing.")
        for name in sorted(set(manifest.files) - set(found))
    ]
    return problems


def verify_dataset(file: Path, *, sha256: str, limits: Limits | None = None) -> list[Problem]:
    """Check the canonical file: its hash unpacked, and that its lines are sorted and unique.

    ``sha256`` is that of the N-Quads before compression.
    """
    limits = limits or Limits()
    digest = hashlib.sha256()
    order = _Order()
    try:
        for block in _unpacked(file, limits):
            digest.update(block)
            order.feed(block)
    except (EOFError, gzip.BadGzipFile, zlib.error, _TooLargeError) as error:
        message = f"{file.name} cannot be unpacked: {error}."
        return [_fault("dataset-unreadable", file.name, message)]
    problems = []
    if digest.hexdigest() != sha256:
        message = f"The N-Quads in {file.name} are not those that the manifest names."
        problems.append(_fault("dataset-altered", file.name, message))
    if not order.ends_well():
        message = f"The lines of {file.name} are not sorted, each once, with a line end."
        problems.append(_fault("dataset-not-canonical", file.name, message))
    return problems


class _Check:
    """One run over a directory; collects problems and what was found right."""

    def __init__(self, directory: Path, public_key: PublicKey | None, limits: Limits) -> None:
        self.directory = directory
        self.trusted = public_key
        self.limits = limits
        self.problems: list[Problem] = []
        self.checked: list[str] = []

    def run(self, semantic_checks: Sequence[Callable[[Path], Sequence[Problem]]]) -> Verification:
        data = self._read(MANIFEST, _MAX_MANIFEST)
        key = self._key()
        if data is not None and key is not None:
            self._stage(f"The signature is of the key {key.name}.", self._signature(data, key))
        manifest = None if data is None else self._manifest(data)
        if data is not None and manifest is not None:
            self._contents(data, manifest)
        if manifest is not None and self._clean():
            for look in semantic_checks:
                self.problems += look(self.directory)
            if semantic_checks and self._clean():
                self.checked.append("The files say the same as the canonical N-Quads.")
        return Verification(
            tuple(self.problems),
            tuple(self.checked),
            manifest.release_id if manifest else None,
            key.name if key else None,
            key_trusted=self.trusted is not None,
        )

    def _clean(self) -> bool:
        return all(problem.severity != "error" for problem in self.problems)

    def _stage(self, sentence: str, problems: list[Problem]) -> None:
        self.problems += problems
        if not problems:
            self.checked.append(sentence)

    def _key(self) -> PublicKey | None:
        """Return the key to check with, after a look at the one inside the release."""
        text = self._read(PUBLIC_KEY, _MAX_SMALL)
        inside = None if text is None else _parse_key(text)
        if text is not None and inside is None:
            message = f"{PUBLIC_KEY} is not a public key as casegraph writes it."
            self.problems.append(_fault("key-malformed", PUBLIC_KEY, message))
        if self.trusted is None:
            if inside is not None:
                self.problems.append(_untrusted(inside))
            return inside
        if inside not in {None, self.trusted}:
            message = f"{PUBLIC_KEY} is not the key that you trust."
            self.problems.append(_fault("key-differs", PUBLIC_KEY, message))
        return self.trusted

    def _signature(self, data: bytes, key: PublicKey) -> list[Problem]:
        raw = self._read(SIGNATURE, _MAX_SMALL)
        if raw is None:
            return []
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return [_fault("signature-malformed", SIGNATURE, f"{SIGNATURE} is not text.")]
        found = check(data, text, key)
        if found is not None:
            name = MANIFEST if found.code == "signed-data-altered" else SIGNATURE
            against = "the key that you trust" if self.trusted else PUBLIC_KEY
            message = f"{name} fails against {against}: {found.message}"
            return [replace(found, message=message, where=Where(name), hint=found.hint or _AGAIN)]
        if untrusted_comment(text) not in _KNOWN_COMMENTS:
            message = f"The first line of {SIGNATURE}, which no signature covers, was changed."
            return [_fault("signature-comment", SIGNATURE, message)]
        return []

    def _manifest(self, data: bytes) -> Manifest | None:
        try:
            return parse_manifest(data)
        except FixInput as error:
            self.problems.append(
                Problem("manifest-malformed", error.message, Where(MANIFEST), error.hint)
            )
            return None

    def _contents(self, data: bytes, manifest: Manifest) -> None:
        found = verify_files(self.directory, manifest)
        count = len(manifest.files)
        self._stage(f"All {count} files are whole, none is missing, none was added.", found)
        sums = self._read(CHECKSUMS, 2 * _MAX_MANIFEST)
        if sums is not None and sums != checksums(data).encode():
            message = f"{CHECKSUMS} does not say what the manifest says."
            self.problems.append(_fault("checksums-altered", CHECKSUMS, message))
        if not any(problem.where == Where(DATASET) for problem in self.problems):
            self._stage(
                "The canonical N-Quads have the hash in the manifest and are sorted.",
                self._dataset(manifest),
            )

    def _dataset(self, manifest: Manifest) -> list[Problem]:
        if DATASET not in manifest.files:
            return [_fault("dataset-missing", DATASET, f"The manifest lists no {DATASET}.")]
        file = self.directory / DATASET
        return verify_dataset(file, sha256=manifest.dataset_sha256, limits=self.limits)

    def _read(self, name: str, limit: int) -> bytes | None:
        """Return the bytes of one of the four small files; what prevents it is a problem."""
        path = self.directory / name
        problem = None
        if not path.exists() and not path.is_symlink():
            problem = _fault("file-missing", name, f"{name} is missing.")
        elif path.is_symlink() or not path.is_file():
            problem = _not_a_file(name, path)
        elif path.stat().st_size > limit:
            problem = _fault("file-length", name, f"{name} is longer than it can be.")
        if problem is None:
            return path.read_bytes()
        self.problems.append(problem)
        return None


class _Order:
    """Watch whether the lines of a stream ascend strictly and each has its end."""

    def __init__(self) -> None:
        self._rest = b""
        self._last: bytes | None = None
        self._ascending = True

    def feed(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > _MAX_LINE:
            raise _TooLargeError("it has a line of more than 8 MiB")
        if lines:
            before = lines[:-1] if self._last is None else [self._last, *lines[:-1]]
            after = lines[1:] if self._last is None else lines
            self._ascending = self._ascending and all(map(operator.lt, before, after))
            self._last = lines[-1]

    def ends_well(self) -> bool:
        return self._ascending and not self._rest


class _TooLargeError(Exception):
    """Unpacking was stopped at a limit."""


def _unpacked(file: Path, limits: Limits) -> Iterator[bytes]:
    """Yield the contents of a gzip file up to the limits.  Raises _TooLargeError there."""
    most = min(limits.total_bytes, max(_FREE_BYTES, limits.ratio * file.stat().st_size))
    total = 0
    with gzip.open(file) as stream:
        while block := stream.read(_BLOCK):
            total += len(block)
            if total > most:
                raise _TooLargeError(f"it expands to more than {most} bytes")
            yield block


def _verify_file(path: Path, name: str, manifest: Manifest) -> list[Problem]:
    entry, size = manifest.files[name], path.stat().st_size
    if size != entry.size:
        message = f"{name} has {size} bytes, not {entry.size}."
        return [_fault("file-length", name, message)]
    if hash_file(path) != entry.sha256:
        return [_fault("file-altered", name, f"{name} is not the file that was signed.")]
    return []


def _parse_key(raw: bytes) -> PublicKey | None:
    """Return the key in a file only where no bit of that file could be otherwise."""
    try:
        key = PublicKey.from_text(raw.decode("ascii"))
    except (FixInput, UnicodeDecodeError):
        return None
    return key if key.to_text().encode() == raw else None


def _untrusted(key: PublicKey) -> Problem:
    return Problem(
        "key-not-trusted",
        f"The key {key.name} came with the release; it was not checked against one you trust.",
        where=Where(PUBLIC_KEY),
        hint="Get the publisher's key by another way and give it: verify RELEASE --key FILE",
        severity="warning",
    )


def _not_a_file(name: str, path: Path) -> Problem:
    kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "special file"
    return _fault("file-kind", name, f"{shown(name)} is a {kind}, not a file.")


def _fault(code: str, name: str, message: str, *, hint: str = _AGAIN) -> Problem:
    return Problem(code, message, Where(shown(name)), hint)

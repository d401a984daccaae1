"""One ``.zip`` and plain ``.gz`` files whose every byte follows from their contents.

**Zip.**  Files are stored, not compressed, and the headers are written here (APPNOTE
6.3.10, sections 4.3.7, 4.3.12 and 4.3.16).  Two reasons outweigh the size:

* deflate has many encodings of the same bytes, and zlib, its forks and its versions
  choose differently; what is stored is the same on every machine for ever;
* there is one archive for one set of files, so the reader can demand exactly that one.
  A changed date, attribute, offset or spare bit is found, and nothing is ever expanded:
  no ratio, no overlap and no nesting can make a small archive large.

The canonical N-Quads in it are compressed already; a server may compress the rest of the
way with a content encoding.

**Gzip.**  Level 9 in blocks of a fixed size, with neither time nor name in the header
(RFC 1952, section 2.3).  Here another zlib may choose other bytes; the manifest
therefore carries the hash of the N-Quads *before* compression, which no zlib changes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from casegraph.errors import FixInput, Problem, Where
from casegraph.release.manifest import name_fault, shown, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BLOCK: Final = 1 << 16
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL_MARK: Final = b"PK\3\4"
_CENTRAL_MARK: Final = b"PK\1\2"
_END_MARK: Final = b"PK\5\6"
_NEEDS: Final = 10
_MADE_ON_UNIX: Final = (3 << 8) | 20
_FIRST_OF_1980: Final = (1 << 5) | 1
_PLAIN_FILE: Final = 0o100644 << 16
_LINK_TYPE: Final = 0o120000
_TYPE_MASK: Final = 0o170000
_MAX_ENTRIES: Final = 10_000
_MAX_DIRECTORY: Final = _MAX_ENTRIES * 300
_MAX_ZIP: Final = (1 << 32) - 2
_GZIP_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored file; ``name`` begins with the folder, ``offset`` is that of its header."""

    name: str
    crc: int
    size: int
    offset: int

    @property
    def start(self) -> int:
        """Where its bytes begin."""
        return self.offset + _LOCAL.size + len(self.name)

    @property
    def end(self) -> int:
        """Where they end and the next header begins."""
        return self.start + self.size

    def local_header(self) -> bytes:
        """Return the header before the bytes."""
        fields = (_NEEDS, 0, 0, 0, _FIRST_OF_1980, self.crc, self.size, self.size)
        return _LOCAL.pack(_LOCAL_MARK, *fields, len(self.name), 0) + self.name.encode()

    def central_header(self) -> bytes:
        """Return the line of the directory at the end."""
        fields = (_NEEDS, 0, 0, 0, _FIRST_OF_1980, self.crc, self.size, self.size)
        tail = (len(self.name), 0, 0, 0, 0, _PLAIN_FILE, self.offset)
        return _CENTRAL.pack(_CENTRAL_MARK, _MADE_ON_UNIX, *fields, *tail) + self.name.encode()


class _ForeignError(Exception):
    """Why a zip is not one of ours; turned into a Problem before it leaves this module."""

    def __init__(self, reason: str, code: str = "archive-altered") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that is laid out as ours are; its contents are not checked yet."""

    path: Path
    folder: str
    entries: tuple[Entry, ...]


def zip_chunks(directory: Path, *, folder: str) -> Iterator[bytes]:
    """Yield the archive of all files in ``directory``, below one ``folder``.

    Every file is read twice (its checksum stands before it); memory stays flat.  Raises
    FixInput for what no archive of ours can hold.
    """
    offset = 0
    entries: list[Entry] = []
    for name, path in sorted(walk(directory)):
        entry = _entry(f"{folder}/{name}", path, offset)
        entries.append(entry)
        offset = entry.end
        _fits(len(entries), offset)
        yield entry.local_header()
        yield from _blocks_of(path)
    directory_bytes = b"".join(entry.central_header() for entry in entries)
    _fits(len(entries), offset + len(directory_bytes))
    yield directory_bytes
    yield _end(len(entries), len(directory_bytes), offset)


def gzip_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the gzip form of a stream; how it was cut into chunks leaves no trace."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = size = 0
    yield _GZIP_HEADER
    for block in _even(chunks):
        crc = zlib.crc32(block, crc)
        size += len(block)
        if packed := packer.compress(block):
            yield packed
    yield packer.flush() + struct.pack("<2L", crc, size & 0xFFFFFFFF)


def read_archive(path: Path, *, max_bytes: int) -> Archive | Problem:
    """Return what a zip holds, or the first thing in it that ours never have.

    ``max_bytes`` bounds the archive and, as nothing is compressed, its contents too.
    """
    size = path.stat().st_size
    if size > max_bytes:
        return _problem(
            path,
            "archive-too-large",
            f"The archive has {size} bytes; the limit is {max_bytes}.",
            hint="Raise the limit, or unpack it where there is room and verify the folder.",
        )
    try:
        with path.open("rb") as stream:
            folder, entries = _read_entries(stream, size)
    except _ForeignError as error:
        return _problem(
            path,
            error.code,
            f"This is not the archive that was published: {error}.",
            hint="Get it again; if you packed it yourself, unpack it and verify the folder.",
        )
    return Archive(path, folder, entries)


def unpack(archive: Archive, target: Path) -> list[Problem]:
    """Write the files of an archive below ``target`` and return those with a wrong checksum.

    The folder of the archive is left out.  ``target`` is an empty directory.
    """
    problems = []
    with archive.path.open("rb") as stream:
        for entry in archive.entries:
            name = entry.name.removeprefix(f"{archive.folder}/")
            file = target / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if _copy(stream, entry, file) != entry.crc:
                message = f"The bytes of {name} in the archive are not those it was made of."
                problems.append(_problem(archive.path, "archive-content-altered", message))
    return problems


def _entry(name: str, path: Path, offset: int) -> Entry:
    if path.is_symlink() or not path.is_file():
        fault: str | None = "is neither a file nor a folder with files in it"
    else:
        fault = name_fault(name)
    if fault:
        raise FixInput(
            f"{shown(name)} {fault}, so no archive can hold it.",
            where=Where(shown(name)),
            hint="Rename or remove it, then try again.",
        )
    crc = size = 0
    for block in _blocks_of(path):
        crc = zlib.crc32(block, crc)
        size += len(block)
    _fits(1, offset + size)
    return Entry(name, crc, size, offset)


def _problem(path: Path, code: str, message: str, *, hint: str | None = None) -> Problem:
    return Problem(code, message, Where(path.name), hint)


def _fits(entries: int, size: int) -> None:
    if entries > _MAX_ENTRIES or size > _MAX_ZIP:
        raise FixInput(
            f"This release is too large for one zip ({_MAX_ENTRIES} files, 4 GiB).",
            hint="Offer its files one by one; SHA256SUMS and the signature cover them.",
        )


def _end(count: int, directory_bytes: int, offset: int) -> bytes:
    return _END.pack(_END_MARK, 0, 0, count, count, directory_bytes, offset, 0)


def _read_end(stream: BinaryIO, size: int) -> tuple[int, bytes]:
    """Return the number of entries of a zip that ends as ours do, and its directory."""
    stream.seek(max(0, size - _END.size))
    end = stream.read(_END.size)
    if len(end) == _END.size:
        count, length, offset = _END.unpack(end)[4:7]
        bounded = count <= _MAX_ENTRIES and length <= _MAX_DIRECTORY
        if bounded and offset + length + _END.size == size and end == _end(count, length, offset):
            stream.seek(offset)
            return count, stream.read(length)
    raise _ForeignError("its end is not the one that casegraph writes")


def _read_entries(stream: BinaryIO, size: int) -> tuple[str, tuple[Entry, ...]]:
    """Return folder and entries; every byte outside of the contents is compared."""
    count, directory = _read_end(stream, size)
    entries: list[Entry] = []
    names: set[str] = set()
    at = position = 0
    while at < len(directory):
        entry = _parse(directory, at, position)
        if entry.name.lower() in names:
            raise _ForeignError(f"{entry.name} stands in it twice", "archive-twice")
        names.add(entry.name.lower())
        stream.seek(position)
        header = entry.local_header()
        if stream.read(len(header)) != header:
            raise _ForeignError(f"the header before {entry.name} does not belong there")
        entries.append(entry)
        at += len(entry.central_header())
        position = entry.end
    if len(entries) != count or position + len(directory) + _END.size != size:
        raise _ForeignError("there are bytes in it that belong to no file")
    return _folder_of([entry.name for entry in entries]), tuple(entries)


def _folder_of(names: list[str]) -> str:
    folders = {name.partition("/")[0] for name in names}
    above = {name[:end] for name in names for end, char in enumerate(name) if char == "/"}
    ordered = names == sorted(names) and not above & set(names)
    if len(folders) != 1 or not ordered or folders & set(names):
        raise _ForeignError("its files do not stand in order in one folder")
    return folders.pop()


def _parse(directory: bytes, at: int, position: int) -> Entry:
    """Return the entry at a place of the directory, whose file must begin at ``position``."""
    head = directory[at : at + _CENTRAL.size]
    if len(head) != _CENTRAL.size:
        raise _ForeignError("its directory is cut short")
    mark, _, _, _, method, _, _, crc, _, size, length, *_, attributes, _ = _CENTRAL.unpack(head)
    raw = directory[at + _CENTRAL.size : at + _CENTRAL.size + length]
    name = raw.decode("ascii", "backslashreplace")
    if mark != _CENTRAL_MARK:
        raise _ForeignError("its directory is damaged")
    if fault := name_fault(name):
        raise _ForeignError(f"the name {shown(name)} in it {fault}", "archive-unsafe-name")
    if (attributes >> 16) & _TYPE_MASK == _LINK_TYPE:
        raise _ForeignError(f"{name} in it is a link", "archive-link")
    if method:
        raise _ForeignError(f"{name} in it is compressed", "archive-compressed")
    entry = Entry(name, crc, size, position)
    if head + raw != entry.central_header():
        raise _ForeignError(f"the entry of {name} in its directory is another one")
    return entry


def _copy(stream: BinaryIO, entry: Entry, target: Path) -> int:
    """Copy the bytes of an entry to a new file and return their CRC-32."""
    crc, left = 0, entry.size
    stream.seek(entry.start)
    with target.open("xb") as out:
        while left and (block := stream.read(min(_BLOCK, left))):
            crc = zlib.crc32(block, crc)
            left -= len(block)
            out.write(block)
    return crc


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in blocks of one size (the last may be shorter)."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) >= _BLOCK:
            yield bytes(pending[:_BLOCK])
            del pending[:_BLOCK]
    if pending:
        yield bytes(pending)

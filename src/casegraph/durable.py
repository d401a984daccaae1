"""The one door for file operations that must survive a crash.

Every function leaves either the old state or the new one, whole, and tells which:

* it returns: the new state is on disk and stays through a loss of power;
* it raises ``FixEnvironment``: what stood there before stands there still (the one
  exception, a directory that could not be synced after a rename, says so).

The order is the usual one: write a temporary file in the *same* directory, fsync it,
rename it over its name, fsync the directory.  A failed fsync is never tried again: the
kernel may have dropped the pages it could not write, and a second call would report
success.  Windows cannot fsync a directory; NTFS journals its renames, so that step is
left out there.

``Files`` is the set of system calls in use; tests pass one that fails at the k-th call.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from casegraph.errors import Conflict, FixEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def _exchange(one: str, other: str) -> bool:
    """``renameat2(RENAME_EXCHANGE)`` of Linux, ``renamex_np(RENAME_SWAP)`` of macOS."""
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        here = -100  # AT_FDCWD
        status = library.renameat2(here, first, here, second, 2)
    elif hasattr(library, "renamex_np"):
        status = library.renamex_np(first, second, 2)
    else:
        return False
    if status == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), other)


#: Temporary names begin with a dot and end so; whoever lists a directory can skip them.
TEMPORARY_SUFFIX = ".casegraph-tmp"

_UNCHANGED = "nothing was changed"


@dataclass(frozen=True, slots=True)
class Files:
    """The system calls that change a file system, as ``os`` has them."""

    open: Callable[[str, int, int], int] = os.open
    write: Callable[[int, memoryview], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    close: Callable[[int], None] = os.close
    replace: Callable[[str, str], None] = os.replace
    rename: Callable[[str, str], None] = os.rename
    exchange: Callable[[str, str], bool] = _exchange
    unlink: Callable[[str], None] = os.unlink
    rmtree: Callable[[str], None] = shutil.rmtree


_SYSTEM = Files()


def write_file(
    path: Path,
    data: bytes | Iterable[bytes],
    *,
    mode: int = 0o644,
    overwrite: bool = True,
    files: Files = _SYSTEM,
) -> int:
    """Write ``data`` (or its pieces, one after the other) to ``path``; give its bytes.

    A reader sees the old content or the new, never a part.  ``mode`` holds for the new
    file whatever the old one had, less the umask.  The directory must exist.

    Raises ``Conflict`` if ``overwrite`` is false and the path is taken, and
    ``FixEnvironment`` if the system refuses.  What an iterable raises passes through.
    """
    if not overwrite and os.path.lexists(path):
        raise Conflict(f"{path} exists already", hint="Choose another name, or move it away.")
    temporary = _temporary_beside(path)
    written = False
    try:
        size = _write_temporary(temporary, data, mode, files)
        with _refusals(path):
            files.replace(str(temporary), str(path))
        written = True
    finally:
        if not written:
            _forget(temporary, files)
    _sync_parent(path, files)
    return size


def replace_small(path: Path, text: str, *, files: Files = _SYSTEM) -> None:
    """Replace a small text file, such as ``current``, in one step (UTF-8, line ends as given)."""
    write_file(path, text.encode(), files=files)


def sync_tree(directory: Path, *, files: Files = _SYSTEM) -> None:
    """Put every file and directory of a finished tree on disk, innermost first.

    Links are not followed; what they point to is not part of the tree.
    """
    for parent, folders, names in os.walk(directory, topdown=False, onerror=_raise_refusal):
        for name in sorted(names):
            file = Path(parent, name)
            if file.is_file() and not file.is_symlink():
                _sync_path(file, files)
        folders.sort()
        _sync_directory(Path(parent), files, _UNCHANGED)


def rename_dir(source: Path, target: Path, *, files: Files = _SYSTEM) -> None:
    """Give a synced directory its final name, on the same file system.

    Raises ``Conflict`` if the name is taken, even by an empty directory, which rename(2)
    would swallow.
    """
    if os.path.lexists(target):
        raise Conflict(f"{target} exists already", hint="Remove it or choose another name.")
    with _refusals(target):
        files.rename(str(source), str(target))
    _sync_parent(target, files)
    if source.parent != target.parent:
        _sync_parent(source, files)


def exchange_dirs(one: Path, other: Path, *, files: Files = _SYSTEM) -> bool:
    """Let two synced directories of one file system change places in a single step.

    Gives False, with nothing changed, where the system has no such call.
    """
    with _refusals(other):
        if not files.exchange(str(one), str(other)):
            return False
    _sync_parent(other, files)
    _sync_parent(one, files)
    return True


def remove_tree(directory: Path, *, files: Files = _SYSTEM) -> None:
    """Remove a directory and all in it; no error if it is gone already.

    It loses its name first, so that a crash in between leaves rubbish under a temporary
    name (see ``sweep``) and never half a directory under the real one.
    """
    doomed = _temporary_beside(directory)
    try:
        with _refusals(directory):
            files.rename(str(directory), str(doomed))
    except FixEnvironment as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return
        raise
    _sync_directory(directory.parent, files, f"{directory} is gone, but may return after a crash")
    with _refusals(doomed, f"{directory} is gone, but some of its files remain in {doomed}"):
        files.rmtree(str(doomed))


def sweep(directory: Path, *, files: Files = _SYSTEM) -> list[Path]:
    """Remove what crashes left behind in ``directory``; give the paths removed.

    Only call it while no other process writes there.
    """
    leftovers = sorted(directory.glob(f".*{TEMPORARY_SUFFIX}"))
    for leftover in leftovers:
        with _refusals(leftover):
            if leftover.is_dir() and not leftover.is_symlink():
                files.rmtree(str(leftover))
            else:
                files.unlink(str(leftover))
    return leftovers


def _temporary_beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")


def _write_temporary(
    temporary: Path, data: bytes | Iterable[bytes], mode: int, files: Files
) -> int:
    # O_EXCL: a link planted under this name is never written through.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    path = temporary.parent
    with _refusals(path):
        descriptor = files.open(str(temporary), flags | getattr(os, "O_CLOEXEC", 0), mode)
    try:
        size = 0
        for piece in [data] if isinstance(data, bytes) else data:
            with _refusals(path):
                size += _write_all(descriptor, piece, files)
        with _refusals(path):
            files.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            files.close(descriptor)
        raise
    # Some file systems report a full disk or quota only here.
    with _refusals(path):
        files.close(descriptor)
    return size


def _write_all(descriptor: int, piece: bytes, files: Files) -> int:
    rest = memoryview(piece)
    while rest:
        rest = rest[files.write(descriptor, rest) :]
    return len(piece)


def _forget(temporary: Path, files: Files) -> None:
    """Remove a temporary file after a failure, which is the error worth telling."""
    with contextlib.suppress(OSError):
        files.unlink(str(temporary))


def _sync_path(path: Path, files: Files) -> None:
    # Windows flushes only handles that may write.
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) if sys.platform == "win32" else os.O_RDONLY
    with _refusals(path):
        descriptor = files.open(str(path), flags, 0)
        try:
            files.fsync(descriptor)
        finally:
            files.close(descriptor)


def _sync_directory(directory: Path, files: Files, state: str) -> None:
    if sys.platform == "win32":
        return
    with _refusals(directory, state):
        descriptor = files.open(str(directory), os.O_RDONLY | os.O_DIRECTORY, 0)
        try:
            files.fsync(descriptor)
        finally:
            files.close(descriptor)


def _sync_parent(path: Path, files: Files) -> None:
    state = f"{path} is complete, but may be lost if the power fails now"
    _sync_directory(path.parent, files, state)


def _raise_refusal(error: OSError) -> None:
    with _refusals(Path(str(error.filename))):
        raise error


@contextlib.contextmanager
def _refusals(path: Path, state: str = _UNCHANGED) -> Iterator[None]:
    """Turn the system's refusals into sentences that say what state the files are in."""
    try:
        yield
    except OSError as error:
        raise _refusal(error, path, state) from error


def _refusal(error: OSError, path: Path, state: str) -> FixEnvironment:
    again = "and run the command again."
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            what, mend = f"the disk is full at {path}", f"Free some space {again}"
        case errno.EACCES | errno.EPERM:
            what = f"writing at {path} is not permitted"
            mend = f"Change its owner or its permissions {again}"
        case errno.EROFS:
            what = f"the file system at {path} is read-only"
            mend = f"Choose another place, or mount it writable, {again}"
        case errno.EIO:
            what = f"the disk failed at {path}"
            mend = "Check the disk before anything else; then run the command again."
        case errno.EXDEV:
            what = f"{path} lies on another file system"
            mend = f"Put both on the same one {again}"
        case errno.ENOENT | errno.ENOTDIR:
            what = f"the folder of {path} is missing"
            mend = f"Make it {again}"
        case _:
            what = f"the system refused to write at {path} ({error.strerror or error})"
            mend = "Mend that and run the command again."
    return FixEnvironment(f"{what}; {state}", hint=mend)

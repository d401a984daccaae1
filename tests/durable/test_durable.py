"""Old or new, never neither: every function with a refusal at every call."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph import durable
from casegraph.errors import Conflict, FixEnvironment
from tests.durable.faults import Disk, failing, permissions, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSALS = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS]
CALLS = range(1, 20)
TOO_MANY = os.strerror(errno.EMFILE)


def refused(action: Callable[[], object]) -> str:
    """What the refusal said, or nothing where the action went through."""
    try:
        action()
    except FixEnvironment as error:
        return error.message
    return ""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("number", REFUSALS)
@pytest.mark.parametrize("at", CALLS)
@pytest.mark.parametrize("old", [None, b"old content"])
def test_a_refused_write_leaves_old_or_new_and_no_temporary_file(
    tmp_path: Path, old: bytes | None, at: int, number: int
) -> None:
    path = tmp_path / "current"
    if old is not None:
        path.write_bytes(old)
    files, counter = failing(at, refusal(number))
    said = refused(lambda: durable.write_file(path, [b"new ", b"content"], files=files))
    replaced = "replace" in counter.names and counter.failed != "replace"
    assert bool(said) is (counter.failed is not None)
    assert ("nothing was changed" in said) is (bool(said) and not replaced)
    assert ("may be lost" in said) is (bool(said) and replaced)
    assert (path.read_bytes() if path.exists() else None) == (b"new content" if replaced else old)
    assert names(tmp_path) == (["current"] if replaced or old is not None else [])


@pytest.mark.parametrize("at", CALLS)
def test_an_interrupted_write_leaves_old_or_new_and_no_temporary_file(
    tmp_path: Path, at: int
) -> None:
    path = tmp_path / "current"
    path.write_bytes(b"old")
    files, counter = failing(at, KeyboardInterrupt)
    with contextlib.suppress(KeyboardInterrupt):
        durable.write_file(path, b"new", files=files)
    assert bool(counter.failed) is (at <= counter.count)
    assert path.read_bytes() in {b"old", b"new"}
    assert names(tmp_path) == ["current"]


def test_a_failed_sync_is_not_tried_again(tmp_path: Path) -> None:
    files, counter = failing(3, refusal(errno.EIO))
    with pytest.raises(FixEnvironment):
        durable.write_file(tmp_path / "file", b"x", files=files)
    assert counter.names == ["open", "write", "fsync", "close", "unlink"]


def test_a_write_syncs_the_file_before_its_name_and_the_folder_after(tmp_path: Path) -> None:
    files, counter = failing(0, KeyboardInterrupt)
    durable.write_file(tmp_path / "file", b"x", files=files)
    expected = ["open", "write", "fsync", "close", "replace"]
    if sys.platform != "win32":
        expected += ["open", "fsync", "close"]
    assert counter.names == expected


@given(old=st.binary(max_size=9), new=st.lists(st.binary(max_size=7), max_size=4))
def test_power_may_fail_at_any_call(old: bytes, new: list[bytes]) -> None:
    """On a disk that keeps only what was synced, a reader finds the old file or the new."""
    disk = Disk()
    path = Path("/folder/current")
    disk.put(str(path), old)
    whole = b"".join(new)
    looked = 0

    def look() -> None:
        nonlocal looked
        for found in disk.after_power_loss():
            looked += 1
            assert found[str(path)] in {old, whole}

    disk.observe = look
    durable.write_file(path, new, files=disk.files())
    assert looked
    assert {found[str(path)] for found in disk.after_power_loss()} == {whole}


def test_the_model_of_a_disk_finds_a_missing_sync() -> None:
    """The test above would fail if the file were renamed before it is on disk."""
    disk = Disk()
    files = disk.files()
    handle = files.open("t", os.O_CREAT | os.O_EXCL, 0o600)
    files.write(handle, memoryview(b"abc"))
    files.replace("t", "current")
    assert b"" in {found.get("current") for found in disk.after_power_loss()}


@pytest.mark.parametrize(
    ("number", "message", "hint"),
    [
        (errno.ENOSPC, "the disk is full at {}; nothing was changed", "Free some space"),
        (errno.EDQUOT, "the disk is full at {}; nothing was changed", "Free some space"),
        (errno.EIO, "the disk failed at {}; nothing was changed", "Check the disk"),
        (errno.EACCES, "writing at {} is not permitted; nothing was changed", "Change its owner"),
        (errno.EPERM, "writing at {} is not permitted; nothing was changed", "Change its owner"),
        (errno.EROFS, "the file system at {} is read-only; nothing was changed", "Choose another"),
        (errno.EXDEV, "{} lies on another file system; nothing was changed", "Put both"),
        (errno.ENOENT, "the folder of {} is missing; nothing was changed", "Make it"),
        (
            errno.EMFILE,
            f"the system refused to write at {{}} ({TOO_MANY}); nothing was changed",
            "Mend that",
        ),
    ],
)
def test_each_refusal_has_its_sentence(
    tmp_path: Path, number: int, message: str, hint: str
) -> None:
    files, _ = failing(1, refusal(number))
    with pytest.raises(FixEnvironment) as caught:
        durable.write_file(tmp_path / "file", b"x", files=files)
    assert caught.value.message == message.format(tmp_path)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


def test_what_the_pieces_raise_passes_through_and_nothing_stays(tmp_path: Path) -> None:
    def pieces() -> object:
        yield b"a"
        raise LookupError

    with pytest.raises(LookupError):
        durable.write_file(tmp_path / "file", pieces())  # type: ignore[arg-type]
    assert names(tmp_path) == []


def test_an_error_of_the_pieces_is_not_taken_for_one_of_the_disk(tmp_path: Path) -> None:
    def pieces() -> object:
        yield b"a"
        raise OSError(errno.ENOSPC, "of another disk")

    with pytest.raises(OSError, match="of another disk"):
        durable.write_file(tmp_path / "file", pieces())  # type: ignore[arg-type]


def test_write_gives_the_size_and_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert durable.write_file(path, [b"ab", b"", b"cde"], mode=0o600) == 5
    assert path.read_bytes() == b"abcde"
    if sys.platform != "win32":
        assert permissions(path) == 0o600


def test_write_refuses_a_taken_name_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.symlink_to("nowhere")
    with pytest.raises(Conflict, match="exists already"):
        durable.write_file(path, b"x", overwrite=False)
    assert path.is_symlink()


def test_write_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    path = tmp_path / "current"
    path.symlink_to(other)
    durable.replace_small(path, "new\n")
    assert other.read_bytes() == b"mine"
    assert path.read_bytes() == b"new\n"


def test_a_long_name_still_gets_a_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    durable.write_file(path, b"x")
    assert path.read_bytes() == b"x"


def tree(folder: Path) -> Path:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "deep").write_bytes(b"1")
    (folder / "top").write_bytes(b"2")
    (folder / "link").symlink_to("top")
    return folder


def test_sync_tree_syncs_every_file_and_folder_innermost_first(tmp_path: Path) -> None:
    opened: list[str] = []

    def noting(path: str, flags: int, mode: int) -> int:
        opened.append(Path(path).relative_to(tmp_path).as_posix())
        return os.open(path, flags, mode)

    durable.sync_tree(tree(tmp_path), files=durable.Files(open=noting))
    files_alone = ["a/b/deep", "top"]
    expected = ["a/b/deep", "a/b", "a", "top", "."]
    assert opened == (files_alone if sys.platform == "win32" else expected)


@pytest.mark.parametrize("at", range(1, 16))
def test_sync_tree_reports_any_refusal(tmp_path: Path, at: int) -> None:
    files, counter = failing(at, refusal(errno.EIO))
    with pytest.raises(FixEnvironment, match=r"the disk failed at .*; nothing was changed"):
        durable.sync_tree(tree(tmp_path), files=files)
    assert counter.failed


def test_sync_tree_of_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FixEnvironment, match="is missing"):
        durable.sync_tree(tmp_path / "nowhere")


@pytest.mark.parametrize("number", REFUSALS)
@pytest.mark.parametrize("at", range(1, 9))
def test_a_refused_rename_leaves_one_whole_folder(tmp_path: Path, at: int, number: int) -> None:
    source = tree(tmp_path / "tmp" / "new")
    target = tmp_path / "releases"
    files, counter = failing(at, refusal(number))
    said = refused(lambda: durable.rename_dir(source, target, files=files))
    assert bool(said) is (counter.failed is not None)
    assert ("nothing was changed" in said) is (counter.failed == "rename")
    assert source.exists() is not target.exists()
    assert target.exists() is (counter.failed != "rename")


def test_rename_syncs_both_parents(tmp_path: Path) -> None:
    files, counter = failing(0, KeyboardInterrupt)
    durable.rename_dir(tree(tmp_path / "tmp" / "new"), tmp_path / "to", files=files)
    expected = ["rename"]
    if sys.platform != "win32":
        expected += ["open", "fsync", "close"] * 2
    assert counter.names == expected


def test_rename_never_swallows_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    with pytest.raises(Conflict, match="exists already"):
        durable.rename_dir(tree(tmp_path / "from"), tmp_path / "to")


@pytest.mark.parametrize("at", range(1, 7))
def test_a_refused_removal_leaves_the_whole_folder_or_no_such_name(tmp_path: Path, at: int) -> None:
    folder = tree(tmp_path / "old")
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    files, counter = failing(at, refusal(errno.EIO))
    said = refused(lambda: durable.remove_tree(folder, files=files))
    assert bool(said) is (counter.failed is not None)
    assert ("nothing was changed" in said) is (counter.failed == "rename")
    if folder.exists():
        assert counter.failed == "rename"
        assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before
    durable.sweep(tmp_path)
    assert names(tmp_path) == (["old"] if counter.failed == "rename" else [])


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    durable.remove_tree(tmp_path / "nowhere")
    assert names(tmp_path) == []


def test_sweep_takes_only_its_own_leftovers(tmp_path: Path) -> None:
    (tmp_path / f".x.0{durable.TEMPORARY_SUFFIX}").write_bytes(b"")
    tree(tmp_path / f".y.1{durable.TEMPORARY_SUFFIX}")
    (tmp_path / ".gitignore").write_bytes(b"")
    assert len(durable.sweep(tmp_path)) == 2
    assert names(tmp_path) == [".gitignore"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a device of Linux")
def test_a_truly_full_disk_is_reported() -> None:
    def full(_path: str, _flags: int, _mode: int) -> int:
        return os.open("/dev/full", os.O_WRONLY)

    with pytest.raises(FixEnvironment, match=r"the disk is full at .*; nothing was changed"):
        durable.write_file(Path("/nowhere/file"), b"x", files=durable.Files(open=full))


def test_a_planted_temporary_name_is_never_written_through(tmp_path: Path) -> None:
    """The temporary file must be new: a link planted under its name is refused."""
    seen: list[int] = []

    def noting(path: str, flags: int, mode: int) -> int:
        seen.append(flags)
        return os.open(path, flags, mode)

    durable.write_file(tmp_path / "file", b"x", files=durable.Files(open=noting))
    assert seen[0] & os.O_CREAT
    assert seen[0] & os.O_EXCL

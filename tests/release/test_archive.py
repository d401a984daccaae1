"""Archives: one set of files, one zip; and nothing hostile gets in."""

from __future__ import annotations

import gzip
import io
import os
import stat
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import FixInput, Problem
from casegraph.release.archive import Archive, gzip_chunks, read_archive, unpack, zip_chunks
from tests.conftest import require_tool
from tests.release.sample_release import NQUADS, fill, make_zip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROOM = 1 << 30


def _zip(directory: Path) -> bytes:
    return b"".join(zip_chunks(directory, folder="r"))


def _write(path: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def _refusal(path: Path) -> Problem:
    found = read_archive(path, max_bytes=ROOM)
    assert isinstance(found, Problem)
    return found


def test_every_unzip_reads_it(tmp_path: Path) -> None:
    archive = make_zip(tmp_path)
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        infos = opened.infolist()
        assert "casegraph-2031-05-17.2/shapes/findings.ttl" in opened.namelist()
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100644}
    tool = require_tool("unzip")
    done = subprocess.run([tool, "-t", archive], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_neither_order_nor_time_nor_mode_of_the_files_shows(tmp_path: Path) -> None:
    files = {"b.ttl": b"b", "a/c.csv": b"c", "a.txt": b"", "a-b": b"x"}
    first = _write(tmp_path / "one", files)
    second = _write(tmp_path / "two", dict(reversed(files.items())))
    (second / "b.ttl").chmod(0o600)
    os.utime(second / "b.ttl", (1, 1))
    assert _zip(first) == _zip(second)


def test_the_bytes_of_an_archive_are_fixed_for_ever(tmp_path: Path) -> None:
    """A golden archive: whoever changes a byte of the layout changes every release."""
    _write(tmp_path / "r", {"a": b"hi"})
    assert _zip(tmp_path / "r").hex() == (
        "504b03040a000000000000002100ac2a93d802000000020000000300000072"
        "2f616869"
        "504b010214030a000000000000002100ac2a93d8020000000200000003000000"
        "0000000000000000a48100000000722f61"
        "504b050600000000010001003100000023000000" + "0000"
    )


def test_what_was_packed_is_unpacked(tmp_path: Path) -> None:
    archive = read_archive(make_zip(tmp_path), max_bytes=ROOM)
    assert isinstance(archive, Archive)
    assert archive.folder == "casegraph-2031-05-17.2"
    assert unpack(archive, tmp_path / "again") == []
    again = b"".join(zip_chunks(tmp_path / "again", folder=archive.folder))
    assert again == archive.path.read_bytes()


def test_large_files_pass_in_blocks(tmp_path: Path) -> None:
    _write(tmp_path / "r", {"large": bytes(range(256)) * 1000})
    assert max(map(len, zip_chunks(tmp_path / "r", folder="r"))) <= 1 << 16


def test_an_archive_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    found = read_archive(make_zip(tmp_path), max_bytes=100)
    assert isinstance(found, Problem)
    assert found.code == "archive-too-large"


@pytest.mark.parametrize("kind", ["link", "name", "empty"])
def test_what_an_archive_cannot_hold_stops_it(tmp_path: Path, kind: str) -> None:
    directory = fill(tmp_path / "r")
    if kind == "link":
        (directory / "link").symlink_to("README.txt")
    elif kind == "name":
        (directory / "with space").write_bytes(b"")
    else:
        (directory / "empty").mkdir()
    with pytest.raises(FixInput, match="no archive can hold it"):
        _zip(directory)


def _hostile(
    name: str, data: bytes = b"x", *, method: int = zipfile.ZIP_STORED, mode: int = 0o100644
) -> Callable[[zipfile.ZipFile], None]:
    """Return what adds one entry, in all else like ours."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system, info.create_version, info.extract_version = 3, 20, 10
    info.compress_type, info.external_attr = method, mode << 16
    return lambda opened: opened.writestr(info, data)


def _foreign_zip(path: Path, *add: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for one in add:
            one(opened)
    return path


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("../evil", "archive-unsafe-name", "../evil"),
        ("r/../../evil", "archive-unsafe-name", "r/../../evil"),
        ("/etc/evil", "archive-unsafe-name", "/etc/evil"),
        ("C:/evil", "archive-unsafe-name", "C:/evil"),
        ("r/ev\nil", "archive-unsafe-name", "ev\\nil"),
        ("r/évil", "archive-unsafe-name", "vil"),
        ("r/folder/", "archive-unsafe-name", "r/folder/"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    tmp_path: Path, name: str, code: str, said: str
) -> None:
    problem = _refusal(_foreign_zip(tmp_path / "z.zip", _hostile(name)))
    assert problem.code == code
    assert said in problem.message


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = _hostile("r/link", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    problem = _refusal(_foreign_zip(tmp_path / "z.zip", link))
    assert (problem.code, "r/link" in problem.message) == ("archive-link", True)


def test_a_bomb_is_refused_before_one_byte_of_it_is_expanded(tmp_path: Path) -> None:
    bomb = _hostile("r/bomb", bytes(10_000_000), method=zipfile.ZIP_DEFLATED)
    problem = _refusal(_foreign_zip(tmp_path / "z.zip", bomb))
    assert (problem.code, "r/bomb" in problem.message) == ("archive-compressed", True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["r/a", "r/A"])
def test_an_entry_that_stands_twice_is_refused(tmp_path: Path, second: str) -> None:
    problem = _refusal(_foreign_zip(tmp_path / "z.zip", _hostile("r/a"), _hostile(second)))
    assert problem.code == "archive-twice"
    assert second in problem.message


@pytest.mark.parametrize(
    "names", [["r/b", "r/a"], ["r/a", "s/b"], ["a"], ["r/a", "r/a/b"], ["r", "r/a"]]
)
def test_another_order_or_a_second_folder_is_refused(tmp_path: Path, names: list[str]) -> None:
    archive = _foreign_zip(tmp_path / "z.zip", *map(_hostile, names))
    assert _refusal(archive).code == "archive-altered"


def test_two_entries_over_the_same_bytes_are_refused(tmp_path: Path) -> None:
    """The trick of the densest bombs: many names, one body."""
    data = bytearray(_foreign_zip(tmp_path / "z.zip", *map(_hostile, ["r/a", "r/b"])).read_bytes())
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)
    (tmp_path / "z.zip").write_bytes(data)
    assert _refusal(tmp_path / "z.zip").code == "archive-altered"


@pytest.mark.parametrize("change", ["before", "after", "cut", "empty", "text"])
def test_bytes_around_an_archive_are_refused(tmp_path: Path, change: str) -> None:
    archive = make_zip(tmp_path)
    data = archive.read_bytes()
    changed = {
        "before": b"#!/bin/sh\n" + data,
        "after": data + b"x",
        "cut": data[:-1],
        "empty": b"",
        "text": b"not a zip at all, but long enough to be one",
    }
    archive.write_bytes(changed[change])
    assert _refusal(archive).code == "archive-altered"


@pytest.mark.parametrize("tail", [b"\xff" * 4, b"\0\0\0\0", b"\0\0\0\x10"])
def test_an_end_that_lies_about_its_directory_is_refused(tmp_path: Path, tail: bytes) -> None:
    archive = make_zip(tmp_path)
    data = bytearray(archive.read_bytes())
    data[-10:-6] = tail
    archive.write_bytes(data)
    assert _refusal(archive).code == "archive-altered"


def test_a_file_whose_bytes_changed_is_named(tmp_path: Path) -> None:
    archive = make_zip(tmp_path)
    data = archive.read_bytes()
    archive.write_bytes(data.replace(b"# Veldania", b"# Weldania"))
    opened = read_archive(archive, max_bytes=ROOM)
    assert isinstance(opened, Archive)
    [problem] = unpack(opened, tmp_path / "out")
    assert problem.code == "archive-content-altered"
    assert "casegraph.ttl" in problem.message


@given(st.lists(st.binary(max_size=300)), st.binary(max_size=3))
def test_gzip_does_not_depend_on_how_the_stream_was_cut(chunks: list[bytes], tail: bytes) -> None:
    cut = [*chunks, tail * 50_000]
    packed = b"".join(gzip_chunks(cut))
    assert gzip.decompress(packed) == b"".join(cut)
    assert packed == b"".join(gzip_chunks([b"".join(cut)]))


def test_gzip_holds_neither_name_nor_time_nor_system() -> None:
    packed = b"".join(gzip_chunks([NQUADS]))
    assert packed[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    expected = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, expected, mtime=0) as writer:
        writer.write(NQUADS)
    assert packed == expected.getvalue()

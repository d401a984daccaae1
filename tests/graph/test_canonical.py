from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from casegraph.graph import canonical
from tests.conftest import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(str.encode))


@given(LINES, st.integers(1, 40))
def test_any_size_of_run_gives_the_sorted_set(lines: list[bytes], run_bytes: int) -> None:
    assert list(canonical.sorted_lines(lines, run_bytes=run_bytes)) == sorted(set(lines))


def test_more_runs_than_can_be_open_are_merged_in_between(tmp_path: Path) -> None:
    lines = [f"{(number * 7919) % 1000:04d}".encode() for number in range(1000)]
    found = canonical.sorted_lines(lines, run_bytes=8, directory=tmp_path)
    assert next(found) == b"0000"
    folder = next(tmp_path.iterdir())
    assert len(list(folder.iterdir())) <= canonical.FAN_IN + 1
    assert list(found) == sorted(lines)[1:]
    assert list(tmp_path.iterdir()) == []


def test_a_sort_that_is_abandoned_leaves_nothing(tmp_path: Path) -> None:
    found = canonical.sorted_lines([b"b", b"a"], run_bytes=1, directory=tmp_path)
    next(found)
    found.close()  # type: ignore[attr-defined]  # an iterator that is a generator
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_what_sort_of_coreutils_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_tool("sort")
    lines = [b"<b> .", b"<a>", b"<a> .", b"<b> .", "<я> .".encode(), b"\xf0\x9f\x98\x80", b"~"]
    given_file = tmp_path / "given"
    given_file.write_bytes(b"".join(line + b"\n" for line in lines))
    monkeypatch.setitem(os.environ, "LC_ALL", "C")
    expected = subprocess.run(["sort", "-u", given_file], capture_output=True, check=True).stdout
    digest = canonical.write_canonical(tmp_path / "out.nq", lines)
    assert (tmp_path / "out.nq").read_bytes() == expected
    assert digest.sha256 == hashlib.sha256(expected).hexdigest()
    assert (digest.lines, digest.size) == (6, len(expected))


def test_the_digest_of_nothing_is_that_of_an_empty_file(tmp_path: Path) -> None:
    digest = canonical.write_canonical(tmp_path / "out.nq", [])
    assert digest == canonical.Digest(hashlib.sha256(b"").hexdigest(), 0, 0)
    assert (tmp_path / "out.nq").read_bytes() == b""


def test_sorted_streams_are_merged_and_repeats_given_once() -> None:
    assert list(canonical.merged_lines([b"a", b"c"], [b"a", b"b"], [])) == [b"a", b"b", b"c"]


def test_keys_are_cut_off() -> None:
    assert list(canonical.without_keys([b"1|x#000\t<a> ."])) == [b"<a> ."]

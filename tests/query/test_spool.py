"""Counting rows from bytes, and caps that end a result instead of cutting it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.query.row_count import QuickCounter, RowCounter, counter, exact
from casegraph.query.spool import INLINE_BYTES, Spool, TooLargeError

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
NASTY = st.text(st.sampled_from('"\\{}[],:<>\r\n\tя result'), max_size=12)


@given(
    rows=st.lists(st.none() | NASTY, max_size=8),
    cuts=st.lists(st.integers(0, 400), max_size=20),
    name=st.sampled_from(sorted(FORMATS)),
)
def test_counts_as_many_rows_as_there_are(
    rows: list[str | None], cuts: list[int], name: str
) -> None:
    """Whatever the literals hold, and wherever the blocks are cut."""
    values = " ".join("UNDEF" if row is None else str(ox.Literal(row)) for row in rows)
    results: Any = ox.Store().query(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")
    data = results.serialize(format=FORMATS[name])
    counter = RowCounter(name)
    start = 0
    for end in [*sorted(cuts), len(data)]:
        counter.feed(data[start:end])
        start = max(start, end)
    assert counter.rows == len(rows)


@given(
    rows=st.lists(
        st.tuples(*[st.none() | NASTY | st.sampled_from(["}},{", '"}},{', "},{}"])] * 2),
        max_size=6,
    ),
    cuts=st.lists(st.integers(0, 600), max_size=20),
)
def test_the_quick_count_is_right_or_in_doubt(
    rows: list[tuple[str | None, str | None]], cuts: list[int]
) -> None:
    """It never gives a wrong number for sure, and the careful count settles the rest."""
    values = " ".join(
        f"({' '.join('UNDEF' if v is None else str(ox.Literal(v)) for v in row)})" for row in rows
    )
    results: Any = ox.Store().query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {values} }} }}")
    data = results.serialize(format=FORMATS["json"])
    quick = QuickCounter()
    start = 0
    for end in [*sorted(cuts), len(data)]:
        quick.feed(data[start:end])
        start = max(start, end)
    assert quick.in_doubt or quick.rows == len(rows)
    assert exact("json", [data]) == len(rows)


def test_the_quick_count_is_sure_of_what_is_common() -> None:
    quick = counter("json")
    quick.feed(b'{"head":{"vars":["s"]},"results":{"bindings":[')
    quick.feed(b'{"s":{"type":"uri","value":"http://example.org/a"}},{"s":{"type":"literal",')
    quick.feed(b'"value":"a \\\\"quoted\\\\" {word}, and {}"}}]}}')
    assert (quick.rows, quick.in_doubt) == (2, False)


def _spool(path: Path, **caps: int) -> tuple[Spool, int]:
    fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    most_bytes, most_rows = caps.get("max_bytes", 1_000_000), caps.get("max_rows", 1_000)
    return Spool(fd, rows_of="tsv", max_bytes=most_bytes, max_rows=most_rows), fd


def test_hash_and_size_are_those_of_the_file(tmp_path: Path) -> None:
    spool, fd = _spool(tmp_path / "spool")
    for _ in range(500):
        spool.write(b"x" * 199 + b"\n")
    assert spool.finish() == b""
    os.close(fd)
    data = (tmp_path / "spool").read_bytes()
    assert spool.size == len(data) == 100_000
    assert spool.rows == 499
    assert spool.hexdigest() == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES - 1, INLINE_BYTES])
def test_a_small_result_has_no_file(tmp_path: Path, size: int) -> None:
    spool, fd = _spool(tmp_path / "spool")
    spool.write(b"x" * size)
    spool.flush()
    data = spool.finish()
    os.close(fd)
    assert data == b"x" * size
    assert (tmp_path / "spool").read_bytes() == b""
    assert (spool.size, spool.hexdigest()) == (size, hashlib.sha256(data).hexdigest())


def test_one_byte_more_has_one(tmp_path: Path) -> None:
    spool, fd = _spool(tmp_path / "spool")
    spool.write(b"x" * (INLINE_BYTES + 1))
    assert spool.finish() == b""
    os.close(fd)
    assert len((tmp_path / "spool").read_bytes()) == INLINE_BYTES + 1


def test_what_was_in_doubt_is_counted_again_from_the_file(tmp_path: Path) -> None:
    """Rows that bind nothing, in a result too large for memory."""
    fd = os.open(tmp_path / "spool", os.O_CREAT | os.O_RDWR, 0o600)
    spool = Spool(fd, max_bytes=1_000_000, max_rows=200_000, rows_of="json")
    spool.write(b'{"head":{"vars":["s"]},"results":{"bindings":[' + b"{}," * 149_999 + b"{}]}}")
    assert spool.finish() == b""
    os.close(fd)
    assert spool.rows == 150_000


def test_a_result_at_the_cap_is_whole_and_one_byte_more_is_an_error(tmp_path: Path) -> None:
    spool, fd = _spool(tmp_path / "spool", max_bytes=10)
    spool.write(b"x" * 10)
    with pytest.raises(TooLargeError, match="bytes"):
        spool.write(b"x")
    os.close(fd)


def test_a_row_more_than_the_cap_is_an_error(tmp_path: Path) -> None:
    spool, fd = _spool(tmp_path / "spool", max_rows=2)
    spool.write(b"?x\n1\n2\n")
    spool.write(b"3\n")
    with pytest.raises(TooLargeError, match="rows"):
        spool.finish()
    assert isinstance(spool.failure, TooLargeError)
    os.close(fd)


def test_what_the_disk_refuses_is_kept_as_the_cause(tmp_path: Path) -> None:
    spool, fd = _spool(tmp_path / "spool")
    os.close(fd)
    spool.write(b"x" * INLINE_BYTES)
    with pytest.raises(OSError, match="descriptor"):
        spool.write(b"x")
    assert isinstance(spool.failure, OSError)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.errors import FixEnvironment, FixInput, NotFound
from casegraph.graph import canonical, store
from casegraph.graph.mapping import to_quads
from casegraph.graph.nquads import encode_lines, read_quads
from casegraph.graph.vocabulary import load_vocabulary
from tests.graph import sample_records as sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    context = sample.sample_context()
    asserted, vocabulary = tmp_path / "asserted.nq", tmp_path / "vocabulary.nq"
    quads = (quad for record in sample.RECORDS for quad in to_quads(record, context))
    canonical.write_canonical(asserted, encode_lines(quads))
    canonical.write_canonical(vocabulary, encode_lines(load_vocabulary(sample.BASE).quads))
    return [asserted, vocabulary]


def test_file_to_store_to_dump_gives_the_file(files: list[Path], tmp_path: Path) -> None:
    digest = store.dataset_digest(files)
    directory = store.build_store(files, tmp_path / "store", digest.sha256)
    built = store.EmbeddedStore(directory)
    assert directory.name == digest.sha256
    assert built.quads() == digest.lines
    assert store.holds_exactly(built, files)
    dumped = canonical.write_canonical(tmp_path / "dump.nq", built.lines())
    assert dumped == digest


def test_quads_are_found_by_any_part_of_a_triple(files: list[Path], tmp_path: Path) -> None:
    built = store.EmbeddedStore(store.build_store(files, tmp_path / "store", "x"))
    expected = list(read_quads(files[0]))
    subject = expected[0].subject
    assert set(built.match(subject, None, None)) == {q for q in expected if q.subject == subject}
    for quad in expected:
        assert list(built.match(*quad[:3])) == [quad]


def test_slices_make_the_same_store(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SLICE", 100)
    built = store.EmbeddedStore(store.build_store(files, tmp_path / "store", "x"))
    assert store.holds_exactly(built, files)


def test_a_store_that_is_there_is_not_built_again(files: list[Path], tmp_path: Path) -> None:
    first = store.build_store(files, tmp_path / "store", "x")
    assert store.build_store([], tmp_path / "store", "x") == first
    assert store.EmbeddedStore(first).quads() > 0


def test_a_missing_or_added_line_is_noticed(files: list[Path], tmp_path: Path) -> None:
    built = store.EmbeddedStore(store.build_store(files, tmp_path / "store", "x"))
    lines = files[0].read_bytes().splitlines(keepends=True)
    files[0].write_bytes(b"".join(lines[1:]))
    assert not store.holds_exactly(built, files)
    files[0].write_bytes(b"".join([*lines, lines[-1].replace(b"graph", b"grapi")]))
    assert not store.holds_exactly(built, files)


def test_a_file_that_is_no_nquads_leaves_no_store(tmp_path: Path) -> None:
    bad = tmp_path / "bad.nq"
    bad.write_bytes(b"<https://example.org/a> nonsense .\n")
    with pytest.raises(FixInput, match=r"bad\.nq is no canonical N-Quads in its lines from 1"):
        store.build_store([bad], tmp_path / "store", "x")
    assert list((tmp_path / "store").iterdir()) == []


def test_a_store_that_is_missing_or_broken_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no store"):
        store.EmbeddedStore(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FixEnvironment, match="cannot be opened"):
        store.EmbeddedStore(empty)

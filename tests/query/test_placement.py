"""Where a dataset lies: in memory if it fits many times over, else on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.query.placement import available_memory, chosen, decide, estimate

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3


@pytest.mark.parametrize(
    ("size", "workers", "memory", "storage"),
    [
        (GIB, 2, 13 * GIB, "disk"),
        (GIB, 2, 14 * GIB, "memory"),
        (GIB, 6, 14 * GIB, "disk"),
        (GIB, 6, 27 * GIB, "memory"),
        (0, 256, GIB, "memory"),
        (600, 1, 6_000, "memory"),
        (601, 1, 6_000, "disk"),
    ],
)
def test_twice_its_size_for_each_process_fits_into_sixty_percent(
    size: int, workers: int, memory: int, storage: str
) -> None:
    assert decide(size, workers, memory) == storage


def test_a_statement_is_taken_for_600_bytes() -> None:
    assert estimate(1_000_000) == 600_000_000


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A dataset of 1,300 bytes and the folder of its store."""
    dataset = tmp_path / "data.nq"
    dataset.write_bytes(b"x" * 1_300)
    store = tmp_path / "store"
    store.mkdir()
    return dataset, store


def test_the_store_is_used_where_the_dataset_does_not_fit(files: tuple[Path, Path]) -> None:
    dataset, store = files
    fits = chosen(dataset, store, quads=10, workers=2, memory_limit=80_000)
    assert fits == (dataset, "memory")
    too_many = chosen(dataset, store, quads=11, workers=2, memory_limit=80_000)
    assert too_many == (store, "disk")


def test_without_a_count_the_size_of_the_file_tells(files: tuple[Path, Path]) -> None:
    dataset, store = files
    fits = chosen(dataset, store, quads=None, workers=2, memory_limit=80_000)
    assert fits == (dataset, "memory")
    packed = dataset.with_suffix(".nq.gz")
    packed.write_bytes(dataset.read_bytes())
    too_large = chosen(packed, store, quads=None, workers=2, memory_limit=80_000)
    assert too_large == (store, "disk")


def test_without_a_store_there_is_no_choice(files: tuple[Path, Path], tmp_path: Path) -> None:
    dataset, store = files
    for none in (None, tmp_path / "not-built"):
        found = chosen(dataset, none, quads=10**9, workers=2, memory_limit=1)
        assert found == (dataset, "memory")
    found = chosen(store, None, quads=1, workers=1, memory_limit=10**12)
    assert found == (store, "disk")
    found = chosen(tmp_path / "no-file.nq", store, quads=None, workers=1, memory_limit=10**12)
    assert found == (tmp_path / "no-file.nq", "memory")


def _system(root: Path, cgroup: str, **files: str) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text("MemTotal:        8388608 kB\nMemFree: 1 kB\n")
    (root / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_all_memory_counts_where_nothing_limits_it(tmp_path: Path) -> None:
    assert available_memory(_system(tmp_path, "0::/\n")) == 8 * GIB


def test_the_limit_of_a_group_counts(tmp_path: Path) -> None:
    root = _system(tmp_path, "0::/site/web\n", site__web__memory_dot_max=f"{2 * GIB}\n")
    assert available_memory(root) == 2 * GIB


def test_a_group_above_may_have_less(tmp_path: Path) -> None:
    root = _system(
        tmp_path,
        "0::/site/web\n",
        site__web__memory_dot_max="max\n",
        site__memory_dot_max=f"{GIB}\n",
    )
    assert available_memory(root) == GIB


def test_in_a_container_the_own_group_is_the_mount(tmp_path: Path) -> None:
    root = _system(tmp_path, "0::/docker/0123\n", memory_dot_max=f"{3 * GIB}\n")
    assert available_memory(root) == 3 * GIB


def test_the_first_version_of_control_groups_counts_too(tmp_path: Path) -> None:
    root = _system(
        tmp_path,
        "5:cpu,cpuacct:/site\n4:memory:/site\n",
        memory__site__memory_dot_limit_in_bytes=f"{GIB}\n",
        memory__memory_dot_limit_in_bytes="9223372036854771712\n",
    )
    assert available_memory(root) == GIB


def test_a_limit_above_all_memory_changes_nothing(tmp_path: Path) -> None:
    root = _system(tmp_path, "0::/\n", memory_dot_max=f"{64 * GIB}\n")
    assert available_memory(root) == 8 * GIB


def test_a_system_without_such_files_tells_itself(tmp_path: Path) -> None:
    assert available_memory(tmp_path) > 0
    assert available_memory() > 0

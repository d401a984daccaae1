"""Where a dataset lies while it is asked: in memory, or on disk.

In memory joins and sorts are about twice as fast, but every worker comes to
own a part of what it shares at first; so a dataset is held in memory only
where twice its size for each process fits into 60 % of the memory there is
(engines page, section 7).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

Storage = Literal["memory", "disk"]

BYTES_PER_QUAD: Final = 600
"""Memory of one statement in the embedded store: 0.4 to 0.6 KB (engines page, section 1)."""

_EXTRA_PROCESSES: Final = 2
_SHARE: Final = 0.6
_BYTES_PER_LINE: Final = 130
_PACKED: Final = 20
_UNLIMITED: Final = 1 << 60


def decide(dataset_bytes: int, workers: int, memory_limit: int) -> Storage:
    """Choose where a dataset lies.

    Args:
        dataset_bytes: what it takes in memory, see ``estimate``.
        workers: queries at the same time; one process more stands by and one
            holds the dataset.
        memory_limit: bytes there are, see ``available_memory``.

    """
    needed = dataset_bytes * (workers + _EXTRA_PROCESSES) * 2
    return "memory" if needed <= memory_limit * _SHARE else "disk"


def estimate(quads: int) -> int:
    """Bytes of memory that so many statements take."""
    return quads * BYTES_PER_QUAD


def chosen(
    dataset: Path,
    store: Path | None,
    *,
    quads: int | None,
    workers: int,
    memory_limit: int | None,
) -> tuple[Path, Storage]:
    """What workers open, and where that lies.

    A dataset without a store is held in memory whatever its size; a folder is
    a store.
    """
    if dataset.is_dir():
        return dataset, "disk"
    if store is None or not store.is_dir():
        return dataset, "memory"
    size = estimate(_guess(dataset) if quads is None else quads)
    limit = available_memory() if memory_limit is None else memory_limit
    storage = decide(size, workers, limit)
    return (dataset, storage) if storage == "memory" else (store, storage)


def available_memory(root: Path = Path("/")) -> int:
    """Bytes of memory this process may use: its cgroup's limit, or all there is.

    Control groups of version 2 and 1 are read, every level from this process's
    own up; ``root`` is where ``proc`` and ``sys`` are found.
    """
    limits = [_UNLIMITED]
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            limits += _limits(root / "sys/fs/cgroup", group, "memory.max")
        elif "memory" in controllers.split(","):
            limits += _limits(root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes")
    least = min(limits)
    physical = _physical(root)
    return physical if physical is not None and physical < least else least


def _limits(mount: Path, group: str, name: str) -> list[int]:
    """The limits of a group and of those above it; a container sees its own as the mount."""
    folder = mount / group.lstrip("/")
    found = []
    for level in (folder, *folder.parents):
        text = _text(level / name).strip()
        if text.isdigit():
            found.append(int(text))
        if level == mount:
            break
    return found


def _physical(root: Path) -> int | None:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _guess(dataset: Path) -> int:
    """Statements in a file of N-Quads, from its size: rather too many than too few."""
    try:
        size = dataset.stat().st_size
    except OSError:
        return 0
    return size * (_PACKED if dataset.suffix == ".gz" else 1) // _BYTES_PER_LINE

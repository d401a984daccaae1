"""Memory of this process and of those below it, from ``/proc`` (Linux; elsewhere nothing)."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_SPOOL: Final = "/casegraph-"


@dataclass(frozen=True, slots=True)
class Process:
    """One process: what it is here for, and its resident memory in bytes."""

    role: str
    resident_bytes: int


def processes(top: int | None = None, proc: Path = _PROC) -> list[Process]:
    """This process (or ``top``) and everything below it; empty where there is no ``/proc``.

    The tree is web, supervisor, zygote, workers; where workers are spawned without a
    supervisor they lie right below the web process.
    """
    below: dict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for entry in proc.glob("[0-9]*"):
        fields = _stat(entry)
        if fields:
            # proc(5): after the name come state, parent, ...; the 24th field is resident pages.
            below[int(fields[1])].append(int(entry.name))
            resident[int(entry.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    level, depth, found = [top or os.getpid()], 0, []
    while level:
        found += [Process(_role(depth, below[pid]), resident.get(pid, 0)) for pid in level]
        level, depth = [child for pid in level for child in below[pid]], depth + 1
    return found if resident else []


def spooled_bytes(own: Path = _PROC / "self" / "fd") -> int:
    """Bytes of answers that this process writes or sends, those without a name included."""
    sizes: dict[int, int] = {}
    for link in own.glob("*"):
        try:
            if _SPOOL in str(link.readlink()):
                found = link.stat()
                sizes[found.st_ino] = found.st_size
        except OSError:
            continue
    return sum(sizes.values())


def _role(depth: int, children: list[int]) -> str:
    match depth:
        case 0:
            return "web"
        case 1:
            return "supervisor" if children else "worker"
        case 2:
            return "zygote"
        case _:
            return "worker"


def _stat(entry: Path) -> list[str]:
    try:
        return (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return []

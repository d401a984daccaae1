"""Stores of releases on disk, made where they are missing, by a process of their own."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph.store import build_store, store_directory
from casegraph.query import seccomp
from casegraph.query.placement import available_memory, decide, estimate
from casegraph.release.manifest import MANIFEST

if TYPE_CHECKING:
    from casegraph.web.releases.shelf import Release

DATASET: Final = "casegraph.nq.gz"
_LONGEST_S: Final = 3600


def finished_store(
    release: Release, stores: Path | None, *, old: bool, workers: int
) -> Path | None:
    """The store of a release, if there is one or it is wanted and can be made; else None.

    It is wanted for an old release, which is asked now and then, and for one too large for
    memory.  A host that may write nothing goes without.
    """
    if stores is None:
        return None
    store = store_directory(stores, release.manifest.dataset_sha256)
    if store.is_dir():
        return store
    fits = decide(estimate(_quads(release)), workers, available_memory()) == "memory"
    writable = os.access(stores if stores.is_dir() else stores.parent, os.W_OK)
    wanted = (old or not fits) and writable
    return store if wanted and _make(release, stores, store) else None


def _make(release: Release, stores: Path, store: Path) -> bool:
    done = subprocess.run(  # noqa: S603 - our own module
        [
            *(sys.executable, "-P", "-m", __name__, str(os.getpid())),
            *(str(release.directory / DATASET), str(stores), store.name),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_LONGEST_S,
        check=False,
    )
    if done.returncode == 0 and _was_replaced(release):
        # A takedown came while it was made, and forgot the stores before this one was there.
        durable.remove_tree(store)
        return False
    return done.returncode == 0


def _end_with(parent: int) -> None:
    """End this process with the one that started it, where the system can (Linux)."""
    if sys.platform == "linux":
        seccomp.die_with_parent(signal.SIGTERM, parent)


def _quads(release: Release) -> int:
    counted = release.facts.get("triples")
    return sum(counted.values()) if isinstance(counted, dict) else 0


def _was_replaced(release: Release) -> bool:
    try:
        manifest = (release.directory / MANIFEST).read_bytes()
    except OSError:
        return True
    return hashlib.sha256(manifest).hexdigest() != release.edition


if __name__ == "__main__":
    # ``python -m casegraph.web.releases.stores PARENT FILE ROOT SHA256``: nobody waits for a
    # store any more once the service that ordered it is gone.
    _end_with(int(sys.argv[1]))
    build_store([Path(sys.argv[2])], Path(sys.argv[3]), sys.argv[4])

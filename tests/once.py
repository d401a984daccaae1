"""Something that takes long to make, made once for all workers of a test run."""

from __future__ import annotations

import os
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name``, filled by ``make`` in the first worker that asks.

    The others wait.  Nobody may change what is in it.  Where ``make`` fails, it fails for
    everybody, with the same trace.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, lock, done = base / name, base / f"{name}.lock", base / f"{name}.done"
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        _wait(lock, done)
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        failure = ""
        try:
            folder.mkdir()
            make(folder)
        except BaseException:
            failure = traceback.format_exc()
            raise
        finally:
            pending = done.with_suffix(".pending")
            pending.write_text(failure, encoding="utf-8")
            pending.replace(done)
    failure = done.read_text(encoding="utf-8")
    if failure:
        msg = f"{name} could not be made:\n{failure}"
        raise RuntimeError(msg)
    return folder


def _wait(lock: Path, done: Path) -> None:
    while not done.exists():
        owner = lock.read_text(encoding="ascii").strip()
        if owner:
            # A worker that crashed while it made this will never be done.
            os.kill(int(owner), 0)
        time.sleep(0.05)

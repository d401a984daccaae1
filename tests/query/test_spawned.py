"""Workers started one by one: they end with nothing of theirs still in use."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from casegraph.query import wire
from casegraph.query.limits import QueryLimits
from casegraph.query.spawned import SpawnedWorker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_line_is_closed_only_when_nobody_listens_any_more(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the listener would go on reading a number that another file has by then."""
    read = wire.read
    seen: list[int] = []

    def slowly(fd: int) -> wire.Frame | None:
        frame = read(fd)
        if frame is None:
            time.sleep(0.5)
            seen.append(os.fstat(fd).st_ino)
        return frame

    monkeypatch.setattr(wire, "read", slowly)
    worker = SpawnedWorker(dataset, QueryLimits())
    worker.kill()
    assert len(seen) == 1

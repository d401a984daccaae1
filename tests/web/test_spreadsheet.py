"""Spreadsheet results where there is no room for them."""

from __future__ import annotations

import csv
import errno
import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import TryLater
from casegraph.query.result import Result
from casegraph.web.http.spreadsheet import formula_safe

if TYPE_CHECKING:
    from pathlib import Path


def test_no_room_for_the_copy_is_said_to_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the result nor a part of its copy is left behind."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "spool"
    path.write_bytes(b"a\r\n=1\r\n")
    result = Result(
        form="SELECT",
        media_type="text/csv",
        suffix=".csv",
        path=path,
        length=7,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        rows=1,
        elapsed=0.01,
        citable=True,
        reason=None,
    )
    monkeypatch.setattr(csv, "writer", full)
    with pytest.raises(TryLater) as caught:
        formula_safe(result)
    assert caught.value.limit == "disk"
    assert list(tmp_path.iterdir()) == []

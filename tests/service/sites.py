"""Folders that `casegraph serve` serves: releases of any data, and the settings beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.conformance.servers import publish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: No client is ever told to wait.
GENEROUS: Mapping[str, int] = {
    "client_burst_errors": 6_000,
    "client_burst_work_seconds": 3_600,
}


def site_folder(
    folder: Path,
    quads: str,
    settings: Mapping[str, str | int | float] | None = None,
    base_iri: str = "https://casegraph.example/",
) -> Path:
    """A new folder with one release of these N-Quads, and with these settings."""
    folder.mkdir(parents=True)
    publish(folder / "releases", quads.encode(), base_iri)
    write_settings(folder, settings or {})
    return folder


def write_settings(folder: Path, settings: Mapping[str, str | int | float]) -> None:
    """Write what `casegraph serve` is to be set to."""
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (folder / "casegraph.toml").write_text("[settings]\n" + "".join(lines), encoding="utf-8")

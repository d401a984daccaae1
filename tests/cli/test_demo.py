"""demo: a port that cannot be had is told before anything is built."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

    Casegraph = Callable[..., Ran]


def test_nothing_is_built_for_a_busy_port(tmp_path: Path, casegraph: Casegraph) -> None:
    folder = tmp_path / "demo"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = casegraph("demo", "--folder", folder, "--port", port)
    assert (refused.code, refused.out, refused.err) == (
        3,
        "",
        (
            f"error: 127.0.0.1:{port} is taken by another program\n"
            "    Stop that program, or choose another port with --port.\n"
        ),
    )
    assert not folder.exists()


def test_a_port_that_is_none(casegraph: Casegraph) -> None:
    refused = casegraph("demo", "--port", 70_000)
    assert refused.code == 2
    assert "70000 is not in the range 0<=x<=65535" in refused.err

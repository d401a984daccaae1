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


def test_a_demo_is_not_copied_into_itself(tmp_path: Path, casegraph: Casegraph) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "casegraph.toml").write_text("", encoding="utf-8")
    refused = casegraph("demo", "--workspace", source, "--folder", source / "in", "--no-serve")
    assert refused.code != 0
    assert "lies inside" in refused.err
    assert [path.name for path in source.iterdir()] == ["casegraph.toml"]


def test_serve_does_not_announce_a_release_that_is_not_there(
    tmp_path: Path, casegraph: Casegraph
) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "current").write_text("2099-01-01.1\n", encoding="ascii")
    refused = casegraph("--workspace", tmp_path, "serve", "--port", 0)
    assert refused.code != 0
    assert refused.out == ""
    assert "names release 2099-01-01.1, which is not there" in refused.err

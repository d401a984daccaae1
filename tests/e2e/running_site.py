"""`casegraph` run as a program, and a site that it serves, for tests that look from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.web.served import TRIES, free_port, lost_its_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_SECONDS = 120
"""Long enough for a slow machine: it is waited for, never measured."""


def program() -> Path:
    """The `casegraph` of the environment that runs the tests."""
    return Path(sysconfig.get_path("scripts"), "casegraph")


def clean_environment() -> dict[str, str]:
    """The environment without what a surrounding `make` hands down."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    }


def run(casegraph: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [casegraph, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A served site: its process, its address, what it printed, and a client."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path
    client: httpx.Client

    def printed(self) -> str:
        """Everything on its standard output and standard error so far."""
        return self.output.read_text(encoding="utf-8")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code, once it has ended."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextlib.contextmanager
def serving(casegraph: Path, *arguments: str | Path, cwd: Path) -> Iterator[Site]:
    """Run a command that serves (it is given a free ``--port``) until the block ends."""
    for _ in range(TRIES):
        with _started([casegraph, *arguments], free_port(), cwd) as site:
            if _wait_until_ready(site):
                yield site
                return
    pytest.fail(f"{TRIES} times a port was taken by others")


@contextlib.contextmanager
def _started(command: list[str | Path], port: int, cwd: Path) -> Iterator[Site]:
    output = cwd / f"printed-{port}.txt"
    command = [*command, "--port", str(port)]
    with (
        output.open("wb") as sink,
        subprocess.Popen(command, cwd=cwd, stdout=sink, stderr=sink) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_SECONDS
        ) as client,
    ):
        try:
            yield Site(process, port, output, client)
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(PATIENCE_SECONDS)
                process.kill()


def _wait_until_ready(site: Site) -> bool:
    """False where it has to be started once more."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        ended = site.process.poll() is not None  # before its words are read, so that all are there
        printed = site.printed()
        # Who answers there without its word may be somebody else.
        if "Serving " in printed and _is_ready(site.client):
            return True
        if ended and lost_its_port(printed):
            return False
        assert not ended, printed
        assert time.monotonic() < end, printed
        time.sleep(0.1)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def descendants(ancestor: int) -> set[int]:
    """Process ids below ``ancestor``, at any depth (Linux)."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    found = {ancestor}
    while True:
        below = {pid for pid, parent in parents.items() if parent in found} - found
        if not below:
            return found - {ancestor}
        found |= below


def alive(pids: set[int]) -> set[int]:
    """Those that still run; one that only waits to be reaped does not."""
    return {pid for pid in pids if _state(Path("/proc", str(pid))) not in {"", "Z", "X"}}


def wait_until_gone(pids: set[int]) -> set[int]:
    """Those that are still there after a long while."""
    end = time.monotonic() + PATIENCE_SECONDS
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.05)
    return alive(pids)


def _stat(entry: Path) -> list[str]:
    # proc(5): the name stands in brackets and may hold anything; state and parent follow it.
    try:
        return (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parent(entry: Path) -> int | None:
    fields = _stat(entry)
    return int(fields[1]) if fields else None


def _state(entry: Path) -> str:
    fields = _stat(entry)
    return fields[0] if fields else ""

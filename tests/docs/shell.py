"""Runs the commands of one page, as somebody would who follows it from top to bottom.

Directory and variables carry over from one command to the next.  What a page calls
``127.0.0.1:8000`` is a free port here, so that pages can run side by side.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.docs.pages import ANYTHING, Block, Command, agrees, commands
from tests.web.served import free_port

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["SHOWN_PORT", "Shell", "free_port"]

SHOWN_PORT = "127.0.0.1:8000"
_LONGEST_SECONDS = 300


class Shell:
    """One reader at one terminal, in an empty folder with an empty home."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        self.port = port
        self._state = folder.parent / f"{folder.name}.state"
        self._state.write_text(f"cd '{folder}'\n", encoding="utf-8")
        self._servers: list[subprocess.Popen[str]] = []
        home = folder.parent / f"{folder.name}.home"
        home.mkdir(exist_ok=True)
        self._environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "100",
            "PORT": str(port),
            "CASEGRAPH_PORT": str(port),
        } | {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("COVERAGE_", "SYSTEMROOT"))
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            _stop(server)

    def run(self, command: Command) -> tuple[str, int]:
        """What the command prints on both streams, and its exit code."""
        script = (
            f". '{self._state}'\nset -a -o pipefail\n{self._real(command.text)}\n"
            f"__code=$?\n{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > '{self._state}'\n"
            "exit $__code\n"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            env=self._environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=_LONGEST_SECONDS,
        )
        return self._shown(done.stdout), done.returncode

    def serve(self, command: Command) -> str:
        """Start a command that keeps running; give what it printed until it was ready."""
        log = self.folder.parent / f"{self.folder.name}.served{len(self._servers)}"
        script = f". '{self._state}'\nexec {self._real(command.text)}\n"
        with log.open("w", encoding="utf-8") as file:
            server = subprocess.Popen(
                ["bash", "-c", script],
                env=self._environment | {"PYTHONUNBUFFERED": "1"},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self._servers.append(server)
        give_up = time.monotonic() + _LONGEST_SECONDS
        wanted = command.output + f"\n{ANYTHING}"
        while True:
            printed = self._shown(log.read_text(encoding="utf-8"))
            ended = server.poll() is not None
            if agrees(wanted, printed) or ended or time.monotonic() > give_up:
                return printed
            time.sleep(0.1)

    def write(self, name: str, text: str, *, add: bool) -> None:
        """Put a block of a page into a file, below the directory the reader is in."""
        path = self._here() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if add else "w", encoding="utf-8", newline="\n") as file:
            file.write(self._real(text))

    def do(self, block: Block) -> None:
        """What a block asks for, without a look at what it prints; nothing is served."""
        name = block.options.get("file") or block.options.get("append")
        if name:
            self.write(name, block.text, add="append" in block.options)
        elif block.language == "console" and not {"serve", "not-run"} & set(block.options):
            for command in commands(block):
                self.run(command)

    def has(self, program: str) -> bool:
        """Whether the reader could run this program."""
        return shutil.which(program, path=self._environment["PATH"]) is not None

    def _here(self) -> Path:
        text, _ = self.run(Command(0, "pwd -P", ""))
        return Path(text.strip())

    def _real(self, text: str) -> str:
        return text.replace(SHOWN_PORT, f"127.0.0.1:{self.port}")

    def _shown(self, text: str) -> str:
        return text.replace(f"127.0.0.1:{self.port}", SHOWN_PORT)


def _stop(server: subprocess.Popen[str]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)

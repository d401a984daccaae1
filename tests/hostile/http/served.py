"""A site that is served as in production, on a port of its own, with short patience."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

PROGRAM = """
import json, sys
from pathlib import Path
from casegraph.settings import Settings
from casegraph.web.server import serve
serve(
    Path(sys.argv[1]),
    Settings(**json.loads(sys.argv[2])),
    "127.0.0.1",
    0,
    announce=lambda address: print(address, flush=True),
)
"""


@dataclass
class Served:
    """The process, and where it answers."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]

    @classmethod
    def start(cls, releases: Path, settings: str, log: Path) -> Self:
        """Start it; ``settings`` is JSON, ``log`` takes what it writes to standard error."""
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(releases), settings],
                stdout=subprocess.PIPE,
                stderr=sink,
            )
        assert process.stdout is not None
        url = urlsplit(process.stdout.readline().decode().strip())
        assert url.hostname is not None, log.read_text(encoding="utf-8")
        assert url.port is not None
        return cls(process, (url.hostname, url.port))

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

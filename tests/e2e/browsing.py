"""A page loaded by headless Chromium: what it fetched, and what the browser reported."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OPTIONS = (
    "--headless",
    "--no-sandbox",  # tests may run as root, where the sandbox refuses to start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    # Nothing but this machine has an address, whatever a page or the browser wants.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--enable-logging=stderr",
    "--log-level=0",
)
_CONSOLE = re.compile(r"^\[[^\]]*:CONSOLE[:(]\d+\)?\] ?(.*)$", re.MULTILINE)
_HIDDEN = "not an origin"


@dataclass(frozen=True, slots=True)
class Loaded:
    """``dom``: the page as the browser read it; ``fetched``: addresses that the page asked
    for, without its own; ``console``: lines that the browser reported about it."""

    dom: str
    fetched: list[str]
    console: list[str]


def load(chromium: str, url: str, scratch: Path) -> Loaded:
    """Load one page to its end.  ``scratch`` is a folder for the browser's profile and log."""
    log = scratch / "net-log.json"
    done = subprocess.run(
        [chromium, *_OPTIONS, f"--user-data-dir={scratch / 'profile'}", f"--log-net-log={log}",
         "--dump-dom", url],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Loaded(done.stdout, _fetched(log), _CONSOLE.findall(done.stderr))


def _fetched(log: Path) -> list[str]:
    # What the browser does for itself (its own updates) has no origin that initiated it, nor
    # has the page itself, which was typed in.
    found = json.loads(log.read_text(encoding="utf-8"))
    started = found["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return [
        event["params"]["url"]
        for event in found["events"]
        if event["type"] == started and event.get("params", {}).get("initiator", _HIDDEN) != _HIDDEN
    ]

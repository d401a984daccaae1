"""The files in deploy/: valid where a tool can say so, and shown whole in the how-to."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from casegraph import settings
from casegraph.settings import Settings
from tests.conftest import require_tool

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = re.compile(r"<!-- the file deploy/(\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)


@pytest.fixture
def deploy(repository: Path) -> Path:
    return repository / "deploy"


def test_the_how_to_shows_every_file_as_it_is(repository: Path, deploy: Path) -> None:
    page = (repository / "docs" / "how-to" / "run-for-the-public.md").read_text(encoding="utf-8")
    shown = dict(_SHOWN.findall(page))
    there = {path.name: path.read_text(encoding="utf-8") for path in deploy.iterdir()}
    assert shown == there


def test_the_settings_are_settings(deploy: Path) -> None:
    found = settings.read(file=deploy / "casegraph.toml", environment={})
    assert found.trusted_proxies.split() == ["127.0.0.1", "::1"]
    assert (found.public_url, found.prefix) == ("https://graph.example.org/", "")
    assert (found.log_format, found.port) == ("json", Settings().port)


def test_the_unit_file_is_valid(deploy: Path, tmp_path: Path) -> None:
    """Apart from the program, which is not installed here."""
    text = (deploy / "casegraph.service").read_text(encoding="utf-8")
    unit = tmp_path / "casegraph.service"
    unit.write_text(text.replace("/opt/casegraph/bin/casegraph", "/bin/true"), encoding="utf-8")
    tool = require_tool("systemd-analyze", package="systemd")
    done = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_times_fit_each_other(deploy: Path) -> None:
    """Whoever is asked waits longer than whoever asks it."""
    unit = (deploy / "casegraph.service").read_text(encoding="utf-8")
    site = (deploy / "nginx.conf").read_text(encoding="utf-8")
    defaults = Settings()
    stop = float(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0])
    assert stop > defaults.stop_seconds
    assert defaults.stop_seconds >= defaults.query_deadline_seconds + defaults.query_wait_seconds
    read = float(re.findall(r"proxy_read_timeout (\d+)s;", site)[0])
    longest = 60 + defaults.query_wait_seconds
    assert read > longest
    assert re.findall(r"keepalive_timeout (\d+)s;", site) == ["5"]


def use(folder: Path, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run use-set where a stand-in verifies: it refuses a release that holds a file ``bad``."""
    verifier = folder / "verifier"
    verifier.write_text('#!/bin/sh\ntest ! -e "$2/bad"\n', encoding="utf-8")
    verifier.chmod(0o755)
    environment = os.environ | {"CASEGRAPH": str(verifier), "CASEGRAPH_WORKSPACE": str(folder)}
    return subprocess.run(
        [script, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def a_set(folder: Path, name: str, *, bad: bool = False) -> None:
    release = folder / "sets" / name / "2026-01-01.1"
    release.mkdir(parents=True)
    (release / "manifest.json").touch()
    if bad:
        (release / "bad").touch()
    (release.parent / "current").write_text("2026-01-01.1\n", encoding="utf-8")


def test_a_set_is_served_after_it_was_verified(deploy: Path, tmp_path: Path) -> None:
    for name, bad in (("a", False), ("b", False), ("c", True)):
        a_set(tmp_path, name, bad=bad)
    script, link = deploy / "use-set", tmp_path / "releases"
    for name in ("a", "b", "a"):
        assert use(tmp_path, script, name).returncode == 0
        assert str(link.readlink()) == f"sets/{name}"
        assert (link / "current").read_text(encoding="utf-8") == "2026-01-01.1\n"
    for wrong in ("c", "none", ""):
        assert use(tmp_path, script, wrong, "--forget-others").returncode != 0
        assert str(link.readlink()) == "sets/a"
    assert {path.name for path in (tmp_path / "sets").iterdir()} == {"a", "b", "c"}
    assert use(tmp_path, script, "b", "--forget-others").returncode == 0
    assert {path.name for path in (tmp_path / "sets").iterdir()} == {"b"}

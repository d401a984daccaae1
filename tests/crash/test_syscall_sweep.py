"""Whatever call of build and publish is the last, ``current`` names a release that verifies.

``strace`` kills the process (or interrupts it, as Ctrl-C does) at the k-th call of a kind, or lets
that call fail with ENOSPC or EIO, for k = 1, 2, ...  Afterwards the old or the new release is
current and verifies with the publisher's key, an acknowledged publication is current, and
running it again succeeds.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from casegraph.release.inputs import Shelf
from casegraph.release.keys import load_public_key, make_key
from casegraph.release.semantics import same_triples
from casegraph.release.verify import verify
from tests.conftest import require_tool

DRIVER: Final = Path(__file__).with_name("driver.py")
CALLS: Final = ("fsync", "rename", "write", "openat", "unlink", "mkdir")
FAULTS: Final = (
    *((call, "signal=SIGKILL") for call in CALLS),
    *((call, "signal=SIGINT") for call in ("fsync", "rename", "write")),
    *((call, "error=ENOSPC") for call in ("fsync", "rename", "write")),
    *((call, "error=EIO") for call in ("fsync", "rename", "write")),
)
_DISCLOSURE: Final = "{level: public, by: editors, on: 2026-01-01, basis: already-public-source}"


class State:
    """A workspace with one published release, and its key, to be copied for each fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.keys = folder / "workspace", folder / "keys"
        _write_workspace(self.root)
        pair = make_key(self.keys, passphrase=None)
        self.key, self.public = pair.secret_file, load_public_key(pair.public_file)
        done = self.run(self.root, "2026-02-01", ())
        assert done.returncode == 0, done.stderr

    def run(self, root: Path, on: str, prefix: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        command = [*prefix, sys.executable, "-S", "-P", str(DRIVER), str(root), str(self.key), on]
        paths = ":".join(path for path in sys.path if path)
        environment = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=120
        )

    def calls(self, call: str) -> int:
        """How often one undisturbed run makes this call, in its busiest thread."""
        log = self.folder / f"{call}.log"
        root = self.copy()
        strace = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}")
        assert self.run(root, "2026-03-01", strace).returncode == 0
        shutil.rmtree(root)
        return sum(1 for line in log.read_text().splitlines() if f"{call}(" in line)

    def copy(self) -> Path:
        target = self.folder / "copy"
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(self.root, target)
        return target

    def survives(self, call: str, fault: str, number: int) -> None:
        """Break the run at one call and hold it against the invariant."""
        root = self.copy()
        strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                  "-e", f"inject={call}:{fault}:when={number}")  # fmt: skip
        done = self.run(root, "2026-03-01", strace)
        label = f"{call} {fault} {number}: {done.stderr[-500:]}"
        shelf = Shelf(root)
        current = shelf.current()
        assert current in {"2026-02-01.1", "2026-03-01.1"}, label
        if "published" in done.stdout:
            assert current == "2026-03-01.1", label
        if done.returncode == 0:
            assert "published" in done.stdout, label
        result = verify(
            shelf.directory(current), public_key=self.public, semantic_checks=[same_triples]
        )
        assert result.ok, f"{label}\n{result.problems}"
        if current == "2026-02-01.1":
            again = self.run(root, "2026-03-01" if not (shelf.releases / "2026-03-01.1").exists()
                             else "2026-03-02", ())  # fmt: skip
            assert again.returncode == 0, f"{label}\nagain: {again.stderr}"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    require_tool("strace", package="strace")
    return State(tmp_path_factory.mktemp("sweep"))


@pytest.mark.parametrize(("call", "fault"), FAULTS)
def test_some_calls(state: State, call: str, fault: str) -> None:
    """The last calls, where publication happens, and a drawn one before them."""
    total = state.calls(call)
    drawn = random.Random(f"{call}{fault}").randrange(1, total + 1)  # noqa: S311
    for number in {drawn, max(1, total - 1)}:
        state.survives(call, fault, number)


@pytest.mark.full
@pytest.mark.parametrize(("call", "fault"), FAULTS)
def test_every_call(state: State, call: str, fault: str) -> None:
    """All of them; of the many reads and writes before anything is renamed, every fifth."""
    total = state.calls(call)
    step = 1 if total <= 200 else 5
    for number in range(1, total + 1, step):
        state.survives(call, fault, number)


def _write_workspace(root: Path) -> None:
    (root / "findings").mkdir(parents=True)
    (root / "sources").mkdir()
    head = f"recorded: 2026-01-01\ndisclosure: {_DISCLOSURE}\n"
    files = {
        "casegraph.toml": '[workspace]\ntitle = "Sweep"\nbase_iri = "https://sweep.example.org/"\n'
        'organisation = "editors"\nlicence = "https://creativecommons.org/licenses/by/4.0/"\n',
        "salt": "a salt for a test, and no secret\n",
        "agents.yaml": f"{head}agents:\n"
        "- {key: editors, id: aaaaaaaaaaaaaaaa, kind: body, label: {en: Editors}}\n"
        "- {key: daily, id: bbbbbbbbbbbbbbbb, kind: publication, label: {en: The Daily}}\n",
        "populations.yaml": f"{head}populations:\n"
        "- {key: held, id: cccccccccccccccc, label: {en: people held in Veldania}}\n",
        "sources/pages.yaml": f"{head}sources:\n"
        "- {key: page, id: dddddddddddddddd, title: {en: A page}, publisher: daily, language: en,"
        " holding: cited, rights: cited}\n",
        "findings/page.yaml": f"source: page\n{head}statements:\n"
        "- {cite: 'yes', count: 12, of: held, during: 2025}\n",
    }
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")

"""The wheel, built once, and an environment outside the checkout that holds it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a wheel or sdist of ``source``; the build backend is the installed one."""
    done = run(
        sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", target, source,
        cwd=target,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@dataclass(frozen=True)
class Installation:
    """An environment with the wheel; ``folder`` is empty and far from the checkout."""

    environment: Path
    folder: Path

    def program(self, name: str) -> Path:
        scripts = "Scripts" if sys.platform == "win32" else "bin"
        return self.environment / scripts / name

    def python(self, code: str) -> str:
        done = run(self.program("python"), "-c", code, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", repository, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Install the wheel alone; what it depends on is borrowed, so nothing is fetched."""
    place = tmp_path_factory.mktemp("installation")
    environment = place / "environment"
    venv.create(environment, with_pip=False)
    found = Installation(environment, place / "elsewhere")
    found.folder.mkdir()
    done = run(
        sys.executable, "-m", "pip", "--python", found.program("python"), "install", "--quiet",
        "--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check", wheel,
        cwd=found.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    # A path named in a .pth file comes after the environment's own and its .pth files are
    # not read: the editable install of the checkout stays out of sight.
    own = found.python("import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(own, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return found

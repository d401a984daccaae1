"""The wheel carries all that casegraph reads, works far from the checkout, and no more."""

from __future__ import annotations

import email
import json
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.packaging.conftest import build, run

if TYPE_CHECKING:
    from tests.packaging.conftest import Installation

ASSETS = ("ontology", "shapes", "data")


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def known_to_git(repository: Path, *folders: str) -> set[str]:
    """Files that are tracked, or would be with the next `git add`."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this is no git checkout, so there is no list of its files")
    names = done.stdout.decode().split("\0")
    return {name for name in names if name and (repository / name).is_file()}


def test_the_wheel_holds_exactly_the_files_of_the_checkout(wheel: Path, repository: Path) -> None:
    expected = {f"casegraph/_data/{name}" for name in known_to_git(repository, *ASSETS)} | {
        name.removeprefix("src/") for name in known_to_git(repository, "src/casegraph")
    }
    assert {name for name in contents(wheel) if name.startswith("casegraph/")} == expected


def test_the_wheel_holds_nothing_but_the_package_and_its_papers(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in contents(wheel)}
    assert tops == {"casegraph", "casegraph-0.1.0.dist-info"}


def test_the_licences_travel_with_the_wheel(wheel: Path) -> None:
    names = contents(wheel)
    for name in ("LICENSE", "LICENSES/README.md"):
        assert f"casegraph-0.1.0.dist-info/licenses/{name}" in names


def test_tools_of_developers_are_no_dependency(wheel: Path) -> None:
    needed = metadata(wheel).get_all("Requires-Dist") or []
    names = {line.split(">")[0].split("=")[0].split("<")[0].strip() for line in needed}
    assert {"rdflib", "pyshacl", "owlrl", "pyoxigraph", "fastapi", "click"} <= names
    assert names.isdisjoint({"pytest", "mypy", "ruff", "hypothesis", "import-linter", "build"})
    assert metadata(wheel)["Requires-Python"] == ">=3.11"


def test_what_git_ignores_is_never_packed(repository: Path, tmp_path: Path) -> None:
    """A key, a release or a store that lies in a demo workspace stays at home."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pyproject.toml", ".gitignore", "LICENSE", "README.md"):
        shutil.copy(repository / name, project)
    shutil.copytree(repository / "LICENSES", project / "LICENSES")
    for name in (
        "src/casegraph/__init__.py",
        "data/here/casegraph.toml",
        "data/here/releases/tmp/casegraph.ttl",
        "data/here/signing.key",
        "data/here/var/store/CURRENT",
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    target = tmp_path / "out"
    target.mkdir()
    packed = contents(build("wheel", project, target))
    assert {name for name in packed if name.startswith("casegraph/")} == {
        "casegraph/__init__.py",
        "casegraph/_data/data/here/casegraph.toml",
    }


def test_the_installed_command_tells_its_version(installation: Installation) -> None:
    done = run(installation.program("casegraph"), "--version", cwd=installation.folder)
    assert done.returncode == 0, done.stderr
    assert "0.1.0" in done.stdout


def test_assets_come_from_the_installed_wheel(installation: Installation) -> None:
    code = f"""
import json, pathlib, casegraph
from casegraph import assets
package = pathlib.Path(casegraph.__file__).parent
print(json.dumps([str(package), [str(assets.root(kind)) for kind in {ASSETS}]]))
"""
    package, roots = json.loads(installation.python(code))
    assert Path(package).resolve().is_relative_to(installation.environment.resolve())
    assert roots == [str(Path(package) / "_data" / kind) for kind in ASSETS]


def test_ontology_shapes_and_both_demos_load_from_the_installed_wheel(
    installation: Installation,
) -> None:
    code = """
import json, tomllib, pyoxigraph
from casegraph import assets
counts = {
    kind: sum(
        sum(1 for _ in pyoxigraph.parse(path=str(file)))
        for file in sorted(assets.root(kind).rglob("*.ttl"))
    )
    for kind in ("ontology", "shapes")
}
demos = {
    file.parent.name: bool(tomllib.loads(file.read_text(encoding="utf-8")))
    for file in assets.root("data").glob("*/casegraph.toml")
}
print(json.dumps([counts, demos]))
"""
    counts, demos = json.loads(installation.python(code))
    assert counts["ontology"] > 100
    assert counts["shapes"] > 100
    assert demos == {"belarus-2024": True, "invented": True}


@pytest.mark.full
def test_the_sdist_gives_the_same_wheel(wheel: Path, repository: Path, tmp_path: Path) -> None:
    for name in ("sdist", "unpacked", "wheel"):
        (tmp_path / name).mkdir()
    with tarfile.open(build("sdist", repository, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    again = build("wheel", source, tmp_path / "wheel")
    assert contents(again) == contents(wheel)
    assert again.name == wheel.name

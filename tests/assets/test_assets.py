"""Assets are found in a checkout, in a wheel, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph import assets
from casegraph.errors import FixEnvironment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place where the package might be installed."""
    package = tmp_path / "lib" / "casegraph"
    package.mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", package)
    return package


@pytest.mark.parametrize("kind", ["ontology", "shapes", "data"])
def test_a_checkout_gives_its_own_folders(kind: assets.Kind, repository: Path) -> None:
    assert assets.root(kind) == repository / kind


def test_packed_folders_come_first(package: Path, tmp_path: Path) -> None:
    (package / "_data" / "shapes").mkdir(parents=True)
    (tmp_path / "shapes").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert assets.root("shapes") == package / "_data" / "shapes"


def test_a_stray_folder_is_not_taken_for_ours(package: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(FixEnvironment, match="has no data directory") as caught:
        assets.root("data")
    assert str(package / "_data" / "data") in caught.value.message
    assert "pip install" in (caught.value.hint or "")

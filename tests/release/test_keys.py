"""Where signing keys may be made, and how they are kept."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from casegraph import durable
from casegraph.errors import Conflict, FixEnvironment, FixInput, NotAllowed, NotFound
from casegraph.release.keys import load_public_key, load_secret_key, make_key
from casegraph.release.minisign import ScryptCost

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = ScryptCost(operations=1 << 15, memory_bytes=1 << 24)


def test_a_key_is_made_and_read_back(tmp_path: Path) -> None:
    pair = make_key(tmp_path / "safe", passphrase=None)
    assert load_public_key(pair.public_file) == pair.public_key
    assert load_secret_key(pair.secret_file, passphrase=None).public == pair.public_key


def test_a_passphrase_protects_the_key(tmp_path: Path) -> None:
    pair = make_key(tmp_path, passphrase="wooden horse", cost=CHEAP)
    key = load_secret_key(pair.secret_file, passphrase="wooden horse")
    assert key.public == pair.public_key
    with pytest.raises(FixInput, match=r"minisign\.key.*not the passphrase"):
        load_secret_key(pair.secret_file, passphrase="wooden cow")


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixInput, match="empty"):
        make_key(tmp_path, passphrase="")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")
def test_only_the_owner_may_read_the_secret_key(tmp_path: Path) -> None:
    pair = make_key(tmp_path / "safe", passphrase=None)
    assert stat.S_IMODE(pair.secret_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "safe").stat().st_mode) == 0o700
    pair.secret_file.chmod(0o640)
    with pytest.raises(NotAllowed, match="chmod 600"):
        load_secret_key(pair.secret_file, passphrase=None)


@pytest.mark.parametrize("name", ["minisign.key", "minisign.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious", encoding="utf-8")
    with pytest.raises(Conflict, match="stands here already"):
        make_key(tmp_path, passphrase=None)
    assert (tmp_path / name).read_text(encoding="utf-8") == "precious"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("mark", "what"), [("casegraph.toml", "a workspace"), (".git", "a git work tree")]
)
@pytest.mark.parametrize("below", ["", "deep/er"])
def test_no_key_where_it_could_travel(tmp_path: Path, mark: str, what: str, below: str) -> None:
    (tmp_path / mark).write_text("", encoding="utf-8")
    with pytest.raises(NotAllowed, match=what):
        make_key(tmp_path / below, passphrase=None)
    assert [path.name for path in tmp_path.iterdir()] == [mark]


def test_a_link_into_a_workspace_is_seen_through(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "keys").mkdir(parents=True)
    (workspace / "casegraph.toml").write_text("", encoding="utf-8")
    (tmp_path / "innocent").symlink_to(workspace / "keys")
    with pytest.raises(NotAllowed, match="inside a workspace"):
        make_key(tmp_path / "innocent", passphrase=None)


def test_a_file_in_the_way_is_an_error_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FixEnvironment, match="cannot be made"):
        make_key(tmp_path / "file" / "below", passphrase=None)


def test_missing_and_false_key_files_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no key file here"):
        load_public_key(tmp_path / "nothing")
    (tmp_path / "large").write_bytes(b"x" * 5000)
    with pytest.raises(FixInput, match=r"large: This is not a minisign public key"):
        load_public_key(tmp_path / "large")


def test_no_half_of_a_pair_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = durable.write_file

    def full_disk_at_the_public_half(path: Path, data: bytes, **options: Any) -> int:
        if path.suffix == ".pub":
            raise FixEnvironment("the disk is full")
        return real(path, data, **options)

    monkeypatch.setattr(durable, "write_file", full_disk_at_the_public_half)
    with pytest.raises(FixEnvironment, match="disk is full"):
        make_key(tmp_path, passphrase=None)
    assert list(tmp_path.iterdir()) == []

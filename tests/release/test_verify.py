"""Verification: whatever was changed in a release is refused, and named."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from casegraph import errors
from casegraph.errors import Problem, Where
from casegraph.release.archive import zip_chunks
from casegraph.release.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, parse_manifest
from casegraph.release.minisign import sign
from casegraph.release.seal import write_zip
from casegraph.release.verify import Limits, Verification, verify, verify_files
from tests.conftest import require_tool
from tests.release.sample_release import KEY, OTHER_KEY, RELEASE_ID, make_release, make_zip

if TYPE_CHECKING:
    from pathlib import Path

FRAME_AND_FILES: Final = [
    *("manifest.json", "manifest.json.minisig", "minisign.pub", "SHA256SUMS"),
    *("casegraph.nq.gz", "casegraph.ttl", "README.txt", "shapes/findings.ttl"),
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_release(tmp_path / "release")


def _codes(result: Verification) -> set[str]:
    return {problem.code for problem in result.problems if problem.severity == "error"}


def _places(result: Verification) -> set[str]:
    return {
        problem.where.path
        for problem in result.problems
        if problem.severity == "error" and problem.where
    }


def _trusting(path: Path) -> Verification:
    return verify(path, public_key=KEY.public)


def _flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def _files(release: Path) -> list[Path]:
    return sorted(path for path in release.rglob("*") if path.is_file())


# What is right ------------------------------------------------------------------------


def test_a_whole_release_is_accepted_and_says_what_was_checked(release: Path) -> None:
    result = _trusting(release)
    assert result.problems == ()
    assert (result.ok, result.release_id, result.key_trusted) == (True, RELEASE_ID, True)
    assert result.checked == (
        "The signature is of the key 706050403020100.",
        "All 5 files are whole, none is missing, none was added.",
        "The canonical N-Quads have the hash in the manifest and are sorted.",
    )


def test_its_zip_is_accepted_too(tmp_path: Path) -> None:
    result = _trusting(make_zip(tmp_path))
    assert result.problems == ()
    assert result.checked[0] == "The archive holds these files and nothing else."


def test_without_a_trusted_key_it_says_that_the_key_proves_nothing(release: Path) -> None:
    result = verify(release, public_key=None)
    [warning] = result.problems
    assert (result.ok, result.key_trusted) == (True, False)
    assert (warning.code, warning.severity) == ("key-not-trusted", "warning")
    assert "was not checked against one you trust" in warning.message


def test_signing_again_changes_no_byte_and_another_key_only_the_signature(tmp_path: Path) -> None:
    one, two = make_release(tmp_path / "1"), make_release(tmp_path / "2")
    other = make_release(tmp_path / "3", OTHER_KEY)
    pairs = [(path, path.relative_to(one)) for path in _files(one)]
    assert [name for path, name in pairs if path.read_bytes() != (two / name).read_bytes()] == []
    assert {
        str(name) for path, name in pairs if path.read_bytes() != (other / name).read_bytes()
    } == {SIGNATURE, PUBLIC_KEY}


def test_debians_tools_reach_the_same_verdict(release: Path) -> None:
    tool = require_tool("minisign")
    command = [tool, "-V", "-H", "-P", KEY.public.line, "-m", MANIFEST]
    done = subprocess.run(command, cwd=release, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"casegraph release {RELEASE_ID}" in done.stdout


def test_a_release_signed_by_debians_minisign_is_accepted(release: Path, tmp_path: Path) -> None:
    tool = require_tool("minisign")
    (tmp_path / "k").write_text(KEY.to_text(), encoding="utf-8")
    command = [tool, "-S", "-s", str(tmp_path / "k"), "-m", MANIFEST]
    subprocess.run(command, cwd=release, capture_output=True, check=True)
    assert _trusting(release).problems == ()


def test_the_hash_of_the_dataset_is_found_with_debians_tools_alone(release: Path) -> None:
    """``zcat | sort -c`` and ``sha256sum`` need no casegraph."""
    manifest = parse_manifest((release / MANIFEST).read_bytes())
    plain = gzip.decompress((release / "casegraph.nq.gz").read_bytes())
    environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
    sort = [require_tool("sort", package="coreutils"), "-c", "-u"]
    subprocess.run(sort, input=plain, check=True, capture_output=True, env=environment)
    digest = [require_tool("sha256sum", package="coreutils")]
    done = subprocess.run(digest, input=plain, check=True, capture_output=True)
    assert done.stdout.decode().split()[0] == manifest.dataset_sha256


def test_nothing_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound, match="no release here"):
        _trusting(tmp_path / "nothing")


# One thing changed --------------------------------------------------------------------


@pytest.mark.parametrize("name", FRAME_AND_FILES)
@pytest.mark.parametrize("trusted", [True, False])
def test_a_flipped_byte_names_its_file(release: Path, name: str, *, trusted: bool) -> None:
    size = (release / name).stat().st_size
    for at in (0, size // 2, size - 1):
        _flip(release / name, at)
        result = verify(release, public_key=KEY.public if trusted else None)
        _flip(release / name, at)
        assert not result.ok
        assert name in " ".join(map(str, result.problems))


@pytest.mark.parametrize("name", [*FRAME_AND_FILES, "figures.csv"])
def test_a_missing_file_is_named(release: Path, name: str) -> None:
    (release / name).unlink()
    result = _trusting(release)
    assert "file-missing" in _codes(result)
    assert name in _places(result)


@pytest.mark.parametrize("name", [*FRAME_AND_FILES, "figures.csv"])
def test_a_longer_file_is_named(release: Path, name: str) -> None:
    with (release / name).open("ab") as stream:
        stream.write(b"\n")
    result = _trusting(release)
    assert name in _places(result)


@pytest.mark.parametrize("name", ["extra.ttl", "shapes/extra.ttl", ".hidden", "new/\x1b[2J"])
def test_an_added_file_is_named(release: Path, name: str) -> None:
    (release / name).parent.mkdir(exist_ok=True)
    (release / name).write_bytes(b"")
    [problem] = _trusting(release).problems
    assert problem.code == "file-added"
    assert problem.message.isprintable()
    assert name in str(problem) or "x1b" in str(problem)


def test_an_empty_folder_is_named(release: Path) -> None:
    (release / "void").mkdir()
    assert _places(_trusting(release)) == {"void/"}


@pytest.mark.parametrize("name", FRAME_AND_FILES)
def test_a_link_in_place_of_a_file_is_refused(release: Path, tmp_path: Path, name: str) -> None:
    shutil.copy(release / name, tmp_path / "outside")
    (release / name).unlink()
    (release / name).symlink_to(tmp_path / "outside")
    result = _trusting(release)
    assert "file-kind" in _codes(result)
    assert name in _places(result)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX matter")
@pytest.mark.parametrize("name", ["casegraph.ttl", "manifest.json", "pipe"])
def test_a_pipe_is_refused_and_not_waited_for(release: Path, name: str) -> None:
    (release / name).unlink(missing_ok=True)
    os.mkfifo(release / name)
    assert name in _places(_trusting(release))


def test_another_signature_of_the_same_key_is_refused(release: Path) -> None:
    (release / SIGNATURE).write_text(
        sign(b"another manifest", KEY, trusted_comment="x"), encoding="utf-8"
    )
    assert _codes(_trusting(release)) == {"signed-data-altered"}


def test_a_release_signed_with_another_key_is_refused(tmp_path: Path) -> None:
    release = make_release(tmp_path / "r", OTHER_KEY)
    result = _trusting(release)
    assert _codes(result) == {"key-differs", "signature-wrong-key"}
    assert _places(result) == {PUBLIC_KEY, SIGNATURE}


def test_the_unprotected_first_line_of_a_signature_is_watched_too(release: Path) -> None:
    text = (release / SIGNATURE).read_text(encoding="utf-8")
    forged = text.replace("signature from", "seen by the court:", 1)
    (release / SIGNATURE).write_text(forged, encoding="utf-8")
    assert _codes(_trusting(release)) == {"signature-comment"}


def test_a_signature_that_is_no_text_is_refused(release: Path) -> None:
    (release / SIGNATURE).write_bytes(b"\xff\xfe")
    assert _codes(_trusting(release)) == {"signature-malformed"}


def test_a_key_twice_in_a_signed_manifest_is_refused(release: Path) -> None:
    data = (release / MANIFEST).read_bytes()
    twice = data.replace(b'"release":', b'"release": "2030-01-01.1",\n  "release":')
    (release / MANIFEST).write_bytes(twice)
    text = sign(twice, KEY, trusted_comment="x")
    (release / SIGNATURE).write_text(text, encoding="utf-8")
    result = _trusting(release)
    [problem] = result.problems
    assert (problem.code, problem.where) == ("manifest-malformed", Where(MANIFEST))
    assert "the key release stands twice" in problem.message


def test_an_endless_manifest_is_not_read(release: Path) -> None:
    with (release / MANIFEST).open("ab") as stream:
        stream.truncate((1 << 24) + 1)
    result = _trusting(release)
    assert "file-length" in _codes(result)


def test_all_that_is_wrong_is_told_at_once(release: Path) -> None:
    (release / "figures.csv").unlink()
    _flip(release / "README.txt", 3)
    (release / "extra").write_bytes(b"")
    assert _places(_trusting(release)) == {"figures.csv", "README.txt", "extra"}


def test_an_unsigned_candidate_can_be_compared_with_its_manifest(release: Path) -> None:
    manifest = parse_manifest((release / MANIFEST).read_bytes())
    (release / SIGNATURE).unlink()
    assert verify_files(release, manifest) == []
    _flip(release / "README.txt", 3)
    assert [problem.code for problem in verify_files(release, manifest)] == ["file-altered"]


# Meaning ------------------------------------------------------------------------------


def test_what_the_files_mean_is_asked_only_of_whole_ones(tmp_path: Path) -> None:
    asked: list[bool] = []

    def disagrees(directory: Path) -> list[Problem]:
        asked.append((directory / "casegraph.ttl").is_file())
        return [Problem("turtle-differs", "casegraph.ttl says something else.")]

    archive = make_zip(tmp_path)
    result = verify(archive, public_key=KEY.public, semantic_checks=[disagrees])
    assert (_codes(result), asked) == ({"turtle-differs"}, [True])
    _flip(tmp_path / "unpacked" / "README.txt", 0)
    verify(tmp_path / "unpacked", public_key=KEY.public, semantic_checks=[disagrees])
    assert asked == [True]


def test_agreement_of_the_files_is_reported(release: Path) -> None:
    result = verify(release, public_key=KEY.public, semantic_checks=[lambda _: []])
    assert result.checked[-1] == "The files say the same as the canonical N-Quads."


def test_folders_nested_without_end_are_walked_without_recursion(release: Path) -> None:
    deep = release
    for _ in range(1100):
        deep /= "d"
        deep.mkdir()
    result = _trusting(release)
    while deep != release:  # or pytest's own tidying up would meet them
        deep.rmdir()
        deep = deep.parent
    assert _codes(result) == {"file-kind"}


# Zips ---------------------------------------------------------------------------------


def test_a_zip_under_another_folder_name_is_refused(tmp_path: Path) -> None:
    release = make_release(tmp_path / "r")
    archive = tmp_path / "z.zip"
    archive.write_bytes(b"".join(zip_chunks(release, folder="casegraph-2031-05-18.1")))
    [problem] = _trusting(archive).problems
    assert (problem.code, problem.where) == ("archive-altered", Where("z.zip"))


def test_a_zip_of_an_altered_release_names_the_file(tmp_path: Path) -> None:
    release = make_release(tmp_path / "r")
    _flip(release / "README.txt", 0)
    write_zip(release, tmp_path / "z.zip")
    assert _places(_trusting(tmp_path / "z.zip")) == {"README.txt"}


def test_a_zip_over_the_limit_is_refused(tmp_path: Path) -> None:
    result = verify(make_zip(tmp_path), public_key=None, limits=Limits(total_bytes=10))
    assert _codes(result) == {"archive-too-large"}


def test_nothing_is_left_of_an_unpacked_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_zip(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert _trusting(archive).ok
    assert list((tmp_path / "temporary").iterdir()) == []


def test_no_room_to_unpack_is_an_error_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_zip(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(errors.FixEnvironment, match="cannot be read or unpacked"):
        _trusting(archive)

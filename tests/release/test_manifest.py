"""The manifest: one spelling, every file, and nothing that could lead elsewhere."""

from __future__ import annotations

import hashlib
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import FixInput
from casegraph.release.manifest import (
    build_manifest,
    canonical_json,
    checksums,
    hash_file,
    listed_files,
    name_fault,
    parse_manifest,
    shown,
)
from tests.conftest import require_tool
from tests.release.sample_release import RELEASE_ID, fill, make_release, write_sample_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DATASET = "ab" * 32


def _build(directory: Path, facts: Mapping[str, object] | None = None, **changes: str) -> bytes:
    given: dict[str, str] = {
        "release_id": RELEASE_ID,
        "base_iri": "https://example.org/",
        "dataset_sha256": DATASET,
    } | changes
    return build_manifest(
        directory,
        release_id=given["release_id"],
        base_iri=given["base_iri"],
        dataset_sha256=given["dataset_sha256"],
        facts=facts or {},
    )


def test_a_manifest_says_what_the_directory_holds(tmp_path: Path) -> None:
    fill(tmp_path / "r")
    data = _build(tmp_path / "r", {"counts": {"findings": 3}})
    value = json.loads(data)
    assert value["release"] == RELEASE_ID
    assert value["counts"] == {"findings": 3}
    assert list(value["files"]) == [
        *("README.txt", "casegraph.nq.gz", "casegraph.ttl", "figures.csv", "shapes/findings.ttl"),
    ]
    assert value["files"]["casegraph.ttl"] == {
        "bytes": len(b"# Veldania\n"),
        "mediaType": "text/turtle",
        "sha256": hashlib.sha256(b"# Veldania\n").hexdigest(),
    }
    assert parse_manifest(data).to_json() == data


def test_the_frame_does_not_list_itself(tmp_path: Path) -> None:
    """Whoever signs, and however often, the manifest stays the same."""
    fill(tmp_path / "bare")
    write_sample_manifest(tmp_path / "bare")
    before = (tmp_path / "bare" / "manifest.json").read_bytes()
    release = make_release(tmp_path / "signed")
    write_sample_manifest(release)
    assert (release / "manifest.json").read_bytes() == before


def test_sha256sum_of_coreutils_accepts_the_checksums(tmp_path: Path) -> None:
    release = make_release(tmp_path / "r")
    tool = require_tool("sha256sum", package="coreutils")
    command = [tool, "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=release, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(line.removesuffix(": OK") for line in done.stdout.splitlines()) == [
        *("README.txt", "casegraph.nq.gz", "casegraph.ttl", "figures.csv", "manifest.json"),
        "shapes/findings.ttl",
    ]


def test_checksums_are_sorted_by_name(tmp_path: Path) -> None:
    fill(tmp_path / "r")
    names = [line[66:] for line in checksums(_build(tmp_path / "r")).splitlines()]
    assert names == sorted(names)


@pytest.mark.parametrize(
    "name",
    [
        *("../up", "/etc/passwd", "a/../b", "a//b", "a/", "", ".", ".hidden", "a/.git"),
        *("a\\b", "C:x", "a b", "é", "a\nb", "a\x00b", "nul", "CON.txt", "com1.ttl", "end."),
        *("-rf", "x" * 101, "/".join(["long"] * 60)),
    ],
)
def test_names_that_mean_different_things_elsewhere_are_refused(name: str) -> None:
    assert name_fault(name) is not None


@pytest.mark.parametrize("name", ["casegraph.nq.gz", "shapes/findings.ttl", "README.txt", "a-b_1"])
def test_plain_names_are_accepted(name: str) -> None:
    assert name_fault(name) is None


@given(st.text(max_size=20))
def test_a_shown_name_cannot_steer_a_terminal(name: str) -> None:
    assert shown(name).isascii()
    assert shown(name).isprintable()


def test_files_that_no_release_can_hold_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("", encoding="utf-8")
    with pytest.raises(FixInput, match="The name a b has characters"):
        listed_files(tmp_path)
    (tmp_path / "a b").rename(tmp_path / "Manifest.JSON")
    with pytest.raises(FixInput, match=r"differs from manifest\.json only in capital letters"):
        listed_files(tmp_path)
    (tmp_path / "Manifest.JSON").unlink()
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(FixInput, match="link is neither a file"):
        listed_files(tmp_path)
    (tmp_path / "link").unlink()
    (tmp_path / "empty").mkdir()
    with pytest.raises(FixInput, match="empty/ is neither a file"):
        listed_files(tmp_path)


def test_facts_may_not_take_a_name_with_a_meaning(tmp_path: Path) -> None:
    with pytest.raises(FixInput, match="“files” has a meaning of its own"):
        _build(tmp_path, {"files": {}})


@pytest.mark.parametrize(
    "release_id", ["2031-5-17.2", "2031-13-01.1", "2031-05-17", "2031-05-17.0", "../x", ""]
)
def test_release_ids_are_a_date_and_a_number(tmp_path: Path, release_id: str) -> None:
    with pytest.raises(FixInput, match="release id"):
        _build(tmp_path, release_id=release_id)


def _good() -> dict[str, Any]:
    entry = {"bytes": 3, "mediaType": "text/plain", "sha256": "cd" * 32}
    return {
        "manifestVersion": 1,
        "release": RELEASE_ID,
        "baseIri": "https://example.org/",
        "datasetSha256": DATASET,
        "files": {"a.txt": entry},
    }


def _with(path: list[str], value: object) -> bytes:
    whole = _good()
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return canonical_json(whole)


ENTRY = {"bytes": 3, "mediaType": "text/plain", "sha256": "cd" * 32}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "brackets go too deep"),
        (b"[]\n", "manifestVersion is not 1"),
        (_with(["manifestVersion"], 2), "manifestVersion is not 1"),
        (canonical_json({"manifestVersion": 1}), "missing or of the wrong type"),
        (_with(["files"], []), "wrong type"),
        (_with(["files", "a.txt"], "x"), "wrong type"),
        (_with(["files", "a.txt", "bytes"], -1), "whole number"),
        (canonical_json(_good()).replace(b'"bytes": 3', b'"bytes": true'), "whole number"),
        (_with(["files", "a.txt", "bytes"], 3.0), "whole number"),
        (_with(["files", "a.txt", "sha256"], "CD" * 32), "64 hexadecimal"),
        (_with(["files", "a.txt", "extra"], 1), "canonical form"),
        (_with(["files", "../a"], ENTRY), "does not stay inside"),
        (_with(["files", "A.TXT"], ENTRY), "capital letters"),
        (_with(["files", "SHA256SUMS"], ENTRY), "stands outside"),
        (_with(["files", "minisign.PUB"], ENTRY), "stands outside"),
        (_with(["datasetSha256"], "x"), "datasetSha256"),
        (_with(["release"], 5), "wrong type"),
        (_with(["x"], 1).replace(b'"x": 1', b'"x": NaN'), "NaN is not a number"),
        (_with(["x"], "?").replace(b'"?"', b'"\\ud800"'), "no canonical JSON form"),
        (_with(["x"], 1).replace(b'"x": 1', b'"x": 1,\n  "x": 1'), "the key x stands twice"),
        (_with(["x"], 1).replace(b'"x": 1', b'"x":  1'), "canonical form"),
        (_with(["x"], 1)[:-1], "canonical form"),
    ],
)
def test_any_other_spelling_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(FixInput, match=reason):
        parse_manifest(data)


def test_the_good_manifest_of_these_tests_is_good() -> None:
    assert parse_manifest(canonical_json(_good())).files["a.txt"].size == 3


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_canonical_json_says_the_same_and_is_a_fixed_point(value: object) -> None:
    try:
        data = canonical_json(value)
    except FixInput:
        return
    assert json.loads(data) == value
    assert canonical_json(json.loads(data)) == data


def test_a_large_file_is_hashed_in_pieces(tmp_path: Path) -> None:
    block = bytes(range(256)) * 4096
    (tmp_path / "large").write_bytes(block * 3)
    assert hash_file(tmp_path / "large") == hashlib.sha256(block * 3).hexdigest()

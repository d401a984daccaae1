"""init and check."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from tests.findings.small_workspace import FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

    Casegraph = Callable[..., Ran]


def test_a_new_workspace_is_safe_and_has_no_problem(tmp_path: Path, casegraph: Casegraph) -> None:
    root = tmp_path / "new"
    made = casegraph("init", root, "--organisation", "lantern", "--name", 'The "Lantern"')
    assert (made.code, made.out.splitlines()[0][:19]) == (0, "Made a workspace in")
    assert "encrypted disk" in made.err
    assert stat.S_IMODE((root / "salt").stat().st_mode) == 0o600
    assert stat.S_IMODE((root / "private").stat().st_mode) == 0o700
    assert re.fullmatch(r"[0-9a-f]{64}\n", (root / "salt").read_text())
    ignored = (root / ".gitignore").read_text().splitlines()
    assert {"/salt", "/people.yaml", "/texts/", "/private/", "*.key"} <= set(ignored)
    hint = "# yaml-language-server: $schema=./schema/people.schema.json\n"
    assert (root / "people.yaml").read_text().startswith(hint)
    assert (root / "schema" / "statements.schema.json").is_file()
    checked = casegraph("-w", root, "check")
    assert (checked.code, checked.err) == (0, 'Next: casegraph new KEY "TITLE" --record source\n')


def test_two_workspaces_have_different_salts(tmp_path: Path, casegraph: Casegraph) -> None:
    for name in ("one", "two"):
        casegraph("init", tmp_path / name)
    assert (tmp_path / "one" / "salt").read_text() != (tmp_path / "two" / "salt").read_text()


def test_init_never_writes_into_a_folder_that_holds_something(
    tmp_path: Path, casegraph: Casegraph
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    refused = casegraph("init", tmp_path)
    assert refused.code == 1
    assert refused.err == (
        f"error: {tmp_path} is not empty\n    Choose another folder, or empty this one.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--organisation", "our centre", "error: 'our centre' is not a key"),
        ("--title", "a\u202eb", "error: 'a\\u202eb' is empty or holds a control character"),
        ("--base-iri", "javascript:alert(1)", "error: --base-iri must be an http"),
    ],
)
def test_init_refuses_bad_words(
    tmp_path: Path, casegraph: Casegraph, option: str, value: str, message: str
) -> None:
    refused = casegraph("init", tmp_path / "new", option, value)
    assert refused.code == 1
    assert refused.err.startswith(message)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_no_workspace(tmp_path: Path, casegraph: Casegraph) -> None:
    refused = casegraph("-w", tmp_path, "check")
    assert refused.code == 1
    assert "is not a workspace: it has no casegraph.toml" in refused.err
    assert "casegraph init FOLDER" in refused.err


def test_check_shows_what_is_wrong_on_stderr_and_its_verdict_on_stdout(
    attached: Path, casegraph: Casegraph
) -> None:
    path = attached / "findings" / "report.yaml"
    path.write_text(path.read_text().replace("count: 480", "count: 481"))
    checked = casegraph("-w", attached, "check")
    assert checked.code == 1
    assert checked.err.startswith("findings/report.yaml:13:10: error: '481' does not stand")
    assert checked.out.splitlines()[-1] == "1 error, 0 warnings."


def test_check_as_json_puts_the_answer_alone_on_stdout(
    attached: Path, casegraph: Casegraph
) -> None:
    (attached / "agents.yaml").write_text(FILES["agents.yaml"].replace("aaaaaaaaaaaaaaa2", "x"))
    checked = casegraph("-w", attached, "check", "--json", "-v")
    answer = json.loads(checked.out)
    assert checked.code == 1
    assert not answer["ok"]
    assert [problem["code"] for problem in answer["problems"]] == ["bad-id"]
    assert answer["problems"][0]["where"] == "agents.yaml:5:23"
    assert answer["derived"]["total"]["number"] == "1,721 persons; exactly, [1721, 1721]"
    assert "error:" not in checked.err


def test_check_v_says_what_each_entry_means(attached: Path, casegraph: Casegraph) -> None:
    checked = casegraph("-w", attached, "check", "-v")
    assert checked.code == 0
    lines = checked.out.splitlines()
    start = lines.index("women")
    assert lines[start : start + 9] == [
        "women",
        "  is a: CountFinding",
        "  place: characters 59 to 78 of report",
        "  says: The Lantern (explicit)",
        "  sentence: The Lantern says: “women sentenced in Veldania”: 480 persons, during 2024.",
        "  time: 2024 (begins 2024-01-01, ends 2024-12-31; carriedTime)",
        "  number: 480 persons; exactly, [480, 480]",
        "  counts: sentenced/women, duringPeriod, documented",
        "  said as: affirmed, asserted",
    ]


def test_check_warns_when_quotations_reproduce_too_much(
    attached: Path, casegraph: Casegraph
) -> None:
    source = attached / "sources" / "report.yaml"
    source.write_text(source.read_text().replace("holding: full", "holding: quotations"))
    (attached / "sources" / "texts").rename(attached / "texts")
    quiet = casegraph("-w", attached, "check")
    assert "warning: quotations reproduce" not in quiet.err
    toml = attached / "casegraph.toml"
    toml.write_text(toml.read_text() + "[settings]\nquotation_share_warning_percent = 10\n")
    warned = casegraph("-w", attached, "check")
    assert warned.code == 0
    assert "warning: quotations reproduce 36.4% of the text of 'report'" in warned.err


def test_check_warns_of_a_remote_and_a_synced_folder_around_restricted_records(
    attached: Path, casegraph: Casegraph, tmp_path: Path
) -> None:
    root = tmp_path / "Dropbox (Personal)" / "veldania"
    root.parent.mkdir()
    attached.rename(root)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = git@example.org:x\n')
    assert "remote" not in casegraph("-w", root, "check").err
    agents = root / "agents.yaml"
    agents.write_text(
        agents.read_text().replace(
            "label: Ministry of Veldania",
            "label: Ministry, disclosure: {level: restricted, by: x, on: 2026-01-15, basis: none}",
        )
    )
    err = casegraph("-w", root, "check").err
    assert "1 record here is not public, and the git repository around them has the remote" in err
    assert "1 record here is not public, and Dropbox seems to copy this folder" in err


def test_colours_are_left_out_where_nobody_sees_them(
    workspace: Path, casegraph: Casegraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    (workspace / "agents.yaml").write_text("x: 1\n")
    assert "\x1b" not in casegraph("-w", workspace, "check").err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_may_not_be_written_to(tmp_path: Path, casegraph: Casegraph) -> None:
    tmp_path.chmod(0o500)
    assert casegraph("init", tmp_path / "new").code == 3

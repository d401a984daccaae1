"""The group itself: codes, help, completion, interruption."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from casegraph import errors
from casegraph.cli import main as main_module
from casegraph.cli.exit_codes import EXIT_CODES
from casegraph.cli.main import COMMANDS, LazyGroup, cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

    Casegraph = Callable[..., Ran]


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from casegraph.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def test_help_lists_every_command_in_the_order_of_a_days_work(casegraph: Casegraph) -> None:
    shown = casegraph("--help")
    assert shown.code == 0
    places = [shown.out.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_helps(casegraph: Casegraph, name: str) -> None:
    shown = casegraph(name, "--help")
    assert shown.code == 0
    assert f"Usage: casegraph {name}" in shown.out


def test_the_issue_s_commands_are_all_there() -> None:
    wanted = (
        "init new check build preview publish revise takedown verify diff query serve explain"
        " export source key demo"
    )
    assert set(wanted.split()) <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"completion", "demo", "serve"}))
def test_every_answer_can_be_had_as_json(name: str) -> None:
    command = LazyGroup.get_command(cli, click.Context(cli), name)
    assert command is not None
    commands = command.commands.values() if isinstance(command, click.Group) else [command]
    assert all(any("--json" in p.opts for p in one.params) for one in commands)


def test_an_unknown_command_is_a_matter_of_usage(casegraph: Casegraph) -> None:
    refused = casegraph("chekc")
    assert (refused.code, refused.out) == (2, "")
    assert "No such command 'chekc'" in refused.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(casegraph: Casegraph, shell: str) -> None:
    printed = casegraph("completion", shell)
    assert printed.code == 0
    assert "_CASEGRAPH_COMPLETE" in printed.out


def failing(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return click.Command("fail", callback=fail)


@pytest.mark.parametrize("kind", EXIT_CODES)
def test_each_kind_of_error_ends_with_its_code(
    casegraph: Casegraph, monkeypatch: pytest.MonkeyPatch, kind: type[errors.CasegraphError]
) -> None:
    made: dict[type[errors.CasegraphError], Callable[[], errors.CasegraphError]] = {
        errors.InvalidRecords: lambda: errors.InvalidRecords(
            [errors.Problem("x", "broken", errors.Where("a.yaml", 1, 2), "Mend it.")]
        ),
        errors.AskForLess: lambda: errors.AskForLess("too much", limit="rows"),
        errors.TryLater: lambda: errors.TryLater("too long", limit="time"),
    }
    error = made[kind]() if kind in made else kind("broken", hint="Mend it.")
    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: failing(error))
    ended = casegraph("fail")
    assert (ended.code, ended.out) == (EXIT_CODES[kind], "")
    assert "error: " in ended.err
    assert "Traceback" not in ended.err


def test_an_error_as_json_stands_alone_on_stdout(
    casegraph: Casegraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = errors.Problem("x", "broken", errors.Where("a.yaml", 1, 2), "Mend it.")
    command = failing(errors.InvalidRecords([problem]))
    command.params.append(click.Option(["--json"], is_flag=True, expose_value=False))
    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: command)
    ended = casegraph("fail", "--json")
    answer = json.loads(ended.out)
    assert answer["problems"][0]["where"] == "a.yaml:1:2"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.exceptions.Abort()])
def test_ctrl_c_ends_with_130_and_a_word(
    casegraph: Casegraph, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: failing(error))
    ended = casegraph("fail")
    assert ended.code == 130
    assert "Nothing is half done" in ended.err


def test_a_reader_that_has_seen_enough_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: failing(BrokenPipeError()))
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert main_module.run(["fail"]) == 0


def test_as_a_program_the_code_reaches_the_shell() -> None:
    assert program("--version").stdout.startswith("casegraph ")
    refused = program("-w", "/nowhere/at/all", "check")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: /nowhere/at/all is not a workspace")
    assert program("check", "--nonsense").returncode == 2

"""Every command in README and docs runs, in order, and prints what the page shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import require_tool
from tests.docs.pages import NOT_RUN, Block, agrees, blocks, commands, pages, starts_with
from tests.docs.shell import Shell, free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _runs(block: Block) -> bool:
    if block.language == "console":
        return "not-run" not in block.options
    return "file" in block.options or "append" in block.options


def _tools(page: Path) -> set[str]:
    return {tool for block in blocks(page) for tool in block.needs}


def _name(page: Path) -> str:
    return page.stem if page.parent.name != "reference" else f"reference-{page.stem}"


#: Programs that even a complete run of the tests may lack, with the Debian package.
TOO_LARGE = {"Rscript": "r-base-core"}

RUN = [page for page in pages() if any(map(_runs, blocks(page)))]
WITH_TOOLS = [(page, tool) for page in RUN for tool in sorted(_tools(page))]


def _follow(page: Path, shell: Shell, *, tools: set[str]) -> None:
    for block in filter(_runs, blocks(page)):
        if not set(block.needs) <= tools:
            continue
        if block.language != "console":
            name = block.options.get("file") or block.options["append"]
            assert name in block.before, f"{block.place}: say in the text above: {name}"
            shell.write(name, block.text, add="append" in block.options)
            continue
        _do(block, shell)


def _do(block: Block, shell: Shell) -> None:
    steps = commands(block)
    for step in steps:
        place = f"{block.page.name}:{step.line}: $ {step.text}"
        if "serve" in block.options:
            printed = shell.serve(step)
            assert agrees(step.output + "\n…", printed), f"{place}\n--- printed\n{printed}"
            continue
        printed, code = shell.run(step)
        wanted = int(block.options.get("exit", "0")) if step is steps[-1] else 0
        assert code == wanted, f"{place}\nended with {code}, not {wanted}\n--- printed\n{printed}"
        assert agrees(step.output, printed), (
            f"{place}\n--- shown\n{step.output}\n--- printed\n{printed}"
        )


@pytest.fixture
def reader(
    tmp_path: Path, seed_page: Callable[[str | None, Path], None]
) -> Callable[[Path], Shell]:
    """Give a terminal in a folder that holds what the page starts with."""

    def at(page: Path) -> Shell:
        folder = tmp_path / "reader"
        folder.mkdir()
        seed_page(starts_with(page), folder)
        return Shell(folder, port=free_port())

    return at


@pytest.mark.parametrize("page", RUN, ids=_name)
def test_the_page_runs(page: Path, reader: Callable[[Path], Shell]) -> None:
    """Blocks that need a program beyond a usual shell are left to the test below."""
    with reader(page) as shell:
        _follow(page, shell, tools=set())


@pytest.mark.parametrize(
    ("page", "tool"), WITH_TOOLS, ids=[f"{_name(page)}-{tool}" for page, tool in WITH_TOOLS]
)
def test_the_page_runs_with(page: Path, tool: str, reader: Callable[[Path], Shell]) -> None:
    """The whole page, with every block that needs this program and no other."""
    if tool in TOO_LARGE and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed, and too large to ask for ({TOO_LARGE[tool]})")
    require_tool(tool)
    with reader(page) as shell:
        _follow(page, shell, tools={tool})


def test_a_block_that_is_not_run_says_why() -> None:
    """Nothing stays out of the tests without one of the reasons that are listed."""
    unknown = [
        block.place
        for page in pages()
        for block in blocks(page)
        if block.language == "console" and block.options.get("not-run", "ci") not in NOT_RUN
    ]
    assert unknown == []


def test_every_command_block_is_a_console_block() -> None:
    """A shell command in another kind of block would escape the tests."""
    escaped = [
        block.place
        for page in pages()
        for block in blocks(page)
        if block.language in {"", "sh", "bash", "shell", "text"}
        and "file" not in block.options
        and any(
            line.lstrip("$ ").startswith(("casegraph ", "make ", "curl ", "minisign "))
            for line in block.text.splitlines()
        )
    ]
    assert escaped == []


def test_an_ellipsis_stands_for_what_varies_and_for_nothing_else() -> None:
    assert agrees("made … in …s", "made 12 in 0.3s\n")
    assert agrees("first\n…\nlast", "first\na\nb\nlast\n")
    assert agrees("…", "")
    assert not agrees("made 12", "made 13\n")
    assert not agrees("first", "first\nsecond\n")
    assert not agrees("a … c", "a\nc\n")

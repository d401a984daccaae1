"""Put what commands print today into a page, where it differs from what the page shows.

``python -m tests.docs.refresh docs/tutorial.md …``.  Lines that only vary where the page has
``…`` stay as they are.  Read the difference before you keep it: a test that was made to pass
in this way has shown you what readers will see.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.docs.pages import ANYTHING, REPOSITORY, agrees, blocks, commands, starts_with
from tests.docs.shell import Shell, free_port

if TYPE_CHECKING:
    from tests.docs.pages import Block, Command

_DEMO = "casegraph-demo"


def refresh(page: Path) -> None:
    """Follow the page from its top and write what differs back into it."""
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "reader"
        folder.mkdir()
        _seed(starts_with(page), folder)
        with Shell(folder, port=free_port()) as shell:
            changed = {
                command.line: (command, output)
                for block in blocks(page)
                for command, output in _printed(block, shell)
                if not agrees(command.output, output)
            }
    lines = page.read_text(encoding="utf-8").splitlines()
    for line in sorted(changed, reverse=True):
        command, output = changed[line]
        start = line + len(command.text.splitlines()) - 1
        end = start
        while not lines[end].startswith(("$ ", "```")):
            end += 1
        lines[start:end] = _kept(lines[start:end], output.strip("\n").splitlines())
    page.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _printed(block: Block, shell: Shell) -> list[tuple[Command, str]]:
    if block.language != "console":
        shell.do(block)
        return []
    if "not-run" in block.options or not all(map(shell.has, block.needs)):
        return []
    if "serve" in block.options:
        for command in commands(block):
            shell.serve(command)
        return []
    return [(command, shell.run(command)[0]) for command in commands(block)]


def _kept(shown: list[str], printed: list[str]) -> list[str]:
    """The printed lines, but where a shown line with ``…`` stands for one, that line."""
    patterns = [line for line in shown if ANYTHING in line and line.strip() != ANYTHING]
    return [
        next((pattern for pattern in patterns if agrees(pattern, line)), line.rstrip())
        for line in printed
    ]


def _seed(what: str | None, folder: Path) -> None:
    if what == "the tutorial":
        with Shell(folder, port=0) as shell:
            for block in blocks(REPOSITORY / "docs" / "tutorial.md"):
                shell.do(block)
    elif what == "the demo":
        program = Path(sys.executable).with_name("casegraph")
        subprocess.run(
            [program, "demo", "--no-serve", "--folder", folder / _DEMO],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(Path(name).resolve())

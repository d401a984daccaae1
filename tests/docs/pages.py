"""What stands in a page of the documentation: fenced blocks and the tables below them.

The first word behind the fence is the language, the others say what the tests do::

    console             run every `$ ` line (`> ` continues it), compare what it prints
    console exit=1      the last command ends with this exit code
    console needs=prog  left out where ``prog`` is missing; a second test then says so
    console serve       start the command, wait until it has printed the lines shown, and
                        keep it running until the page ends
    console not-run=why not run here; ``why`` is one of ``NOT_RUN``
    any file=PATH       write the block to PATH, as the reader is told to
    any append=PATH     add the block to the end of PATH
    sparql              ask the service; the table below the block is the answer

In output and tables ``…`` stands for anything within one line or cell, and a line that is
nothing but ``…`` for any number of lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ANYTHING = "…"

#: Why a command block may stay out of the tests.
NOT_RUN = {
    "ci": "`.ci/run` runs it from nothing",
    "install": "it reaches a package index",
    "yours": "it shows a shape; the reader's own names stand in it",
}

_FENCE = re.compile(r"^```(?P<info>[^`\n]*)$")
_STARTS = re.compile(r"<!-- starts with: (?P<what>[a-z -]+) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block; ``line`` is that of its first fence, ``before`` the text above it."""

    page: Path
    line: int
    language: str
    options: dict[str, str]
    text: str
    before: str
    table: tuple[tuple[str, ...], ...]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"

    @property
    def needs(self) -> tuple[str, ...]:
        """Programs without which it is left out."""
        return tuple(filter(None, self.options.get("needs", "").split(",")))


@dataclass(frozen=True, slots=True)
class Command:
    """One `$ ` line of a console block with the output shown below it."""

    line: int
    text: str
    output: str


def pages() -> list[Path]:
    """README and every page below docs/."""
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def starts_with(page: Path) -> str | None:
    """What a page takes as given, from its comment ``<!-- starts with: … -->``."""
    found = _STARTS.search(page.read_text(encoding="utf-8"))
    return found["what"].strip() if found else None


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found, at, last_end = [], 0, 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence is None:
            at += 1
            continue
        end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == "```")
        language, options = _info(fence["info"])
        found.append(
            Block(
                page=page,
                line=at + 1,
                language=language,
                options=options,
                text="".join(f"{line}\n" for line in lines[at + 1 : end]),
                before="\n".join(lines[last_end:at]),
                table=_table(lines, end + 1),
            )
        )
        at = last_end = end + 1
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a console block, each with the output shown."""
    found: list[tuple[int, list[str], list[str]]] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        if line.startswith("$ "):
            found.append((number, [line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1][1].append(line[2:])
        elif found:
            found[-1][2].append(line)
        else:
            raise AssertionError(f"{block.place}: output stands before the first `$ ` line")
    return [
        Command(number, "\n".join(text), "\n".join(output).strip("\n"))
        for number, text, output in found
    ]


def agrees(shown: str, actual: str) -> bool:
    """Whether output is what the page shows, ``…`` standing for what varies."""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == ANYTHING:
            pattern += r"(?:[^\n]*\n)*"
        else:
            parts = (re.escape(part.rstrip() if last else part)
                     for part, last in _parts(line.rstrip()))  # fmt: skip
            pattern += r"[^\n]*".join(parts) + r"[ \t]*\n"
    actual = "".join(f"{line.rstrip()}\n" for line in actual.strip("\n").splitlines())
    return re.fullmatch(pattern, actual) is not None


def _parts(line: str) -> list[tuple[str, bool]]:
    parts = line.split(ANYTHING)
    return [(part, number == len(parts)) for number, part in enumerate(parts, start=1)]


def _info(info: str) -> tuple[str, dict[str, str]]:
    language, *words = info.split() or [""]
    options = {}
    for word in words:
        name, _, value = word.partition("=")
        options[name] = value
    return language, options


def _table(lines: list[str], at: int) -> tuple[tuple[str, ...], ...]:
    """The Markdown table that follows, after blank lines or a fold; its ruler left out."""
    while at < len(lines) and lines[at].strip() in {"", "</details>"}:
        at += 1
    rows = []
    while at < len(lines) and lines[at].startswith("|"):
        cells = re.split(r"(?<!\\)\|", lines[at].strip())[1:-1]
        rows.append(tuple(cell.strip().replace("\\|", "|") for cell in cells))
        at += 1
    return tuple(row for number, row in enumerate(rows) if number != 1)

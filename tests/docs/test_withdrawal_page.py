"""The first ten minutes after a name got out, done with the very commands of that page."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

from tests.docs.pages import Command, blocks, commands
from tests.docs.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

# Stands in a label, in two sentences and in the label of a number of the tutorial's release.
NAME = "harbour gate"


def _command(repository: Path, beginning: str) -> str:
    page = repository / "docs" / "how-to" / "a-name-got-out.md"
    found = [
        command.text
        for block in blocks(page)
        for command in commands(block)
        if command.text.startswith(beginning)
    ]
    assert len(found) == 1, found
    return found[0]


def test_the_commands_find_every_record_and_leave_no_trace(
    repository: Path, after_tutorial: Path, tmp_path: Path
) -> None:
    """What the search finds is withdrawn; then it finds nothing, nor does a look at the bytes."""
    folder = tmp_path / "reader"
    shutil.copytree(after_tutorial, folder)
    search = _command(repository, "gzip")
    withdraw = _command(repository, "casegraph takedown").replace("YOU", "editor")
    withdraw = withdraw.replace("KEY", "../keys/minisign.key")
    with Shell(folder, port=0) as shell:
        shell.run(Command(0, f"cd veldania; NAME='{NAME}'", ""))
        addresses, _ = shell.run(Command(0, search, ""))
        assert addresses.count("\n") >= 2, addresses
        for address in addresses.split():
            printed, code = shell.run(Command(0, withdraw.replace("ADDRESS", address), ""))
            assert code == 0, printed
        assert shell.run(Command(0, search, ""))[0] == ""
        printed, code = shell.run(Command(0, "casegraph verify releases/*.zip", ""))
        assert code == 0, printed
    releases = folder / "veldania" / "releases"
    for path in releases.rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                texts = [archive.read(name) for name in archive.namelist()]
        else:
            texts = [path.read_bytes()] if path.is_file() else []
        assert all(NAME.encode() not in text for text in texts), path

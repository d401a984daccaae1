"""key: make the key that signs releases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from casegraph.cli.options import json_option
from casegraph.release.keys import make_key

if TYPE_CHECKING:
    from casegraph.cli.console import Console


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--passphrase/--no-passphrase", "protect", default=True,
              help="Ask for a passphrase that encrypts the key (recommended).")  # fmt: skip
@json_option
def key(folder: Path, *, protect: bool, console: Console) -> None:
    """Make a signing key in FOLDER, which must lie outside every workspace."""
    passphrase = None
    if protect:
        passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    pair = make_key(folder, passphrase=passphrase)
    console.answer(
        {"secret": str(pair.secret_file), "public": str(pair.public_file),
         "key": pair.public_key.line},
        f"Secret key: {pair.secret_file} (back it up, never publish it)\n"
        f"Public key: {pair.public_file}\n{pair.public_key.line}",
    )  # fmt: skip
    console.note(f'Next: casegraph publish --key {pair.secret_file} --by NAME --because "…"')

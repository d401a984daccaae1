"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from casegraph.cli.console import Console
from casegraph.errors import FixInput
from casegraph.model.edtf import BadDateError, parse_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from casegraph.release.minisign import SecretKey

    _DayType = click.ParamType[date]
else:
    _DayType = click.ParamType  # older versions of click take no type argument

_Command = TypeVar("_Command", bound="Callable[..., object]")
KEY_VARIABLE = "CASEGRAPH_KEY"
PASSPHRASE_VARIABLE = "CASEGRAPH_KEY_PASSPHRASE"  # noqa: S105 - a name, not a passphrase


class Day(_DayType):
    """A day as ``2026-11-22``."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Parse, or refuse with what would be right."""
        if isinstance(value, date):
            return value
        try:
            return parse_day(str(value))
        except BadDateError as error:
            self.fail(str(error), param, ctx)


def json_option(command: _Command) -> _Command:
    """``--json``: the answer as one JSON value; handed on as ``console``."""
    return click.option(
        "--json", "console", is_flag=True, callback=lambda _c, _p, on: Console(json=on),
        help="Print the answer as JSON.",
    )(command)  # fmt: skip


def day_option(command: _Command) -> _Command:
    """``--date``: the day it is done for; today by default."""
    return click.option(
        "--date", "on", type=Day(), default=date.today, show_default="today",
        help="The day of the release or decision.",
    )(command)  # fmt: skip


def decision_options(command: _Command) -> _Command:
    """``--by`` and ``--because``: who decides, and why."""
    command = click.option(
        "--because", required=True, help="Why; kept in the private decisions file."
    )(command)
    return click.option(
        "--by", required=True, help="Who decides; kept in the private decisions file."
    )(command)


def key_option(command: _Command) -> _Command:
    """``--key``: the secret key that signs."""
    return click.option(
        "--key", "key_file", type=click.Path(path_type=Path, dir_okay=False), envvar=KEY_VARIABLE,
        help=f"The secret key file; {KEY_VARIABLE} by default.",
    )(command)  # fmt: skip


def read_key(key_file: Path | None) -> SecretKey:
    """The signing key; asks for its passphrase on a terminal where it needs one."""
    from casegraph.release.keys import load_secret_key  # noqa: PLC0415 - imports cryptography

    if key_file is None:
        raise FixInput(
            "no signing key is given",
            hint=f"Use --key FILE or set {KEY_VARIABLE}; `casegraph key FOLDER` makes one.",
        )
    try:
        return load_secret_key(key_file, passphrase=os.environ.get(PASSPHRASE_VARIABLE))
    except FixInput:
        if PASSPHRASE_VARIABLE in os.environ or not sys.stdin.isatty():
            raise
    passphrase = click.prompt("Passphrase of the key", hide_input=True, err=True)
    return load_secret_key(key_file, passphrase=passphrase)

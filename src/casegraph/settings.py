"""Every setting, in one table: the fields of ``Settings``.

A value comes from the last of these that gives it::

    default < casegraph.toml, table[settings] < CASEGRAPH_NAME < --name

``read`` looks once and returns one frozen object, which is passed on; nothing else reads
the environment.  Names carry their unit: seconds, bytes, rows, days, percent.  Secrets are
no settings (see ``OTHER_VARIABLES``).
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from casegraph.errors import FixEnvironment, FixInput, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Value = str | int | float
_T = TypeVar("_T", str, int, float)

FILE_NAME = "casegraph.toml"
TABLE_NAME = "settings"
PREFIX = "CASEGRAPH_"

#: Variables that begin like a setting and are none.
OTHER_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "CASEGRAPH_WORKSPACE": "folder of the workspace that a command works on",
        "CASEGRAPH_KEY": "path of the secret key that signs; it lies outside every workspace",
        "CASEGRAPH_KEY_PASSPHRASE": "passphrase of that key; a prompt asks where it is not given",
        "CASEGRAPH_SHARED": "folder with the texts that some tests of casegraph read",
    }
)

_MEBIBYTE = 1024 * 1024
_TYPE_NAMES = {str: "text in quotation marks", int: "a whole number", float: "a number"}


def _anything(_value: Value) -> str | None:
    return None


def _between(lowest: int, highest: int) -> Callable[[Value], str | None]:
    def complain(value: Value) -> str | None:
        if lowest <= cast("float", value) <= highest:
            return None
        return f"must be from {lowest} to {highest}"

    return complain


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = not re.search(r"[^!-~]|[<>\"{}|\\^`?#@]", text)
    return plain and parts.scheme in {"http", "https"} and bool(host) and text.endswith("/")


def _address(value: Value) -> str | None:
    """Accept ``http(s)://host/.../`` alone: names are made by appending to it."""
    if _is_address(str(value)):
        return None
    return "must be an http or https address that ends with / and holds no space, ?, # or @"


def _address_or_nothing(value: Value) -> str | None:
    return _address(value) if value else None


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    ``complain`` gives what is wrong with a value of the right type, as the end of a
    sentence ("must be ..."), or ``None``.
    """

    name: str
    default: Value
    doc: str
    complain: Callable[[Value], str | None] = _anything

    @property
    def type(self) -> type[Value]:
        """Type of every value of this setting: ``str``, ``int`` or ``float``."""
        return type(self.default)

    @property
    def variable(self) -> str:
        """Name of its environment variable."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """Name of its command-line option."""
        return "--" + self.name.replace("_", "-")


def _row(default: _T, doc: str, complain: Callable[[Value], str | None] = _anything) -> _T:
    """Declare a row; typed as its value, as ``dataclasses.field`` itself is."""
    return field(default=default, metadata={"doc": doc, "complain": complain})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once.  Two objects are equal when their values are."""

    base_iri: str = _row(
        "https://casegraph.example/",
        "Address that every identifier of the data begins with. It is part of each release and"
        " cannot change once something is published.",
        _address,
    )
    public_url: str = _row(
        "",
        "Address at which a service answers, where it differs from base_iri. Empty: the address"
        " that the reader asked for.",
        _address_or_nothing,
    )
    host: str = _row("127.0.0.1", "Network address to listen on. The default is this machine only.")
    port: int = _row(8000, "TCP port to listen on. 0: any free one.", _between(0, 65_535))
    query_deadline_seconds: float = _row(
        30.0, "Longest time that a visitor's query may run.", _between(0, 60)
    )
    page_deadline_seconds: float = _row(
        2.0, "Longest time that one query of a page may run.", _between(0, 60)
    )
    query_wait_seconds: float = _row(
        5.0, "Longest time that a query waits for a free worker.", _between(0, 60)
    )
    query_workers: int = _row(2, "Processes that answer queries.", _between(1, 256))
    worker_memory_bytes: int = _row(
        512 * _MEBIBYTE,
        "Memory that one query may take beyond what its worker holds when idle.",
        _between(16 * _MEBIBYTE, 1024 * 1024 * _MEBIBYTE),
    )
    max_result_bytes: int = _row(
        64 * _MEBIBYTE,
        "Largest answer to a query; a larger one is refused whole.",
        _between(1, 1024 * 1024 * _MEBIBYTE),
    )
    max_result_rows: int = _row(
        1_000_000,
        "Most rows or triples in an answer; a longer one is refused whole.",
        _between(1, 1_000_000_000),
    )
    validate_deadline_seconds: float = _row(
        600.0, "Longest time that SHACL validation may take.", _between(1, 86_400)
    )
    reason_deadline_seconds: float = _row(
        600.0, "Longest time that the OWL RL closure may take.", _between(1, 86_400)
    )
    quotation_share_warning_percent: float = _row(
        40.0,
        "A check warns when quotations reproduce more than this share of a text that is not"
        " ours to publish.",
        _between(0, 100),
    )
    shelf_life_days: int = _row(
        365,
        "After this many days a state, a stock or an absence is shown as what may no longer hold.",
        _between(1, 36_500),
    )
    origins: Mapping[str, str] = field(
        default_factory=dict, compare=False, repr=False, metadata={"row": False}
    )

    def origin(self, name: str) -> str:
        """Say where a value came from: ``default``, a file, a variable or a flag."""
        return self.origins.get(name, "default")


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        row.name: Setting(
            row.name, cast("Value", row.default), row.metadata["doc"], row.metadata["complain"]
        )
        for row in fields(Settings)
        if row.metadata.get("row", True)
    }
)


def read(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Value | None] | None = None,
) -> Settings:
    """Read all settings: from ``file`` (a casegraph.toml), the environment and flags.

    ``environment`` is ``os.environ`` where not given.  A flag of ``None`` was not given.
    Raises ``FixInput`` for an unknown name, a wrong type or a value out of range, and for
    a file that is not TOML; ``FixEnvironment`` for one that cannot be read.
    """
    values: dict[str, Value] = {}
    origins: dict[str, str] = {}
    if file is not None:
        for name, value in _file_values(file).items():
            values[name], origins[name] = value, str(file)
    for name, value in _environment_values(os.environ if environment is None else environment):
        values[name], origins[name] = value, SETTINGS[name].variable
    for name, given in (flags or {}).items():
        if given is not None:
            setting = _named(name, shown=name)
            values[name] = _checked(setting, given, shown=setting.flag, from_text=True)
            origins[name] = setting.flag
    return Settings(**values, origins=MappingProxyType(origins))  # type: ignore[arg-type]


def _file_values(file: Path) -> dict[str, Value]:
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise FixEnvironment(
            f"{file} cannot be read: {error.strerror}",
            hint="Check that the file is there and that you may read it.",
        ) from error
    except UnicodeDecodeError as error:
        raise FixInput(
            f"the file is not UTF-8 (byte {error.start})",
            where=Where(str(file)),
            hint="Save it as UTF-8.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, str(error)) from error
    table = document.get(TABLE_NAME, {})
    if not isinstance(table, dict):
        raise FixInput(
            f"{TABLE_NAME} must be a table",
            where=_place(file, text, TABLE_NAME),
            hint=f"Write a line [{TABLE_NAME}] and below it lines such as port = 8000",
        )
    found: dict[str, Value] = {}
    for name, value in table.items():
        where = _place(file, text, name)
        found[name] = _checked(_named(name, shown=name, where=where), value, name, where=where)
    return found


def _not_toml(file: Path, message: str) -> FixInput:
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if place is None:
        where, reason = Where(str(file)), message.removesuffix(" (at end of document)")
    else:
        where = Where(str(file), int(place[1]), int(place[2]))
        reason = message[: place.start()]
    return FixInput(
        f"this is not TOML: {reason}",
        where=where,
        hint='Text needs quotation marks: host = "127.0.0.1"',
    )


def _place(file: Path, text: str, name: str) -> Where:
    """Find the line of a key.  tomllib tells none; a first match is near enough."""
    key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            inside = line.strip().startswith(f"[{TABLE_NAME}]")
        elif (inside or name == TABLE_NAME) and key.match(line):
            return Where(str(file), number)
    return Where(str(file))


def _environment_values(environment: Mapping[str, str]) -> Iterable[tuple[str, Value]]:
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in OTHER_VARIABLES:
            continue
        setting = _named(variable.removeprefix(PREFIX).lower(), shown=variable)
        yield setting.name, _checked(setting, environment[variable], variable, from_text=True)


def _named(name: str, *, shown: str, where: Where | None = None) -> Setting:
    if name in SETTINGS:
        return SETTINGS[name]
    known = list(SETTINGS)
    near = difflib.get_close_matches(name, known, n=1)
    if shown.startswith(PREFIX):
        known = [PREFIX + other.upper() for other in known]
        near = [PREFIX + other.upper() for other in near]
    mend = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
    raise FixInput(f"there is no setting {shown}", where=where, hint=mend)


def _checked(
    setting: Setting,
    value: object,
    shown: str,
    *,
    where: Where | None = None,
    from_text: bool = False,
) -> Value:
    """Give ``value`` in the setting's type, or raise ``FixInput``."""
    usable = _converted(setting.type, value, from_text=from_text)
    if usable is None:
        complaint = f"must be {_TYPE_NAMES[setting.type]}"
        if from_text and setting.type is str:
            complaint = "must be text"
    else:
        said = setting.complain(usable)
        if said is None:
            return usable
        complaint = said
    raise FixInput(f"{shown} {complaint}, not {value!r}", where=where, hint=setting.doc)


def _converted(wanted: type[Value], value: object, *, from_text: bool) -> Value | None:
    if from_text and isinstance(value, str) and wanted is not str:
        # int() and float() also read 1_000, ١٠ and nan; a person who writes those means
        # something else.
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value, re.ASCII):
            return None
        if wanted is int:
            return int(value) if "." not in value else None
        return float(value)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""Every setting, in one table: the fields of ``Settings``.

A value comes from the last of these that gives it::

    default < casegraph.toml, table[settings] < CASEGRAPH_NAME < --name

``read`` looks once and returns one frozen object, which is passed on; nothing else reads
the environment.  Names carry their unit: seconds, bytes, rows, days, percent.  Secrets are
no settings (see ``OTHER_VARIABLES``).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from casegraph.errors import FixEnvironment, FixInput, Where
from casegraph.setting import (
    PREFIX,
    TYPE_NAMES,
    Setting,
    address,
    address_or_nothing,
    anything,
    between,
    one_of,
    path_or_nothing,
    proxies,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from casegraph.setting import Value

_T = TypeVar("_T", str, int, float)

FILE_NAME = "casegraph.toml"
TABLE_NAME = "settings"

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


def _row(default: _T, doc: str, complain: Callable[[Value], str | None] = anything) -> _T:
    """Declare a row; typed as its value, as ``dataclasses.field`` itself is."""
    return field(default=default, metadata={"doc": doc, "complain": complain})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once.  Two objects are equal when their values are."""

    base_iri: str = _row(
        "https://casegraph.example/",
        "Address that every identifier of the data begins with. It is part of each release and"
        " cannot change once something is published.",
        address,
    )
    public_url: str = _row(
        "",
        "Address at which a service answers, where it differs from base_iri. Empty: the address"
        " that the reader asked for.",
        address_or_nothing,
    )
    path_prefix: str = _row(
        "",
        "Path below which the service lies on a shared host, such as /findings, with or without"
        " a proxy that takes it away. Empty: the path of public_url.",
        path_or_nothing,
    )
    host: str = _row("127.0.0.1", "Network address to listen on. The default is this machine only.")
    port: int = _row(8000, "TCP port to listen on. 0: any free one.", between(0, 65_535))
    unix_socket: str = _row(
        "", "Path of a Unix socket to listen on in the place of host and port. Empty: none."
    )
    trusted_proxies: str = _row(
        "",
        "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: network addresses or"
        " ranges with spaces between, and unix for whoever comes through unix_socket. Empty: none.",
        proxies,
    )
    metrics_host: str = _row(
        "127.0.0.1", "Network address of the metrics. They are for the people who run the service."
    )
    metrics_port: int = _row(
        0,
        "TCP port of the metrics, in the format of Prometheus. 0: no metrics.",
        between(0, 65_535),
    )
    log_format: str = _row(
        "text",
        "How lines of the log on standard error look: text, or json with one object a line.",
        one_of("text", "json"),
    )
    header_timeout_seconds: float = _row(
        10.0, "Longest time in which the headers of a request must arrive.", between(1, 600)
    )
    body_timeout_seconds: float = _row(
        30.0,
        "Longest time in which the body of a request must arrive, and in which a reader must"
        " take the next part of an answer.",
        between(1, 600),
    )
    stop_seconds: float = _row(
        35.0,
        "When it is asked to stop: longest time for what is running to finish.",
        between(0, 600),
    )
    old_releases_open: int = _row(
        2, "Older releases that are kept open for questions about the past.", between(1, 64)
    )
    client_work_seconds_per_minute: float = _row(
        60.0, "Seconds of work that one client may cause in a minute, over time.", between(1, 6_000)
    )
    client_burst_work_seconds: float = _row(
        120.0, "Seconds of work that one client may cause at once.", between(1, 6_000)
    )
    client_errors_per_minute: int = _row(
        30, "Refused requests that one client may make in a minute, over time.", between(1, 6_000)
    )
    client_burst_errors: int = _row(
        60, "Refused requests that one client may make at once.", between(1, 6_000)
    )
    query_deadline_seconds: float = _row(
        30.0, "Longest time that a visitor's query may run.", between(0, 60)
    )
    page_deadline_seconds: float = _row(
        2.0, "Longest time that one query of a page may run.", between(0, 60)
    )
    query_wait_seconds: float = _row(
        5.0, "Longest time that a query waits for a free worker.", between(0, 60)
    )
    query_workers: int = _row(
        4,
        "Processes that answer queries. More than there are processors keep short questions"
        " going while long ones run; each may take worker_memory_bytes.",
        between(1, 256),
    )
    worker_memory_bytes: int = _row(
        512 * _MEBIBYTE,
        "Memory that one query may take beyond what its worker holds when idle.",
        between(16 * _MEBIBYTE, 1024 * 1024 * _MEBIBYTE),
    )
    max_result_bytes: int = _row(
        64 * _MEBIBYTE,
        "Largest answer to a query; a larger one is refused whole.",
        between(1, 1024 * 1024 * _MEBIBYTE),
    )
    max_result_rows: int = _row(
        1_000_000,
        "Most rows or triples in an answer; a longer one is refused whole.",
        between(1, 1_000_000_000),
    )
    validate_deadline_seconds: float = _row(
        600.0, "Longest time that SHACL validation may take.", between(1, 86_400)
    )
    reason_deadline_seconds: float = _row(
        600.0, "Longest time that the OWL RL closure may take.", between(1, 86_400)
    )
    quotation_share_warning_percent: float = _row(
        40.0,
        "A check warns when quotations reproduce more than this share of a text that is not"
        " ours to publish.",
        between(0, 100),
    )
    shelf_life_days: int = _row(
        365,
        "After this many days a state, a stock or an absence is shown as what may no longer hold.",
        between(1, 36_500),
    )
    origins: Mapping[str, str] = field(
        default_factory=dict, compare=False, repr=False, metadata={"row": False}
    )

    @property
    def prefix(self) -> str:
        """Path below which the service lies: as set, else that of ``public_url``; often empty."""
        return self.path_prefix or urlsplit(self.public_url).path.rstrip("/")

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
    found = Settings(**values, origins=MappingProxyType(origins))  # type: ignore[arg-type]
    _agree(found)
    return found


def _agree(found: Settings) -> None:
    """Refuse settings that are right one by one and do not fit each other."""
    path = urlsplit(found.public_url).path
    if found.public_url and found.path_prefix and path != f"{found.path_prefix}/":
        raise FixInput(
            f"path_prefix {found.path_prefix} ({found.origin('path_prefix')}) is not the path of"
            f" public_url {found.public_url} ({found.origin('public_url')})",
            hint=f"Leave path_prefix out, or end public_url with {found.path_prefix}/",
        )


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
    usable = setting.converted(value, from_text=from_text)
    if usable is None:
        complaint = f"must be {TYPE_NAMES[setting.type]}"
        if from_text and setting.type is str:
            complaint = "must be text"
    else:
        said = setting.complain(usable)
        if said is None:
            return usable
        complaint = said
    raise FixInput(f"{shown} {complaint}, not {value!r}", where=where, hint=setting.doc)

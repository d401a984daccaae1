"""The log: one object a line on standard error, and nothing in it that came from a visitor.

A line of a request names its route as the table of routes does, never the path that was
asked for; there is no address, no query, no header.  An unexpected error is its kind and its
place: its message may hold what somebody typed.  Lines of libraries are reduced to where in
the library they were written, for the same reason.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

LOG: Final = logging.getLogger("casegraph.web")
_OURS: Final = "casegraph"
_LIBRARIES: Final = ("asyncio", "uvicorn", "uvicorn.error", "uvicorn.access")
_NOISY: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi")


def event(name: str, level: int = logging.INFO, **said: object) -> None:
    """Write one line.  ``said`` holds words and numbers of ours, none of a visitor's."""
    LOG.log(level, name, extra={"said": said})


def place_of(error: BaseException) -> str:
    """Where an error came from: function and line, innermost."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"


def unexpected(error: BaseException) -> None:
    """Write that an error came that nobody foresaw: its kind and its place."""
    event("unexpected", logging.ERROR, kind=type(error).__name__, place=place_of(error))


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What a line says: ``time`` (UTC), ``level``, ``event``, and what belongs to the event."""
    when = datetime.fromtimestamp(record.created, UTC)
    line: dict[str, object] = {
        "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
    }
    said: Mapping[str, object] | None = getattr(record, "said", None)
    if said is not None:
        line |= {"event": record.msg, **said}
    elif record.name.partition(".")[0] == _OURS:
        line |= {"event": "message", "message": record.getMessage()}
    else:
        written = f"{record.module}.{record.funcName}:{record.lineno}"
        line |= {"event": "library", "library": record.name, "written": written}
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        line |= {"kind": type(error).__name__, "place": place_of(error)}
    return line


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(fields_of(record), ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for people: the hour (UTC), the event, then ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = fields_of(record)
        hour = str(line.pop("time"))[11:19]
        level, name = line.pop("level"), line.pop("event")
        mark = "" if level == "info" else f" {level}:"
        rest = " ".join(f"{key}={value}" for key, value in line.items() if value != "")
        return f"{hour}{mark} {name} {rest}".rstrip()


def start_logging(log_format: str, stream: TextIO | None = None) -> None:
    """Send every line of this process to ``stream`` (standard error) in one format.

    Takes the place of every handler that was there, and of what Python prints about errors in
    threads and about warnings.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    for name in _LIBRARIES:
        # Handlers that a library made for itself would print what the root's reduces.
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _NOISY:
        # Their warnings are about malformed requests, of which the internet is full.
        logging.getLogger(name).setLevel(logging.ERROR)
    # A line that cannot be written must not be printed with all that it was made of.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_ended


def _thread_ended(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None:
        unexpected(end.exc_value)

"""Validate the asserted graph against the shapes, in a process that can be ended.

Validation comes before reasoning: the closure adds classes by ``rdfs:range``, after which
a wrongly typed object conforms.  pyshacl is one implementation of ``Validator``; a compiled
one can take its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from casegraph import assets
from casegraph.errors import CasegraphError, FixInput, TryLater, Where
from casegraph.validate.report import Report, report_of

if TYPE_CHECKING:
    from pathlib import Path

#: What the child runs: not the current folder but the installed package is imported.
_COMMAND: Final = (sys.executable, "-P", "-m", "casegraph.validate.child")


class Validator(Protocol):
    """Anything that checks an N-Quads file against a folder of shapes."""

    def __call__(
        self,
        nquads: Path,
        *,
        shapes: Path,
        deadline_seconds: float,
        vocabulary: Path | None = None,
    ) -> Report:
        """Give the report; see ``validate``."""
        ...


def validate(
    nquads: Path,
    *,
    shapes: Path,
    deadline_seconds: float,
    vocabulary: Path | None = None,
) -> Report:
    """Validate the asserted graph of a canonical N-Quads file.

    ``shapes`` is a folder of Turtle files or one such file, ``vocabulary`` the Turtle file with
    the violation scheme (ours if not given): its concepts are known to the shapes, and are not
    validated.
    Raises ``FixInput`` at file and line if a file cannot be parsed, and ``TryLater`` with
    limit ``time`` after ``deadline_seconds``, or ``memory`` if the system ended the process.
    """
    return _run(nquads, shapes, deadline_seconds, vocabulary)


def validate_turtle(
    turtle: Path,
    *,
    shapes: Path,
    deadline_seconds: float,
    vocabulary: Path | None = None,
) -> Report:
    """Validate all triples of a Turtle file, as ``validate`` does those of N-Quads.

    The file's name must end in ``.ttl``.
    """
    if turtle.suffix != ".ttl":
        raise FixInput(
            f"{turtle.name} does not look like Turtle",
            where=Where(str(turtle)),
            hint="Give a file whose name ends in .ttl.",
        )
    return _run(turtle, shapes, deadline_seconds, vocabulary)


def _run(data: Path, shapes: Path, deadline_seconds: float, vocabulary: Path | None) -> Report:
    _must_exist(data)
    request = {
        "data": str(data),
        "shapes": str(shapes),
        "vocabulary": str(vocabulary or assets.root("ontology") / "violations.ttl"),
    }
    answer = _ask_child(json.dumps(request).encode(), deadline_seconds)
    if "error" in answer:
        error = answer["error"]
        where = Where(error["path"], error["line"]) if error["path"] else None
        raise FixInput(error["message"], where=where, hint=error["hint"])
    return report_of(answer["results"])


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise FixInput(
            "there is no such file", where=Where(str(path)), hint="Build it, or mend the path."
        )


def _ask_child(request: bytes, deadline_seconds: float) -> dict[str, Any]:
    process = subprocess.Popen(  # noqa: S603 - our own module, fixed arguments
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            output, complaint = process.communicate(request, timeout=deadline_seconds)
        except subprocess.TimeoutExpired as error:
            raise TryLater(
                f"validation did not end within {deadline_seconds:g} seconds and was stopped",
                limit="time",
                elapsed=deadline_seconds,
                hint="Allow it more time, or validate fewer findings at once.",
            ) from error
        finally:
            _end(process)
    return _read_answer(process.returncode, output, complaint)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started, however we leave (Ctrl-C included)."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _read_answer(status: int, output: bytes, complaint: bytes) -> dict[str, Any]:
    if status == 0:
        answer: dict[str, Any] = json.loads(output)
        return answer
    if status == -getattr(signal, "SIGKILL", 9):
        raise TryLater(
            "the system ended the validation, most likely for want of memory",
            limit="memory",
            hint="Close other programs, or validate fewer findings at once.",
        )
    last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
    raise CasegraphError(
        f"validation ended with status {status}: {last}",
        hint="This is a fault of casegraph: please report it with the data that shows it.",
    )

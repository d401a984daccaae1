"""CSV results for spreadsheets, which take some texts for formulas."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from casegraph.query.disk import room_wanted

if TYPE_CHECKING:
    from casegraph.query.result import Result

# OWASP ASVS 5.0, 1.2.10.
_FORMULA: Final = re.compile(r"[=+\-@\t\0\r]")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LONGEST_CELL: Final = 2**31 - 1


def formula_safe(result: Result) -> Result:
    """A CSV result in which an apostrophe stands before every cell that looks like a formula.

    A number keeps its sign.  The result is no longer what SPARQL 1.1 CSV prescribes, which is
    why it is sent only on request.  Takes over what ``result`` holds; rows are read one by
    one, so memory does not grow with them.

    Raises:
        TryLater: there is no room for it; ``limit`` is ``disk``.

    """
    if result.path is None:
        memory = io.BytesIO()
        _copy(io.BytesIO(result.data), memory)
        data = memory.getvalue()
        return replace(result, data=data, length=len(data), sha256=hashlib.sha256(data).hexdigest())
    path = result.path.with_name(f"{result.path.name}.safe")
    try:
        with room_wanted(), result.open() as plain, path.open("w+b") as sink:
            _copy(plain, sink)
            length = sink.tell()
            sink.seek(0)
            digest = hashlib.file_digest(sink, "sha256").hexdigest()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        result.path.unlink(missing_ok=True)
    return replace(result, path=path, length=length, sha256=digest)


def _copy(plain: BinaryIO, sink: BinaryIO) -> None:
    csv.field_size_limit(_LONGEST_CELL)
    source = io.TextIOWrapper(plain, encoding="utf-8", newline="")
    target = io.TextIOWrapper(sink, encoding="utf-8", newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in csv.reader(source))
    # Both streams belong to the caller.
    target.detach()
    source.detach()


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell

"""The process that validates: a request as JSON on standard input, a report on standard output.

Started by ``casegraph.validate.shacl`` alone, which can end it at any moment::

    {"data": PATH, "shapes": FOLDER, "vocabulary": PATH}
    -> {"results": [...]}  or  {"error": {"message", "path", "line", "hint"}}
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casegraph.errors import FixInput
from casegraph.validate.engine import load_data, load_shapes, load_turtle, validate_graph


def answer(request: dict[str, str]) -> dict[str, Any]:
    """Carry out one request; a file that cannot be read is an answer, not a crash."""
    try:
        shapes = load_shapes(Path(request["shapes"]))
        vocabulary = load_turtle(Path(request["vocabulary"]))
        report = validate_graph(load_data(Path(request["data"])), shapes, vocabulary)
    except FixInput as error:
        where = error.where
        return {
            "error": {
                "message": error.message,
                "path": where.path if where else None,
                "line": where.line if where else None,
                "hint": error.hint,
            }
        }
    return {"results": [asdict(result) for result in report.results]}


def main() -> None:
    """Read one request, write one answer."""
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(answer(request), ensure_ascii=False).encode())


if __name__ == "__main__":
    main()

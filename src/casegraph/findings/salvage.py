"""Keys out of files that cannot be read, so that nothing is told to link to nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casegraph.findings.tree import MAX_LINE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.errors import Problem

_KEY_LINE = re.compile(r"""["']?\bkey["']?\s*:\s*["']?([^\s"',}]+)""")
_MOST_BYTES = 4 * 1024 * 1024


def keys_in_file(path: Path, problem: Problem | None = None) -> set[str]:
    """What looks like a key in a broken file, or in the one line that a problem names.

    Readings are ``key/a``, ``key/b`` …, so whoever compares also looks at what stands
    before the last slash.
    """
    try:
        with path.open("rb") as file:
            if problem is None or problem.where is None or problem.where.line is None:
                data = file.read(_MOST_BYTES)
            else:
                data = b""
                for _ in range(problem.where.line):
                    data = file.readline(MAX_LINE_BYTES)
    except OSError:
        return set()
    return set(_KEY_LINE.findall(data.decode("utf-8", "replace")))

"""A small workspace about an invented country, from which tests change one line or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.findings.anchoring import anchor
from casegraph.findings.reader import read_book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casegraph.errors import Problem
    from casegraph.findings.book import Book

TYPES = frozenset({"torture", "arbitrary-detention", "denial-of-fair-trial", "impunity"})

TOP = """recorded: 2026-01-15
disclosure: {level: public, by: editors, on: 2026-01-15, basis: already-public-source}
"""

FILES = {
    "agents.yaml": TOP
    + """agents:
- {key: lantern, id: aaaaaaaaaaaaaaa1, kind: institution, label: The Lantern}
- {key: ministry, id: aaaaaaaaaaaaaaa2, kind: institution, label: Ministry of Veldania}
""",
    "populations.yaml": TOP
    + """populations:
- {key: sentenced, id: bbbbbbbbbbbbbbb1, label: people sentenced in Veldania}
- {key: sentenced/women, id: bbbbbbbbbbbbbbb2, label: women sentenced in Veldania}
""",
    "sources/report.yaml": TOP
    + """sources:
- key: report
  id: ccccccccccccccc1
  title: Veldania, a year
  publisher: lantern
  language: en
  url: https://example.org/report
  uttered: 2025-02-01
  holding: full
  rights: written for these tests
""",
    "findings/report.yaml": TOP
    + """source: report
by: lantern, explicit
statements:
- key: total
  quote: "1,721 people were sentenced"
  count: 1721
  of: sentenced
  during: 2024
- key: women
  quote: "including 480 women"
  count: 480
  of: sentenced/women
  part-of: total
- quote: "guards beat prisoners"
  conduct: torture
  against: [sentenced]
  time: now
""",
}

TEXT = """A year in Veldania.

In 2024, 1,721 people were sentenced, including 480 women.
The report says that guards beat prisoners. In spring, guards shouted.
In autumn, guards shouted again.
"""


def write_workspace(root: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """The small workspace; a change replaces a file, ``None`` leaves it out."""
    for name, content in {**FILES, **(changes or {})}.items():
        if content is None:
            continue
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def changed(name: str, old: str, new: str) -> dict[str, str | bytes | None]:
    """A change of one file by one replacement, which must match."""
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new, 1)}


def read(root: Path) -> tuple[Book, list[Problem]]:
    """The book of a workspace with its quotations looked for in the text."""
    book, problems = read_book(root, TYPES)
    book, more = anchor(book, {"report": TEXT}, {})
    return book, problems + more

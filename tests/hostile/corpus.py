"""The corpus of hostile queries: one file each, its expected outcome in the first line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.hostile.sentinel import PLACEHOLDER

FOLDER: Final = Path(__file__).parent / "query"
NODES: Final = 3_000
#: Limits under which the outcomes hold, as settings.
SETTINGS: Final = {
    "query_deadline_seconds": 0.5,
    "page_deadline_seconds": 0.5,
    "max_result_rows": 10_000,
    "max_result_bytes": 1_000_000,
    "worker_memory_bytes": 96 * 1024 * 1024,
}
STATUS: Final = {
    "ok": 200,
    "reject-400": 400,
    "reject-403": 403,
    "too-large-413": 413,
    "killed-503": 503,
}


@dataclass(frozen=True, slots=True)
class HostileQuery:
    """One query; ``text`` names the sentinel by a placeholder."""

    name: str
    expected: str
    text: str

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """A media type that its form can be answered in."""
        graph = "CONSTRUCT {" in self.text or "DESCRIBE" in self.text
        return "text/turtle" if graph else "application/sparql-results+json"

    def aimed_at(self, sentinel: str) -> str:
        """Its text with the address of a sentinel."""
        return self.text.replace(PLACEHOLDER, sentinel)


def queries() -> list[HostileQuery]:
    """All of them, by name."""
    found = []
    for path in sorted(FOLDER.glob("*.rq")):
        # Line ends are part of a query, so they are kept as they are.
        text = path.read_bytes().decode("utf-8")
        expected = text.partition("\n")[0].removeprefix("# expect: ").strip()
        found.append(HostileQuery(path.stem, expected, text))
    return found


def ring() -> str:
    """The dataset that they ask about, as N-Quads: nodes that each lead to the next."""
    return "".join(
        f"<http://example.org/n{i}> <http://example.org/next> "
        f"<http://example.org/n{(i + 1) % NODES}> <http://example.org/g> .\n"
        for i in range(NODES)
    )

"""What the readers of YAML, JSON Lines and CSV have in common: a tree that knows its places.

Every scalar is a string; the schema (``fields``) gives it a type.  So ``no``, ``on``,
octal numbers and dates mean what was written, whatever the file format would make of them.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casegraph.errors import Problem, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DEPTH = 8
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_SHOWN = 80
MAX_COMPARED = 5000


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written."""

    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    where: Where


@dataclass(frozen=True, slots=True)
class Mapping:
    """Named nodes in the order of the file; names are unique."""

    items: tuple[tuple[Scalar, Node], ...]
    where: Where

    def get(self, name: str) -> Node | None:
        """The node called ``name``, if it is there."""
        for key, node in self.items:
            if key.text == name:
                return node
        return None

    def names(self) -> Iterator[str]:
        """The names, in order."""
        return (key.text for key, _ in self.items)

    def overlaid(self, other: Mapping, *, without: Iterable[str] = ()) -> Mapping:
        """This mapping with ``other``'s items in place of its own of the same name.

        Names in ``without`` are dropped from this mapping first.  The place is ``other``'s.
        """
        hidden = {*other.names(), *without}
        kept = tuple(item for item in self.items if item[0].text not in hidden)
        return replace(other, items=kept + other.items)

    def only(self, names: Iterable[str]) -> Mapping:
        """The items whose names are among ``names``."""
        wanted = frozenset(names)
        return replace(self, items=tuple(item for item in self.items if item[0].text in wanted))

    def without(self, names: Iterable[str]) -> Mapping:
        """The items whose names are not among ``names``."""
        hidden = frozenset(names)
        return replace(self, items=tuple(i for i in self.items if i[0].text not in hidden))


TYPE_NAMES = {Scalar: "a value", Sequence: "a list", Mapping: "a mapping"}
Node = Scalar | Sequence | Mapping


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was most likely meant to be.

    Nothing is proposed among more than ``MAX_COMPARED`` words: thousands of broken links
    against thousands of keys would take minutes.
    """
    words = list(known)
    if len(words) > MAX_COMPARED or len(word) > MAX_SHOWN:
        return None
    matches = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return matches[0] if matches else None


def shown(text: str) -> str:
    """A text as a message quotes it: cut, on one line, nothing invisible left as it is."""
    cut = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    plain = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in cut
    )
    return f"'{plain}'"


# Refused: C0 and C1 controls other than tab and line feed (not legal in XML 1.0), bidirectional
# controls (a name could be shown reversed), surrogates and noncharacters.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)
    )
    + "]"
)


def find_forbidden_character(text: str) -> int | None:
    """Offset of the first character that no text of ours may hold, or ``None``."""
    match = FORBIDDEN.search(text)
    return match.start() if match else None


def forbidden_character_problem(text: str, where: Where) -> Problem | None:
    """A problem for a text that holds a control character, else ``None``."""
    offset = find_forbidden_character(text)
    if offset is None:
        return None
    return Problem(
        "control-character",
        f"the text holds the control character U+{ord(text[offset]):04X} at its"
        f" character {offset + 1}",
        where,
        "Delete the invisible character; it often comes with text pasted from a PDF.",
    )

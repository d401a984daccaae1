"""The text of a source, and quotations found in it: exactly, or under one declared fold.

Offsets count code points of the decoded, un-normalised text; byte offsets count its
UTF-8 bytes.  Nothing here is fuzzy: words that are not in the text are not found.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from casegraph.errors import FixInput, Where

CONTEXT = 32
"""Code points of prefix and suffix kept beside a quotation (Web Annotation Data Model 4.2.4)."""

_QUOTE_MARKS = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′ʼ`´", "'")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quotation stands: code point and byte offsets, words around it, and how it matched."""

    start: int
    end: int
    byte_start: int
    byte_end: int
    exact: str
    prefix: str
    suffix: str
    folded: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a quotation has no single place: not found, or found ``count`` times."""

    reason: Literal["quote-not-found", "quote-ambiguous", "near-not-found"]
    count: int
    excerpt: str | None = None


def decode(data: bytes, *, path: str) -> str:
    """Decode the bytes of a plain text source as UTF-8, unchanged.

    Raises ``FixInput`` with line and column of the first byte that is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise FixInput(
            f"the file is not UTF-8: byte 0x{data[error.start]:02x} cannot be read",
            where=Where(path, line, column),
            hint="Save it as UTF-8 (in most editors: Save as, Encoding UTF-8) and try again.",
        ) from None


def find(text: str, exact: str, *, near: str | None = None) -> Place | Missing:
    """Find the one place of ``exact`` in ``text``; ``near`` singles it out among several.

    The exact characters are tried first, then the fold of ``fold``; of the two only
    whole matches count.  With ``near``, the place nearest to those words is taken, and
    those words must themselves occur exactly once.
    """
    starts = _occurrences(text, exact)
    spans = [(start, start + len(exact)) for start in starts]
    folded = not spans
    if folded:
        spans = _folded_occurrences(text, exact)
    if not spans:
        return Missing("quote-not-found", 0, _longest_known_start(text, exact))
    if near is not None:
        anchors = _occurrences(text, near)
        if len(anchors) != 1:
            return Missing("near-not-found" if not anchors else "quote-ambiguous", len(anchors))
        middle = anchors[0] + len(near) / 2
        spans = [min(spans, key=lambda span: abs((span[0] + span[1]) / 2 - middle))]
    if len(spans) > 1:
        return Missing("quote-ambiguous", len(spans))
    return place(text, *spans[0], folded=folded)


def place(text: str, start: int, end: int, *, folded: bool = False) -> Place:
    """The ``Place`` of ``text[start:end]``."""
    byte_start = len(text[:start].encode())
    exact = text[start:end]
    return Place(
        start=start,
        end=end,
        byte_start=byte_start,
        byte_end=byte_start + len(exact.encode()),
        exact=exact,
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        folded=folded,
    )


def fold(text: str) -> tuple[str, list[int]]:
    """The declared fold, and for each folded character the offset it came from.

    Composed form (NFC, Unicode Standard Annex 15), one kind of quotation mark,
    apostrophe and dash, runs of white space as one space, no soft hyphens.  Letters and
    digits are never changed.
    """
    characters: list[str] = []
    offsets: list[int] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        cluster = unicodedata.normalize("NFC", text[position:end])
        for character in cluster:
            plain = _fold_character(character)
            if plain == " " and characters and characters[-1] == " ":
                continue
            if plain:
                characters.append(plain)
                offsets.append(position)
        position = end
    offsets.append(len(text))
    return "".join(characters), offsets


def _fold_character(character: str) -> str:
    if character == _SOFT_HYPHEN:
        return ""
    if character.isspace():
        return " "
    return _QUOTE_MARKS.get(character) or _DASHES.get(character) or character


def _occurrences(text: str, words: str) -> list[int]:
    found = []
    start = text.find(words) if words else -1
    while start >= 0:
        found.append(start)
        start = text.find(words, start + 1)
    return found


def _folded_occurrences(text: str, exact: str) -> list[tuple[int, int]]:
    folded_text, offsets = fold(text)
    folded_exact = fold(exact)[0].strip()
    return [
        (offsets[start], _end_in_source(text, offsets, start + len(folded_exact)))
        for start in _occurrences(folded_text, folded_exact)
    ]


def _end_in_source(text: str, offsets: list[int], folded_end: int) -> int:
    """The source offset just after a folded match, without swallowed white space or hyphens."""
    end = offsets[folded_end]
    while end > 0 and (text[end - 1].isspace() or text[end - 1] == _SOFT_HYPHEN):
        end -= 1
    return end


def _longest_known_start(text: str, exact: str) -> str | None:
    """The longest beginning of ``exact`` (whole words) that does stand in the text, as help."""
    words = exact.split(" ")
    for count in range(len(words) - 1, 1, -1):
        beginning = " ".join(words[:count])
        if beginning in text:
            return beginning
    return None

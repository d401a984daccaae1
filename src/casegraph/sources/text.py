"""The text of a source, and quotations found in it: exactly, or under one declared fold.

Offsets count code points of the decoded, un-normalised text; byte offsets count its
UTF-8 bytes.  Nothing here is fuzzy: words that are not in the text are not found.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from casegraph.errors import FixInput, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTEXT = 32
"""Code points of prefix and suffix kept beside a quotation (Web Annotation Data Model 4.2.4)."""

_QUOTE_MARKS = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′ʼ`´", "'")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_SOFT_HYPHEN = "\u00ad"
_UNSAID = frozenset("\"'\u200b\u200c\u200d\u2060\ufeff")
_SPELT_OUT = {"…": "..."}
_BEGINNINGS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "a document of an old Office program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_ZIP = b"PK\x03\x04"
_IN_ZIP = (
    (b"word/document.xml", "a Word document (.docx)"),
    (b"xl/workbook.xml", "a spreadsheet (.xlsx)"),
    (b"application/vnd.oasis.opendocument.", "an OpenDocument file"),
    (b"application/epub+zip", "an EPUB"),
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quotation stands: offsets in code points and bytes, words around it.

    ``folded``: it stands there under the declared fold, not letter by letter.
    """

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

    reason: Literal["quote-not-found", "quote-ambiguous", "near-not-found", "near-ambiguous"]
    count: int
    excerpt: str | None = None


def not_text(data: bytes) -> str | None:
    """What the bytes of a file are where they are no plain text ("a PDF"), else ``None``."""
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data.startswith(_ZIP):
        return next((name for part, name in _IN_ZIP if part in data), "a ZIP archive")
    if data.startswith(_UTF_16):
        return "text in UTF-16"
    return "binary data (it holds NUL bytes)" if b"\0" in data else None


def decode(data: bytes, *, path: str) -> str:
    """Decode the bytes of a plain text source as UTF-8, unchanged.

    Raises ``FixInput`` for what is no plain text (a PDF, say), and with line and column of
    the first byte that is not UTF-8.
    """
    kind = not_text(data)
    if kind is not None:
        raise FixInput(
            f"the file is {kind}, not plain text",
            where=Where(path),
            hint="Save its words as plain text in UTF-8, look through them, and give that file.",
        )
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
    whole matches count: a letter is never parted from its accent.  With ``near``, the place
    nearest to those words is taken, and those words must themselves occur exactly once.
    """
    starts = _occurrences(text, exact)
    spans = [(start, start + len(exact)) for start in starts]
    folded = not spans
    if folded:
        spans = _folded_occurrences(text, exact)
    if not spans:
        return Missing("quote-not-found", 0, _longest_known_start(text, exact))
    if near is not None:
        anchors = [(start, start + len(near)) for start in _occurrences(text, near)]
        anchors = anchors or _folded_occurrences(text, near)
        if len(anchors) != 1:
            return Missing("near-ambiguous" if anchors else "near-not-found", len(anchors))
        spans = _nearest(spans, anchors[0])
    if len(spans) > 1:
        return Missing("quote-ambiguous", len(spans))
    return place(text, *spans[0], folded=folded)


@lru_cache(maxsize=4)
def _bare(text: str) -> tuple[str, tuple[int, ...]]:
    """The words alone: folded, without quotation marks; spaces and dashes as one space.

    With the offset in ``text`` of each character.  Only to tell people what differs.
    """
    folded, offsets = fold(text)
    characters: list[str] = []
    places: list[int] = []
    for character, offset in zip(folded, offsets, strict=False):
        if character in _UNSAID:
            continue
        plain = " " if character in " -" else _SPELT_OUT.get(character, character)
        if plain == " " and characters[-1:] == [" "]:
            continue
        characters += plain
        places += [offset] * len(plain)
    return "".join(characters), tuple(places)


def differing_only_in_marks(text: str, exact: str) -> str | None:
    """The words of ``text`` that differ from ``exact`` only in marks, dashes and spaces.

    Those that the declared fold does not make equal: other kinds of quotation marks, marks
    left out, a dash for a space.  ``None`` where no words do, or those of several places.
    """
    words = _bare(exact)[0].strip()
    bare, offsets = _bare(text)
    spans = [
        (start, start + len(words) - 1)
        for start in _occurrences(bare, words)
        if not bare[start - 1 : start].isalnum()
        and not bare[start + len(words) : start + len(words) + 1].isalnum()
    ]
    if len(spans) != 1:
        return None
    start, end = offsets[spans[0][0]], offsets[spans[0][1]] + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    if _fold_character(exact[0]) in _UNSAID and _fold_character(text[start - 1 : start]) in _UNSAID:
        start -= 1
    if _fold_character(exact[-1]) in _UNSAID and _fold_character(text[end : end + 1]) in _UNSAID:
        end += 1
    return text[start:end]


def _nearest(spans: list[tuple[int, int]], anchor: tuple[int, int]) -> list[tuple[int, int]]:
    """The span whose middle is nearest to the anchor's; all of them where several are."""
    middle = sum(anchor)
    nearest = min(abs(sum(span) - middle) for span in spans)
    return [span for span in spans if abs(sum(span) - middle) == nearest]


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


@lru_cache(maxsize=4)  # one text is asked for many quotations
def fold(text: str) -> tuple[str, tuple[int, ...]]:
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
    return "".join(characters), tuple(offsets)


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
        end = start + len(words)
        if end == len(text) or not unicodedata.combining(text[end]):
            found.append(start)
        start = text.find(words, start + 1)
    return found


def _folded_occurrences(text: str, exact: str) -> list[tuple[int, int]]:
    folded_text, offsets = fold(text)
    folded_exact = fold(exact)[0].strip()
    return [
        (offsets[start], _end_in_source(text, offsets, start + len(folded_exact)))
        for start in _occurrences(folded_text, folded_exact)
        if _is_whole(offsets, start, start + len(folded_exact))
    ]


def _is_whole(offsets: Sequence[int], start: int, end: int) -> bool:
    """Whether a folded match neither begins nor ends inside one letter with its accents."""
    begins_whole = start == 0 or offsets[start - 1] != offsets[start]
    return begins_whole and offsets[end - 1] != offsets[end]


def _end_in_source(text: str, offsets: Sequence[int], folded_end: int) -> int:
    """The source offset just after a folded match, without swallowed white space or hyphens."""
    end = offsets[folded_end]
    while end > 0 and (text[end - 1].isspace() or text[end - 1] == _SOFT_HYPHEN):
        end -= 1
    return end


def _longest_known_start(text: str, exact: str) -> str | None:
    """The longest beginning of ``exact`` (whole words) that does stand in the text, as help."""
    folded_text, words = fold(text)[0], fold(exact)[0].split()
    count = 0
    while count < len(words) and " ".join(words[: count + 1]) in folded_text:
        count += 1
    return " ".join(words[:count]) if count > 1 else None

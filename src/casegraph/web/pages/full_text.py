"""The text of a source as its page shows it: paragraphs, cut where a quotation begins or ends.

Quotations may overlap, and HTML elements may not.  So the text is cut at every boundary and
each piece says which quotations it belongs to; nothing is nested.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput
from casegraph.release.texts import text_name
from casegraph.sources.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.web.releases.shelf import Release

#: Bytes of a text up to which its page shows it; above, it can be downloaded.
LARGEST_SHOWN: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quotation stands, in code points; ``number`` and ``anchor`` name it on the page."""

    number: int
    anchor: str
    start: int
    end: int


@dataclass(slots=True)
class Piece:
    """Text that belongs to the quotations ``within``; some of them begin or end with it."""

    text: str
    within: tuple[Span, ...]
    begins: list[Span] = field(default_factory=list)
    ends: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FullText:
    """The text of a source in paragraphs; ``path`` is the file, ``language`` that of the text.

    Without paragraphs it is too long for a page.
    """

    path: str
    language: str
    paragraphs: list[list[Piece]]


def text_path(release: Release, source: str) -> str | None:
    """The path of the text of a source within this site, where the release carries it."""
    name = text_name(source)
    return f"release/{release.id}/{name}" if name in release.files else None


def read_text(release: Release, source: str) -> str | None:
    """The text of a source; ``None`` where the release does not carry it, empty if too long."""
    if text_path(release, source) is None:
        return None
    path, _, _ = release.file(text_name(source))
    try:
        if path.stat().st_size > LARGEST_SHOWN:
            return ""
        return decode(path.read_bytes(), path=path.name)
    except (OSError, FixInput):  # an edition without it has taken the place of this one
        return None


def anchor_of(evidence: str) -> str:
    """The name of a quotation's place on the page of its source: ``quotation-abc``."""
    return "-".join(evidence.rsplit("/", 2)[-2:])


def marked(text: str, spans: Iterable[Span]) -> list[list[Piece]]:
    """The paragraphs of a text, in pieces.  Spans that lie outside of it are left out."""
    shown = sorted((s for s in spans if 0 <= s.start < s.end <= len(text)), key=_place)
    bounds = sorted({bound for span in shown for bound in (span.start, span.end)})
    waiting, active = iter([*shown, None]), list[Span]()
    coming = next(waiting)
    paragraphs = []
    for begin, end in _paragraphs(text):
        inner = bounds[bisect_right(bounds, begin) : bisect_left(bounds, end)]
        pieces = []
        for start, stop in pairwise((begin, *inner, end)):
            while coming is not None and coming.start < stop:
                active.append(coming)
                coming = next(waiting)
            active = [span for span in active if span.end > start]
            pieces.append(Piece(text[start:stop], tuple(active)))
        paragraphs.append(pieces)
    _tell_ends(piece for pieces in paragraphs for piece in pieces)
    return paragraphs


def _place(span: Span) -> tuple[int, int, int]:
    return span.start, span.end, span.number


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends; blank lines part them."""
    begin, end, here = -1, -1, 0
    for line in text.split("\n"):
        if not line.strip():
            if begin >= 0:
                yield begin, end
            begin = -1
        else:
            begin = here if begin < 0 else begin
            end = here + len(line.rstrip())
        here += len(line) + 1
    if begin >= 0:
        yield begin, end


def _tell_ends(pieces: Iterable[Piece]) -> None:
    first: dict[int, Piece] = {}
    last: dict[int, tuple[Span, Piece]] = {}
    for piece in pieces:
        for span in piece.within:
            if span.number not in first:
                first[span.number] = piece
                piece.begins.append(span)
            last[span.number] = span, piece
    for span, piece in last.values():
        piece.ends.append(span)

"""What of the texts of sources would be read for the first time: how much, and how it begins.

Texts are long, so a preview shows a bounded part of each and says how much it leaves out.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from casegraph.release.texts import held_texts, text_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_LINES: Final = 12
MOST_CHARACTERS: Final = 160
_AROUND: Final = 4
_COMPARED: Final = 50
_CUT: Final = "…"


def newly_readable(candidate: Path, current: Path | None) -> dict[str, tuple[str, ...]]:
    """By the id of the source, the lines that tell what of its text becomes public.

    The first line gives the size and the file, the others the beginning of a text that is new,
    or the paragraphs of a text that differ from what the current release shows.
    """
    before = held_texts(current) if current else {}
    found = {}
    for source, path in held_texts(candidate).items():
        text = path.read_text(encoding="utf-8")
        if source not in before:
            found[source] = _new(text, text_name(source))
            continue
        old = before[source].read_text(encoding="utf-8")
        if old != text:
            found[source] = _changed(old, text, text_name(source))
    return found


def _new(text: str, name: str) -> tuple[str, ...]:
    lines = [line for line in text.splitlines() if line.strip()]
    size = f"{_count(len(text.split()), 'word')} in {_count(len(lines), 'line')}"
    head = f"The whole text becomes readable: {size}, in {name}. It begins:"
    return (head, *_bounded([_cut(line.split()) for line in lines], "line"))


def _changed(old: str, new: str, name: str) -> tuple[str, ...]:
    shown = [*_differing(_paragraphs(old), _paragraphs(new))]
    words = len(new.split())
    if not shown:
        return (f"The text in {name} changes in spaces and line ends only ({words:,} words).",)
    count = _count(len(shown), "paragraph")
    head = f"The text in {name} changes ({_count(words, 'word')}); {count} not public before:"
    return (head, *_bounded(shown, "paragraph"))


def _paragraphs(text: str) -> list[tuple[str, ...]]:
    """Paragraphs as their words; a text without blank lines has one in each line."""
    parts = text.split("\n\n") if "\n\n" in text.strip() else text.splitlines()
    return [words for part in parts if (words := tuple(part.split()))]


def _differing(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Each paragraph that was not there, from a little before the words that are new in it."""
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if kind in {"insert", "replace"}:
            for words in new[c:d]:
                same = max((_same(one, words) for one in old[a:b][:_COMPARED]), default=0)
                begin = max(0, same - _AROUND)
                yield f"{_CUT} {_cut(words[begin:])}" if begin else _cut(words)


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _bounded(lines: Sequence[str], what: str) -> tuple[str, ...]:
    rest = len(lines) - MOST_LINES
    if rest <= 0:
        return tuple(lines)
    return (*lines[:MOST_LINES], f"{_CUT} and {_count(rest, 'more ' + what)}")


def _cut(words: Sequence[str]) -> str:
    line = " ".join(islice(words, MOST_CHARACTERS))
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS].rstrip()} {_CUT}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"

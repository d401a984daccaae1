"""The texts of sources that a release carries, and what a withdrawal takes of them.

A release holds ``texts/{source id}.txt`` of every source that is held in full, so that its
quotations can be read where they stand.  Where somebody who was withdrawn is named in such a
text, or words that were withdrawn stand in it, the text goes from every edition, and of the
source only what is quoted remains.  The withdrawn address of such a text is that of its
rendition.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.sources.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from casegraph.graph.nquads import Quad
    from casegraph.release.name_scan import ProtectedNames

FOLDER: Final = "texts"
FULL: Final = terms.CG + "fullText"
QUOTATIONS_ONLY: Final = terms.CG + "quotationsOnly"
_ENDING: Final = ".txt"
_RENDITION: Final = "/rendition"
_HELD: Final = ("/capture", _RENDITION)
_PLACE: Final = frozenset(
    {
        terms.QUOTED_FROM, terms.START, terms.END, terms.BYTE_START, terms.BYTE_END,
        terms.PREFIX, terms.SUFFIX,
    }
)  # fmt: skip


def text_file(directory: Path, source: str) -> Path:
    """Where the text of the source with this id lies in a release."""
    return directory / FOLDER / f"{source}{_ENDING}"


def text_name(source: str) -> str:
    """The name of that file as the manifest gives it."""
    return f"{FOLDER}/{source}{_ENDING}"


def held_texts(directory: Path) -> dict[str, Path]:
    """The texts that a release carries, by the id of the source."""
    return {path.stem: path for path in sorted((directory / FOLDER).glob(f"*{_ENDING}"))}


def withdrawn_text(source: str) -> str:
    """``segment/id/...`` under which the text of a source is withdrawn."""
    return f"source/{source}{_RENDITION}"


def kept_texts(directory: Path, gone: Collection[str]) -> dict[str, Path]:
    """The texts of a release without those of withdrawn sources and those withdrawn alone."""
    return {
        source: path
        for source, path in held_texts(directory).items()
        if f"source/{source}" not in gone and withdrawn_text(source) not in gone
    }


def withdrawn_texts(directory: Path, gone: Collection[str]) -> set[str]:
    """The withdrawn addresses of the texts that go while their source stays."""
    return {withdrawn_text(source) for source in held_texts(directory)}.intersection(gone)


def textless(gone: Iterable[str], base: str) -> set[str]:
    """The addresses of the sources whose text is withdrawn; ``base`` is what ids begin with."""
    return {f"{base}{path.removesuffix(_RENDITION)}" for path in gone if path.endswith(_RENDITION)}


def telling_texts(directory: Path, protected: ProtectedNames, words: Collection[str]) -> set[str]:
    """The ids of sources whose text may name somebody protected, or holds these very words."""
    return {
        source
        for source, path in held_texts(directory).items()
        for text in (path.read_text(encoding="utf-8"),)
        if any(True for _ in protected.hits_by_line(text)) or _holds(text, words)
    }


def _holds(text: str, words: Collection[str]) -> bool:
    """Whether any of the quotations stands in the text, letter by letter or folded."""
    folded = fold(text)[0] if words else ""
    return any(one in text or fold(one)[0].strip() in folded for one in words)


def without_texts(quads: Iterable[Quad], sources: AbstractSet[str]) -> Iterator[Quad]:
    """The quads with the sources at these addresses as ones of which only words are held.

    Hash, places and neighbouring words go: from them the text could be rebuilt or confirmed.
    All quads of a subject stand together (the reading order of a release).
    """
    nodes = {f"{source}{ending}" for source in sources for ending in _HELD}
    for subject, group in groupby(quads, key=attrgetter("subject")):
        if subject in nodes:
            continue
        rows = list(group)
        if subject in sources:
            yield from (_demoted(quad) for quad in rows)
        elif any(q.predicate == terms.FROM_SOURCE and q.object in sources for q in rows):
            yield from (quad for quad in rows if quad.predicate not in _PLACE)
        else:
            yield from rows


def _demoted(quad: Quad) -> Quad:
    full = quad.predicate == terms.HOLDING and quad.object == FULL
    return quad._replace(object=QUOTATIONS_ONLY) if full else quad

"""The queries that a release ships, as examples with live answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import CasegraphError
from casegraph.query.guard import check
from casegraph.web.pages.tables import table

if TYPE_CHECKING:
    from casegraph.web.pages.tables import Table
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.releases.shelf import Release

_FOLDER: Final = "queries/"
_SUFFIX: Final = ".rq"
_PLACE: Final = "start page:"
_SHOWN_ROWS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A query file: its comments at the top are title, then description.

    A comment ``start page: 1`` gives it a place among the three of the start page.
    """

    name: str
    title: str
    description: str
    text: str
    place: int | None


@dataclass(frozen=True, slots=True)
class Answered:
    """An example with its answer, or with why there is none."""

    example: Example
    answer: Table | None
    trouble: str = ""


def examples(release: Release) -> list[Example]:
    """The examples of a release: those with a place first, then by name."""
    names = [name for name in release.files if name.startswith(_FOLDER) and name.endswith(_SUFFIX)]
    found = [_read(release, name) for name in names]
    last = len(found)
    return sorted(found, key=lambda one: (last if one.place is None else one.place, one.name))


def answered(release: OpenRelease, example: Example) -> Answered:
    """Ask an example in the lane of pages."""
    try:
        if check(example.text).form not in {"SELECT", "ASK"}:
            return Answered(example, None, "It answers with a graph; run it to see it.")
        data = release.page_answer(example.text, "json")
        return Answered(example, table(release, data, most=_SHOWN_ROWS))
    except CasegraphError as error:
        return Answered(example, None, error.message)


def _read(release: Release, name: str) -> Example:
    text = (release.directory / name).read_text(encoding="utf-8")
    comments: list[str] = []
    place = None
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.lstrip("#").strip()
        if words.lower().startswith(_PLACE):
            number = words[len(_PLACE) :].strip()
            place = int(number) if number.isdigit() else None
        elif words:
            comments.append(words)
    stem = name.removeprefix(_FOLDER).removesuffix(_SUFFIX)
    return Example(
        name=stem,
        title=comments[0].rstrip(".") if comments else stem.replace("-", " "),
        description=" ".join(comments[1:]),
        text=text,
        place=place,
    )

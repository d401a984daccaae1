"""Passages into drafts: one for each reading, a part following its whole.

A statement with ``readings`` becomes one draft a reading, which overrides what it
names.  A statement that is ``part-of`` one with readings gets a reading for each of
them, with the same time, unit and status, so that part and whole are never compared
across readings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.findings.fields import READING, READING_STATUS, TIME_FIELDS
from casegraph.findings.form import Form
from casegraph.findings.tree import Mapping, Scalar
from casegraph.model.terms import ReadingBasis, ReadingStatus
from casegraph.model.values import Disclosure, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from casegraph.errors import Where

_TIME = (
    *TIME_FIELDS,
    "time-words",
    "time-basis",
    "anchor",
    "anchor-because",
    "resolved-by",
)
_INHERITED = (
    *_TIME,
    "unit",
    "counted-as",
    "counted",
)
"""What a part takes over from a reading of its whole."""


MAX_PARTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the top of a file says for all its statements.

    ``given`` are the names it gives, so that one that is wrong is told once and not missed
    again at each statement.
    """

    source: str | None
    by: tuple[str, ...]
    recorded: date | None
    disclosure: Disclosure | None
    given: frozenset[str] = frozenset()
    places: dict[str, Where] = field(default_factory=dict)
    node: Mapping | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One entry of a findings file, before its readings are told apart."""

    key: str
    node: Mapping
    header: Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One reading of one passage: its fields as they hold for this reading."""

    key: str
    passage: str
    node: Mapping
    header: Header
    reading: Reading = field(default_factory=Reading)
    whole: str | None = None


def expand(passages: Iterable[Passage], problems: list[Problem]) -> list[Draft]:
    """All drafts, wholes before their parts, otherwise in the order given."""
    by_key = {passage.key: passage for passage in passages}
    done: dict[str, list[Draft]] = {}
    for passage in by_key.values():
        _expand_one(passage, by_key, done, problems, ())
    return [draft for passage in by_key for draft in done.get(passage, [])]


def _expand_one(
    passage: Passage,
    by_key: dict[str, Passage],
    done: dict[str, list[Draft]],
    problems: list[Problem],
    above: tuple[str, ...],
) -> list[Draft]:
    if passage.key in done:
        return done[passage.key]
    whole_node = passage.node.get("part-of")
    whole = by_key.get(whole_node.text) if isinstance(whole_node, Scalar) else None
    if whole is not None and whole.key in (*above, passage.key):
        problems.append(
            Problem(
                "cycle",
                f"'{passage.key}' is, through `part-of`, a part of itself",
                whole_node.where if whole_node else None,
                "Delete one of the `part-of` lines of the circle.",
            )
        )
        whole = None
    if len(above) > MAX_PARTS:
        problems.append(
            Problem(
                "too-deep",
                f"more than {MAX_PARTS} statements are parts of parts of each other",
                passage.node.where,
                "Let each part name the whole itself.",
            )
        )
        whole = None
    wholes = _expand_one(whole, by_key, done, problems, (*above, passage.key)) if whole else []
    drafts = _own_readings(passage, problems) or _readings_of_whole(passage, wholes)
    done[passage.key] = drafts
    return drafts


def _own_readings(passage: Passage, problems: list[Problem]) -> list[Draft]:
    if passage.node.get("readings") is None:
        return _left_open(passage, problems) if passage.node.get("open") is not None else []
    base = passage.node.without(["readings", "key", "open"])
    form = Form(passage.node.only(["readings"]), READING, problems)
    nodes = form.mappings("readings")
    if len(nodes) < 2:  # noqa: PLR2004 - fewer than two readings are none
        form.wrong(
            "one-reading",
            "`readings` needs at least two entries",
            form.place("readings"),
            "A passage with one meaning needs none; if it is not settled, write open: and why.",
        )
    if passage.node.get("open") is not None:
        form.wrong(
            "reading-status",
            "`open` stands beside `readings`",
            passage.node.where,
            "Give each reading its own status.",
        )
    if len(nodes) > len(ascii_lowercase):
        form.wrong(
            "too-many-readings",
            f"{len(nodes)} readings are given; {len(ascii_lowercase)} are the most",
            form.place("readings"),
            "Keep those that somebody could really mean.",
        )
    keys = [f"{passage.key}/{letter}" for letter, _ in zip(ascii_lowercase, nodes, strict=False)]
    drafts = []
    for key, node in zip(keys, nodes, strict=False):
        others = tuple(other for other in keys if other != key)
        reading = _reading(node, others, problems)
        merged = _overlay(base, node.without([*READING_STATUS, "basis", "see"]))
        drafts.append(
            Draft(key=key, passage=passage.key, node=merged, header=passage.header, reading=reading)
        )
    _check_statuses(drafts, form)
    return drafts


def _left_open(passage: Passage, problems: list[Problem]) -> list[Draft]:
    """One reading only, which nobody could settle: nothing else is put into the source's mouth."""
    reason = Form(passage.node.only(["open"]), READING, problems).text("open")
    return [
        Draft(
            key=passage.key,
            passage=passage.key,
            node=passage.node.without(["key", "open"]),
            header=passage.header,
            reading=Reading(status=ReadingStatus.OPEN, reason=reason),
        )
    ]


def _overlay(base: Mapping, over: Mapping) -> Mapping:
    """A reading's fields over its passage's; one time field replaces all."""
    replaces_time = any(name in TIME_FIELDS for name in over.names())
    return base.overlaid(over, without=TIME_FIELDS if replaces_time else ())


def _reading(node: Mapping, others: tuple[str, ...], problems: list[Problem]) -> Reading:
    form = Form(node, READING, problems)
    given = [name for name in READING_STATUS if node.get(name) is not None]
    if len(given) != 1:
        form.wrong(
            "reading-status",
            "a reading needs exactly one status",
            node.where,
            "Add adopted, open, refuted or set-aside, with the reason as its value.",
        )
        return Reading(status=ReadingStatus.OPEN, alternatives=others)
    return Reading(
        status=READING_STATUS[given[0]],
        basis=form.code("basis", ReadingBasis),
        reason=form.text(given[0]),
        see=form.key("see"),
        alternatives=others,
    )


def _check_statuses(drafts: list[Draft], form: Form) -> None:
    """At most one reading is adopted; if one is, no other is open (rules R9 and R10)."""
    adopted = [d for d in drafts if d.reading.status is ReadingStatus.ADOPTED]
    still_open = [d for d in drafts if d.reading.status is ReadingStatus.OPEN]
    if len(adopted) > 1:
        form.wrong(
            "two-adopted",
            f"{len(adopted)} readings are adopted",
            adopted[1].node.where,
            "Adopt one, and say why the others are refuted or set aside.",
        )
    elif adopted and still_open:
        form.wrong(
            "open-beside-adopted",
            "a reading is open although another is adopted",
            still_open[0].node.where,
            "Say why it is refuted or set aside.",
        )


def _readings_of_whole(passage: Passage, wholes: list[Draft]) -> list[Draft]:
    node = passage.node.without(["key"])
    if not wholes:
        return [Draft(key=passage.key, passage=passage.key, node=node, header=passage.header)]
    if len(wholes) == 1:
        return [
            Draft(
                key=passage.key,
                passage=passage.key,
                node=_taking_over(node, wholes[0]),
                header=passage.header,
                reading=_following(wholes[0]),
                whole=wholes[0].key,
            )
        ]
    letters = [draft.key.rpartition("/")[2] for draft in wholes]
    keys = [f"{passage.key}/{letter}" for letter in letters]
    return [
        Draft(
            key=key,
            passage=passage.key,
            node=_taking_over(node, draft),
            header=passage.header,
            reading=_following(draft, tuple(other for other in keys if other != key)),
            whole=draft.key,
        )
        for key, draft in zip(keys, wholes, strict=True)
    ]


def _following(whole: Draft, alternatives: tuple[str, ...] = ()) -> Reading:
    """The reading of a part: what became of its whole became of it."""
    if whole.reading.status is ReadingStatus.PLAIN:
        return Reading()
    return Reading(
        status=whole.reading.status,
        basis=ReadingBasis.FOLLOWS_WHOLE,
        reason=whole.reading.reason,
        see=whole.reading.see,
        alternatives=alternatives,
    )


_NOT_CARRIED = {"none", "inferred", "publication", "now"}
"""Bases that a part shares with its whole: there is no sentence that its time is carried from."""


def _taking_over(part: Mapping, whole: Draft) -> Mapping:
    """A part's fields over what it takes from its whole.

    A time taken over is carried; where the whole has none in its own words, its basis is kept.
    """
    taken = whole.node.only(_INHERITED)
    has_time = any(name in TIME_FIELDS for name in taken.names())
    if any(name in TIME_FIELDS for name in part.names()) or not has_time:
        taken = taken.without(_TIME)
    elif not _NOT_CARRIED.intersection(_texts(taken, "time", "time-basis")):
        basis = Scalar("carried", part.where)
        taken = taken.overlaid(Mapping(((Scalar("time-basis", part.where), basis),), part.where))
    return taken.overlaid(part)


def _texts(node: Mapping, *names: str) -> set[str]:
    found = (node.get(name) for name in names)
    return {value.text for value in found if isinstance(value, Scalar)}

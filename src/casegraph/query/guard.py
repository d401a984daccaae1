"""The lexical guard: what a stranger's query may look like before anything parses it.

It needs no parser, because no parser may see the text in this process: a query
of five kilobytes can overflow the engine's stack.  It fails closed: what it
cannot read is refused, with line and column.  It is the first of two layers;
the workers have no network even if SERVICE slips through.

``<`` is the hard part: inside parentheses, after an operand, it opens an IRI
or compares, and a false IRI can hide brackets or a quotation mark.  There both
readings are followed, and both must pass.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, cast

from casegraph.errors import InvalidQuery
from casegraph.query.lexer import IRI, TOKEN, position, utf8_size
from casegraph.query.limits import GuardLimits
from casegraph.query.reading import Reading, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.query.formats import Form

_DEFAULT_LIMITS = GuardLimits()
_AMBIGUOUS = frozenset("ecp")
_SHORT = 4_096
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class QueryForm:
    """What the guard learnt: form, whether the result can be cited, and why not.

    ``sliced``: there is a LIMIT or OFFSET, so that rows which its order leaves equal may
    change places, from one engine to the next if not in one release.
    ``prefixes`` are the query's own declarations with absolute IRIs;
    ``prologue`` is the text before the form and ``default_graphs`` and
    ``named_graphs`` the terms after FROM and FROM NAMED as written.
    """

    form: Form
    citable: bool
    reason: str | None
    sliced: bool = False
    prefixes: tuple[tuple[str, str], ...] = ()
    prologue: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def check(query: str, *, limits: GuardLimits = _DEFAULT_LIMITS) -> QueryForm:
    """Read a query without parsing it, and refuse what the service does not take.

    Raises:
        NotAllowed: SERVICE, LOAD or another update.
        InvalidQuery: a limit is passed or the text cannot be read; ``line``
            and ``column`` (code points, from 1) say where.

    """
    # The same text is often looked at twice: before a format is chosen, and before it is asked.
    return _known(query, limits) if len(query) <= _SHORT else _checked(query, limits)


def _checked(query: str, limits: GuardLimits) -> QueryForm:
    _check_text(query, limits)
    survivors = _readings(query, limits)
    outside = max(utf8_size(query) - reading.values_bytes for reading in survivors)
    if outside > limits.max_query_bytes:
        msg = (
            f"The query has {outside:,} bytes outside VALUES data; "
            f"{limits.max_query_bytes:,} are allowed."
        )
        raise InvalidQuery(msg, line=1, column=1, hint="Move long lists into VALUES.")
    for reading in survivors:
        reading.note_slice(reading.frames[0])
    first = survivors[0]
    reason = next((reading.unstable for reading in survivors if reading.unstable), None)
    return QueryForm(
        form=cast("Form", first.form),
        citable=reason is None,
        reason=reason,
        sliced=any(reading.sliced for reading in survivors),
        prefixes=tuple(sorted(first.prefixes.items())),
        prologue=query[: first.form_offset],
        default_graphs=first.defaults,
        named_graphs=first.named,
    )


_known = lru_cache(maxsize=_REMEMBERED)(_checked)


def _check_text(query: str, limits: GuardLimits) -> None:
    size = utf8_size(query)
    if size > limits.max_body_bytes:
        msg = f"The query has {size:,} bytes; {limits.max_body_bytes:,} are allowed."
        raise InvalidQuery(msg, line=1, column=1, hint="Ask in several parts.")
    try:
        query.encode()
    except UnicodeEncodeError as error:
        raise _unreadable(query, "This is half a character", error.start) from None


def _readings(query: str, limits: GuardLimits) -> list[Reading]:
    """Follow all readings in the order of their places, merging those that meet."""
    order = count()
    heap: list[tuple[int, int, Reading]] = [(0, next(order), Reading(query, limits))]
    waiting: dict[tuple[object, ...], Reading] = {}
    survivors: list[Reading] = []
    worst: Unreadable | None = None
    side_steps = 0
    while heap:
        side_steps += len(heap) > 1
        _, _, reading = heapq.heappop(heap)
        waiting.pop(reading.key(), None)
        try:
            for step in _step(reading, alone=not heap):
                if step.offset >= len(query):
                    survivors.append(_finished(step))
                elif (twin := waiting.get(step.key())) is not None:
                    twin.absorb(step)
                else:
                    waiting[step.key()] = step
                    heapq.heappush(heap, (step.offset, next(order), step))
        except Unreadable as dead:
            worst = dead if worst is None or dead.offset >= worst.offset else worst
        if len(heap) > limits.max_readings or side_steps > limits.max_side_steps:
            raise _unreadable(query, "'<' can be read in too many ways", heap[0][0])
    if not survivors:
        raise _unreadable(query, worst.message, worst.offset) if worst else _no_form(query)
    return survivors


def _step(reading: Reading, *, alone: bool) -> Iterator[Reading]:
    """Read one token; many while there is only one reading."""
    end = len(reading.text)
    while reading.offset < end:
        if reading.text[reading.offset] == "<":
            branches = list(_less(reading))
            if len(branches) > 1 or not alone:
                yield from branches
                return
            continue
        _token(reading)
        if not alone:
            break
    yield reading


def _less(reading: Reading) -> Iterator[Reading]:
    """Both readings of ``<``, or the only one that the context leaves."""
    text, start = reading.text, reading.offset
    iri = IRI.match(text, start)
    either = reading.operand and reading.frames[-1].kind in _AMBIGUOUS
    if iri is None or either:
        other = reading.branch() if iri else reading
        if text.startswith("<<", start) and not either:
            raise Unreadable("triple terms ('<<') are not offered here", start)
        width = 2 if text.startswith("<=", start) else 1
        other.count()
        other.operator(text[start : start + width])
        other.offset = start + width
        yield other
    if iri is not None:
        reading.count()
        reading.term(iri.group())
        reading.offset = iri.end()
        yield reading


def _token(reading: Reading) -> None:
    match = TOKEN.match(reading.text, reading.offset)
    if match is None:
        raise Unreadable(f"{reading.text[reading.offset]!r} cannot be read", reading.offset)
    group, text = match.lastgroup, match.group()
    if group == "space":
        reading.offset = match.end()
        return
    reading.count()
    if group in ("string", "var", "bnode", "number"):
        reading.term(text)
    elif group == "pname":
        reading.name(text)
    elif group == "word":
        reading.keyword(text)
    elif group == "open":
        reading.open(text)
    elif group == "close":
        reading.close(text)
    elif group == "op":
        reading.operator(text)
    elif group == "sep":
        reading.separator(text)
    else:
        reading.after(operand=group == "lang")
    reading.offset = match.end()


def _finished(reading: Reading) -> Reading:
    if len(reading.frames) > 1:
        frame = reading.frames[-1]
        raise Unreadable(f"{reading.text[frame.offset]!r} is never closed", frame.offset)
    if not reading.form:
        raise _no_form(reading.text)
    return reading


def _no_form(query: str) -> InvalidQuery:
    line, column = position(query, len(query))
    msg = f"There is no query in this text (line {line}, column {column})."
    hint = "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE."
    return InvalidQuery(msg, line=line, column=column, hint=hint)


def _unreadable(query: str, message: str, offset: int) -> InvalidQuery:
    line, column = position(query, offset)
    msg = f"The query cannot be read: {message} (line {line}, column {column})."
    return InvalidQuery(msg, line=line, column=column)

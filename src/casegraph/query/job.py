"""What is asked of a worker, and what its death means."""

from __future__ import annotations

import math
import signal
from typing import TYPE_CHECKING

from casegraph.errors import TryLater
from casegraph.query.formats import FORMATS, format_for
from casegraph.query.guard import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.query.formats import ResultFormat
    from casegraph.query.guard import QueryForm
    from casegraph.query.limits import GuardLimits, Lane, QueryLimits
    from casegraph.query.wire import Frame

_MIB = 1024 * 1024


def admit(query: str, accept_format: str, *, guard: GuardLimits) -> tuple[QueryForm, ResultFormat]:
    """Guard a query and choose its format.

    Raises:
        InvalidQuery, NotAllowed: see ``guard.check``.
        FixInput: the format does not fit the form.

    """
    form = check(query, limits=guard)
    return form, format_for(accept_format, form.form)


def admit_in_order(query: str, *, guard: GuardLimits) -> tuple[QueryForm, ResultFormat]:
    """Guard a query whose answer is wanted as sorted lines; raises what ``admit`` raises."""
    form = check(query, limits=guard)
    return form, FORMATS["tsv" if form.form in {"SELECT", "ASK"} else "nt"]


def job_frame(  # noqa: PLR0913 - the fields of one request, all by name
    *,
    query: str,
    form: QueryForm,
    style: ResultFormat,
    base_iri: str,
    limits: QueryLimits,
    lane: Lane,
    default_graphs: Sequence[str] | None,
    named_graphs: Sequence[str] | None,
    client: str = "",
    in_order: bool = False,
) -> Frame:
    """Make the request that a worker understands.

    ``client`` is whose turn it takes (``casegraph.query.turns``); ``in_order``
    asks for the lines of the answer sorted (``casegraph.query.ordered``).
    """
    return {
        "lane": lane,
        "client": client,
        "in_order": in_order,
        "query": query,
        "form": form.form,
        "format": style.name,
        "base_iri": base_iri,
        "default_graphs": None if default_graphs is None else list(default_graphs),
        "named_graphs": None if named_graphs is None else list(named_graphs),
        "from_default": form.default_graphs,
        "from_named": form.named_graphs,
        "prologue": form.prologue,
        "prefixes": form.prefixes,
        "max_bytes": limits.max_result_bytes,
        "max_rows": limits.max_rows,
        "memory_bytes": limits.memory_bytes,
        "deadline_s": limits.deadline_s(lane),
    }


def out_of_time(deadline_s: float, elapsed: float) -> TryLater:
    """The query was stopped at its deadline."""
    msg = f"The query ran longer than {deadline_s:g} seconds and was stopped; nothing was sent."
    hint = "Make the patterns more specific, ask in parts, or take the release's dump files."
    return TryLater(msg, limit="time", elapsed=elapsed, retry_after=_soon(elapsed), hint=hint)


def too_busy(wait_s: float) -> TryLater:
    """No worker became free."""
    msg = "All query workers are busy; the query was not started."
    return TryLater(msg, limit="load", retry_after=_soon(wait_s), hint="Try again in a moment.")


def too_many(wait_s: float) -> TryLater:
    """One client has as many queries waiting as it may."""
    msg = "Too many queries from your network are waiting already; this one was not started."
    hint = "Wait for an answer before you ask again."
    return TryLater(msg, limit="rate", retry_after=_soon(wait_s), hint=hint)


def cancelled(elapsed: float | None = None) -> TryLater:
    """Whoever asked does not want the answer any more; ``elapsed`` if a worker was at it."""
    msg = "The query was given up by whoever asked."
    return TryLater(msg, limit="cancelled", elapsed=elapsed)


def worker_died(
    exit_code: int | None, *, deadline_s: float, memory_bytes: int, elapsed: float
) -> TryLater:
    """What the end of a worker tells: time, or else memory.

    ``exit_code`` is negative for a signal.  An engine that is out of memory
    aborts; one that is out of stack gets SIGSEGV; both are memory to a reader.
    """
    if exit_code is not None and exit_code == -getattr(signal, "SIGXCPU", 0) != 0:
        return out_of_time(deadline_s, elapsed)
    msg = (
        f"The query needed more memory than one query may use "
        f"({memory_bytes // _MIB:,} MiB) and was stopped; nothing was sent."
    )
    hint = "Sort or group less at once, or take the release's dump files."
    return TryLater(msg, limit="memory", elapsed=elapsed, retry_after=_soon(elapsed), hint=hint)


def restarting() -> TryLater:
    """The processes that hold the dataset are starting again."""
    msg = "The query service is starting again; the query was not answered."
    return TryLater(msg, limit="load", retry_after=2, hint="Try again in a moment.")


def _soon(seconds: float) -> int:
    return max(1, math.ceil(seconds))

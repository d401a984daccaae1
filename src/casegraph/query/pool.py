"""The query service as the web process sees it: ``QueryService.run``."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol, Self

from casegraph.errors import TryLater
from casegraph.query import job as jobs
from casegraph.query import seccomp
from casegraph.query.disk import room_wanted
from casegraph.query.forked import ForkedPool
from casegraph.query.limits import GuardLimits, QueryLimits
from casegraph.query.placement import chosen
from casegraph.query.result import Result, SpoolFolder, finished
from casegraph.query.spawned import SpawnedPool
from casegraph.query.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from casegraph.query.formats import ResultFormat
    from casegraph.query.guard import QueryForm
    from casegraph.query.limits import Lane
    from casegraph.query.placement import Storage
    from casegraph.query.wire import Frame

_STOPPED_LIMITS = frozenset({"time", "memory"})


class Pool(Protocol):
    """What runs jobs: forked workers, or spawned ones where nothing can fork safely."""

    missing: tuple[str, ...]

    def submit(self, job: Frame, path: Path, fd: int, ticket: Ticket) -> Frame:
        """Answer a job into the spool and return the reply frame."""

    def close(self) -> None:
        """End every process."""


class QueryService:
    """Whole answers from one dataset.  Thread-safe; close it when its release goes.

    ``storage`` tells where the dataset lies while it is asked: ``memory`` or
    ``disk``; rows that no ORDER BY orders may come in another order from each.
    ``weaker`` lists, as sentences, what this system could not lock away from a
    query or divide fairly; it is empty on Linux.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        limits: QueryLimits,
        guard: GuardLimits,
        base: str,
        storage: Storage,
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._guard = guard
        self._base_iri = base
        self._spools = SpoolFolder()
        self.storage = storage

    @classmethod
    def start(  # noqa: PLR0913 - settings, all by name
        cls,
        dataset: Path,
        *,
        base_iri: str,
        store: Path | None = None,
        quads: int | None = None,
        workers: int = 2,
        limits: QueryLimits | None = None,
        guard: GuardLimits | None = None,
        forked: bool | None = None,
        memory_limit: int | None = None,
    ) -> Self:
        """Start the processes that answer queries on ``dataset``.

        Args:
            dataset: an N-Quads file (``.gz`` too) or a finished store's folder.
            base_iri: what relative IRIs in queries are resolved against.
            store: the finished store of the same dataset, used where it would
                not fit into memory (``casegraph.query.placement``).
            quads: statements in the dataset; guessed from its size if not given.
            workers: queries that may run at the same time.
            limits: see ``QueryLimits``.
            guard: see ``GuardLimits``.
            forked: fork workers from one process that holds the dataset; the
                default is yes where a system-call filter exists.
            memory_limit: bytes of memory there are; the default is what the
                system gives this process.

        Raises:
            FixInput: the dataset cannot be opened.
            TryLater: the processes did not start.

        """
        limits = limits or QueryLimits()
        fork = seccomp.why_unavailable() is None if forked is None else forked
        path, storage = chosen(
            dataset, store, quads=quads, workers=workers, memory_limit=memory_limit
        )
        pool: Pool
        if fork:
            pool = ForkedPool(path, limits=limits, workers=workers)
        else:
            pool = SpawnedPool(path, limits=limits, workers=workers)
        guard = guard or GuardLimits()
        return cls(pool, limits=limits, guard=guard, base=base_iri, storage=storage)

    @property
    def weaker(self) -> tuple[str, ...]:
        """What is not locked away on this system, one sentence each."""
        return self._pool.missing

    def run(  # noqa: PLR0913 - one request, all by name
        self,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        """Answer one query, whole or not at all.

        Without graphs the default graph is the union of all named graphs; with
        any, SPARQL 1.1 Protocol 2.1.4 applies and the query's own FROM is
        overridden.

        Args:
            query: the text.
            accept_format: short name of a format (``casegraph.query.formats``).
            default_graphs: IRIs of ``default-graph-uri``.
            named_graphs: IRIs of ``named-graph-uri``.
            lane: ``page`` has a shorter deadline, and a worker of its own.
            client: who asks, as an opaque key; "" is the site itself
                (``casegraph.query.turns`` says how workers are divided).
            ticket: to cancel it from elsewhere, and to learn what it cost.

        Raises:
            InvalidQuery: guard or grammar; line and column say where.
            NotAllowed: SERVICE or an update.
            FixInput: the format does not fit, or a graph name is no IRI.
            AskForLess: the result passes a size cap.
            TryLater: ``limit`` is ``time``, ``memory``, ``load``, ``rate``,
                ``disk`` or ``cancelled``.

        """
        ticket = ticket or Ticket()
        started = time.perf_counter()
        try:
            form, style = jobs.admit(query, accept_format, guard=self._guard)
        finally:
            ticket.work_s += time.perf_counter() - started
        job = jobs.job_frame(
            query=query,
            form=form,
            style=style,
            base_iri=self._base_iri,
            limits=self._limits,
            lane=lane,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            client=client,
        )
        return self._answered(job, form, style, ticket)

    def sorted_rows(
        self,
        query: str,
        *,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        """Answer one query in canonical text: sorted lines (``casegraph.query.ordered``).

        SELECT and ASK are TSV, graphs N-Triples; ``sha256`` is the digest by
        which the answer is cited.  Raises what ``run`` raises.
        """
        ticket = ticket or Ticket()
        started = time.perf_counter()
        try:
            form, style = jobs.admit_in_order(query, guard=self._guard)
        finally:
            ticket.work_s += time.perf_counter() - started
        job = jobs.job_frame(
            query=query,
            form=form,
            style=style,
            base_iri=self._base_iri,
            limits=self._limits,
            lane=lane,
            default_graphs=None,
            named_graphs=None,
            client=client,
            in_order=True,
        )
        return self._answered(job, form, style, ticket)

    def close(self) -> None:
        """End all processes and remove what was not read."""
        self._pool.close()
        self._spools.remove()

    def __enter__(self) -> Self:
        """Return the service itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _answered(self, job: Frame, form: QueryForm, style: ResultFormat, ticket: Ticket) -> Result:
        with room_wanted():
            path, fd = self._spools.new()
        try:
            reply = self._pool.submit(job, path, fd, ticket)
            result = finished(path, fd, reply, form=form, style=style)
        except BaseException as error:
            ticket.died = isinstance(error, TryLater) and (
                error.limit in _STOPPED_LIMITS or (ticket.cancelled and error.elapsed is not None)
            )
            self._spools.discard(path, fd)
            raise
        if result.path is None:
            self._spools.give_back(path, fd)
        else:
            os.close(fd)
        return result

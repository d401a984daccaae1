"""The query service as the web process sees it: ``QueryService.run``."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from casegraph.errors import CasegraphError, TryLater
from casegraph.query import job as jobs
from casegraph.query import seccomp, wire
from casegraph.query.limits import GuardLimits, QueryLimits
from casegraph.query.result import Result, SpoolFolder, finished
from casegraph.query.spawned import SpawnedPool, worker_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from casegraph.query.limits import Lane
    from casegraph.query.wire import Frame

_GRACE_S: Final = 5.0


class Pool(Protocol):
    """What runs jobs: forked workers, or spawned ones where nothing can fork safely."""

    missing: tuple[str, ...]

    def submit(self, job: Frame, path: Path, fd: int) -> Frame:
        """Answer a job into the spool and return the reply frame."""

    def close(self) -> None:
        """End every process."""


class ForkedPool:
    """A supervisor process and its workers; any thread may submit."""

    def __init__(self, dataset: Path, *, limits: QueryLimits, workers: int) -> None:
        self._limits = limits
        self._setup = {
            "dataset": str(dataset.resolve()),
            "workers": workers,
            "queue": limits.queue_factor * workers,
            "wait_s": limits.wait_s,
            "memory_bytes": limits.memory_bytes,
            "queries_per_worker": limits.queries_per_worker,
        }
        self._lock = threading.Lock()
        self._pending: dict[int, Future[Frame]] = {}
        self._number = 0
        self._closed = False
        self.missing: tuple[str, ...] = ()
        self._start()

    def submit(self, job: Frame, path: Path, fd: int) -> Frame:  # noqa: ARG002 - spawned pools need the path
        """Send the job and wait for its reply."""
        future: Future[Frame] = Future()
        with self._lock:
            if self._closed:
                raise jobs.restarting()
            if self._process.poll() is not None or not self._reader.is_alive():
                self._stop()
                self._start()
            self._number += 1
            number = self._number
            self._pending[number] = future
            try:
                socket.send_fds(self._channel, [b"j"], [fd])
                self._channel.sendall(wire.encode({"number": number, "job": job}))
            except OSError:
                self._pending.pop(number, None)
                raise jobs.restarting() from None
        try:
            return future.result(self._limits.wait_s + job["deadline_s"] + _GRACE_S)
        except NoAnswer:
            raise jobs.restarting() from None
        finally:
            self._pending.pop(number, None)

    def close(self) -> None:
        """End every process below."""
        with self._lock:
            self._closed = True
            self._stop()

    def _start(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(self._limits.start_s)
        command = [sys.executable, "-P", "-m", "casegraph.query.supervisor", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=worker_environment(),
                start_new_session=True,
            )
        try:
            self._channel.sendall(wire.encode(self._setup))
            ready = wire.read_with(self._channel.recv)
        except OSError:
            ready = None
        if ready is None or "error" in ready:
            self._stop()
            raise jobs.restarting() if ready is None else wire.raised(ready)
        self.missing = tuple(ready["missing"])
        self._channel.settimeout(None)
        self._reader = threading.Thread(
            target=self._listen, args=(self._channel,), name="casegraph-query", daemon=True
        )
        self._reader.start()

    def _listen(self, channel: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (frame := wire.read_with(channel.recv)) is not None:
                future = self._pending.pop(frame["number"], None)
                if future is not None:
                    future.set_result(frame["reply"])
        for number in list(self._pending):
            future = self._pending.pop(number, None)
            if future is not None:
                future.set_exception(jobs.restarting())

    def _stop(self) -> None:
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        reader = getattr(self, "_reader", None)
        if reader is not None and reader is not threading.current_thread():
            reader.join(_GRACE_S)
        self._channel.close()


class QueryService:
    """Whole answers from one dataset.  Thread-safe; close it when its release goes.

    ``weaker`` lists, as sentences, what this system could not lock away from a
    query; it is empty on Linux.
    """

    def __init__(self, pool: Pool, *, limits: QueryLimits, guard: GuardLimits, base: str) -> None:
        self._pool = pool
        self._limits = limits
        self._guard = guard
        self._base_iri = base
        self._spools = SpoolFolder()

    @classmethod
    def start(
        cls,
        dataset: Path,
        *,
        base_iri: str,
        workers: int = 2,
        limits: QueryLimits | None = None,
        guard: GuardLimits | None = None,
        forked: bool | None = None,
    ) -> Self:
        """Start the processes that answer queries on ``dataset``.

        Args:
            dataset: an N-Quads file (``.gz`` too) or a finished store's folder.
            base_iri: what relative IRIs in queries are resolved against.
            workers: queries that may run at the same time.
            limits: see ``QueryLimits``.
            guard: see ``GuardLimits``.
            forked: fork workers from one process that holds the dataset; the
                default is yes where a system-call filter exists.

        Raises:
            FixInput: the dataset cannot be opened.
            TryLater: the processes did not start.

        """
        limits = limits or QueryLimits()
        fork = seccomp.why_unavailable() is None if forked is None else forked
        pool: Pool
        if fork:
            pool = ForkedPool(dataset, limits=limits, workers=workers)
        else:
            pool = SpawnedPool(dataset, limits=limits, workers=workers)
        return cls(pool, limits=limits, guard=guard or GuardLimits(), base=base_iri)

    @property
    def weaker(self) -> tuple[str, ...]:
        """What is not locked away on this system, one sentence each."""
        return self._pool.missing

    def run(
        self,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        lane: Lane = "query",
    ) -> Result:
        """Answer one query, whole or not at all.

        Without graphs the default graph is the union of all named graphs; with
        any, SPARQL 1.1 Protocol 2.1.4 applies and the query's own FROM is
        overridden.

        Raises:
            InvalidQuery: guard or grammar; line and column say where.
            NotAllowed: SERVICE or an update.
            FixInput: the format does not fit, or a graph name is no IRI.
            AskForLess: the result passes a size cap.
            TryLater: ``limit`` is ``time``, ``memory``, ``load`` or ``disk``.

        """
        form, style = jobs.admit(query, accept_format, guard=self._guard)
        job = jobs.job_frame(
            query=query,
            form=form,
            style=style,
            base_iri=self._base_iri,
            limits=self._limits,
            lane=lane,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
        )
        path, fd = self._spools.new()
        try:
            reply: dict[str, Any] = self._pool.submit(job, path, fd)
            if "error" in reply:
                raise wire.raised(reply)
            if os.fstat(fd).st_size != reply["bytes"]:
                raise _incomplete()
            return finished(path, reply, form=form, style=style)
        except CasegraphError:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)

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


def _incomplete() -> TryLater:
    msg = "The result was not stored whole; nothing was sent."
    return TryLater(msg, limit="disk", hint="Try again later.")

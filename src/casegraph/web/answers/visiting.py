"""What a visitor asks of the workers: let in, charged for, and given up when the visitor goes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from casegraph.errors import CasegraphError, FixInput, NotAllowed
from casegraph.query.admission import Admission, AdmissionLimits
from casegraph.query.guard import check
from casegraph.query.ticket import Ticket
from casegraph.web.http.problems import RefusedRequestError
from casegraph.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from casegraph.query.guard import QueryForm
    from casegraph.query.result import Result
    from casegraph.settings import Settings
    from casegraph.web.releases.live import OpenRelease

_TOO_MANY: Final = 429
_PAUSE_S: Final = 1.0


def admission(settings: Settings) -> Admission:
    """Accounts of all clients, with the limits that the settings give."""
    return Admission(
        AdmissionLimits(
            work_s_per_minute=settings.client_work_seconds_per_minute,
            work_burst_s=settings.client_burst_work_seconds,
            errors_per_minute=settings.client_errors_per_minute,
            errors_burst=settings.client_burst_errors,
        )
    )


class Visit:
    """One request of a visitor; ``elapsed`` is its seconds so far, waiting included."""

    def __init__(self, request: Request) -> None:
        self._admission = site_of(request).admission
        self.client = self._admission.key(request.client.host if request.client else "")
        self._lock = threading.Lock()
        self._ticket: Ticket | None = None
        self._gone = False
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the request came."""
        return time.monotonic() - self._began

    def run(
        self,
        current: OpenRelease,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> Result:
        """Answer one query as ``QueryService.run``, if the visitor has work left; charge for it.

        Raises ``TryLater`` with the limit ``rate`` where the visitor has not.
        """
        return self._charged(
            lambda ticket: current.queries.run(
                query,
                accept_format=accept_format,
                default_graphs=default_graphs,
                named_graphs=named_graphs,
                client=self.client,
                ticket=ticket,
            )
        )

    def sorted_rows(self, current: OpenRelease, query: str) -> Result:
        """The lines of an answer in their order (``QueryService.sorted_rows``), charged alike."""
        return self._charged(
            lambda ticket: current.queries.sorted_rows(query, client=self.client, ticket=ticket)
        )

    def _charged(self, ask: Callable[[Ticket], Result]) -> Result:
        self._admission.enter(self.client)
        ticket = Ticket()
        with self._lock:
            self._ticket = ticket
            if self._gone:
                ticket.cancel()
        refused = False
        try:
            return ask(ticket)
        except (FixInput, NotAllowed):
            refused = True
            raise
        finally:
            # Who leaves pays for what was worked, not for a worker that had to be ended.
            died = ticket.died and not ticket.cancelled
            self._admission.charge(self.client, ticket.work_s, died=died, refused=refused)

    def guarded(self, query: str) -> QueryForm:
        """What the guard reads in a query; a refusal is counted."""
        try:
            return check(query)
        except CasegraphError as error:
            self.refuse(error)
            raise

    def refuse(self, error: CasegraphError) -> None:
        """Count a request that was wrong before any worker saw it."""
        if isinstance(error, FixInput | NotAllowed):
            self._admission.charge(self.client, 0.0, refused=True)

    def leave(self) -> None:
        """The visitor is gone: what runs for it is given up."""
        with self._lock:
            self._gone = True
            if self._ticket is not None:
                self._ticket.cancel()


async def attended(request: Request, work: Callable[[Visit], Response]) -> Response:
    """Do ``work`` in a thread; its query is given up when the visitor hangs up."""
    visit = Visit(request)
    watch = asyncio.create_task(_watch(request, visit))
    try:
        response = await run_in_threadpool(work, visit)
    except RefusedRequestError as error:
        await _pause(error.document.status)
        raise
    else:
        await _pause(response.status_code)
        return response
    finally:
        watch.cancel()
        # A body that nobody asked for and that never ends (408) does not take the answer away.
        with contextlib.suppress(asyncio.CancelledError, RefusedRequestError):
            await watch


async def _pause(status: int) -> None:
    """Let one who asks too much wait a little: refusals cost work, too."""
    if status == _TOO_MANY:
        await asyncio.sleep(_PAUSE_S)


async def _watch(request: Request, visit: Visit) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    # Ending a query may wait for a socket; that is no business of the loop.
    await run_in_threadpool(visit.leave)

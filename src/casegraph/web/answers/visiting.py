"""What a visitor asks of the workers: let in, charged for, and given up when the visitor goes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from casegraph.errors import AskForLess, CasegraphError, FixInput, NotAllowed
from casegraph.query.admission import Admission, AdmissionLimits
from casegraph.query.formats import format_for
from casegraph.query.guard import check
from casegraph.query.ticket import Ticket
from casegraph.web.http.problems import ProblemDocument, RefusedRequestError, of_query
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
    """One request of a visitor; ``elapsed`` is its seconds so far, waiting included.

    ``file`` may be set to the address of a file that holds all of what is asked for: it is
    named if the answer is refused.
    """

    def __init__(self, request: Request, release: str | None = None) -> None:
        site = site_of(request)
        self.file = ""
        self._release = f"{site.public_url(request)}release/{release or 'latest'}"
        self._limits = site.limits()
        self._admission = site.admission
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

    def guarded(self, query: str, *, written_as: str | None = None) -> QueryForm:
        """What the guard reads in a query, whose answer has that format if one is named.

        A refusal is counted; where the visitor has none left, ``TryLater`` with the limit
        ``rate`` takes its place.
        """
        try:
            form = check(query)
            if written_as is not None:
                format_for(written_as, form.form)
        except (FixInput, NotAllowed):
            self._admission.enter(self.client)
            self._admission.charge(self.client, 0.0, refused=True)
            raise
        return form

    def problem(self, error: CasegraphError) -> ProblemDocument:
        """What went wrong, with the limit that was met and where there is more."""
        dumps = self.file or self._release
        document = of_query(error, elapsed=self.elapsed, allowed=self._limits, dumps=dumps)
        if self.file and isinstance(error, AskForLess):
            return document.with_headers({"Link": f'<{self.file}>; rel="alternate"'})
        return document

    def worked(self, seconds: float) -> None:
        """Charge for what this process did itself: reading, comparing, writing a page."""
        self._admission.charge(self.client, seconds)

    def leave(self) -> None:
        """The visitor is gone: what runs for it is given up."""
        with self._lock:
            self._gone = True
            if self._ticket is not None:
                self._ticket.cancel()


async def attended(
    request: Request,
    work: Callable[[Visit], Response],
    *,
    release: str | None = None,
    page: Callable[[ProblemDocument], Response] | None = None,
) -> Response:
    """Do ``work`` in a thread; its query is given up when the visitor hangs up.

    What is refused is told with limits and with the files of ``release`` (none: the latest):
    on a ``page`` where there is one, else raised as ``RefusedRequestError``.
    """
    site, visit = site_of(request), Visit(request, release)
    watch = asyncio.create_task(_watch(request, visit))
    try:
        response = await to_thread.run_sync(_done, work, visit, page, limiter=site.asking)
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


def _done(
    work: Callable[[Visit], Response],
    visit: Visit,
    page: Callable[[ProblemDocument], Response] | None,
) -> Response:
    began = time.thread_time()
    try:
        return work(visit)
    except CasegraphError as error:
        document = visit.problem(error)
        if page is not None:
            return page(document)
        raise RefusedRequestError(document) from error
    finally:
        visit.worked(time.thread_time() - began)


async def _pause(status: int) -> None:
    """Let one who asks too much wait a little: refusals cost work, too."""
    if status == _TOO_MANY:
        await asyncio.sleep(_PAUSE_S)


async def _watch(request: Request, visit: Visit) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    # Ending a query may wait for a socket; that is no business of the loop.
    await to_thread.run_sync(visit.leave, limiter=site_of(request).leaving)

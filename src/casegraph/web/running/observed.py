"""What is seen of each request and of each query, for the log and the metrics.

Words and numbers of ours alone: the route as the table of routes has it, a known method, a
status, an outcome.  Nothing that a visitor sent is kept, not even for a moment.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from casegraph.errors import CasegraphError
from casegraph.web.http import problems
from casegraph.web.http.hosts import in_origin_form
from casegraph.web.releases.shelf import RELEASE_ID
from casegraph.web.running.route_table import pattern_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from casegraph.query.result import Result
    from casegraph.web.releases.answering import Queries

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_RELEASE: Final = b"x-casegraph-release"
_ERRORS_FROM: Final = 400
#: Names of problem documents as outcomes; those of limits lose their ending.
_OUTCOMES: Final = {"query": "guard", "not-allowed": "refused", "too-large": "size"}
_BY_STATUS: Final = {
    400: "input",
    403: "refused",
    404: "not-found",
    408: "slow",
    410: "gone",
    413: "size",
    421: "host",
    429: "rate",
    503: "load",
}
#: Outcomes at which a worker is ended.
_DEADLY: Final = frozenset({"time", "memory"})
#: What a query service has beside ``run`` that is a query as well.
_ALSO_QUERIES: Final = frozenset({"sorted_rows"})
#: Outcomes of questions that never reached the query service.
_STOPPED_BEFORE: Final = frozenset({"guard", "refused", "rate"})


@dataclass(slots=True)
class Seen:
    """One request on its way."""

    lane: str = "none"
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that has ended.  ``lane`` is that of its queries: query, page or none."""

    method: str
    route: str
    status: int
    seconds: float
    lane: str
    outcome: str
    release: str


class Watch(Protocol):
    """Who is told; any thread may tell."""

    def request(self, ended: Request) -> None:
        """A request has ended."""

    def query_begins(self, lane: str) -> None:
        """A query goes to the workers."""

    def query_ends(self, lane: str, outcome: str, *, died: bool) -> None:
        """It is answered, or not; ``died``: a worker ended with it."""

    def question_refused(self, outcome: str) -> None:
        """A question was refused before it came to the workers."""


_NOW: ContextVar[Seen | None] = ContextVar("casegraph_seen", default=None)


def tell(problem: str) -> None:
    """Say by which problem (its name in problem documents) the current request ends."""
    seen = _NOW.get()
    if seen is not None:
        seen.outcome = _outcome(problem)


class Observer:
    """ASGI middleware around everything: looks on, changes nothing."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = in_origin_form(scope)
        seen, begin = Seen(), time.perf_counter()
        status, release, finished = 0, "", False
        _NOW.set(seen)

        async def send_seen(message: Message) -> None:
            nonlocal status, release, finished
            if message["type"] == "http.response.start":
                status = message["status"]
                release = dict(message["headers"]).get(_RELEASE, b"").decode("ascii", "replace")
            finished = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, send_seen)
        finally:
            ended = Request(
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=pattern_of(scope) or "unmatched",
                status=status,
                seconds=time.perf_counter() - begin,
                lane=seen.lane,
                outcome=_ended(seen, status) if finished else "broken",
                release=release if RELEASE_ID.fullmatch(release) else "",
            )
            if seen.lane != "query" and ended.outcome in _STOPPED_BEFORE:
                self._watch.question_refused(ended.outcome)
            self._watch.request(ended)


class CountedQueries:
    """A query service that tells a watch how each query ended."""

    def __init__(self, queries: Queries, watch: Watch) -> None:
        self._queries = queries
        self._watch = watch

    def run(self, query: str, *, accept_format: str, **options: Any) -> Result:  # noqa: ANN401 - whatever the service takes
        """Answer one query whole, or raise an error of casegraph."""
        options["accept_format"] = accept_format
        result: Result = self._counted(self._queries.run, query, options)
        return result

    def close(self) -> None:
        """End every process."""
        self._queries.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else the service has
        found = getattr(self._queries, name)
        if name not in _ALSO_QUERIES:
            return found
        return lambda query, **options: self._counted(found, query, options)

    def _counted(self, ask: Callable[..., Any], query: str, options: dict[str, Any]) -> Any:  # noqa: ANN401
        lane = str(options.get("lane", "query"))
        seen = _NOW.get() or Seen()
        if seen.lane != "query":
            seen.lane = lane
        outcome = "server"
        self._watch.query_begins(lane)
        try:
            answer = ask(query, **options)
            outcome = "ok"
        except CasegraphError as error:
            outcome = _outcome(problems.from_error(error).name)
            seen.outcome = outcome
            raise
        else:
            return answer
        finally:
            # A ticket knows; where a page asks there is none, and the outcome tells.
            died = getattr(options.get("ticket"), "died", False) or outcome in _DEADLY
            self._watch.query_ends(lane, outcome, died=died)


def _outcome(problem: str) -> str:
    return _OUTCOMES.get(problem, problem.removesuffix("-limit"))


def _ended(seen: Seen, status: int) -> str:
    if status < _ERRORS_FROM:
        return "ok"
    return seen.outcome or _BY_STATUS.get(status, "http" if status < 500 else "server")  # noqa: PLR2004

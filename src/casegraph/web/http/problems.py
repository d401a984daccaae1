"""Errors as HTTP: one table of status codes, and problem documents (RFC 9457)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from casegraph.errors import (
    AskForLess,
    CasegraphError,
    Conflict,
    FixEnvironment,
    FixInput,
    Gone,
    InvalidQuery,
    InvalidRecords,
    NotAllowed,
    NotFound,
    TryLater,
)
from casegraph.web.http.negotiation import choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from casegraph.web.http.negotiation import Offer

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "https://w3id.org/casegraph/problems#"

#: Every kind of error and its status code; a subclass has a row of its own.
STATUS: Final[dict[type[CasegraphError], int]] = {
    CasegraphError: 500,
    FixInput: 400,
    InvalidRecords: 400,
    InvalidQuery: 400,
    NotFound: 404,
    Gone: 410,
    Conflict: 409,
    NotAllowed: 403,
    AskForLess: 413,
    TryLater: 503,
    FixEnvironment: 500,
}
_NAMES: Final[dict[type[CasegraphError], tuple[str, str]]] = {
    InvalidQuery: ("query", "The query is refused"),
    NotFound: ("not-found", "There is no such thing here"),
    Gone: ("no-longer-published", "No longer published"),
    Conflict: ("conflict", "This does not fit what is there"),
    NotAllowed: ("not-allowed", "This service does not do that"),
    AskForLess: ("too-large", "The answer is too large"),
    FixInput: ("input", "The request is not right"),
    FixEnvironment: ("server", "This server lacks something"),
}
_TRY_LATER: Final = {
    "time": "The query took too long",
    "memory": "The query needed too much memory",
    "load": "The service is busy",
    "rate": "You have used your share for now",
    "disk": "The answer could not be stored",
    "cancelled": "The query was given up",
}
#: What else may be asked, by the limit that was met.
_TRY_NEXT: Final = {
    "time": "Put the narrowest pattern first, bind what you know with VALUES, and ask for one"
    " part of the data at a time.",
    "memory": "Filter before you sort or group, and ask for counts in the place of rows.",
    "rows": "Ask how many there are with SELECT (COUNT(*) AS ?rows), then take them in parts"
    " with ORDER BY, LIMIT and OFFSET.",
    "bytes": "Select fewer variables, or take the rows in parts with ORDER BY, LIMIT and OFFSET.",
    "load": "Send the same request again after the seconds that Retry-After gives.",
    "rate": "Send the same request again after the seconds that Retry-After gives.",
    "disk": "Send the same request again after the seconds that Retry-After gives.",
}
_WAIT_SECONDS: Final = 2
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDocument:
    """What went wrong, ready to be sent; ``extra`` holds further members."""

    status: int
    name: str
    title: str
    detail: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> ProblemDocument:
        """The same document, sent with more headers."""
        return replace(self, headers={**self.headers, **headers})

    def to_json(self) -> bytes:
        """The document as ``application/problem+json``."""
        members: dict[str, object] = {
            "type": TYPES + self.name,
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            members["detail"] = self.detail
        return json.dumps(members | dict(self.extra), ensure_ascii=False, indent=1).encode()


class RefusedRequestError(Exception):
    """A request that HTTP itself tells how to refuse (405, 406, 415, ...)."""

    def __init__(self, document: ProblemDocument) -> None:
        super().__init__(document.title)
        self.document = document


def status_of(error: CasegraphError) -> int:
    """The status code of an error: that of its nearest class with a row."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def from_error(error: CasegraphError) -> ProblemDocument:
    """The problem document of an error of ours."""
    name, title = next(
        (_NAMES[kind] for kind in type(error).__mro__ if kind in _NAMES),
        ("server", "Something went wrong on this server"),
    )
    extra: dict[str, object] = {}
    headers: dict[str, str] = {}
    match error:
        case TryLater():
            name, title = f"{error.limit}-limit", _TRY_LATER.get(error.limit, "Try again later")
            wait = max(1, math.ceil(error.retry_after or _WAIT_SECONDS))
            extra["limit"] = error.limit
            if error.elapsed is not None:
                extra["elapsed"] = round(error.elapsed, 3)
            extra["retryAfter"] = wait
            headers["Retry-After"] = str(wait)
        case AskForLess():
            extra["limit"] = error.limit
        case InvalidQuery():
            extra |= {
                key: value
                for key, value in (("line", error.line), ("column", error.column))
                if value is not None
            }
        case Gone():
            # Whatever the error knows: a withdrawn address tells nothing.
            return ProblemDocument(status=410, name=name, title=title)
    if error.hint:
        extra["hint"] = error.hint
    return ProblemDocument(
        status=_TOO_MANY if error_limit(error) == "rate" else status_of(error),
        name=name,
        title=title,
        detail=error.message,
        extra=extra,
        headers=headers,
    )


def error_limit(error: CasegraphError) -> str:
    """The limit that an error names; empty where it names none."""
    return error.limit if isinstance(error, TryLater | AskForLess) else ""


def of_query(
    error: CasegraphError, *, elapsed: float, allowed: Mapping[str, float], dumps: str
) -> ProblemDocument:
    """The problem document of a query: the limit, the time it took, and what to ask next.

    ``elapsed`` is in seconds; ``allowed`` gives the value of each limit that has one;
    ``dumps`` is the address where everything can be taken as files.  What is not there, or no
    longer, is told without the time it took to find out.
    """
    document = from_error(error)
    if isinstance(error, NotFound):
        return document
    limit = error_limit(error)
    extra: dict[str, object] = {"elapsed": round(elapsed, 3), **document.extra}
    if limit in allowed:
        extra["allowed"] = allowed[limit]
    if limit in _TRY_NEXT:
        extra["tryNext"] = _TRY_NEXT[limit]
    if limit:
        extra["dumps"] = dumps
    return replace(document, extra=extra)


def from_status(status: int, headers: Mapping[str, str] | None = None) -> ProblemDocument:
    """The problem document of a bare status code."""
    said = HTTPStatus(status)
    title = "There is no such page" if status == HTTPStatus.NOT_FOUND else said.phrase
    return ProblemDocument(
        status=status,
        name="not-found" if status == HTTPStatus.NOT_FOUND else "http",
        title=title,
        headers=dict(headers or {}),
    )


def unexpected() -> ProblemDocument:
    """An error that nobody foresaw.  Nothing of it is told: it may hold what a user typed."""
    return ProblemDocument(
        status=500,
        name="server",
        title="Something went wrong on this server",
        detail="The error was counted; nothing was changed.",
    )


def not_acceptable(offers: Sequence[Offer]) -> RefusedRequestError:
    """406 with the list of what is offered."""
    types = list(dict.fromkeys(offer.media_type for offer in offers))
    return RefusedRequestError(
        ProblemDocument(
            status=406,
            name="not-acceptable",
            title="None of the formats you accept is offered",
            detail=f"Offered are: {', '.join(types)}.",
            extra={
                "offered": types,
                "hint": "Change the Accept header, or add format= or a suffix.",
            },
        )
    )


def offered(accept: str | None, offers: Sequence[Offer], wanted: str | None = None) -> Offer:
    """What to send: the offer that is asked for by name, else by the Accept header.

    ``wanted`` is a short name or a media type; an empty one is none.  Raises 406
    (``RefusedRequestError``) where nothing of it is offered.
    """
    if wanted:
        found = next((one for one in offers if wanted in {one.name, one.media_type}), None)
    else:
        found = choose(accept, offers)
    if found is None:
        raise not_acceptable(offers)
    return found


def refused(
    status: int, name: str, detail: str, *, headers: Mapping[str, str] | None = None, hint: str = ""
) -> RefusedRequestError:
    """A refusal by status code, with a sentence that says what to change."""
    return RefusedRequestError(
        ProblemDocument(
            status=status,
            name=name,
            title=HTTPStatus(status).phrase,
            detail=detail,
            extra={"hint": hint} if hint else {},
            headers=dict(headers or {}),
        )
    )

"""A request as the SPARQL 1.1 Protocol reads it (section 2.1): query, graphs, format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from casegraph.errors import NotAllowed
from casegraph.web.http.problems import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request

    from casegraph.web.http.problems import RefusedRequestError

MAX_BODY_BYTES: Final = 1024 * 1024
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
SPREADSHEET: Final = "spreadsheet"
_MOST_FIELDS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRequest:
    """What is asked; graphs are None where the request names none of that kind.

    Where it names any, SPARQL 1.1 Protocol 2.1.4 lets them replace those of the query.
    ``release`` is the id of an older release, ``profile`` is ``spreadsheet`` or nothing.
    """

    query: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None
    release: str | None = None
    profile: str | None = None


def read_get(query_string: bytes) -> ProtocolRequest:
    """A query by GET; ``query`` is None where none is given.

    Raises ``NotAllowed`` for an update and ``RefusedRequestError`` for what is no request.
    """
    return _request(_fields(query_string))


async def read_body(request: Request) -> bytes:
    """The body of a request, refused as soon as it is longer than allowed."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > MAX_BODY_BYTES:
        raise _too_long()
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise _too_long()
    return bytes(data)


def read_post(query_string: bytes, headers: Headers, body: bytes) -> ProtocolRequest:
    """A query by POST, as a form or directly.  Raises as ``read_get``."""
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise refused(
            415,
            "coding",
            "A query is sent as it is, not compressed.",
            headers={"Accept-Encoding": "identity"},
            hint="Leave out the Content-Encoding header and send the plain text.",
        )
    kind, charset = _content_type(headers.get("content-type"))
    if kind == UPDATE:
        raise _no_update()
    if kind not in {FORM, DIRECT}:
        raise refused(
            415,
            "media-type",
            f"A query is sent as {DIRECT} or {FORM}.",
            headers={"Accept-Post": f"{DIRECT}, {FORM}"},
            hint="Set the Content-Type header to what the body is.",
        )
    if charset not in {"", "utf-8", "utf8"}:
        raise refused(415, "charset", "A query is sent as UTF-8.", hint="Encode it as UTF-8.")
    if kind == FORM:
        request = _request([*_fields(query_string), *_fields(body)])
    else:
        request = _request([*_fields(query_string), ("query", _decoded(body))])
    if request.query is None:
        raise refused(400, "no-query", "The request holds no query.", hint="Name the field query.")
    return request


def _request(fields: Sequence[tuple[str, str]]) -> ProtocolRequest:
    if any(name == "update" for name, _ in fields):
        raise _no_update()
    queries = [value for name, value in fields if name == "query"]
    if len(queries) > 1:
        raise _twice("query")
    defaults = tuple(value for name, value in fields if name == "default-graph-uri")
    named = tuple(value for name, value in fields if name == "named-graph-uri")
    return ProtocolRequest(
        query=queries[0] if queries else None,
        default_graphs=defaults or None,
        named_graphs=named or None,
        format=_single(fields, "format"),
        release=_single(fields, "release"),
        profile=_profile(_single(fields, "profile")),
    )


def _single(fields: Sequence[tuple[str, str]], wanted: str) -> str | None:
    """The value of a field that stands there at most once; None where it is empty."""
    values = [value for name, value in fields if name == wanted and value]
    if len(values) > 1:
        raise _twice(wanted)
    return values[0] if values else None


def _profile(profile: str | None) -> str | None:
    if profile not in {None, SPREADSHEET}:
        raise refused(
            400, "profile", "There is no such profile.", hint=f"There is one: {SPREADSHEET}."
        )
    return profile


def _twice(name: str) -> RefusedRequestError:
    return refused(
        400, "twice", f"The request names {name} more than once.", hint="Send one request each."
    )


def _too_long() -> RefusedRequestError:
    return refused(
        413,
        "body",
        f"The body of a request is at most {MAX_BODY_BYTES:,} bytes.",
        hint="Ask in several parts.",
    )


def _fields(data: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            data.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise refused(
            400, "encoding", "The fields are not URL-encoded UTF-8.", hint="Encode them as UTF-8."
        ) from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(
            400, "encoding", "The query is not UTF-8.", hint="Encode it as UTF-8."
        ) from error


def _content_type(header: str | None) -> tuple[str, str]:
    kind, *parameters = (header or "").split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return kind.strip().lower(), value.strip().strip('"').lower()
    return kind.strip().lower(), ""


def _no_update() -> NotAllowed:
    return NotAllowed(
        "Nothing can be changed here: this service only reads.",
        hint="Releases are made with `casegraph publish`.",
    )

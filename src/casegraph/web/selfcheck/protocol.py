"""A handful of requests to the endpoint, each with the answer that its standard wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from casegraph.web.selfcheck.report import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casegraph.web.releases.shelf import Release
    from casegraph.web.selfcheck.report import Check
    from casegraph.web.selfcheck.visitor import Answer, Visitor

GROUP: Final = "protocol"
_ASK: Final = "ASK { ?s ?p ?o }"
_JSON: Final = "application/sparql-results+json"
_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked and what has to come: a status, a media type, a piece of the body."""

    name: str
    path: str
    status: int
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    type: str = ""
    holds: str = ""


def _get(query: str, **more: str) -> str:
    return f"sparql?{urlencode({'query': query, **more})}"


#: SPARQL 1.1 Protocol, section 2; Service Description, section 2; RFC 9457.
QUERIES: Final = (
    Request(name="query by GET", path=_get(_ASK), status=200, type=_JSON, holds="true"),
    Request(
        name="query by POST, as a form", path="sparql", status=200, type=_JSON, method="POST",
        headers={"Content-Type": _FORM}, body=urlencode({"query": _ASK}).encode(),
    ),
    Request(
        name="query by POST, directly", path="sparql", status=200, type=_JSON, method="POST",
        headers={"Content-Type": _DIRECT}, body=_ASK.encode(),
    ),
    Request(
        name="wrong media type is refused", path="sparql", status=415, method="POST",
        headers={"Content-Type": "text/plain"}, body=_ASK.encode(), type=_PROBLEM,
    ),
    Request(
        name="two queries are refused", path=f"{_get(_ASK)}&query=ASK%20%7B%7D", status=400,
        type=_PROBLEM,
    ),
    Request(name="a syntax error is refused", path=_get("ASK {"), status=400, type=_PROBLEM),
    Request(
        name="an update is refused", path="sparql?update=CLEAR%20ALL", status=403, type=_PROBLEM
    ),
    Request(
        name="SERVICE is refused", status=403, type=_PROBLEM,
        path=_get("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }"),
    ),
    Request(
        name="a type that is not offered is refused", path=_get(_ASK), status=406,
        headers={"Accept": "image/png"}, type=_PROBLEM,
    ),
    Request(name="HEAD", path=_get(_ASK), status=200, method="HEAD", type=_JSON),
    Request(name="OPTIONS", path="sparql", status=204, method="OPTIONS"),
    Request(
        name="service description", path="sparql", status=200, type="text/turtle",
        headers={"Accept": "text/turtle"}, holds="sparql-service-description#",
    ),
)  # fmt: skip


def check_protocol(visitor: Visitor, release: Release) -> Iterator[Check]:
    """One check for each request."""
    for request in (*QUERIES, *_graph_store(release)):
        answer = visitor.ask(
            request.path,
            method=request.method,
            headers=request.headers,
            body=request.body,
        )
        yield verdict(GROUP, request.name, _wrong(request, answer), f"status {answer.status}")


def _graph_store(release: Release) -> tuple[Request, ...]:
    """Graph Store HTTP Protocol, sections 4 and 5.2."""
    vocabulary = quote(f"{release.base_iri}graph/vocabulary", safe="")
    unknown = quote(f"{release.base_iri}graph/unknown", safe="")
    turtle = {"Accept": "text/turtle"}
    return (
        Request(
            name="graph store: a graph", path=f"rdf-graph-store?graph={vocabulary}", status=200,
            method="HEAD", headers=turtle, type="text/turtle",
        ),
        Request(
            name="graph store: an unknown graph", path=f"rdf-graph-store?graph={unknown}",
            status=404, headers=turtle,
        ),
        Request(name="graph store: no graph", path="rdf-graph-store", status=400, headers=turtle),
    )  # fmt: skip


def _wrong(request: Request, answer: Answer) -> Iterator[str]:
    if answer.status != request.status:
        yield f"status {answer.status}, not {request.status}"
        return
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if request.type and kind != request.type:
        yield f"media type {kind or 'missing'}, not {request.type}"
    if request.holds and request.holds not in answer.text:
        yield f"{request.holds} is not in the answer"
    if answer.headers.get("access-control-allow-origin") != "*":
        yield "other sites may not read it (CORS)"

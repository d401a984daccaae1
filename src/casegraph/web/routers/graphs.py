"""The graphs of a release, read by the SPARQL 1.1 Graph Store HTTP Protocol (section 4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from casegraph.errors import NotFound
from casegraph.query.formats import FORMATS
from casegraph.web.answers.sending import send_result
from casegraph.web.answers.visiting import Visit, attended
from casegraph.web.discovery.description import graphs_of
from casegraph.web.http import problems
from casegraph.web.http.compression import vary_by_coding
from casegraph.web.http.conditional import unchanged
from casegraph.web.http.negotiation import Offer
from casegraph.web.releases.tags import tag_of_answer, validators
from casegraph.web.site import site_of

if TYPE_CHECKING:
    from casegraph.web.releases.shelf import Release

router = APIRouter()
_OFFERS: Final = [
    Offer(name, FORMATS[name].media_type)
    for name in ("ttl", "nt", "jsonld", "rdfxml", "trig", "nq")
]
_FIELDS: Final = frozenset({"default", "graph", "format", "release"})
_EVERYTHING: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
#: Where a graph lies as a file of its release, by the end of its name.
_DUMPS: Final = {"asserted": "casegraph.ttl"}
_ALL: Final = "casegraph.nq.gz"


@router.api_route("/rdf-graph-store", methods=["GET", "HEAD"], response_model=None)
@router.api_route("/rdf-graph-store/", methods=["GET", "HEAD"], response_model=None)
async def graph_store(request: Request) -> Response:
    """One graph: ``?default`` is their union, ``?graph=IRI`` one of them."""
    fields = _fields(request.scope["query_string"])
    work = partial(_answer, request, fields)
    return await attended(request, work, release=fields.get("release"))


def _fields(query_string: bytes) -> dict[str, str]:
    """The parameters, percent-decoded exactly once; a plus sign in an IRI is a plus sign."""
    found: dict[str, str] = {}
    for part in query_string.decode("ascii", "replace").split("&"):
        name, _, value = part.partition("=")
        if name in found:
            raise problems.refused(
                400, "twice", f"The request names {name} more than once.", hint="Name it once."
            )
        if name in _FIELDS:
            try:
                found[name] = unquote(value, errors="strict")
            except UnicodeDecodeError as error:
                raise problems.refused(
                    400, "encoding", "The address is not percent-encoded UTF-8.",
                    hint="Encode the IRI of the graph as UTF-8.",
                ) from error  # fmt: skip
    if ("default" in found) == ("graph" in found):
        raise problems.refused(
            400, "graph", "A request names either default or one graph.",
            hint="Ask for ?default, or for ?graph= and the IRI of a graph.",
        )  # fmt: skip
    return found


def _answer(request: Request, fields: dict[str, str], visit: Visit) -> Response:
    offer = problems.offered(request.headers.get("accept"), _OFFERS, fields.get("format"))
    graph = fields.get("graph")
    site = site_of(request)
    with site.live.lease(fields.get("release") or None) as current:
        release = current.release
        if graph is not None and graph not in graphs_of(current):
            raise NotFound(
                "There is no graph of that name here.",
                hint="The service description at /sparql lists the graphs.",
            )
        etag = tag_of_answer(release, "graph", graph, offer.media_type, old=current.old)
        headers = validators(release, etag, versioned="release" in fields)
        headers["Vary"] = vary_by_coding("Accept")
        tag = unchanged(request.headers, etag, headers["Last-Modified"])
        if tag is not None:
            return Response(status_code=304, headers={**headers, "ETag": tag or etag})
        # A graph that is too large to be made here lies ready as a file.
        folder = f"{site.public_url(request)}release/{release.id}"
        visit.file = f"{folder}/{_dump(release, graph)}"
        result = visit.run(
            current,
            _EVERYTHING,
            accept_format=offer.name,
            default_graphs=None if graph is None else [graph],
        )
        return send_result(request, result, release, media_type=offer.media_type, headers=headers)


def _dump(release: Release, graph: str | None) -> str:
    """The file that holds a graph; the one with all of them where it has none of its own."""
    name = "" if graph is None else graph.removeprefix(f"{release.base_iri}graph/")
    file = _DUMPS.get(name, f"{name}.ttl")
    return file if graph is not None and file in release.files else _ALL

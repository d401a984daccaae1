"""The SPARQL endpoint and its page (SPARQL 1.1 Protocol, Service Description)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation

from casegraph.errors import CasegraphError
from casegraph.query.formats import FORMATS, formats_for
from casegraph.query.guard import check
from casegraph.web import problems
from casegraph.web.asking import text_of, with_values
from casegraph.web.examples import examples
from casegraph.web.negotiation import Offer, choose, prefers_html
from casegraph.web.protocol import MAX_BODY_BYTES, read_get, read_post
from casegraph.web.sending import send_result
from casegraph.web.site import site_of, tagged
from casegraph.web.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from casegraph.query.formats import Form
    from casegraph.web.live import OpenRelease
    from casegraph.web.protocol import ProtocolRequest

router = APIRouter()
_HTML = Offer("html", "text/html")
_ALIASES = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "rdfxml": ("application/xml",),
}
_DESCRIPTION = [Offer(name, FORMATS[name].media_type) for name in ("ttl", "jsonld", "rdfxml", "nt")]
_GRAPHS_ON_PAGE = 200_000


@router.api_route("/sparql", methods=["GET", "HEAD", "POST"], response_model=None)
@router.api_route("/sparql/", methods=["GET", "HEAD", "POST"], response_model=None)
async def sparql(request: Request) -> Response:
    """Answer one query whole, or say why not."""
    if request.method == "POST":
        body = await _body(request)
        asked = read_post(request.scope["query_string"], request.headers.get("content-type"), body)
    else:
        asked = read_get(request.scope["query_string"])
    return await run_in_threadpool(_answer, request, asked)


async def _body(request: Request) -> bytes:
    """The body, refused as soon as it is longer than allowed."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY_BYTES:
            raise problems.refused(
                413,
                "body",
                f"The body of a request is at most {MAX_BODY_BYTES:,} bytes.",
                hint="Ask in several parts.",
            )
    return bytes(data)


def _answer(request: Request, asked: ProtocolRequest) -> Response:
    accept = request.headers.get("accept")
    if asked.query is None:
        page = asked.format in {None, "html"} and prefers_html(accept)
        return _query_page(request, "") if page else _description(request, asked)
    wants_page = asked.format == "html" or (asked.format is None and prefers_html(accept))
    try:
        form = check(asked.query)
        offer = _offer(form.form, asked.format, accept)
        with site_of(request).live.lease() as current:
            if offer.name == "html":
                return _result_page(request, current, asked, form.form)
            return _send(request, current, asked, offer)
    except CasegraphError as error:
        if not wants_page:
            raise
        return _query_page(request, asked.query, problem=problems.from_error(error))


def _offers(form: Form) -> list[Offer]:
    found = formats_for(form)
    offers = [Offer(row.name, row.media_type) for row in found]
    offers += [Offer(row.name, kind) for row in found for kind in _ALIASES.get(row.name, ())]
    return [*offers, _HTML]


def _offer(form: Form, wanted: str | None, accept: str | None) -> Offer:
    """What to send: ``format=`` by short name or media type, else by the Accept header."""
    offers = _offers(form)
    if wanted is not None:
        named = [offer for offer in offers if wanted in {offer.name, offer.media_type}]
        if named:
            return named[0]
        raise problems.not_acceptable(offers)
    chosen = choose(accept, offers)
    if chosen is None:
        raise problems.not_acceptable(offers)
    return chosen


def _send(request: Request, current: OpenRelease, asked: ProtocolRequest, offer: Offer) -> Response:
    assert asked.query is not None  # noqa: S101 - _answer looked
    result = current.queries.run(
        asked.query,
        accept_format=offer.name,
        default_graphs=_graphs(asked.default_graphs, asked.named_graphs),
        named_graphs=_graphs(asked.named_graphs, asked.default_graphs),
    )
    return send_result(request, result, current.release, media_type=offer.media_type)


def _graphs(named: tuple[str, ...] | None, others: tuple[str, ...] | None) -> list[str] | None:
    """The graphs of one kind; none of it, where only the other kind is named."""
    if named is None:
        return None if others is None else []
    return list(named)


def _result_page(
    request: Request, current: OpenRelease, asked: ProtocolRequest, form: Form
) -> Response:
    assert asked.query is not None  # noqa: S101 - _answer looked
    bindings = form in {"SELECT", "ASK"}
    with current.queries.run(
        asked.query,
        accept_format="json" if bindings else "ttl",
        default_graphs=_graphs(asked.default_graphs, asked.named_graphs),
        named_graphs=_graphs(asked.named_graphs, asked.default_graphs),
    ) as result:
        data = result.read()
    shown = table(current, data) if bindings else None
    turtle = "" if bindings else data.decode()
    if len(turtle) > _GRAPHS_ON_PAGE:
        turtle = ""
    return _query_page(
        request,
        asked.query,
        result={
            "table": shown,
            "turtle": turtle,
            "bytes": result.length,
            "rows": result.rows,
            "elapsed": result.elapsed,
            "citable": result.citable,
            "reason": result.reason,
            "formats": list(formats_for(form)),
        },
    )


def _query_page(
    request: Request,
    query: str,
    *,
    problem: problems.ProblemDocument | None = None,
    result: Mapping[str, object] | None = None,
) -> Response:
    site = site_of(request)
    release = site.shelf.current()
    headers = {"Cache-Control": "no-store"} if query else {}
    return site.pages.render(
        request,
        "query.html",
        status=problem.status if problem else 200,
        headers=headers | dict(problem.headers if problem else {}),
        release=release,
        query=query,
        problem=problem,
        result=result,
        examples=examples(release),
        limits=site.settings,
    )


def _description(request: Request, asked: ProtocolRequest) -> Response:
    """What this endpoint offers, in RDF."""
    site = site_of(request)
    offer = choose(request.headers.get("accept"), _DESCRIPTION)
    if asked.format is not None:
        offer = next((one for one in _DESCRIPTION if asked.format == one.name), None)
    if offer is None:
        raise problems.not_acceptable([*_DESCRIPTION, _HTML])
    endpoint = f"{site.public_url(request)}sparql"
    with site.live.lease() as current:
        query = with_values(
            text_of("service-description"),
            [(endpoint, f"{endpoint}#dataset", f"{endpoint}#default-graph")],
        )
        data = current.page_answer(query, offer.name)
        return tagged(request, data, offer.media_type, release=current.release, headers={})

"""The SPARQL endpoint and its page (SPARQL 1.1 Protocol, Service Description)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from casegraph.graph.formats import MEDIA_TYPES, Format
from casegraph.query.formats import formats_for
from casegraph.query.guard import check
from casegraph.web.answers.sending import send_result
from casegraph.web.answers.visiting import Visit, attended
from casegraph.web.discovery.description import described
from casegraph.web.http import problems
from casegraph.web.http.compression import vary_by_coding
from casegraph.web.http.conditional import has_condition, unchanged
from casegraph.web.http.negotiation import Offer, prefers_html
from casegraph.web.http.protocol import SPREADSHEET, read_body, read_get, read_post
from casegraph.web.http.spreadsheet import formula_safe
from casegraph.web.pages.examples import examples
from casegraph.web.pages.tables import shown
from casegraph.web.releases import memento
from casegraph.web.releases.tags import tag_of_answer, validators
from casegraph.web.site import site_of, tagged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casegraph.query.formats import Form
    from casegraph.query.guard import QueryForm
    from casegraph.web.http.protocol import ProtocolRequest
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.releases.shelf import Release

router = APIRouter()
_HTML = Offer("html", "text/html")
_ALIASES = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "rdfxml": ("application/xml",),
}
_DESCRIPTION = {
    name: (Offer(name, MEDIA_TYPES[form]), form)
    for name, form in (
        ("ttl", Format.TURTLE),
        ("jsonld", Format.JSONLD),
        ("rdfxml", Format.RDFXML),
        ("nt", Format.NTRIPLES),
    )
}
_GRAPHS_ON_PAGE = 200_000
_VARY = f"Accept, {memento.VARY}"
#: What only an answer carries that stays the same.
_LASTING = frozenset({"ETag", "Last-Modified", "Cache-Control"})


@router.api_route("/sparql", methods=["GET", "HEAD", "POST"], response_model=None)
@router.api_route("/sparql/", methods=["GET", "HEAD", "POST"], response_model=None)
async def sparql(request: Request) -> Response:
    """Answer one query whole, or say why not."""
    if request.method == "POST":
        body = await read_body(request)
        asked = read_post(request.scope["query_string"], request.headers, body)
    else:
        asked = read_get(request.scope["query_string"])
    # Who asks from the page gets the query back to mend it.
    page = None
    if asked.query is not None and _wants_page(request, asked):
        page = partial(_refusal, request, asked.query)
    work = partial(_answer, request, asked)
    return await attended(request, work, release=asked.release, page=page)


def _answer(request: Request, asked: ProtocolRequest, visit: Visit) -> Response:
    accept = request.headers.get("accept")
    if asked.query is None:
        offers = [*(offer for offer, _ in _DESCRIPTION.values()), _HTML]
        page = _wants_page(request, asked)
        offer = _HTML if page else problems.offered(accept, offers, asked.format)
        return _query_page(request, "") if offer is _HTML else _description(request, asked, offer)
    form = visit.guarded(asked.query)
    offer = problems.offered(accept, _offers(form.form), asked.format)
    if offer.name == "html":
        return _result_page(request, asked, form.form, visit)
    return _result(request, asked, form, offer, visit)


def _wants_page(request: Request, asked: ProtocolRequest) -> bool:
    """Whether a person looks: ``format=``, where there is one, decides."""
    if asked.format:
        return asked.format in {_HTML.name, _HTML.media_type}
    return prefers_html(request.headers.get("accept"))


def _refusal(request: Request, query: str, problem: problems.ProblemDocument) -> Response:
    return _query_page(request, query, problem=problem)


def _offers(form: Form) -> list[Offer]:
    found = formats_for(form)
    offers = [Offer(row.name, row.media_type) for row in found]
    offers += [Offer(row.name, kind) for row in found for kind in _ALIASES.get(row.name, ())]
    return [*offers, _HTML]


def _release_id(request: Request, asked: ProtocolRequest) -> str | None:
    """The release that is asked: by name, by ``Accept-Datetime``, or (None) the current one."""
    moment = request.headers.get(memento.HEADER)
    if asked.release is not None or moment is None:
        return asked.release
    return memento.release_at(site_of(request).shelf, moment).id


def _result(
    request: Request, asked: ProtocolRequest, form: QueryForm, offer: Offer, visit: Visit
) -> Response:
    live, chosen = site_of(request).live, _release_id(request, asked)
    if form.citable and request.method != "POST" and has_condition(request.headers):
        release = live.release(chosen)
        old = chosen is not None and release.id != live.release().id
        headers = _headers(request, asked, offer, release, old=old)
        tag = unchanged(request.headers, headers["ETag"], headers["Last-Modified"])
        if tag is not None:
            headers["Vary"] = vary_by_coding(headers["Vary"])
            return Response(status_code=304, headers={**headers, "ETag": tag or headers["ETag"]})
    with live.lease(chosen) as current:
        result = visit.run(
            current,
            _text(asked),
            accept_format=offer.name,
            default_graphs=_graphs(asked.default_graphs, asked.named_graphs),
            named_graphs=_graphs(asked.named_graphs, asked.default_graphs),
        )
        if asked.profile == SPREADSHEET and offer.name == "csv":
            result = formula_safe(result)
        headers = _headers(request, asked, offer, current.release, old=current.old)
        if not form.citable:
            headers = {name: headers[name] for name in headers if name not in _LASTING}
        return send_result(
            request, result, current.release, media_type=offer.media_type, headers=headers
        )


def _headers(
    request: Request, asked: ProtocolRequest, offer: Offer, release: Release, *, old: bool
) -> dict[str, str]:
    """What is known of the answer before it is computed."""
    etag = tag_of_answer(
        release,
        _text(asked),
        asked.default_graphs,
        asked.named_graphs,
        offer.media_type,
        asked.profile,
        old=old,
    )
    known = validators(release, etag, versioned=asked.release is not None)
    return {**known, "Vary": _VARY, **_past(request, asked, release)}


def _past(request: Request, asked: ProtocolRequest, release: Release) -> dict[str, str]:
    """Where the past of the endpoint is listed and, for a memento, which one this is."""
    site = site_of(request)
    public = site.public_url(request)
    if asked.release is not None or memento.HEADER in request.headers:
        return memento.headers_of(memento.of_whole_site(site.shelf, public, "sparql"), release)
    # Without a look at all releases, which only a memento has to name.
    own = memento.Original(url=f"{public}sparql", timemap=f"{public}timemap/sparql", releases=())
    return memento.headers_of(own, None)


def _text(asked: ProtocolRequest) -> str:
    assert asked.query is not None  # noqa: S101 - _answer looked
    return asked.query


def _graphs(named: tuple[str, ...] | None, others: tuple[str, ...] | None) -> list[str] | None:
    """The graphs of one kind; none of it, where only the other kind is named."""
    if named is None:
        return None if others is None else []
    return list(named)


def _result_page(request: Request, asked: ProtocolRequest, form: Form, visit: Visit) -> Response:
    formats = {"SELECT": "tsv", "ASK": "json"}
    with (
        site_of(request).live.lease(_release_id(request, asked)) as current,
        visit.run(
            current,
            _text(asked),
            accept_format=formats.get(form, "ttl"),
            default_graphs=_graphs(asked.default_graphs, asked.named_graphs),
            named_graphs=_graphs(asked.named_graphs, asked.default_graphs),
        ) as result,
    ):
        short = form not in formats and result.length <= _GRAPHS_ON_PAGE
        said = {
            "table": shown(current, result),
            "turtle": result.read().decode() if short else "",
            "bytes": result.length,
            "rows": result.rows,
            "elapsed": result.elapsed,
            "citable": result.citable,
            "sliced": check(_text(asked)).sliced,
            "reason": result.reason,
            "formats": list(formats_for(form)),
        }
        return _query_page(request, _text(asked), result=said, current=current)


def _query_page(
    request: Request,
    query: str,
    *,
    problem: problems.ProblemDocument | None = None,
    result: Mapping[str, object] | None = None,
    current: OpenRelease | None = None,
) -> Response:
    site = site_of(request)
    release = site.shelf.current() if current is None else current.release
    headers = {"Cache-Control": "no-store"} if query else {}
    return site.pages.render(
        request,
        "query.html",
        status=problem.status if problem else 200,
        headers=headers | dict(problem.headers if problem else {}),
        answered_by=release,
        within=f"?{memento.PARAMETER}={release.id}" if current is not None and current.old else "",
        release=release,
        query=query,
        problem=problem,
        result=result,
        examples=examples(release),
        limits=site.settings,
    )


def _description(request: Request, asked: ProtocolRequest, offer: Offer) -> Response:
    """What this endpoint offers, in RDF."""
    site = site_of(request)
    with site.live.lease(_release_id(request, asked)) as current:
        form = _DESCRIPTION[offer.name][1]
        data = described(current, f"{site.public_url(request)}sparql", site.settings, form)
        headers = {"Vary": _VARY, **_past(request, asked, current.release)}
        return tagged(request, data, offer.media_type, release=current.release, headers=headers)

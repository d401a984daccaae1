"""Things and the documents about them: 303 from ``/id/`` to ``/doc/``, pages and RDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from casegraph.query.formats import FORMATS
from casegraph.web import problems
from casegraph.web.documents import Document, document_of
from casegraph.web.negotiation import Offer, choose
from casegraph.web.places import thing_iri
from casegraph.web.rendering import root_of
from casegraph.web.site import site_of, tagged

if TYPE_CHECKING:
    from casegraph.web.live import OpenRelease

router = APIRouter()
_READ = ["GET", "HEAD"]
#: Suffix of a document, and what it is; the page comes first.
SUFFIXES = {
    "html": Offer("html", "text/html"),
    "ttl": Offer("ttl", FORMATS["ttl"].media_type),
    "jsonld": Offer("jsonld", FORMATS["jsonld"].media_type),
    "nt": Offer("nt", FORMATS["nt"].media_type),
    "rdf": Offer("rdfxml", FORMATS["rdfxml"].media_type),
}
_BY_NAME = {offer.name: suffix for suffix, offer in SUFFIXES.items()}
_OFFERS = [*SUFFIXES.values(), Offer("jsonld", "application/json")]


@router.api_route("/id/{kind}/{identifier}", methods=_READ, response_model=None)
@router.api_route("/id/{kind}/{identifier}/{below:path}", methods=_READ, response_model=None)
def thing(request: Request, kind: str, identifier: str, below: str = "") -> Response:
    """Lead from a thing to the document about it; a node below one to the document it is in."""
    site = site_of(request)
    with site.live.lease() as current:
        base = current.release.base_iri
        site.shelf.refuse_withdrawn(thing_iri(base, kind, identifier, below))
        document_of(current, kind, identifier)
    offer = choose(request.headers.get("accept"), _OFFERS)
    if offer is None:
        raise problems.not_acceptable(_OFFERS)
    anchor = f"#{below.replace('/', '-')}" if below else ""
    location = f"{root_of(request)}doc/{kind}/{identifier}.{_BY_NAME[offer.name]}{anchor}"
    return Response(status_code=303, headers={"Location": location, "Vary": "Accept"})


@router.api_route("/doc/{kind}/{name}", methods=_READ, response_model=None)
def document(request: Request, kind: str, name: str) -> Response:
    """The document about a thing, by its suffix or by the Accept header."""
    site = site_of(request)
    identifier, dot, suffix = name.partition(".")
    with site.live.lease() as current:
        site.shelf.refuse_withdrawn(thing_iri(current.release.base_iri, kind, identifier))
        found = document_of(current, kind, identifier)
        offer = SUFFIXES.get(suffix) if dot else choose(request.headers.get("accept"), _OFFERS)
        if offer is None:
            raise problems.not_acceptable(_OFFERS)
        headers = _links(identifier, _BY_NAME[offer.name])
        if offer.name == "html":
            return _page(request, current, found, headers)
        data = current.page_answer(found.query, offer.name)
        return tagged(request, data, offer.media_type, release=current.release, headers=headers)


def _links(identifier: str, suffix: str) -> dict[str, str]:
    """The document that is served, and its other forms."""
    others = [
        f'<{identifier}.{other}>; rel="alternate"; type="{offer.media_type}"'
        for other, offer in SUFFIXES.items()
        if other != suffix
    ]
    return {"Content-Location": f"{identifier}.{suffix}", "Link": ", ".join(others)}


def _page(
    request: Request, current: OpenRelease, found: Document, headers: dict[str, str]
) -> Response:
    page = found.page(current, shelf_life_days=site_of(request).settings.shelf_life_days)
    return site_of(request).pages.render(
        request,
        page.template,
        headers=headers,
        release=current.release,
        page=page.content,
        doc=found.path,
        suffixes=[suffix for suffix in SUFFIXES if suffix != "html"],
        settings=site_of(request).settings,
    )

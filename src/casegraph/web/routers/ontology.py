"""The terms of the data: the ontology and the shapes, as the current release carries them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002 - FastAPI reads the annotation

from casegraph.query.formats import FORMATS
from casegraph.web.http import problems
from casegraph.web.http.negotiation import Offer, choose
from casegraph.web.pages.asking import nodes_of
from casegraph.web.pages.terms_page import sections, translations_are_reviewed
from casegraph.web.site import site_of, tagged

router = APIRouter()
_READ = ["GET", "HEAD"]
_OFFERS = [Offer("html", "text/html"), Offer("ttl", FORMATS["ttl"].media_type)]
_ONTOLOGY = "ontology/casegraph.ttl"


@router.api_route("/ns", methods=_READ, response_model=None)
@router.api_route("/ns.ttl", methods=_READ, response_model=None)
def ontology(request: Request) -> Response:
    """The ontology: a list of its terms, or the file."""
    site = site_of(request)
    turtle = request.scope["path"].endswith(".ttl")
    offer = _OFFERS[1] if turtle else choose(request.headers.get("accept"), _OFFERS)
    if offer is None:
        raise problems.not_acceptable(_OFFERS)
    with site.live.lease() as current:
        release = current.release
        if offer.name == "ttl":
            path, media_type, _ = release.file(_ONTOLOGY)
            return tagged(request, path.read_bytes(), media_type, release=release, headers={})
        nodes = nodes_of(current, "terms")
        return site.pages.render(
            request,
            "terms.html",
            answered_by=release,
            sections=sections(nodes),
            reviewed=translations_are_reviewed(nodes),
        )


@router.api_route("/shapes", methods=_READ, response_model=None)
@router.api_route("/shapes/", methods=_READ, response_model=None)
def shapes(request: Request) -> Response:
    """The files of the shapes."""
    site = site_of(request)
    release = site.shelf.current()
    names = [name for name in release.files if name.startswith("shapes/")]
    return site.pages.render(request, "shapes.html", release=release, names=names)


@router.api_route("/shapes/{name}", methods=_READ, response_model=None)
def shape_file(request: Request, name: str) -> Response:
    """One file of shapes."""
    release = site_of(request).shelf.current()
    path, media_type, _ = release.file(f"shapes/{name}")
    return tagged(request, path.read_bytes(), media_type, release=release, headers={})

"""The releases: a list, a page each, and their files as they are."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from casegraph.query.formats import FORMATS
from casegraph.web.answers.sending import send_file
from casegraph.web.discovery import signposts
from casegraph.web.http.negotiation import Offer, choose
from casegraph.web.http.problems import not_acceptable
from casegraph.web.pages import citation
from casegraph.web.rendering import root_of
from casegraph.web.site import site_of

router = APIRouter()
_READ = ["GET", "HEAD"]
_PAGE_OR_RDF = [Offer("html", "text/html"), Offer("ttl", FORMATS["ttl"].media_type)]
_PAGE_OR_JSON = [Offer("html", "text/html"), Offer("json", "application/json")]
_WITHDRAWALS = {"withdrawals.json": "application/json", "withdrawals.json.minisig": "text/plain"}
# A takedown has to reach caches, so a day and never "immutable".
_A_DAY = "public, max-age=86400"


@router.api_route("/release/", methods=_READ, response_model=None)
@router.api_route("/release", methods=_READ, response_model=None)
def releases(request: Request) -> Response:
    """All releases, the newest first, as a page or as JSON."""
    site = site_of(request)
    held = site.shelf.releases()
    offer = choose(request.headers.get("accept"), _PAGE_OR_JSON)
    if offer is None:
        raise not_acceptable(_PAGE_OR_JSON)
    if offer.name == "json":
        current = site.shelf.current().id
        listed = [{"id": one.id, "date": one.date, "current": one.id == current} for one in held]
        headers = {"Vary": "Accept", "Cache-Control": "public, max-age=60"}
        return JSONResponse({"releases": listed}, headers=headers)
    return site.pages.render(request, "releases.html", releases=held)


@router.api_route("/release/latest", methods=_READ, response_model=None)
@router.api_route("/release/latest/{rest:path}", methods=_READ, response_model=None)
def latest(request: Request, rest: str = "") -> Response:
    """Lead to the current release, or to one of its files."""
    release = site_of(request).shelf.current()
    if rest:
        release.file(rest)
    location = f"{root_of(request)}release/{release.id}/{rest}"
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-cache"})


@router.api_route("/release/{name}", methods=_READ, response_model=None)
@router.api_route("/release/{name}/", methods=_READ, response_model=None)
def release_page(request: Request, name: str) -> Response:
    """The page of a release, its archive, or the list of what was withdrawn."""
    site = site_of(request)
    top = site.public_url(request)
    if name in _WITHDRAWALS:
        path = site.shelf.folder / name
        if not path.is_file():
            raise HTTPException(404)
        return send_file(request, path, _WITHDRAWALS[name], None, "public, max-age=60")
    if name.endswith(".zip"):
        release = site.live.release(name.removesuffix(".zip"))
        answer = send_file(request, site.shelf.archive(release.id), "application/zip", None, _A_DAY)
        answer.headers["Link"] = signposts.back_to_release(release, name, top)
        return answer
    release = site.live.release(name)
    citing = citation.of_release(release, f"{top}release/{name}/")
    if "cite" in request.query_params:
        return citation.sent(citing, request.query_params["cite"], cache=_A_DAY)
    offer = choose(request.headers.get("accept"), _PAGE_OR_RDF)
    if offer is not None and offer.name == "ttl" and "void.ttl" in release.files:
        location = f"{root_of(request)}release/{name}/void.ttl"
        return Response(status_code=303, headers={"Location": location, "Vary": "Accept"})
    archive = site.shelf.folder / f"{name}.zip"
    signs = signposts.for_release(release)
    return site.pages.render(
        request,
        "release.html",
        headers={"Link": signs.header(top)},
        **signs.context(),
        release=release,
        current=site.shelf.current().id == release.id,
        archive=archive.stat().st_size if archive.is_file() else None,
        text=citation.as_text(citing),
        styles=list(citation.STYLES.values()),
    )


@router.api_route("/release/{name}/{file:path}", methods=_READ, response_model=None)
def release_file(request: Request, name: str, file: str) -> Response:
    """One file of a release, byte for byte."""
    site = site_of(request)
    release = site.live.release(name)
    path, media_type, sha256 = release.file(file)
    answer = send_file(request, path, media_type, sha256, _A_DAY)
    answer.headers["Link"] = signposts.back_to_release(release, file, site.public_url(request))
    return answer

"""The start page, static files, and whether the site lives."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import PlainTextResponse, Response

from casegraph.errors import CasegraphError
from casegraph.web.asking import rows_of
from casegraph.web.examples import answered, examples
from casegraph.web.listing import beginnings
from casegraph.web.site import site_of

router = APIRouter()
_READ = ["GET", "HEAD"]
_SHOWN = 3


@router.api_route("/", methods=_READ, response_model=None)
def start(request: Request) -> Response:
    """What this is, what it holds, three answers, downloads, a place to ask."""
    site = site_of(request)
    with site.live.lease() as current:
        found = examples(current.release)
        shown = [answered(current, example) for example in found[:_SHOWN]]
        return site.pages.render(
            request,
            "home.html",
            release=current.release,
            answered=shown,
            more=found[_SHOWN:],
            beginnings=beginnings(rows_of(current, "where-to-begin"), current.release.base_iri),
        )


@router.api_route("/static/{name}", methods=_READ, response_model=None)
def static(request: Request, name: str) -> Response:
    """A style sheet by its name with hash."""
    found = site_of(request).pages.static(name)
    if found is None:
        raise HTTPException(404)
    return found


@router.api_route("/healthz", methods=_READ, response_model=None)
def healthz() -> Response:
    """The process lives."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@router.api_route("/readyz", methods=_READ, response_model=None)
def readyz(request: Request) -> Response:
    """A release is open and can be asked."""
    headers = {"Cache-Control": "no-store"}
    try:
        with site_of(request).live.lease():
            return PlainTextResponse("ready\n", headers=headers)
    except CasegraphError as error:
        return PlainTextResponse(f"not ready: {error.message}\n", 503, headers=headers)

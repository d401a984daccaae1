"""The self-check of the live release: a page, EARL, JSON and JUnit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from fastapi import APIRouter, FastAPI
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from casegraph.web.http.negotiation import Offer, choose
from casegraph.web.http.problems import not_acceptable
from casegraph.web.selfcheck.report import as_earl, as_json, as_junit
from casegraph.web.selfcheck.running import SelfChecks
from casegraph.web.site import site_of, tagged

if TYPE_CHECKING:
    from casegraph.web.selfcheck.report import Report

router = APIRouter()
_READ = ["GET", "HEAD"]
#: An application's own reports go with it.
_CHECKS: Final[WeakKeyDictionary[FastAPI, SelfChecks]] = WeakKeyDictionary()
_LOCK: Final = threading.Lock()
#: By suffix; the page comes first.
_FORMS: Final = {
    "html": Offer("html", "text/html"),
    "ttl": Offer("ttl", "text/turtle"),
    "json": Offer("json", "application/json"),
    "xml": Offer("xml", "application/xml"),
}
_AGAIN_SECONDS: Final = "5"


@router.api_route("/conformance", methods=_READ, response_model=None)
@router.api_route("/conformance.{suffix}", methods=_READ, response_model=None)
def conformance(request: Request, suffix: str = "") -> Response:
    """What was checked of the current release and what became of it.

    Made once for each edition, in the background: until it is there, 202 asks to come again.
    """
    site = site_of(request)
    offers = list(_FORMS.values())
    offer = _FORMS.get(suffix) if suffix else choose(request.headers.get("accept"), offers)
    if offer is None:
        raise not_acceptable(offers)
    release, top = site.shelf.current(), site.public_url(request)
    with _LOCK:
        checks = _CHECKS.setdefault(request.app, SelfChecks())
    report = checks.of(request.app, site, release, public_url=top)
    if offer.name == "html":
        return site.pages.render(
            request,
            "conformance.html",
            status=202 if report is None else 200,
            headers=_WAITING if report is None else {},
            report=report,
            release=release,
        )
    if report is None:
        text = "The self-check is being made; ask again in a moment.\n"
        return Response(text, 202, media_type="text/plain", headers=_WAITING)
    data = _written(report, offer.name, top)
    return tagged(request, data, offer.media_type, release=release, headers={})


_WAITING: Final = {"Cache-Control": "no-store", "Retry-After": _AGAIN_SECONDS, "Vary": "Accept"}


def _written(report: Report, name: str, public_url: str) -> bytes:
    if name == "ttl":
        return as_earl(report, public_url)
    return as_json(report) if name == "json" else as_junit(report)

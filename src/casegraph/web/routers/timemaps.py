"""TimeMaps: in which releases a thing, a document or the endpoint can be visited (RFC 7089)."""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002 - FastAPI reads the annotation

from casegraph.errors import NotFound
from casegraph.web.http.negotiation import Offer
from casegraph.web.http.problems import offered
from casegraph.web.releases import memento
from casegraph.web.releases.places import thing_iri
from casegraph.web.routers.documents import SUFFIXES
from casegraph.web.site import Site, site_of, tagged

router = APIRouter()
_READ = ["GET", "HEAD"]
_OFFERS = [Offer("link", memento.LINK_FORMAT), Offer("json", "application/json")]
_PATHS = frozenset({"id", "doc"})
_PARTS = 3
#: What every release answers, whatever is in it.
_EVERYWHERE = frozenset({"sparql"})


@router.api_route("/timemap/{path:path}", methods=_READ, response_model=None)
def timemap(request: Request, path: str) -> Response:
    """The list of mementos of an address, which is given without a first slash."""
    site = site_of(request)
    past = _past(site, site.public_url(request), path)
    offer = offered(request.headers.get("accept"), _OFFERS, request.query_params.get("format"))
    data = past.link_format()
    if offer.name == "json":
        data = json.dumps(past.as_json(), ensure_ascii=False, indent=1).encode()
    headers = {"Link": f'<{past.url}>; rel="original"'}
    return tagged(request, data, offer.media_type, release=site.shelf.current(), headers=headers)


def _past(site: Site, public_url: str, path: str) -> memento.Original:
    """Raises ``Gone`` for what was withdrawn, ``NotFound`` for what is in no release."""
    if path in _EVERYWHERE:
        return memento.of_whole_site(site.shelf, public_url, path)
    room, kind, name, *below = [*path.split("/"), "", ""][: max(_PARTS, path.count("/") + 1)]
    identifier, dot, suffix = name.partition(".") if room == "doc" else (name, "", "")
    if room not in _PATHS or (below and room == "doc") or (dot and suffix not in SUFFIXES):
        raise _none()
    for release in site.shelf.releases():
        iri = thing_iri(release.base_iri, kind, identifier, "/".join(below))
        site.shelf.refuse_withdrawn(iri)
    past = memento.of_thing(site.shelf, public_url, path, kind, identifier)
    if not past.releases:
        raise _none()
    return past


def _none() -> NotFound:
    return NotFound(
        "No release has anything at that address.",
        hint="Name it from the top of the site: timemap/doc/finding/ID, or timemap/sparql.",
    )

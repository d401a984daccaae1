"""Things and the documents about them: 303 from ``/id/`` to ``/doc/``, pages and RDF.

With ``?release=ID`` all of it is as it stood in that release; with ``Accept-Datetime`` an
address leads to itself in the release of that time (RFC 7089).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response

from casegraph.errors import NotFound, TryLater
from casegraph.query.formats import FORMATS
from casegraph.web.discovery import signposts, structured
from casegraph.web.http import problems
from casegraph.web.http.conditional import unchanged
from casegraph.web.http.negotiation import Offer
from casegraph.web.pages.documents import document_of, document_query
from casegraph.web.pages.listing import turned_pages
from casegraph.web.releases import memento
from casegraph.web.releases.places import thing_iri
from casegraph.web.releases.tags import last_modified
from casegraph.web.rendering import root_of
from casegraph.web.site import site_of, tagged

if TYPE_CHECKING:
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.releases.shelf import Release
    from casegraph.web.site import Site

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
_VARY = f"Accept, {memento.VARY}"
# A takedown has to reach caches, so a day and never "immutable".
_A_DAY = "public, max-age=86400"
_A_MINUTE = "public, max-age=60"
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A request for a thing.  ``path`` is the address asked, from the top of the site.

    ``named`` is the release that the address names, or None; ``release`` is what answers.
    """

    request: Request
    path: str
    kind: str
    identifier: str
    named: str | None
    release: Release

    @property
    def site(self) -> Site:
        """The site that was asked."""
        return site_of(self.request)

    @property
    def in_release(self) -> str:
        """What follows the path of an address to stay in the release."""
        return "" if self.named is None else f"?{memento.PARAMETER}={self.named}"

    def headers(self) -> dict[str, str]:
        """``Vary``, and the links through time."""
        url = self.site.public_url(self.request)
        if self.named is None:
            past = memento.Original.of_path(url, self.path)
            return {"Vary": _VARY, **memento.headers_of(past, None)}
        past = memento.of_thing(self.site.shelf, url, self.path, self.kind, self.identifier)
        return {"Vary": "Accept", **memento.headers_of(past, self.release)}

    def is_of(self, held: OpenRelease) -> bool:
        """Whether the release has not changed since the visit began."""
        return held.release.edition == self.release.edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Where the newest form of an old page is; ``doc`` is empty where there is none."""

    release: str
    doc: str


@router.api_route("/id/{kind}/{identifier}", methods=_READ, response_model=None)
@router.api_route("/id/{kind}/{identifier}/{below:path}", methods=_READ, response_model=None)
def thing(request: Request, kind: str, identifier: str, below: str = "") -> Response:
    """Lead from a thing to the document about it; a node below one to the document it is in."""
    path = f"id/{kind}/{identifier}{'/' if below else ''}{below}"
    if (gate := _through_time(request, path, kind, identifier, below)) is not None:
        return gate
    visit = _visit(request, path, kind, identifier, below)
    offer = problems.offered(request.headers.get("accept"), _OFFERS)
    anchor = f"#{below.replace('/', '-')}" if below else ""
    document = f"doc/{kind}/{identifier}.{_BY_NAME[offer.name]}{visit.in_release}{anchor}"
    headers = {"Location": f"{root_of(request)}{document}", "Cache-Control": _A_MINUTE}
    return Response(status_code=303, headers=visit.headers() | headers)


@router.api_route("/doc/{kind}/{name}/", methods=_READ, response_model=None)
def document_with_slash(request: Request, kind: str, name: str) -> Response:
    """Lead to the same address without a slash at its end."""
    identifier, _ = _parts(name)
    thing_iri(site_of(request).shelf.current().base_iri, kind, identifier)
    asked = request.scope["query_string"].decode("latin-1")
    location = f"{root_of(request)}doc/{kind}/{name}{'?' if asked else ''}{asked}"
    return Response(status_code=308, headers={"Location": location, "Cache-Control": _A_MINUTE})


@router.api_route("/doc/{kind}/{name}", methods=_READ, response_model=None)
def document(request: Request, kind: str, name: str) -> Response:
    """The document about a thing, by its suffix or by the Accept header."""
    path = f"doc/{kind}/{name}"
    identifier, suffix = _parts(name)
    if (gate := _through_time(request, path, kind, identifier)) is not None:
        return gate
    for _ in range(_TRIES):
        visit = _visit(request, path, kind, identifier)
        offer = SUFFIXES.get(suffix) or problems.offered(request.headers.get("accept"), _OFFERS)
        answer = _answer(visit, offer)
        if answer is not None:
            return answer
    raise TryLater("The releases are changing.", limit="load", retry_after=1.0)


def _answer(visit: _Visit, offer: Offer) -> Response | None:
    """One form of the document; None if the release has changed."""
    if offer.name == "html":
        return _page(visit)
    if offer.name == "jsonld" and visit.request.query_params.get("profile") == "schema":
        return _schema(visit, offer)
    return _rdf(visit, offer)


def _parts(name: str) -> tuple[str, str]:
    """Identifier and suffix of a document.  Raises 406 for a suffix that none has."""
    identifier, dot, suffix = name.partition(".")
    if dot and suffix not in SUFFIXES:
        raise problems.not_acceptable(_OFFERS)
    return identifier, suffix


def _visit(request: Request, path: str, kind: str, identifier: str, below: str = "") -> _Visit:
    """Find the release and look whether the thing is in it; no worker is asked.

    Raises ``Gone`` and ``NotFound``.
    """
    site = site_of(request)
    named = memento.asked_release(request)
    release = site.live.release(named)
    site.shelf.refuse_withdrawn(thing_iri(release.base_iri, kind, identifier, below))
    if not site.shelf.holds(release, thing_iri(release.base_iri, kind, identifier)):
        past = memento.of_thing(site.shelf, "", path, kind, identifier).releases
        hint = f"Release {past[-1].id} has it: add ?release={past[-1].id}." if past else None
        raise NotFound(
            "There is no such address here.",
            hint=hint or "Start at the first page, or ask a query.",
        )
    return _Visit(
        request=request, path=path, kind=kind, identifier=identifier, named=named, release=release
    )


def _through_time(
    request: Request, path: str, kind: str, identifier: str, below: str = ""
) -> Response | None:
    """The TimeGate: 302 to the memento, where a time is asked and no release is named."""
    moment = request.headers.get(memento.HEADER)
    if moment is None or memento.asked_release(request) is not None:
        return None
    site = site_of(request)
    when = memento.asked_moment(moment)
    for release in site.shelf.releases():
        site.shelf.refuse_withdrawn(thing_iri(release.base_iri, kind, identifier, below))
    past = memento.of_thing(site.shelf, site.public_url(request), path, kind, identifier)
    chosen = past.at(when)
    headers = {
        "Location": f"{root_of(request)}{path}?{memento.PARAMETER}={chosen.id}",
        "Vary": _VARY,
        "Cache-Control": _A_MINUTE,
    }
    return Response(status_code=302, headers=headers | memento.headers_of(past, None))


def _rdf(visit: _Visit, offer: Offer) -> Response | None:
    """The document as RDF: 304 before anybody is asked; None if the release has changed."""
    headers = _headers(visit, offer)
    query = document_query(visit.release, visit.kind, visit.identifier)
    tag = f"{visit.release.edition}\n{offer.name}\n{query}"
    headers["ETag"] = f'"{visit.release.id}-{hashlib.sha256(tag.encode()).hexdigest()[:32]}"'
    headers["Cache-Control"] = _A_MINUTE if visit.named is None else _A_DAY
    headers["Last-Modified"] = last_modified(visit.release)
    known = unchanged(visit.request.headers, headers["ETag"], headers["Last-Modified"])
    if known is not None:
        return Response(status_code=304, headers=headers | {"ETag": known or headers["ETag"]})
    with visit.site.live.lease(visit.named) as held:
        if not visit.is_of(held):
            return None
        data = held.page_answer(query, offer.name)
        return tagged(visit.request, data, offer.media_type, release=held.release, headers=headers)


def _schema(visit: _Visit, offer: Offer) -> Response | None:
    """The document in the words of schema.org, as its page carries it."""
    with visit.site.live.lease(visit.named) as held:
        if not visit.is_of(held):
            return None
        data = structured.of_document(document_of(held, visit.kind, visit.identifier), held.release)
        if data is None:
            raise problems.not_acceptable(_OFFERS)
        headers = _headers(visit, offer)
        headers["Content-Location"] += f"{'&' if visit.in_release else '?'}profile=schema"
        body = structured.as_document(data)
        return tagged(visit.request, body, offer.media_type, release=held.release, headers=headers)


def _page(visit: _Visit) -> Response | None:
    """The document for people; None if the release has changed."""
    site = visit.site
    headers = _headers(visit, SUFFIXES["html"])
    with site.live.lease(visit.named) as held:
        if not visit.is_of(held):
            return None
        found = document_of(held, visit.kind, visit.identifier)
        page = found.page(
            held,
            shelf_life_days=site.settings.shelf_life_days,
            turned=turned_pages(visit.request.scope["query_string"]),
        )
        signs = signposts.for_document(found, held.release, in_release=visit.in_release)
        headers["Link"] += f", {signs.header(site.public_url(visit.request))}"
        return site.pages.render(
            visit.request,
            page.template,
            headers=headers,
            **signs.context(),
            answered_by=held.release,
            within=visit.in_release,
            release=held.release,
            page=page.content,
            doc=found.path,
            newest=_newest(visit),
            suffixes=[suffix for suffix in SUFFIXES if suffix != "html"],
            settings=site.settings,
        )


def _headers(visit: _Visit, offer: Offer) -> dict[str, str]:
    """What is served, its other forms, and its forms at other times."""
    served = _BY_NAME[offer.name]
    headers = visit.headers()
    others = [
        f'<{visit.identifier}.{suffix}{visit.in_release}>; rel="alternate";'
        f' type="{other.media_type}"'
        for suffix, other in SUFFIXES.items()
        if suffix != served
    ]
    links = [*others, headers["Link"]]
    if served != "html":
        page = f"doc/{visit.kind}/{visit.identifier}{visit.in_release}"
        links.append(signposts.of_metadata(page, visit.site.public_url(visit.request)))
    return headers | {
        "Content-Location": f"{visit.identifier}.{served}{visit.in_release}",
        "Link": ", ".join(links),
        "X-Casegraph-Release": visit.release.id,
    }


def _newest(visit: _Visit) -> Newest | None:
    """What the page of an old release says of newer ones."""
    current = visit.site.shelf.current()
    if visit.named is None or current.id == visit.release.id:
        return None
    iri = thing_iri(current.base_iri, visit.kind, visit.identifier)
    held = visit.site.shelf.holds(current, iri)
    return Newest(release=current.id, doc=f"doc/{visit.kind}/{visit.identifier}" if held else "")

"""How machines find what is here: well-known addresses, linksets, sitemap, feed, catalogue."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import PlainTextResponse, Response

from casegraph.errors import NotFound
from casegraph.graph.nquads import to_line
from casegraph.graph.turtle import turtle_lines
from casegraph.release import catalogue
from casegraph.web.discovery import feed, signposts, structured
from casegraph.web.discovery.signposts import LINKSET, LINKSET_JSON
from casegraph.web.discovery.sitemap import Sitemaps, index, urlset
from casegraph.web.http.negotiation import Offer, choose
from casegraph.web.http.problems import offered
from casegraph.web.pages.documents import document_of
from casegraph.web.releases.memento import PARAMETER, asked_release
from casegraph.web.releases.places import thing_iri
from casegraph.web.releases.shelf import order_of
from casegraph.web.rendering import root_of
from casegraph.web.site import fact, site_of, tagged

if TYPE_CHECKING:
    from casegraph.web.discovery.signposts import Signposts
    from casegraph.web.releases.shelf import Release

router = APIRouter()
_READ = ["GET", "HEAD"]
_SITEMAPS: Final = Sitemaps()
_PAGE_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_LINKSETS: Final = [
    Offer("json", LINKSET_JSON),
    Offer("json", "application/json"),
    Offer("text", LINKSET),
]
_XML: Final = "application/xml"
_GRAPHS: Final = {name.partition(".")[0]: name for name in ("inferred.ttl", "vocabulary.ttl")} | {
    "asserted": "casegraph.ttl"
}
_API_CATALOG: Final = "https://www.rfc-editor.org/info/rfc9727"


@router.api_route("/.well-known/void", methods=_READ, response_model=None)
def void(request: Request) -> Response:
    """Lead to the description of the current release (VoID, section 7.2)."""
    release = site_of(request).shelf.current()
    release.file("void.ttl")
    location = f"{root_of(request)}release/{release.id}/void.ttl"
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-cache"})


@router.api_route("/.well-known/api-catalog", methods=_READ, response_model=None)
def api_catalog(request: Request) -> Response:
    """The interfaces of this site, as a linkset (RFC 9727)."""
    site = site_of(request)
    release, top = site.shelf.current(), site.public_url(request)
    here = f"{top}.well-known/api-catalog"
    endpoint, graphs = f"{top}sparql", f"{top}rdf-graph-store"
    described = {"href": f"{endpoint}?format=ttl", "type": "text/turtle"}
    linkset = [
        {"anchor": here, "item": [{"href": endpoint}, {"href": graphs}]},
        {
            "anchor": endpoint,
            "service-desc": [described],
            "service-doc": [{"href": f"{endpoint}?format=html", "type": "text/html"}],
            "service-meta": [{"href": f"{top}.well-known/void", "type": "text/turtle"}],
            "status": [{"href": f"{top}conformance", "type": "text/html"}],
        },
        {"anchor": graphs, "service-desc": [described]},
    ]
    kind = f'{LINKSET_JSON}; profile="{_API_CATALOG}"'
    headers = {"Link": f'<{here}>; rel="api-catalog"'}
    return tagged(request, _json({"linkset": linkset}), kind, release=release, headers=headers)


@router.api_route("/robots.txt", methods=_READ, response_model=None)
def robots(request: Request) -> Response:
    """What crawlers may ask: everything but queries, whose answers the pages hold anyway."""
    top = site_of(request).public_url(request)
    path = urlsplit(top).path
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}{name}" for name in ("sparql?query=", "answer", "changes")]
    lines += [f"Allow: {path}", "", f"Sitemap: {top}sitemap.xml"]
    headers = {"Cache-Control": "public, max-age=3600"}
    return PlainTextResponse("\n".join(lines) + "\n", headers=headers)


@router.api_route("/sitemap.xml", methods=_READ, response_model=None)
def sitemap(request: Request) -> Response:
    """All addresses, or the list of the pages that hold them."""
    site = site_of(request)
    release, top = site.shelf.current(), site.public_url(request)
    found = _SITEMAPS.of(release)
    if found.pages == 1:
        entries = [*_fixed(request), *((f"{top}{path}", release.date) for path in found.page(1))]
        return tagged(request, urlset(entries), _XML, release=release, headers={})
    pages = [(f"{top}sitemap-{number}.xml", release.date) for number in range(found.pages + 1)]
    return tagged(request, index(pages), _XML, release=release, headers={})


@router.api_route("/sitemap-{number}.xml", methods=_READ, response_model=None)
def sitemap_page(request: Request, number: str) -> Response:
    """One page of a long sitemap; page 0 holds what is no document about a thing."""
    site = site_of(request)
    release, top = site.shelf.current(), site.public_url(request)
    found = _SITEMAPS.of(release)
    if _PAGE_NUMBER.fullmatch(number) is None or found.pages == 1 or int(number) > found.pages:
        raise HTTPException(404)
    if int(number) == 0:
        entries = _fixed(request)
    else:
        entries = [(f"{top}{path}", release.date) for path in found.page(int(number))]
    return tagged(request, urlset(entries), _XML, release=release, headers={})


def _fixed(request: Request) -> list[tuple[str, str]]:
    """The pages that every site has, and those of the releases."""
    site = site_of(request)
    top, day = site.public_url(request), site.shelf.current().date
    entries = [(f"{top}{path}", day) for path in ("", "release/", "ns", "shapes/", "conformance")]
    return entries + [(f"{top}release/{one.id}/", one.date) for one in site.shelf.releases()]


@router.api_route("/feed.atom", methods=_READ, response_model=None)
def releases_feed(request: Request) -> Response:
    """The releases as a feed."""
    site = site_of(request)
    current = site.shelf.current()
    data = feed.atom(site.shelf.releases(), current=current, public_url=site.public_url(request))
    return tagged(request, data, feed.MEDIA_TYPE, release=current, headers={})


@router.api_route("/catalogue.ttl", methods=_READ, response_model=None)
def live_catalogue(request: Request) -> Response:
    """The catalogue of all releases (DCAT 3), which says which of them is the current one."""
    site = site_of(request)
    current = site.shelf.current()
    held = [
        one for one in reversed(site.shelf.releases()) if order_of(one.id) <= order_of(current.id)
    ]
    before: list[str | None] = [None, *(one.id for one in held)]
    quads = catalogue.series_quads(
        base_iri=current.base_iri,
        title=fact(current, "title"),
        licence=fact(current, "licence"),
        publisher=fact(current, "publisher"),
        members=[
            catalogue.SeriesMember(one.id, previous)
            for one, previous in zip(held, before, strict=False)
        ],
    )
    lines = (to_line(quad).encode() for quad in quads)
    title = "All releases (DCAT 3)."
    data = b"".join(b"%b\n" % line for line in turtle_lines(lines, catalogue.PREFIXES, title=title))
    return tagged(request, data, "text/turtle", release=current, headers={})


@router.api_route("/graph/{name}", methods=_READ, response_model=None)
def graph(request: Request, name: str) -> Response:
    """Lead from the name of a graph to the file of the current release that holds it."""
    release = site_of(request).shelf.current()
    file = _GRAPHS.get(name)
    if file is None or file not in release.files:
        raise HTTPException(404)
    location = f"{root_of(request)}release/{release.id}/{file}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-cache"})


@router.api_route("/linkset", methods=_READ, response_model=None)
@router.api_route("/linkset.json", methods=_READ, response_model=None)
def linkset(request: Request, of: str = "") -> Response:
    """The links of this site, of a release or of a document: ``?of=`` its path."""
    site = site_of(request)
    kind, _, rest = of.strip("/").partition("/")
    if kind == "doc":
        thing, _, identifier = rest.partition("/")
        past = asked_release(request)
        with site.live.lease(past) as held:
            site.shelf.refuse_withdrawn(thing_iri(held.release.base_iri, thing, identifier))
            found = signposts.for_document(
                document_of(held, thing, identifier),
                held.release,
                in_release="" if past is None else f"?{PARAMETER}={past}",
            )
            return _linkset(request, found, held.release)
    release = site.shelf.current()
    if not of:
        return _linkset(request, signposts.for_landing(release), release)
    if kind != "release":
        raise NotFound(
            "There are no links of that page here.",
            hint="Give the path of a document or a release, as in ?of=doc/finding/ID.",
        )
    named = site.live.release(rest)
    return _linkset(request, signposts.for_release(named), named)


@router.api_route("/release/{name}/linkset.json", methods=_READ, response_model=None)
def release_linkset(request: Request, name: str) -> Response:
    """The links of a release: every file, and the links back."""
    release = site_of(request).live.release(name)
    return _linkset(request, signposts.for_release(release), release)


@router.api_route("/release/{name}/schema.jsonld", methods=_READ, response_model=None)
def release_schema(request: Request, name: str) -> Response:
    """A release as a schema.org data set, the same as in its page."""
    site = site_of(request)
    release = site.live.release(name)
    data = structured.as_document(structured.of_release(release))
    back = signposts.back_to_release(release, "schema.jsonld", site.public_url(request))
    kind = "application/ld+json"
    return tagged(request, data, kind, release=release, headers={"Link": back})


def _linkset(request: Request, found: Signposts, release: Release) -> Response:
    top = site_of(request).public_url(request)
    accept = request.headers.get("accept")
    if request.scope["path"].endswith(".json"):
        offer = choose(accept, _LINKSETS) or _LINKSETS[0]
    else:
        offer = offered(accept, _LINKSETS)
    if offer.name == "text":
        data = signposts.as_linkset(found, top).encode()
    else:
        data = _json(signposts.as_linkset_json(found, top))
    return tagged(request, data, offer.media_type, release=release, headers={})


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

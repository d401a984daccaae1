"""The releases: a list, a page each, and their files as they are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import FileResponse, Response

from casegraph.query.formats import FORMATS
from casegraph.web.negotiation import Offer, choose
from casegraph.web.rendering import root_of
from casegraph.web.site import digest_headers, matches, site_of

if TYPE_CHECKING:
    from pathlib import Path

router = APIRouter()
_READ = ["GET", "HEAD"]
_PAGE_OR_RDF = [Offer("html", "text/html"), Offer("ttl", FORMATS["ttl"].media_type)]
_WITHDRAWALS = {"withdrawals.json": "application/json", "withdrawals.json.minisig": "text/plain"}
# A takedown has to reach caches, so a day and never "immutable".
_A_DAY = "public, max-age=86400"


@router.api_route("/release/", methods=_READ, response_model=None)
@router.api_route("/release", methods=_READ, response_model=None)
def releases(request: Request) -> Response:
    """All releases, the newest first."""
    site = site_of(request)
    return site.pages.render(request, "releases.html", releases=site.shelf.releases())


@router.api_route("/release/latest", methods=_READ, response_model=None)
@router.api_route("/release/latest/{rest:path}", methods=_READ, response_model=None)
def latest(request: Request, rest: str = "") -> Response:
    """Lead to the current release, or to one of its files."""
    release = site_of(request).shelf.current()
    if rest:
        release.file(rest)
    location = f"{root_of(request)}release/{release.id}/{rest}"
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-cache"})


@router.api_route("/.well-known/void", methods=_READ, response_model=None)
def void(request: Request) -> Response:
    """Lead to the description of the current release."""
    release = site_of(request).shelf.current()
    release.file("void.ttl")
    return Response(
        status_code=302, headers={"Location": f"{root_of(request)}release/{release.id}/void.ttl"}
    )


@router.api_route("/release/{name}", methods=_READ, response_model=None)
@router.api_route("/release/{name}/", methods=_READ, response_model=None)
def release_page(request: Request, name: str) -> Response:
    """The page of a release, its archive, or the list of what was withdrawn."""
    site = site_of(request)
    if name in _WITHDRAWALS:
        path = site.shelf.folder / name
        if not path.is_file():
            raise HTTPException(404)
        return _file(request, path, _WITHDRAWALS[name], None, "public, max-age=60")
    if name.endswith(".zip"):
        path = site.shelf.archive(name.removesuffix(".zip"))
        return _file(request, path, "application/zip", None, _A_DAY)
    release = site.shelf.release(name)
    offer = choose(request.headers.get("accept"), _PAGE_OR_RDF)
    if offer is not None and offer.name == "ttl" and "void.ttl" in release.files:
        location = f"{root_of(request)}release/{name}/void.ttl"
        return Response(status_code=303, headers={"Location": location, "Vary": "Accept"})
    archive = site.shelf.folder / f"{name}.zip"
    return site.pages.render(
        request,
        "release.html",
        release=release,
        current=site.shelf.current().id == release.id,
        archive=archive.stat().st_size if archive.is_file() else None,
    )


@router.api_route("/release/{name}/{file:path}", methods=_READ, response_model=None)
def release_file(request: Request, name: str, file: str) -> Response:
    """One file of a release, byte for byte."""
    path, media_type, sha256 = site_of(request).shelf.release(name).file(file)
    return _file(request, path, media_type, sha256, _A_DAY)


def _file(
    request: Request, path: Path, media_type: str, sha256: str | None, cache: str
) -> Response:
    """A file with tag and digest, its bytes as they are; ranges are served."""
    stat = path.stat()
    basis = (
        sha256
        or hashlib.sha256(f"{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_size}".encode()).hexdigest()
    )
    headers = {"ETag": f'"{basis[:32]}"', "Cache-Control": cache}
    if matches(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if sha256 is not None:
        headers |= digest_headers(sha256)
    if media_type.startswith("text/") or media_type == "application/sparql-query":
        media_type = f"{media_type}; charset=utf-8"
    return FileResponse(path, media_type=media_type, headers=headers, stat_result=stat)

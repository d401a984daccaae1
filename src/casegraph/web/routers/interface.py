"""The description of all addresses, for programs."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.metadata import version

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002 - FastAPI reads the annotation

from casegraph.web.discovery.openapi import description
from casegraph.web.site import site_of, tagged

router = APIRouter()


@router.api_route("/openapi.json", methods=["GET", "HEAD"], response_model=None)
def openapi(request: Request) -> Response:
    """The addresses of this site in OpenAPI 3.1."""
    site = site_of(request)
    data = _described(site.public_url(request))
    release = site.shelf.current()
    return tagged(request, data, "application/json", release=release, headers={})


@lru_cache(maxsize=4)
def _described(public_url: str) -> bytes:
    said = description(public_url, version("casegraph"))
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()

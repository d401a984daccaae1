"""Citable answers: an address that names release, query and format, and checks itself.

Nothing is stored for it: the address holds the query, so it outlives this server's disk and
there is nothing to take down.  It is made only when somebody asks for it (POST), because an
address that holds what a person typed ends in histories and in other people's logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casegraph.query.formats import FORMATS
from casegraph.web.answers.sending import send_result
from casegraph.web.answers.visiting import Visit, attended
from casegraph.web.http import problems
from casegraph.web.http.fields import read_fields
from casegraph.web.http.negotiation import Offer, choose, prefers_html
from casegraph.web.http.protocol import read_body
from casegraph.web.pages import citation
from casegraph.web.pages.tables import shown
from casegraph.web.rendering import root_of
from casegraph.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casegraph.query.guard import QueryForm
    from casegraph.web.releases.live import OpenRelease

router = APIRouter()
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_FIELDS: Final = frozenset({"release", "format", "query", "digest", "cite"})
#: Longer addresses are cut by proxies and browsers on their way.
_LONGEST_ADDRESS: Final = 7_500
_DEFAULTS: Final = {"SELECT": "csv", "ASK": "json"}
_ON_PAGES: Final = {"SELECT": "tsv", "ASK": "json"}
_HEADER: Final = "X-Casegraph-Answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What a citable address names; ``digest`` is empty where it is not known yet."""

    release: str
    format: str
    query: str
    digest: str = ""

    def address(self, endpoint: str) -> str:
        """The permanent address."""
        fields = {"release": self.release, "format": self.format, "digest": self.digest}
        return f"{endpoint}?{urlencode({**fields, 'query': self.query})}"


@router.api_route("/answer", methods=["GET", "HEAD"], response_model=None)
async def answer(request: Request) -> Response:
    """Answer again what was cited, and say whether it is still the same."""
    fields = read_fields(request.scope["query_string"], _FIELDS)
    return await attended(request, partial(_again, request, fields), release=fields.get("release"))


def _again(request: Request, fields: Mapping[str, str], visit: Visit) -> Response:
    cited = _cited(fields, visit)
    form = _citable(cited, visit)
    with site_of(request).live.lease(cited.release) as current:
        if "cite" in fields:
            return _citation(request, current, cited, fields["cite"])
        with visit.sorted_rows(current, cited.query) as lines:
            digest = lines.sha256
        if prefers_html(request.headers.get("accept")):
            return _page(request, current, cited, form, digest, visit)
        if cited.digest and digest != cited.digest:
            raise _differs(cited, digest)
        result = visit.run(current, cited.query, accept_format=cited.format)
        said = "unchanged" if cited.digest else "not compared"
        media_type = FORMATS[cited.format].media_type
        headers = {_HEADER: said, "Cache-Control": "no-cache"}
        return send_result(request, result, current.release, media_type=media_type, headers=headers)


@router.post("/answer", response_model=None)
async def cite(request: Request) -> Response:
    """Make the permanent address of an answer: 303 to its page, or JSON for programs."""
    fields = read_fields(await read_body(request), _FIELDS)
    return await attended(request, partial(_make, request, fields), release=fields.get("release"))


def _make(request: Request, fields: Mapping[str, str], visit: Visit) -> Response:
    site = site_of(request)
    asked = _cited({"release": site.shelf.current().id, **fields}, visit)
    _citable(asked, visit)
    with site.live.lease(asked.release) as current:
        with visit.sorted_rows(current, asked.query) as lines:
            digest = lines.sha256
        cited = Cited(release=asked.release, format=asked.format, query=asked.query, digest=digest)
        absolute = cited.address(f"{site.public_url(request)}answer")
        if len(absolute) > _LONGEST_ADDRESS:
            raise problems.refused(
                413, "address-length", "The query is too long for an address.",
                hint=f"Cite release {cited.release}, and give the query and the digest {digest}"
                " in the text.",
            )  # fmt: skip
        offers = [Offer("html", "text/html"), Offer("json", "application/json")]
        offer = choose(request.headers.get("accept"), offers)
        if offer is not None and offer.name == "html":
            location = cited.address(f"{root_of(request)}answer")
            return Response(status_code=303, headers={"Location": location})
        it = citation.of_answer(current.release, absolute, what=_what(cited), digest=digest)
        styles = {style.name: style.write(it) for style in citation.STYLES.values()}
        return JSONResponse({"address": absolute, "digest": digest, "citation": styles})


def _cited(fields: Mapping[str, str], visit: Visit) -> Cited:
    missing = [name for name in ("release", "query") if not fields.get(name)]
    if missing:
        raise problems.refused(
            400, "incomplete", f"The address lacks {' and '.join(missing)}.",
            hint="Ask at /sparql, then let the page of the answer make the address.",
        )  # fmt: skip
    digest = fields.get("digest", "")
    if digest and not _SHA256.match(digest):
        raise problems.refused(
            400, "digest", "A digest is 64 hexadecimal digits in lower case.",
            hint="Copy the whole address.",
        )  # fmt: skip
    # One query, one address: how lines end and what surrounds it makes no difference.
    query = fields["query"].replace("\r\n", "\n").strip()
    name = fields.get("format") or _DEFAULTS.get(visit.guarded(query).form, "nt")
    return Cited(release=fields["release"], format=name, query=query, digest=digest)


def _citable(cited: Cited, visit: Visit) -> QueryForm:
    """The form of the query.  Raises where it is refused, or may change its answer."""
    form = visit.guarded(cited.query, written_as=cited.format)
    reason = form.reason or ("LIMIT or OFFSET, which may cut between equal rows"
                             if form.sliced else None)  # fmt: skip
    if reason is not None:
        raise problems.refused(
            400, "not-citable", f"This answer cannot be cited: {reason}.",
            hint="Ask for all rows, and leave out what gives another answer each time.",
        )  # fmt: skip
    return form


def _differs(cited: Cited, digest: str) -> problems.RefusedRequestError:
    return problems.refused(
        409, "answer-differs",
        f"Release {cited.release} no longer gives the answer that was cited.",
        hint="Records were withdrawn from the release since, the address was changed on the way,"
        " or the query adds numbers whose sum depends on their order. What it gives now has the"
        f" digest {digest}; ask for it at /sparql.",
    )  # fmt: skip


def _what(cited: Cited) -> str:
    return f"answer to a query ({FORMATS[cited.format].suffix.removeprefix('.').upper()})"


def _citation(request: Request, current: OpenRelease, cited: Cited, name: str) -> Response:
    absolute = cited.address(f"{site_of(request).public_url(request)}answer")
    it = citation.of_answer(current.release, absolute, what=_what(cited), digest=cited.digest)
    return citation.sent(it, name, cache="no-store")


def _page(
    request: Request,
    current: OpenRelease,
    cited: Cited,
    form: QueryForm,
    digest: str,
    visit: Visit,
) -> Response:
    site = site_of(request)
    agrees = digest == cited.digest if cited.digest else None
    table = None
    if form.form in _ON_PAGES and agrees is not False:
        with visit.run(current, cited.query, accept_format=_ON_PAGES[form.form]) as result:
            table = shown(current, result)
    absolute = cited.address(f"{site.public_url(request)}answer")
    it = citation.of_answer(current.release, absolute, what=_what(cited), digest=digest)
    return site.pages.render(
        request,
        "answer.html",
        headers={"Cache-Control": "no-store"},
        release=current.release,
        latest=site.shelf.current(),
        cited=cited,
        address=absolute,
        digest=digest,
        agrees=agrees,
        table=table,
        text=citation.as_text(it),
        styles=list(citation.STYLES.values()),
        fields={"release": cited.release, "format": cited.format, "digest": cited.digest},
    )

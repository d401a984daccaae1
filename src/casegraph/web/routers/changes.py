"""What changed since a release: in all, for one thing, or for the answer to a query.

Each is one query asked of two releases.  Both are asked as they stand now, so what was
withdrawn from the older one is in neither and cannot be read here.  Of a finding that is
gone only the address is named, never what it said.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.responses import JSONResponse, Response

from casegraph.errors import NotFound
from casegraph.graph.nquads import term
from casegraph.web.answers.visiting import Visit, attended
from casegraph.web.http import problems
from casegraph.web.http.fields import read_fields
from casegraph.web.http.negotiation import Offer
from casegraph.web.pages.asking import text_of, with_values
from casegraph.web.pages.comparing import compare, read_line
from casegraph.web.pages.tables import Cell, Table, table_of
from casegraph.web.releases.places import path_of
from casegraph.web.site import site_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from casegraph.query.result import Result
    from casegraph.web.pages.comparing import Comparison
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.releases.shelf import Shelf

router = APIRouter()
_FIELDS: Final = frozenset({"since", "until", "about", "query", "format"})
_OFFERS: Final = [Offer("html", "text/html"), Offer("json", "application/json")]
_SHOWN: Final = 200
_LISTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One comparison, ready to be shown; of rows that name a finding only that is kept."""

    subject: str
    comparison: Comparison
    opaque: bool

    def gone(self) -> list[str]:
        """Lines that only the older release has, shortened to the finding where they name one."""
        if not self.opaque:
            return self.comparison.gone
        still = {line.partition("\t")[0] for line in self.comparison.come}
        first = (line.partition("\t")[0] for line in self.comparison.gone)
        return [line for line in dict.fromkeys(first) if line not in still]

    def gone_total(self) -> int:
        """How many those are; where not all rows were kept, how many rows."""
        total = self.comparison.counts["gone"]
        return len(self.gone()) if total == len(self.comparison.gone) else total

    def gone_names(self) -> list[str]:
        """The columns of ``gone``."""
        return self.comparison.names[:1] if self.opaque else self.comparison.names


@router.api_route("/changes", methods=["GET", "HEAD"], response_model=None)
async def changes(request: Request) -> Response:
    """What changed between two releases, as a page or as JSON."""
    fields = read_fields(request.scope["query_string"], _FIELDS)
    return await attended(request, partial(_answer, request, fields))


def _answer(request: Request, fields: Mapping[str, str], visit: Visit) -> Response:
    offer = problems.offered(request.headers.get("accept"), _OFFERS, fields.get("format"))
    if not fields.get("since"):
        raise problems.refused(
            400, "incomplete", "Say since which release: since=2026-01-31.1, for example.",
            hint="The list of releases names them all.",
        )  # fmt: skip
    site = site_of(request)
    until = fields.get("until") or site.shelf.current().id
    with site.live.leases(fields["since"], until) as (older, newer):
        if fields.get("about"):
            site.shelf.refuse_withdrawn(fields["about"])
        found = list(_changes(site.shelf, older, newer, fields, visit))
        cache = "no-store" if fields.get("query") else "public, max-age=60"
        headers = {"Vary": "Accept", "Cache-Control": cache}
        if offer.name == "json":
            return JSONResponse(_as_json(older, newer, found), headers=headers)
        return site.pages.render(
            request,
            "changes.html",
            headers=headers,
            older=older.release,
            newer=newer.release,
            fields=fields,
            path=path_of(fields.get("about", ""), newer.release.base_iri),
            changes=[_shown(older, newer, one) for one in found],
        )


def _changes(
    shelf: Shelf,
    older: OpenRelease,
    newer: OpenRelease,
    fields: Mapping[str, str],
    visit: Visit,
) -> Iterator[Changes]:
    if fields.get("query"):
        form = visit.guarded(fields["query"])
        if form.form not in {"SELECT", "ASK"}:
            raise problems.refused(
                400, "form", "Answers to SELECT and ASK can be compared here.",
                hint="For graphs, take the N-Triples of both releases and sort them.",
            )  # fmt: skip
        yield _compared(visit, older, newer, fields["query"], subject="answer")
        return
    about = fields.get("about", "")
    if about:
        known = any(shelf.holds(one.release, about) for one in (newer, older))
        if not known and not _said(visit, (newer, older), about):
            raise NotFound(
                "Neither release knows that address.", hint="Copy it from a page or an answer."
            )
        kind = "finding" if "/id/finding/" in about else "about"
        query = with_values(text_of(f"changes-{kind}"), [(about,)])
        yield _compared(visit, older, newer, query, subject=kind, opaque=kind == "about")
    else:
        yield _compared(
            visit, older, newer, text_of("changes-findings"), subject="findings", opaque=True
        )
        yield _compared(visit, older, newer, text_of("revisions"), subject="revisions", opaque=True)


def _said(visit: Visit, releases: Iterable[OpenRelease], about: str) -> bool:
    """Whether one of them says anything of a node that has no document of its own."""
    query = with_values(text_of("changes-finding"), [(about,)])
    for one in releases:
        with visit.run(one, query, accept_format="json") as result:
            if result.rows:
                return True
    return False


def _compared(
    visit: Visit,
    older: OpenRelease,
    newer: OpenRelease,
    query: str,
    *,
    subject: str,
    opaque: bool = False,
) -> Changes:
    with (
        visit.sorted_rows(older, query) as before,
        visit.sorted_rows(newer, query) as after,
        contextlib.closing(_lines(before)) as old,
        contextlib.closing(_lines(after)) as new,
    ):
        # The answer to ASK is one word without a line of names above it.
        names = ["answer"]
        if before.form == "SELECT":
            names = [name.removeprefix("?") for name in next(old).split("\t")]
            next(new)
        found = compare(names, old, new, most=_LISTED)
    return Changes(subject=subject, comparison=found, opaque=opaque)


def _lines(result: Result) -> Generator[str]:
    with result.open() as stream:
        for line in stream:
            yield line.decode().rstrip("\n")


def _shown(older: OpenRelease, newer: OpenRelease, one: Changes) -> dict[str, object]:
    found = one.comparison
    return {
        "subject": one.subject,
        "same": found.same,
        "unchanged": found.counts["same"],
        "come": _table(newer, one.comparison.names, found.come, found.counts["come"]),
        "gone": _addresses(older, one) if one.opaque else _table(
            older, found.names, found.gone, found.counts["gone"]
        ),
    }  # fmt: skip


def _table(release: OpenRelease, names: list[str], lines: list[str], total: int) -> Table:
    rows = [read_line(names, line) for line in lines[:_SHOWN]]
    # A finding is shown by its statement, which need not stand in a column of its own.
    shown = [name for name in names if name != "statement" or "finding" not in names]
    return table_of(release, shown, rows, total=total)


def _addresses(older: OpenRelease, one: Changes) -> Table:
    """What is gone, by its bare address, which leads to the release that still has it."""
    rows = []
    for line in one.gone()[:_SHOWN]:
        address = line.strip("<>")
        path = path_of(address, older.release.base_iri)
        rows.append([Cell(address, path=f"{path}?release={older.release.id}" if path else None)])
    return Table(one.gone_names(), rows, one.gone_total())


def _as_json(older: OpenRelease, newer: OpenRelease, found: Iterable[Changes]) -> dict[str, object]:
    return {
        "since": older.release.id,
        "until": newer.release.id,
        "changes": [
            {
                "subject": one.subject,
                "columns": one.comparison.names,
                "unchanged": one.comparison.counts["same"],
                "added": {
                    "total": one.comparison.counts["come"],
                    "rows": [_terms(one.comparison.names, line) for line in one.comparison.come],
                },
                "removed": {
                    "columns": one.gone_names(),
                    "total": one.gone_total(),
                    "rows": [_terms(one.gone_names(), line) for line in one.gone()],
                },
                "mostRows": _LISTED,
            }
            for one in found
        ],
    }


def _terms(names: list[str], line: str) -> list[str | None]:
    """The terms of a row as N-Triples writes them; null for what is not bound."""
    row = read_line(names, line)
    return [term(row[name]) if name in row else None for name in names]

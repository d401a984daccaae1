"""The releases as a past that can be visited (RFC 7089): dates, choices and links.

A release holds from the first second of its day, in GMT, to the next release; the second
release of a day begins one second later, the third two seconds, so that no two begin at the
same time.  Every address is its own TimeGate: with ``Accept-Datetime`` it leads to itself
with ``?release=ID``, which is the memento.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Self

from casegraph.errors import FixEnvironment, NotFound
from casegraph.web.http.problems import refused
from casegraph.web.releases.places import thing_iri
from casegraph.web.releases.shelf import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from casegraph.web.releases.shelf import Release, Shelf

LINK_FORMAT: Final = "application/link-format"
PARAMETER: Final = "release"
HEADER: Final = "accept-datetime"
#: What a TimeGate adds to ``Vary`` (RFC 7089, section 2.1.2).
VARY: Final = "Accept-Datetime"
_LONGEST_HEADER: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An address and its past: ``url`` without a query, ``timemap`` where its past is listed.

    ``releases`` are those in which the thing exists, the oldest first.
    """

    url: str
    timemap: str
    releases: tuple[Release, ...]

    @classmethod
    def of_path(cls, public_url: str, path: str, releases: Sequence[Release] = ()) -> Self:
        """The original at a path of this site, without a first slash."""
        return cls(
            url=f"{public_url}{path}",
            timemap=f"{public_url}timemap/{path}",
            releases=oldest_first(releases),
        )

    def memento(self, release: Release) -> str:
        """The address as it stood in a release."""
        return f"{self.url}?{PARAMETER}={release.id}"

    def at(self, moment: datetime) -> Release:
        """The release in force at a time; the first one for any time before it.

        Raises ``NotFound`` where the thing is in no release.
        """
        if not self.releases:
            raise NotFound("There is no release with this.", hint="Ask without Accept-Datetime.")
        begun = [release for release in self.releases if begins(release) <= moment]
        return begun[-1] if begun else self.releases[0]

    def links(self, shown: Release | None = None) -> str:
        """The ``Link`` header of the original, or of the memento in ``shown``.

        RFC 7089, section 2.2; the original leads to its first and last memento too.
        """
        return ", ".join([*self._own(), *self._around(shown)])

    def _own(self) -> list[str]:
        return [
            f'<{self.url}>; rel="original timegate"',
            f'<{self.timemap}>; rel="timemap"; type="{LINK_FORMAT}"',
        ]

    def _around(self, shown: Release | None) -> list[str]:
        """First, last, previous, this and next memento; one that is several is linked once."""
        found: dict[str, list[str]] = {}

        def add(at: int, name: str) -> None:
            if 0 <= at < len(self.releases):
                found.setdefault(self.releases[at].id, []).append(name)

        add(0, "first")
        add(len(self.releases) - 1, "last")
        ids = [release.id for release in self.releases]
        if shown is not None and shown.id in ids:
            here = ids.index(shown.id)
            add(here - 1, "prev")
            add(here + 1, "next")
            found.setdefault(shown.id, [])
        return [
            self._link(release, *found[release.id])
            for release in self.releases
            if release.id in found
        ]

    def _link(self, release: Release, *names: str) -> str:
        rel = " ".join([*names, "memento"])
        return f'<{self.memento(release)}>; rel="{rel}"; datetime="{http_date(begins(release))}"'

    def link_format(self) -> bytes:
        """The TimeMap as ``application/link-format`` (RFC 7089, section 5; RFC 6690)."""
        span = ""
        if self.releases:
            first, last = http_date(begins(self.releases[0])), http_date(begins(self.releases[-1]))
            span = f'; from="{first}"; until="{last}"'
        ends = {self.releases[0].id: ["first"]} if self.releases else {}
        if self.releases:
            ends.setdefault(self.releases[-1].id, []).append("last")
        lines = [
            f'<{self.url}>; rel="original timegate"',
            f'<{self.timemap}>; rel="self"; type="{LINK_FORMAT}"{span}',
            *(self._link(release, *ends.get(release.id, ())) for release in self.releases),
        ]
        return (",\n".join(lines) + "\n").encode()

    def as_json(self) -> dict[str, object]:
        """The TimeMap as the JSON that Memento aggregators write."""
        listed = [
            {
                "datetime": begins(release).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "uri": self.memento(release),
                "release": release.id,
            }
            for release in self.releases
        ]
        return {
            "original_uri": self.url,
            "timegate_uri": self.url,
            "timemap_uri": {
                "link_format": self.timemap,
                "json_format": f"{self.timemap}?format=json",
            },
            "mementos": {"first": listed[0], "last": listed[-1], "list": listed} if listed else {},
        }


def begins(release: Release) -> datetime:
    """When a release begins to hold."""
    day, number = order_of(release.id)
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=number - 1)


def http_date(moment: datetime) -> str:
    """A time as ``Memento-Datetime`` has it (RFC 1123, always GMT)."""
    return format_datetime(moment, usegmt=True)


def asked_moment(header: str) -> datetime:
    """The time that ``Accept-Datetime`` names.  Raises 400 for what is no HTTP date."""
    try:
        moment = parsedate_to_datetime(header[:_LONGEST_HEADER])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise refused(
            400,
            "accept-datetime",
            "The Accept-Datetime header names no date that can be read.",
            hint="Write it so: Thu, 15 Jan 2026 00:00:00 GMT",
        ) from error


def asked_release(request: Request) -> str | None:
    """The release that ``?release=`` names, if it is there.  Raises 400 where it is twice."""
    named = request.query_params.getlist(PARAMETER)
    if len(named) > 1:
        raise refused(400, "twice", "One request asks one release.", hint="Name it once.")
    return named[0] if named else None


def release_at(shelf: Shelf, header: str) -> Release:
    """The release in force at the time of an ``Accept-Datetime`` header.

    The first one for any time before it.  Raises 400 for what is no HTTP date and
    ``NotFound`` where nothing is published.
    """
    return Original.of_path("", "", shelf.releases()).at(asked_moment(header))


def of_thing(shelf: Shelf, public_url: str, path: str, kind: str, identifier: str) -> Original:
    """The past of a thing or of a document about it: the releases that say anything of it.

    Raises ``NotFound`` for what cannot be the address of a thing.  The first time that it is
    asked, the canonical file of each release is read, one second a million triples.
    """
    held = [release for release in shelf.releases() if _holds(shelf, release, kind, identifier)]
    return Original.of_path(public_url, path, held)


def _holds(shelf: Shelf, release: Release, kind: str, identifier: str) -> bool:
    try:
        return shelf.holds(release, thing_iri(release.base_iri, kind, identifier))
    except FixEnvironment:
        return False


def of_whole_site(shelf: Shelf, public_url: str, path: str) -> Original:
    """The past of an address that every release answers, such as ``sparql``."""
    return Original.of_path(public_url, path, shelf.releases())


def oldest_first(releases: Sequence[Release]) -> tuple[Release, ...]:
    """Releases in the order in which they began to hold."""
    return tuple(sorted(releases, key=lambda release: order_of(release.id)))


def headers_of(original: Original, shown: Release | None) -> dict[str, str]:
    """``Link``, and for a memento also ``Memento-Datetime``."""
    headers = {"Link": original.links(shown)}
    if shown is not None:
        headers["Memento-Datetime"] = http_date(begins(shown))
    return headers

"""Choose what to send by the Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a pattern, no secret
_RANGE: Final = re.compile(rf"\s*({_TOKEN})\s*/\s*({_TOKEN})\s*")
_WEIGHT: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_MOST_RANGES: Final = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be sent: short name and media type, as it will be labelled."""

    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One entry of an Accept header; ``weight`` is its q, from 0 to 1."""

    type: str
    subtype: str
    weight: float

    def specificity(self, media_type: str) -> int:
        """How closely it names a media type: 0 not at all, 1 ``*/*``, 2 ``text/*``, 3 exactly."""
        kind, _, narrow = media_type.partition("/")
        if self.type == "*" and self.subtype == "*":
            return 1
        if self.type != kind:
            return 0
        return 2 if self.subtype == "*" else 3 if self.subtype == narrow else 0


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """The ranges of an Accept header; what cannot be read is left out.

    Parameters other than q (``version``, ``charset``, ``profile``) are read over: a client
    that asks for a version we do not know still gets an answer.
    """
    ranges = []
    for part in header.split(",")[:_MOST_RANGES]:
        head, *parameters = part.split(";")
        match = _RANGE.fullmatch(head.lower())
        if match is not None:
            ranges.append(MediaRange(match[1], match[2], _weight(parameters)))
    return tuple(ranges)


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            text = value.strip()
            return float(text) if _WEIGHT.fullmatch(text) else 0.0
    return 1.0


def choose(accept: str | None, offers: Sequence[Offer]) -> Offer | None:
    """The offer with the highest weight, the first of several; None if nothing is acceptable.

    Without a header everything is acceptable and the first offer is taken.
    """
    if accept is None or not accept.strip():
        return offers[0] if offers else None
    ranges = parse_accept(accept)
    best: tuple[float, Offer] | None = None
    for offer in offers:
        weight = _weight_of(offer.media_type, ranges)
        if weight > 0 and (best is None or weight > best[0]):
            best = weight, offer
    return None if best is None else best[1]


def _weight_of(media_type: str, ranges: Iterable[MediaRange]) -> float:
    """The weight of the most specific range that names the type."""
    closest, weight = 0, 0.0
    for one in ranges:
        specificity = one.specificity(media_type)
        if specificity > closest:
            closest, weight = specificity, one.weight
    return weight


def prefers_html(accept: str | None) -> bool:
    """Whether a page is asked for by name, as browsers do, and nothing is preferred to it."""
    ranges = parse_accept(accept or "")
    named = [one for one in ranges if one.specificity("text/html") == 3]  # noqa: PLR2004 - exactly
    return (
        bool(named) and named[0].weight > 0 and named[0].weight >= max(one.weight for one in ranges)
    )

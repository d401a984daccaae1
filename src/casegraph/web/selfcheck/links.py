"""Links as a client reads them out of a ``Link`` header or a linkset (RFC 8288, RFC 9264)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINK: Final = re.compile(
    r"<([^>]*)>"
    r'((?:\s*;\s*[\w*!#$&+.^`|~-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]+))?)*)'
)
_PARAMETER: Final = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]+))')


@dataclass(frozen=True, slots=True)
class Link:
    """One link with one relation; ``target`` and ``anchor`` are whole addresses."""

    anchor: str
    rel: str
    target: str
    type: str = ""
    profile: str = ""


def read_links(text: str, base: str) -> Iterator[Link]:
    """The links of a header or of an ``application/linkset``, by relation."""
    for match in _LINK.finditer(text):
        said = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _PARAMETER.findall(match[2])
        }
        for rel in said.get("rel", "").split():
            yield Link(
                urljoin(base, said.get("anchor", "")),
                rel,
                urljoin(base, match[1]),
                said.get("type", ""),
                said.get("profile", ""),
            )


def read_linkset(value: dict[str, list[dict[str, object]]]) -> Iterator[Link]:
    """The links of an ``application/linkset+json``."""
    for context in value["linkset"]:
        anchor = str(context["anchor"])
        for rel, targets in context.items():
            if rel != "anchor" and isinstance(targets, list):
                for target in targets:
                    profile = "".join(target.get("profile", []))
                    yield Link(anchor, rel, target["href"], target.get("type", ""), profile)

"""Content codings: which one a client takes, and bytes or files in it (RFC 9110, 8.4 and 12.5.3).

gzip comes with Python; zstd is offered where the interpreter itself has it.  The same bytes
always give the same coded bytes, so each coding has a strong tag of its own.
"""

from __future__ import annotations

import importlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

_WEIGHT: Final = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
_MOST_CODINGS: Final = 20
_GZIP_WINDOW: Final = 31  # 15 bits and the gzip header (zlib manual, deflateInit2)
_SMALL_LEVEL: Final = 6
_LARGE_LEVEL: Final = 1
_BLOCK: Final = 256 * 1024
#: Below this many bytes a header costs more than a coding saves.
SMALLEST: Final = 1024
_COMPRESSIBLE: Final = frozenset(
    {
        "application/atom+xml",
        "application/json",
        "application/ld+json",
        "application/linkset",
        "application/linkset+json",
        "application/n-quads",
        "application/n-triples",
        "application/problem+json",
        "application/rdf+xml",
        "application/sparql-query",
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "application/trig",
        "application/xml",
        "image/svg+xml",
    }
)


@dataclass(frozen=True, slots=True)
class Coding:
    """One content coding; ``start`` gives an object with ``compress`` and ``flush``."""

    name: str
    start: Callable[[int], Any]

    def small(self, data: bytes) -> bytes:
        """Bytes held in memory, made as short as is cheap."""
        engine = self.start(_SMALL_LEVEL)
        coded: bytes = engine.compress(data) + engine.flush()
        return coded

    def large(self, source: BinaryIO, sink: BinaryIO) -> int:
        """Code a stream block by block, and say how many plain bytes it had.

        Memory does not grow with them.
        """
        engine, plain = self.start(_LARGE_LEVEL), 0
        while block := source.read(_BLOCK):
            plain += len(block)
            sink.write(engine.compress(block))
        sink.write(engine.flush())
        return plain


def _gzip(level: int) -> object:
    # No name and no time in its header: equal bytes in, equal bytes out.
    return zlib.compressobj(level, zlib.DEFLATED, _GZIP_WINDOW)


def _offered() -> Mapping[str, Coding]:
    """The codings of this interpreter, the preferred one first."""
    found = {}
    try:
        zstd: Any = importlib.import_module("compression.zstd")
    except ImportError:
        pass
    else:
        found["zstd"] = Coding("zstd", lambda level: zstd.ZstdCompressor(level=level))
    return {**found, "gzip": Coding("gzip", _gzip)}


CODINGS: Final = _offered()


def weights(header: str) -> dict[str, float]:
    """The codings of an Accept-Encoding header with their weights; what is unreadable weighs 0."""
    found: dict[str, float] = {}
    for part in header.lower().split(",")[:_MOST_CODINGS]:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                text = value.strip()
                weight = float(text) if _WEIGHT.fullmatch(text) else 0.0
        if name:
            found["gzip" if name == "x-gzip" else name] = weight
    return found


def choose_coding(header: str | None) -> Coding | None:
    """The coding to send in; None for the bytes as they are.

    Without a header nothing is coded: a client that decodes says so.
    """
    if not header:
        return None
    asked = weights(header)
    anything = asked.get("*", 0.0)
    plain = asked.get("identity", 0.0)
    best = max(CODINGS.values(), key=lambda one: asked.get(one.name, anything))
    weight = asked.get(best.name, anything)
    return best if weight > 0 and weight >= plain else None


def acceptable(header: str | None) -> frozenset[str]:
    """The names of all codings that a client takes, besides the bytes as they are."""
    asked = weights(header or "")
    return frozenset(name for name in CODINGS if asked.get(name, asked.get("*", 0.0)) > 0)


def is_compressible(media_type: str) -> bool:
    """Whether a media type holds text; what is packed already stays as it is."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _COMPRESSIBLE


def vary_by_coding(vary: str) -> str:
    """A ``Vary`` header that also names ``Accept-Encoding``."""
    if "accept-encoding" in vary.lower():
        return vary
    return f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"


def coded_tag(etag: str, coding: Coding) -> str:
    """The strong tag of a representation in a coding: ``"x"`` becomes ``"x-gzip"``."""
    return f'{etag[:-1]}-{coding.name}"'


def plain_tag(etag: str) -> tuple[str, str]:
    """The tag of the bytes as they are, and the coding that a tag names (empty for none)."""
    for name in CODINGS:
        end = f'-{name}"'
        if etag.endswith(end):
            return f'{etag.removesuffix(end)}"', name
    return etag, ""

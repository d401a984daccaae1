"""One document in the formats that RDF clients ask for, from canonical lines.

Bulk files are made otherwise (the canonical file and ``turtle``); here a document is small
enough for memory.
"""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from casegraph.graph.jsonld import to_jsonld
from casegraph.graph.nquads import Quad, to_line
from casegraph.graph.turtle import TurtleWriter, data_prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable


class Format(StrEnum):
    """A format by its file extension."""

    TURTLE = "ttl"
    NTRIPLES = "nt"
    NQUADS = "nq"
    JSONLD = "jsonld"
    RDFXML = "rdf"


MEDIA_TYPES: Final = {
    Format.TURTLE: "text/turtle",
    Format.NTRIPLES: "application/n-triples",
    Format.NQUADS: "application/n-quads",
    Format.JSONLD: "application/ld+json",
    Format.RDFXML: "application/rdf+xml",
}


def document(quads: Iterable[Quad], form: Format, *, base_iri: str, title: str = "") -> bytes:
    """The triples of one document, in the order given; equal input gives equal bytes.

    Quads of one subject must stand together.  A triple in two graphs is written once, except
    in N-Quads.  ``title`` becomes a comment where the format has comments.
    """
    rows = list(dict.fromkeys(quads))
    if form is Format.NQUADS:
        return _joined(sorted(to_line(quad) for quad in rows))
    triples = list(dict.fromkeys(Quad(*quad[:3]) for quad in rows))
    match form:
        case Format.NTRIPLES:
            return _joined(sorted(to_line(triple) for triple in triples))
        case Format.TURTLE:
            writer = TurtleWriter(data_prefixes(base_iri))
            return _joined(writer.lines(triples, title=title))
        case Format.JSONLD:
            return to_jsonld(triples).encode()
        case _:
            return _rdfxml(triples, base_iri)


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _rdfxml(triples: list[Quad], base_iri: str) -> bytes:
    lines = _joined(to_line(triple) for triple in triples)
    parsed = ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)
    prefixes = data_prefixes(base_iri)
    sink = io.BytesIO()
    ox.serialize(
        (quad.triple for quad in parsed), sink, format=ox.RdfFormat.RDF_XML, prefixes=prefixes
    )
    return sink.getvalue()

"""The one table of result formats: short name, media type, file suffix.

Sources: SPARQL 1.1 Query Results JSON, XML, CSV and TSV formats; the media type
registrations of Turtle, N-Triples, N-Quads, TriG, RDF/XML and JSON-LD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from casegraph.errors import FixInput

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
Kind = Literal["bindings", "graph"]


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """One way to write a result."""

    name: str
    media_type: str
    suffix: str
    kind: Kind
    boolean: bool = False

    def fits(self, form: Form) -> bool:
        """Whether a result of this query form can be written so."""
        if form == "ASK":
            return self.boolean
        return self.kind == ("bindings" if form == "SELECT" else "graph")


FORMATS: Final[Mapping[str, ResultFormat]] = {
    row.name: row
    for row in (
        ResultFormat("json", "application/sparql-results+json", ".srj", "bindings", boolean=True),
        ResultFormat("xml", "application/sparql-results+xml", ".srx", "bindings", boolean=True),
        ResultFormat("csv", "text/csv", ".csv", "bindings"),
        ResultFormat("tsv", "text/tab-separated-values", ".tsv", "bindings"),
        ResultFormat("ttl", "text/turtle", ".ttl", "graph"),
        ResultFormat("nt", "application/n-triples", ".nt", "graph"),
        ResultFormat("nq", "application/n-quads", ".nq", "graph"),
        ResultFormat("trig", "application/trig", ".trig", "graph"),
        ResultFormat("rdfxml", "application/rdf+xml", ".rdf", "graph"),
        ResultFormat("jsonld", "application/ld+json", ".jsonld", "graph"),
    )
}

PREFIXES: Final[Mapping[str, str]] = {
    "cg": "https://w3id.org/casegraph/ns#",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that a Turtle, TriG or RDF/XML answer is written with."""


def formats_for(form: Form) -> tuple[ResultFormat, ...]:
    """The formats that fit a query form, the default first."""
    return tuple(row for row in FORMATS.values() if row.fits(form))


def format_for(name: str, form: Form) -> ResultFormat:
    """The format of that short name, if a result of ``form`` can be written so.

    Raises:
        FixInput: the name is unknown, or the form has no such format
            (SPARQL 1.1 CSV and TSV define none for ASK).

    """
    offered = ", ".join(row.name for row in formats_for(form))
    row = FORMATS.get(name)
    if row is None:
        msg = f"There is no result format {name!r}."
        raise FixInput(msg, hint=f"Formats for {form}: {offered}.")
    if not row.fits(form):
        msg = f"The result of {form} cannot be written as {name}."
        raise FixInput(msg, hint=f"Formats for {form}: {offered}.")
    return row

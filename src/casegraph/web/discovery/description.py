"""What the endpoint offers (SPARQL 1.1 Service Description), truthfully, for one release."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from casegraph.graph import literal, terms
from casegraph.graph.formats import Format, document
from casegraph.graph.nquads import Quad
from casegraph.graph.turtle import TurtleWriter, data_prefixes
from casegraph.web.pages.asking import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.graph.nquads import Object
    from casegraph.settings import Settings
    from casegraph.web.releases.live import OpenRelease

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_VOID: Final = "http://rdfs.org/ns/void#"
_SIMPLE: Final = "http://www.w3.org/ns/entailment/Simple"
_OFFERED: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "RDF_XML",
    "JSON-LD",
)
_HELD: Final = {
    "asserted": "What the publisher asserts, as it was entered.",
    "inferred": "Statements derived by OWL 2 RL rules from the other graphs, and which findings"
    " are current. Queries are answered by simple entailment over what is stored; nothing else"
    " is derived while a query runs.",
    "vocabulary": "The terms of the data: ontology, types of violation, provisions of treaties.",
}
_COUNTS: Final = (
    "SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
)
_MEBIBYTE: Final = 1024 * 1024


def graphs_of(current: OpenRelease) -> dict[str, int]:
    """The named graphs of a release with their numbers of triples.

    The build counted them; a release that does not say so is counted here, once.
    """
    release = current.release
    told = release.facts.get("triples")
    if isinstance(told, dict) and told and all(isinstance(one, int) for one in told.values()):
        return {terms.graph_name(release.base_iri, name): told[name] for name in sorted(told)}
    counted: dict[str, int] = {}
    for row in read_rows(current.page_answer(_COUNTS, "json"))[1]:
        triples = row["triples"]
        if isinstance(triples, literal.Literal):
            counted[str(row["graph"])] = int(triples.lexical)
    return dict(sorted(counted.items()))


def described(current: OpenRelease, endpoint: str, settings: Settings, form: Format) -> bytes:
    """The description in one format; made once for each release."""
    return _written(
        endpoint,
        current.release.base_iri,
        tuple(graphs_of(current).items()),
        _limits(settings),
        form,
    )


@lru_cache(maxsize=32)
def _written(
    endpoint: str, base_iri: str, graphs: tuple[tuple[str, int], ...], limits: str, form: Format
) -> bytes:
    quads = list(_quads(endpoint, base_iri, graphs, limits))
    if form is not Format.TURTLE:
        return document(quads, form, base_iri=base_iri)
    writer = TurtleWriter({**data_prefixes(base_iri), "sd": _SD, "void": _VOID})
    title = "What this endpoint offers (SPARQL 1.1 Service Description)"
    return "".join(f"{line}\n" for line in writer.lines(quads, title=title)).encode()


def _quads(
    endpoint: str, base_iri: str, graphs: tuple[tuple[str, int], ...], limits: str
) -> Iterator[Quad]:
    dataset, union = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    rows: list[tuple[str, Object]] = [
        (terms.RDF_TYPE, _SD + "Service"),
        (_SD + "endpoint", endpoint),
        (_SD + "supportedLanguage", _SD + "SPARQL11Query"),
        (_SD + "feature", _SD + "UnionDefaultGraph"),
        *((_SD + "resultFormat", _FORMATS + name) for name in _OFFERED),
        (_SD + "defaultEntailmentRegime", _SIMPLE),
        (_SD + "defaultDataset", dataset),
        (terms.RDFS + "comment", literal.lang_string(limits, "en")),
    ]
    yield from (Quad(endpoint, name, value) for name, value in rows)
    yield Quad(dataset, terms.RDF_TYPE, _SD + "Dataset")
    yield Quad(dataset, _SD + "defaultGraph", union)
    for name, _ in graphs:
        yield Quad(dataset, _SD + "namedGraph", f"{name}#named")
    yield Quad(union, terms.RDF_TYPE, _SD + "Graph")
    yield Quad(union, _VOID + "triples", literal.integer(sum(count for _, count in graphs)))
    for name, count in graphs:
        body, held = f"{name}#triples", _HELD.get(name.removeprefix(f"{base_iri}graph/"))
        yield Quad(f"{name}#named", terms.RDF_TYPE, _SD + "NamedGraph")
        yield Quad(f"{name}#named", _SD + "name", name)
        yield Quad(f"{name}#named", _SD + "entailmentRegime", _SIMPLE)
        yield Quad(f"{name}#named", _SD + "graph", body)
        yield Quad(body, terms.RDF_TYPE, _SD + "Graph")
        yield Quad(body, _VOID + "triples", literal.integer(count))
        if held is not None:
            yield Quad(body, terms.RDFS + "comment", literal.lang_string(held, "en"))


def _limits(settings: Settings) -> str:
    """Our limits in words: there is no vocabulary for them that clients read."""
    size = settings.max_result_bytes / _MEBIBYTE
    return (
        f"A query may run for {settings.query_deadline_seconds:g} seconds and answer with at most"
        f" {settings.max_result_rows:,} rows or {size:g} MiB; an answer is whole, or there is none"
        " and a problem document (RFC 9457) says which limit was met. Each network may use"
        f" {settings.client_work_seconds_per_minute:g} seconds of work a minute."
        " SERVICE and updates are refused with 403."
    )

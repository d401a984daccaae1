"""The release described for machines: VoID and DCAT 3, from facts that are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.graph import literal, terms
from casegraph.graph.nquads import Quad
from casegraph.release.manifest import media_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casegraph.graph.nquads import Object
    from casegraph.release.papers import Facts

VOID = "http://rdfs.org/ns/void#"
FOAF = "http://xmlns.com/foaf/0.1/"
DCAT = "http://www.w3.org/ns/dcat#"


def catalogue_quads(
    facts: Facts, quads_by_graph: Mapping[str, int], files: Mapping[str, int]
) -> Iterator[Quad]:
    """Quads grouped by subject; ``files`` gives bytes by name below the release directory."""
    release = f"{facts.base_iri}release/{facts.release_id}"
    rows: list[tuple[str, Object]] = [
        (terms.RDF_TYPE, VOID + "Dataset"),
        (terms.RDF_TYPE, DCAT + "Dataset"),
        (terms.DCTERMS_TITLE, literal.lang_string(facts.title, "en")),
        (terms.DCTERMS + "description", literal.lang_string(facts.counts.sentence(), "en")),
        (terms.DCTERMS + "license", facts.licence),
        (terms.DCTERMS + "publisher", f"{release}#publisher"),
        # No translation of labels was read by a speaker of the language yet.
        (terms.CG + "translationReviewed", literal.boolean(value=False)),
        (terms.DCTERMS + "issued", literal.Literal(facts.release_id[:10], terms.XSD_DATE)),
        (DCAT + "version", literal.string(facts.release_id)),
        (VOID + "triples", literal.integer(sum(quads_by_graph.values()))),
        (VOID + "uriSpace", literal.string(f"{facts.base_iri}id/")),
        (VOID + "vocabulary", terms.CG.removesuffix("#")),
    ]
    rows += [(VOID + "subset", f"{facts.base_iri}graph/{name}") for name in quads_by_graph]
    dumps = [name for name in files if name.endswith((".ttl", ".nq.gz"))
             and "/" not in name and name != "added.nq.gz"]  # fmt: skip
    rows += [(VOID + "dataDump", f"{release}/{name}") for name in dumps]
    shown = [name for name in files if "/" not in name]
    rows += [(DCAT + "distribution", f"{release}/{name}") for name in shown]
    yield from (Quad(release, name, value) for name, value in rows)
    yield Quad(f"{release}#publisher", terms.RDF_TYPE, FOAF + "Agent")
    yield Quad(f"{release}#publisher", FOAF + "name", literal.string(facts.publisher))
    for name, triples in quads_by_graph.items():
        graph = f"{facts.base_iri}graph/{name}"
        yield Quad(graph, terms.RDF_TYPE, VOID + "Dataset")
        yield Quad(graph, VOID + "triples", literal.integer(triples))
    for name in shown:
        file = f"{release}/{name}"
        yield Quad(file, terms.RDF_TYPE, DCAT + "Distribution")
        yield Quad(file, DCAT + "downloadURL", file)
        yield Quad(file, DCAT + "mediaType", literal.string(media_type(name)))
        yield Quad(file, DCAT + "byteSize", literal.integer(files[name]))

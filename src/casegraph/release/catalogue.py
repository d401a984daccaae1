"""The release described for machines: VoID and DCAT 3, from facts that are measured.

Addresses begin with ``base_iri``: where a service will answer is not known when a release is
made, and what it is called never changes.  One description stands in each release
(``void.ttl``: DCAT 3, sections 6.3 to 6.12; VoID, sections 2 to 5); what only the shelf knows,
which release is the current one, is said by ``series_quads``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.graph import literal, terms
from casegraph.graph.nquads import Quad
from casegraph.release.counts import many
from casegraph.release.manifest import media_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from casegraph.graph.nquads import Object
    from casegraph.release.census import Census
    from casegraph.release.manifest import FileEntry
    from casegraph.release.papers import Facts

VOID: Final = "http://rdfs.org/ns/void#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
SPDX: Final = "http://spdx.org/rdf/terms#"
ADMS: Final = "http://www.w3.org/ns/adms#"
PREFIXES: Final = {
    **terms.PREFIXES,
    "void": VOID,
    "dcat": DCAT,
    "foaf": FOAF,
    "spdx": SPDX,
    "adms": ADMS,
}
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_SPARQL: Final = "https://www.w3.org/TR/sparql11-protocol/"
_EXAMPLES: Final = ("/id/finding/", "/id/source/", "/id/population/", "/id/institution/")
_DUMPS: Final = frozenset({"casegraph.ttl", "inferred.ttl", "vocabulary.ttl", "casegraph.nq.gz"})
_WHAT: Final = {
    "CODEBOOK.md": "What the columns and codes mean",
    "LICENCE.md": "What may be done with the data",
    "METHOD.md": "How to read a finding",
    "README.txt": "What this release is",
    "added.nq.gz": "What came in since the release before, as canonical N-Quads",
    "casegraph.nq.gz": "All three graphs, as sorted canonical N-Quads",
    "casegraph.sqlite": "Findings and figures, as tables of SQLite",
    "casegraph.ttl": "The asserted graph, as Turtle",
    "delta.json": "How much came and went since the release before",
    "figures.csv": "One row a figure",
    "findings.csv": "One row a finding",
    "inferred.ttl": "What follows by OWL 2 RL, as Turtle",
    "rights.csv": "The rights in each source",
    "validation.json": "The report of the shapes",
    "vocabulary.ttl": "Ontology, violation types and alignments, as Turtle",
}

Rows = list[tuple[str, "Object"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a finished release directory holds, measured.

    ``files`` are those at its top, by name; ``previous`` is the id of the release before;
    ``added`` and ``removed`` count findings that came and went since then.
    """

    census: Census
    files: Mapping[str, FileEntry]
    previous: str | None
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class SeriesMember:
    """One published release as the live catalogue lists it."""

    release_id: str
    previous: str | None


def catalogue_quads(facts: Facts, contents: Contents) -> Iterator[Quad]:
    """The description of one release, its quads grouped by subject.  No blank node."""
    base = facts.base_iri
    release = f"{base}release/{facts.release_id}"
    yield from _rows(f"{release}/void.ttl", _description(facts, release))
    yield from _catalogue(base, facts.title, facts.licence, [release])
    yield from _rows(_series(base), _series_rows(base, facts.title, facts.licence))
    yield from _agent(base, facts.publisher)
    yield from _rows(release, [*_dcat(facts, contents, release), *_void(facts, contents, release)])
    yield from _period(release, contents.census)
    yield from _partitions(release, contents.census)
    yield from _linksets(release, contents.census)
    yield from _service(base, facts.title, facts.licence, [release])
    for name, entry in contents.files.items():
        yield from _distribution(facts, release, name, entry)


def series_quads(
    *, base_iri: str, title: str, licence: str, publisher: str, members: Sequence[SeriesMember]
) -> Iterator[Quad]:
    """The catalogue with all releases that are held, ``members`` from the oldest to the newest.

    The one that is current is ``dcat:hasCurrentVersion`` and ``dcat:last`` of the series.
    """
    releases = [f"{base_iri}release/{one.release_id}" for one in members]
    yield from _catalogue(base_iri, title, licence, releases)
    rows = _series_rows(base_iri, title, licence)
    rows += [(DCAT + "seriesMember", release) for release in releases]
    rows += [(DCAT + "hasVersion", release) for release in releases]
    if releases:
        rows += [
            (DCAT + "first", releases[0]),
            (DCAT + "last", releases[-1]),
            (DCAT + "hasCurrentVersion", releases[-1]),
        ]
    yield from _rows(_series(base_iri), rows)
    yield from _agent(base_iri, publisher)
    yield from _service(base_iri, title, licence, releases)
    for one, release in zip(members, releases, strict=True):
        about: Rows = [(terms.RDF_TYPE, DCAT + "Dataset")]
        about += _named(f"{title}, release {one.release_id}", licence, base_iri)
        about += [(terms.DCTERMS + "issued", _date(one.release_id))]
        about += _versioned(base_iri, one.release_id, one.previous)
        about += [(terms.RDFS + "seeAlso", f"{release}/void.ttl")]
        yield from _rows(release, about)


def _description(facts: Facts, release: str) -> Rows:
    return [
        (terms.RDF_TYPE, VOID + "DatasetDescription"),
        (terms.DCTERMS_TITLE, _english(f"Description of release {facts.release_id}")),
        (terms.DCTERMS + "issued", _date(facts.release_id)),
        (terms.DCTERMS + "license", facts.licence),
        (FOAF + "primaryTopic", release),
    ]


def _catalogue(base: str, title: str, licence: str, releases: Iterable[str]) -> Iterator[Quad]:
    rows: Rows = [(terms.RDF_TYPE, DCAT + "Catalog"), *_named(title, licence, base)]
    rows += [
        (terms.DCTERMS + "description", _english("Every published release, and where to ask.")),
        (FOAF + "homepage", base),
        (DCAT + "dataset", _series(base)),
    ]
    rows += [(DCAT + "dataset", release) for release in releases]
    rows += [(DCAT + "service", f"{base}sparql")]
    return _rows(f"{base}release/#catalogue", rows)


def _series_rows(base: str, title: str, licence: str) -> Rows:
    return [
        (terms.RDF_TYPE, DCAT + "DatasetSeries"),
        *_named(f"{title}: all releases", licence, base),
        (terms.DCTERMS + "description", _english("Immutable releases, one after the other.")),
        (DCAT + "landingPage", f"{base}release/"),
    ]


def _agent(base: str, publisher: str) -> Iterator[Quad]:
    rows: Rows = [
        (terms.RDF_TYPE, FOAF + "Agent"),
        (FOAF + "name", literal.string(publisher)),
    ]
    return _rows(publisher_iri(base), rows)


def _dcat(facts: Facts, contents: Contents, release: str) -> Iterator[tuple[str, Object]]:
    yield terms.RDF_TYPE, DCAT + "Dataset"
    yield terms.RDF_TYPE, VOID + "Dataset"
    yield from _named(facts.title, facts.licence, facts.base_iri)
    yield terms.DCTERMS + "description", _english(facts.counts.sentence())
    # No translation of labels was read by a speaker of the language yet.
    yield terms.CG + "translationReviewed", literal.boolean(value=False)
    yield terms.DCTERMS + "issued", _date(facts.release_id)
    yield from _versioned(facts.base_iri, facts.release_id, contents.previous)
    yield ADMS + "versionNotes", _english(_notes(facts, contents))
    if contents.census.begin or contents.census.end:
        yield terms.DCTERMS + "temporal", f"{release}#temporal"
    yield DCAT + "landingPage", f"{release}/"
    for name in contents.files:
        yield DCAT + "distribution", f"{release}/{name}"


def _void(facts: Facts, contents: Contents, release: str) -> Iterator[tuple[str, Object]]:
    census, base = contents.census, facts.base_iri
    numbers = {
        "triples": census.triples,
        "entities": census.entities,
        "classes": len(census.classes),
        "properties": len(census.properties),
        "distinctSubjects": census.subjects,
        "distinctObjects": census.objects,
    }
    for name, number in numbers.items():
        yield VOID + name, literal.integer(number)
    yield VOID + "uriSpace", literal.string(f"{base}id/")
    yield VOID + "sparqlEndpoint", f"{base}sparql"
    dumps = [f"{release}/{name}" for name in contents.files if name in _DUMPS]
    examples = [one for start in _EXAMPLES for one in census.examples if start in one]
    links = {
        "feature": [_FORMATS + "Turtle", _FORMATS + "N-Quads"],
        "dataDump": dumps,
        "exampleResource": examples,
        "vocabulary": census.vocabularies(),
        "subset": list(census.graphs),
        "classPartition": [_part(release, "class", name) for name in census.classes],
        "propertyPartition": [_part(release, "property", name) for name in census.properties],
    }
    yield from ((VOID + name, address) for name, found in links.items() for address in found)


def _versioned(base: str, release_id: str, previous: str | None) -> Rows:
    rows: Rows = [
        (DCAT + "version", literal.string(release_id)),
        (DCAT + "inSeries", _series(base)),
        (DCAT + "isVersionOf", _series(base)),
    ]
    if previous is not None:
        before = f"{base}release/{previous}"
        rows += [(DCAT + "previousVersion", before), (DCAT + "prev", before)]
    return rows


def _notes(facts: Facts, contents: Contents) -> str:
    if contents.previous is None:
        notes = f"The first release: {many(contents.added, 'finding')}."
    else:
        notes = (
            f"Since {contents.previous}: {many(contents.added, 'finding')} more, "
            f"{many(contents.removed, 'finding')} fewer."
        )
    if facts.redacted:
        notes += f" A redacted edition: {many(facts.redacted, 'record')} no longer published."
    return notes


def _period(release: str, census: Census) -> Iterator[Quad]:
    if census.begin or census.end:
        rows: Rows = [(terms.RDF_TYPE, terms.DCTERMS + "PeriodOfTime")]
        if census.begin:
            rows.append((DCAT + "startDate", literal.Literal(census.begin, terms.XSD_DATE)))
        if census.end:
            rows.append((DCAT + "endDate", literal.Literal(census.end, terms.XSD_DATE)))
        yield from _rows(f"{release}#temporal", rows)


def _partitions(release: str, census: Census) -> Iterator[Quad]:
    dataset: tuple[str, Object] = terms.RDF_TYPE, VOID + "Dataset"
    for graph, triples in census.graphs.items():
        yield from _rows(graph, [dataset, (VOID + "triples", literal.integer(triples))])
    for name, number in census.classes.items():
        count = VOID + "entities", literal.integer(number)
        yield from _rows(_part(release, "class", name), [dataset, (VOID + "class", name), count])
    for name, number in census.properties.items():
        count = VOID + "triples", literal.integer(number)
        part = _part(release, "property", name)
        yield from _rows(part, [dataset, (VOID + "property", name), count])


def _linksets(release: str, census: Census) -> Iterator[Quad]:
    for number, ((prop, site), triples) in enumerate(census.links.items(), start=1):
        outside = f"{release}#outside-{number}"
        rows: Rows = [
            (terms.RDF_TYPE, VOID + "Linkset"),
            (VOID + "linkPredicate", prop),
            (VOID + "subjectsTarget", release),
            (VOID + "objectsTarget", outside),
            (VOID + "triples", literal.integer(triples)),
        ]
        yield from _rows(f"{release}#links-{number}", rows)
        space = literal.string(site)
        yield from _rows(outside, [(terms.RDF_TYPE, VOID + "Dataset"), (VOID + "uriSpace", space)])


def _service(base: str, title: str, licence: str, releases: Iterable[str]) -> Iterator[Quad]:
    endpoint = f"{base}sparql"
    rows: Rows = [
        (terms.RDF_TYPE, DCAT + "DataService"),
        *_named(f"{title}: SPARQL endpoint", licence, base),
        (DCAT + "endpointURL", endpoint),
        # The service description, by the address of one of its formats.
        (DCAT + "endpointDescription", f"{endpoint}?format=ttl"),
        (terms.DCTERMS + "conformsTo", _SPARQL),
    ]
    rows += [(DCAT + "servesDataset", release) for release in releases]
    return _rows(endpoint, rows)


def _distribution(facts: Facts, release: str, name: str, entry: FileEntry) -> Iterator[Quad]:
    file = f"{release}/{name}"
    packed = name.endswith(".gz")
    rows: Rows = [
        (terms.RDF_TYPE, DCAT + "Distribution"),
        (terms.DCTERMS_TITLE, _english(_WHAT.get(name, name))),
        (terms.DCTERMS + "license", facts.licence),
        (terms.DCTERMS + "issued", _date(facts.release_id)),
        (DCAT + "accessURL", f"{release}/"),
        (DCAT + "downloadURL", file),
        (DCAT + "mediaType", _MEDIA + media_type(name.removesuffix(".gz"))),
        (DCAT + "byteSize", literal.Literal(str(entry.size), terms.XSD + "nonNegativeInteger")),
        (SPDX + "checksum", f"{file}#sha256"),
    ]
    if packed:
        rows.append((DCAT + "compressFormat", f"{_MEDIA}application/gzip"))
    yield from _rows(file, rows)
    checksum: Rows = [
        (terms.RDF_TYPE, SPDX + "Checksum"),
        (SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256"),
        (SPDX + "checksumValue", literal.Literal(entry.sha256, terms.XSD + "hexBinary")),
    ]
    yield from _rows(f"{file}#sha256", checksum)


def _named(title: str, licence: str, base: str) -> Rows:
    return [
        (terms.DCTERMS_TITLE, _english(title)),
        (terms.DCTERMS + "license", licence),
        (terms.DCTERMS + "publisher", publisher_iri(base)),
    ]


def publisher_iri(base_iri: str) -> str:
    """The address of the publisher, the same in every release."""
    return f"{base_iri}release/#publisher"


def _series(base: str) -> str:
    return f"{base}release/#series"


def _part(release: str, kind: str, name: str) -> str:
    """The address of a partition: by prefix and local name, else by the end of the address."""
    for prefix, namespace in PREFIXES.items():
        if name.startswith(namespace):
            return f"{release}#{kind}-{prefix}-{name.removeprefix(namespace)}"
    return f"{release}#{kind}-{name.partition('://')[2].replace('#', '/').replace('/', '-')}"


def _rows(subject: str, rows: Iterable[tuple[str, Object]]) -> Iterator[Quad]:
    return (Quad(subject, name, value) for name, value in rows)


def _english(text: str) -> literal.Literal:
    return literal.lang_string(text, "en")


def _date(release_id: str) -> literal.Literal:
    return literal.Literal(release_id[:10], terms.XSD_DATE)

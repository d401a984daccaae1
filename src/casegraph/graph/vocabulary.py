"""The ontology, the scheme of violation types and the alignments, as one graph and as values.

Rooms without RDF ask ``Vocabulary`` for plain answers: which violation types there are, what
they are called, what is broader, which provisions they engage.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from casegraph import assets
from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.graph.iri import iri
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from casegraph.graph.nquads import Object

FILES: Final = ("casegraph.ttl", "violations.ttl", "alignments.ttl")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the vocabulary says, by local name for violation types and by address otherwise.

    ``labels`` gives words by language by address; ``broader`` the broader types of a type;
    ``provisions`` the addresses of the provisions a type itself maps to.
    """

    quads: tuple[Quad, ...]
    violation_types: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]
    definitions: Mapping[str, str]
    broader: Mapping[str, tuple[str, ...]]
    provisions: Mapping[str, tuple[str, ...]]

    def label(self, address: str, lang: str = "en") -> str:
        """The label in a language, else in English, else the last part of the address."""
        words = self.labels.get(address, {})
        return words.get(lang) or words.get("en") or address.rpartition("#")[2]

    def type_label(self, slug: str, lang: str = "en") -> str:
        """The label of a violation type."""
        return self.label(terms.VT + slug, lang)


def load_vocabulary(base_iri: str, directory: Path | None = None) -> Vocabulary:
    """Read the three files into the vocabulary graph of ``base_iri``.

    Raises ``FixInput`` for a file that is no Turtle, or that has blank nodes other than lists.
    """
    folder = directory or assets.root("ontology")
    triples = [triple for name in FILES for triple in _parsed(folder / name)]
    graph = terms.graph_name(base_iri, "vocabulary")
    quads = tuple(sorted(set(_skolemised(triples, base_iri, graph)), key=_sort_key))
    return _vocabulary(quads)


def _parsed(path: Path) -> Iterator[ox.Triple]:
    if not path.is_file():
        return
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            yield quad.triple
    except (SyntaxError, ValueError) as error:
        raise FixInput(
            f"{path.name} is no Turtle: {error}", hint="Mend the line that is named."
        ) from error


def _skolemised(triples: list[ox.Triple], base_iri: str, graph: str) -> Iterator[Quad]:
    names = _list_names(triples, base_iri)
    for triple in triples:
        yield Quad(
            _name(triple.subject, names),
            iri(triple.predicate.value),
            from_engine(triple.object, names),
            graph,
        )


def _list_names(triples: list[ox.Triple], base_iri: str) -> dict[str, str]:
    """An address for each blank node of a list: from who owns the list, and what is in it.

    RDF 1.1 Concepts section 3.5 reserves ``/.well-known/genid/`` for this.
    """
    first: dict[str, str] = {}
    rest: dict[str, object] = {}
    owners: list[ox.Triple] = []
    for triple in triples:
        predicate = triple.predicate.value
        if isinstance(triple.subject, ox.BlankNode) and predicate == terms.RDF_FIRST:
            first[triple.subject.value] = str(triple.object)
        elif isinstance(triple.subject, ox.BlankNode) and predicate == terms.RDF_REST:
            rest[triple.subject.value] = triple.object
        elif isinstance(triple.object, ox.BlankNode):
            owners.append(triple)
    names: dict[str, str] = {}
    for owner in owners:
        nodes = list(_chain(owner.object, rest))
        if not all(node in first for node in nodes):
            continue
        content = "\n".join(
            [str(owner.subject), str(owner.predicate), *(first[node] for node in nodes)]
        )
        digest = hashlib.sha256(content.encode()).hexdigest()[:24]
        for number, node in enumerate(nodes):
            names[node] = f"{base_iri}.well-known/genid/{digest}-{number}"
    return names


def _chain(node: object, rest: Mapping[str, object]) -> Iterator[str]:
    """The blank nodes of a list from its head on; one that returns to itself ends there."""
    seen: set[str] = set()
    while isinstance(node, ox.BlankNode) and node.value not in seen:
        seen.add(node.value)
        yield node.value
        node = rest.get(node.value)


def _name(node: ox.NamedNode | ox.BlankNode | ox.Triple, names: Mapping[str, str]) -> str:
    if isinstance(node, ox.NamedNode):
        return iri(node.value)
    if isinstance(node, ox.BlankNode) and node.value in names:
        return names[node.value]
    raise FixInput(f"{node} is a blank node outside a list", hint="Give it a name of its own.")


def from_engine(value: object, names: Mapping[str, str]) -> Object:
    """A term of the engine as ours."""
    if isinstance(value, ox.Literal):
        lang = value.language or ""
        return Literal(value.value, value.datatype.value, lang)
    if isinstance(value, ox.NamedNode | ox.BlankNode):
        return _name(value, names)
    raise FixInput(f"{value} is no term of RDF 1.1", hint="Write it with a node of its own.")


def _sort_key(quad: Quad) -> tuple[str, str, str]:
    value = quad.object
    shown = value if isinstance(value, str) else f"{value.lexical}@{value.lang}^{value.datatype}"
    return quad.subject, quad.predicate, shown


def _vocabulary(quads: tuple[Quad, ...]) -> Vocabulary:
    labels: dict[str, dict[str, str]] = {}
    definitions: dict[str, str] = {}
    for quad in quads:
        if not isinstance(quad.object, Literal):
            continue
        if quad.predicate == terms.RDFS_LABEL:
            labels.setdefault(quad.subject, {})[quad.object.lang] = quad.object.lexical
        elif quad.predicate == terms.SKOS_DEFINITION and quad.object.lang == "en":
            definitions[quad.subject] = quad.object.lexical
    concepts = {
        quad.subject.removeprefix(terms.VT)
        for quad in quads
        if quad.predicate == terms.RDF_TYPE
        and quad.object == terms.SKOS_CONCEPT
        and quad.subject.startswith(terms.VT)
    }
    return Vocabulary(
        quads=quads,
        violation_types=frozenset(concepts),
        labels=labels,
        definitions=definitions,
        broader=_by_slug(quads, terms.SKOS_BROADER, terms.VT),
        provisions=_by_slug(quads, terms.MAPS_TO_PROVISION, ""),
    )


def _by_slug(quads: Iterable[Quad], predicate: str, strip: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for quad in quads:
        if quad.predicate == predicate and isinstance(quad.object, str):
            slug = quad.subject.removeprefix(terms.VT)
            found.setdefault(slug, []).append(quad.object.removeprefix(strip))
    return {slug: tuple(sorted(values)) for slug, values in found.items()}

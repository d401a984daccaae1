"""The terms of the ontology in groups, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.web.releases.places import Places, Ref

if TYPE_CHECKING:
    from casegraph.graph.literal import Literal
    from casegraph.web.releases.nodes import Nodes

_GROUPS: Final = (
    ("Classes", terms.OWL_CLASS),
    ("Properties that lead to other things", terms.OWL_OBJECT_PROPERTY),
    ("Properties that hold a value", terms.OWL_DATATYPE_PROPERTY),
    ("Codes", terms.CG + "Code"),
)
_REVIEWED: Final = terms.CG + "translationReviewed"
_LINKS: Final = (
    ("a kind of", terms.RDFS_SUB_CLASS_OF),
    ("a case of", terms.RDFS_SUB_PROPERTY_OF),
    ("said of", terms.RDFS_DOMAIN),
    ("leads to", terms.RDFS_RANGE),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term with what the ontology says of it."""

    name: str
    labels: list[Literal]
    definition: str
    example: str
    links: list[tuple[str, list[Ref]]]


def sections(nodes: Nodes) -> list[tuple[str, list[Term]]]:
    """Groups of terms by name; each term once."""
    places = Places(nodes, "")
    groups = []
    for title, kind in _GROUPS:
        found = sorted(one for one in nodes.subjects(terms.RDF_TYPE, kind))
        members = [_term(nodes, places, one) for one in found if one.startswith(terms.CG)]
        if members:
            groups.append((title, members))
    return groups


def translations_are_reviewed(nodes: Nodes) -> bool:
    """Whether a speaker has read the labels that are not English."""
    return nodes.text(terms.CG.removesuffix("#"), _REVIEWED) == "true"


def _term(nodes: Nodes, places: Places, term: str) -> Term:
    links = [
        (
            words,
            [
                ref
                for ref in places.refs(term, prop)
                if ref.path and ref.path != f"ns#{term.removeprefix(terms.CG)}"
            ],
        )
        for words, prop in _LINKS
    ]
    return Term(
        name=term.removeprefix(terms.CG),
        labels=sorted(nodes.texts(term, terms.RDFS_LABEL), key=lambda t: (t.lang != "en", t.lang)),
        definition=nodes.text(term, terms.SKOS_DEFINITION),
        example=nodes.text(term, terms.SKOS + "example"),
        links=[(words, refs) for words, refs in links if refs],
    )

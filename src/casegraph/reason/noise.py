"""Which triples of a closure are worth keeping: what they say about data.

Left out, and why:

* what has a literal as subject: RDF 1.1 cannot say it;
* blank nodes: the engine makes some for messages, and a release has none;
* ``owl:sameAs`` of a thing with itself: more than half of a raw closure, and no news;
* types from RDF, RDFS, OWL and XSD (``owl:Thing``, ``rdfs:Resource``, datatypes, property
  kinds): they hold of everything of that sort;
* statements about terms of those vocabularies, which are axioms, not data;
* subclass, subproperty, domain, range, equivalence and disjointness of terms: consequences
  within the ontology, which the ontology itself already shows to whoever needs them;
* links of a thing to itself by a reflexive reading of subclass or equivalence (same list).

Everything else stays: types of data, links of data, and what the violation scheme entails
(``skos:broaderTransitive``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.literal import Literal

if TYPE_CHECKING:
    from casegraph.graph.nquads import Object

BUILT_IN: Final = (terms.RDF, terms.RDFS, terms.OWL, terms.XSD)

#: Predicates of statements about terms.
ABOUT_TERMS: Final = frozenset(
    {
        terms.RDFS_SUB_CLASS_OF,
        terms.RDFS_SUB_PROPERTY_OF,
        terms.RDFS_DOMAIN,
        terms.RDFS_RANGE,
        terms.OWL_EQUIVALENT_CLASS,
        terms.OWL_EQUIVALENT_PROPERTY,
        terms.OWL_DISJOINT_WITH,
        terms.OWL_INVERSE_OF,
        terms.OWL_CHAIN,
    }
)


def is_worth_keeping(subject: str, predicate: str, value: Object) -> bool:
    """Whether an inferred triple belongs into the inferred graph."""
    if predicate in ABOUT_TERMS or subject.startswith(BUILT_IN):
        return False
    if predicate == terms.OWL_SAME_AS and subject == value:
        return False
    if predicate == terms.RDF_TYPE:
        return isinstance(value, str) and not value.startswith(BUILT_IN)
    return isinstance(value, str | Literal)

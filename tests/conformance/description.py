"""Whether a service description keeps to its schema (SPARQL 1.1 Service Description, 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from tests.conformance.exchanges import RDF
from tests.conformance.results import MismatchError
from tests.conformance.sparql11_cases import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
#: Property -> (class it is said of, what it leads to: an address or nodes of a class).
PROPERTIES: Final[dict[str, tuple[str, str]]] = {
    "endpoint": ("Service", "IRI"),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", "IRI"),
    "inputFormat": ("Service", "IRI"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", "IRI"),
    "graph": ("NamedGraph", "Graph"),
}
CLASSES: Final = {
    "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime",
    "EntailmentProfile", "GraphCollection", "Dataset", "Graph", "NamedGraph",
}  # fmt: skip
#: A dataset is also a collection of graphs.
_ALSO: Final = {"GraphCollection": {"Dataset"}}
INDIVIDUALS: Final[dict[str, set[str]]] = {
    "supportedLanguage": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
    "feature": {
        "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs",
        "BasicFederatedQuery",
    },
}  # fmt: skip


def read(body: bytes, kind: str, url: str) -> list[Any]:
    """The statements of a description; raises ``MismatchError`` where it is no RDF."""
    if kind not in FORMATS:
        raise MismatchError(f"{kind or 'nothing'} is no RDF format")
    try:
        return list(ox.parse(body, FORMATS[kind], base_iri=url))
    except SyntaxError as error:
        raise MismatchError(f"not {kind}: {error}") from None


@dataclass(frozen=True, slots=True)
class DescriptionTest:
    """A test of the suite: ``check`` is given the statements and where they were found."""

    name: str
    check: Callable[[list[Any], str], None]
    approved: bool = True

    def __str__(self) -> str:
        return f"service-description/{self.name}"

    @property
    def iri(self) -> str:
        """Address of the test in the suite."""
        return f"{BASE}service-description/manifest#{self.name}"


def tests() -> list[DescriptionTest]:
    """The three tests; their manifest says in words what they look at."""
    return [
        DescriptionTest("returns-rdf", _is_not_empty),
        DescriptionTest("has-endpoint-triple", _names_endpoint),
        DescriptionTest("conforms-to-schema", _keeps_to_schema),
    ]


def _is_not_empty(statements: list[Any], _url: str) -> None:
    if not statements:
        raise MismatchError("the description is empty")


def _names_endpoint(statements: list[Any], url: str) -> None:
    named = [q.object.value for q in statements if q.predicate.value == f"{SD}endpoint"]
    if not {name.rstrip("/") for name in named} & {url.rstrip("/")}:
        raise MismatchError(f"sd:endpoint is {named}, not {url}")


def _keeps_to_schema(statements: list[Any], _url: str) -> None:
    wrong = list(_violations(statements))
    if wrong:
        raise MismatchError("; ".join(wrong[:3]))


def _violations(statements: list[Any]) -> Iterator[str]:
    types: dict[Any, set[str]] = {}
    for quad in statements:
        if quad.predicate.value == f"{RDF}type" and quad.object.value.startswith(SD):
            types.setdefault(quad.subject, set()).add(quad.object.value.removeprefix(SD))
    services = [node for node, names in types.items() if "Service" in names]
    if not services:
        yield "nothing is an sd:Service"
    endpoints = {q.subject for q in statements if q.predicate.value == f"{SD}endpoint"}
    yield from ("a service without sd:endpoint" for node in services if node not in endpoints)
    for names in types.values():
        yield from (f"sd:{name} is no class" for name in names - CLASSES)
    for quad in statements:
        if quad.predicate.value.startswith(SD):
            yield from _faults(quad, types)


def _faults(quad: Any, types: dict[Any, set[str]]) -> Iterator[str]:
    name = quad.predicate.value.removeprefix(SD)
    if name not in PROPERTIES:
        yield f"sd:{name} is no property"
        return
    domain, range_ = PROPERTIES[name]
    fits = {domain} | _ALSO.get(domain, set())
    said = types.get(quad.subject, set())
    if said and not said & fits:
        yield f"sd:{name} is said of a {sorted(said)}, not of {sorted(fits)}"
    if isinstance(quad.object, ox.Literal):
        yield f"sd:{name} leads to a text"
    elif range_ == "IRI" and not isinstance(quad.object, ox.NamedNode):
        yield f"sd:{name} does not lead to an address"
    own = str(getattr(quad.object, "value", "")).removeprefix(SD)
    known = INDIVIDUALS.get(name)
    if known is not None and quad.object.value.startswith(SD) and own not in known:
        yield f"sd:{own} does not exist"

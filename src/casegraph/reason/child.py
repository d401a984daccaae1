"""The process in which owlrl runs: canonical files in, canonical file and a report out.

    python -m casegraph.reason.child ASSERTED VOCABULARY OUT GRAPH

A process of its own, because rdflib and owlrl keep settings per process, take memory that is
given back only at the end, and cannot be stopped otherwise.  The report, one JSON object on
standard output, has ``inconsistencies`` (sentences of the engine).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rdflib
from owlrl.OWLRL import OWLRL_Semantics
from rdflib.namespace import OWL, RDF

from casegraph.graph import canonical, terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import Quad, encode_lines, read_quads
from casegraph.reason.current import current_findings
from casegraph.reason.noise import BUILT_IN, is_worth_keeping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from casegraph.graph.nquads import Object

Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


class NotingGraph(rdflib.Graph):
    """A graph that remembers what was added after ``note``: cheaper than a copy of the rest."""

    def __init__(self) -> None:
        # Without contexts, which nobody asks for here: half the time of the usual store.
        super().__init__(store="SimpleMemory")
        self.noted: list[Triple] | None = None
        self._terms: dict[Object, rdflib.term.Node] = {}

    def note(self) -> None:
        """Remember what is added from now on."""
        self.noted = []

    def add(self, triple: Triple) -> Self:
        """Add a triple, and remember it once noting has begun."""
        if self.noted is not None:
            self.noted.append(triple)
        return super().add(triple)

    def add_quad(self, quad: Quad) -> None:
        """Add a quad of ours; equal terms share one object."""
        self.add((self._term(quad.subject), self._term(quad.predicate), self._term(quad.object)))

    def _term(self, value: Object) -> rdflib.term.Node:
        known = self._terms.get(value)
        if known is None:
            known = self._terms[value] = _to_rdflib(value)
        return known


class DataSemantics(OWLRL_Semantics):  # type: ignore[misc]  # owlrl carries no types
    """OWL 2 RL without the rules whose every conclusion ``noise`` would remove.

    Left out are eq-ref (each thing is itself) and the datatype rules; no other rule has a
    premise that only they provide.  Every remaining rule is set off by a triple about terms, so
    the data are not offered to them one by one.
    """

    def rules(self, triple: Triple, cycle_num: int) -> None:
        """Offer one triple to the rules, if it is one that can set a rule off."""
        _, predicate, value = triple
        decisive = value if predicate == RDF.type else predicate
        if str(decisive).startswith(BUILT_IN):
            super().rules(triple, cycle_num)

    def _equality(self, triple: Triple, cycle_num: int) -> None:
        if triple[1] == OWL.sameAs and triple[0] != triple[2]:
            super()._equality(triple, cycle_num)

    def store_triple(self, triple: Triple) -> None:
        """Note a new triple; one look-up instead of the two of the original."""
        if triple not in self.graph:
            self.added_triples.add(triple)

    def one_time_rules(self) -> None:
        """None: they state datatypes and annotation properties."""


def main(arguments: list[str]) -> int:
    """Close the graph; see the module."""
    asserted, vocabulary, out = map(Path, arguments[:3])
    graph_name = arguments[3]
    # The lexical forms are canonical already; rdflib would rewrite some of them.
    rdflib.NORMALIZE_LITERALS = False
    graph = NotingGraph()
    for path in (vocabulary, asserted):
        for quad in read_quads(path):
            graph.add_quad(quad)
    graph.note()
    for finding in current_findings(read_quads(asserted)):
        graph.add_quad(Quad(finding, terms.RDF_TYPE, terms.CURRENT_FINDING))
    semantics = DataSemantics(graph, False, False, False)  # noqa: FBT003 - owlrl's signature
    semantics.closure()
    lines = encode_lines(_new_quads(graph.noted or [], graph_name))
    digest = canonical.write_canonical(out, lines)
    report = {
        "inconsistencies": sorted(map(str, semantics.error_messages)),
        "sha256": digest.sha256,
        "lines": digest.lines,
        "size": digest.size,
    }
    sys.stdout.write(json.dumps(report))
    return 0


def _new_quads(noted: Iterable[Triple], graph_name: str) -> Iterator[Quad]:
    for subject, predicate, value in noted:
        if not isinstance(subject, rdflib.URIRef) or isinstance(value, rdflib.BNode):
            continue
        target = _from_rdflib(value)
        if is_worth_keeping(str(subject), str(predicate), target):
            yield Quad(str(subject), str(predicate), target, graph_name)


def _to_rdflib(value: Object) -> rdflib.term.Node:
    if isinstance(value, str):
        return rdflib.URIRef(value)
    if value.lang:
        return rdflib.Literal(value.lexical, lang=value.lang)
    kind = None if value.datatype == terms.XSD_STRING else rdflib.URIRef(value.datatype)
    return rdflib.Literal(value.lexical, datatype=kind, normalize=False)


def _from_rdflib(value: rdflib.term.Node) -> Object:
    if not isinstance(value, rdflib.Literal):
        return str(value)
    if value.language:
        return Literal(str(value), terms.RDF_LANG_STRING, value.language)
    return Literal(str(value), str(value.datatype) if value.datatype else terms.XSD_STRING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

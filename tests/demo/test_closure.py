"""The closure of the demonstration is exactly what a hand-written list says must follow."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms
from casegraph.graph.nquads import from_line, term
from casegraph.release.delta import dataset_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Triple = tuple[str, str, str]
EXPECTED: Final = Path(__file__).parent.parent / "golden" / "demo-closure.txt"
PREFIXES: Final = {
    "cg": terms.CG,
    "skos": terms.SKOS,
    "prov": "http://www.w3.org/ns/prov#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "crm": "http://www.cidoc-crm.org/cidoc-crm/",
    "rico": "https://www.ica.org/standards/RiC/ontology#",
    "org": "http://www.w3.org/ns/org#",
    "time": "http://www.w3.org/2006/time#",
    "oa": "http://www.w3.org/ns/oa#",
}
TYPE: Final = f"<{terms.RDF_TYPE}>"
CURRENT: Final = f"<{terms.CURRENT_FINDING}>"


def full(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"<{PREFIXES[prefix]}{name}>"


class Graph:
    """Triples by property, for joins."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.by_property: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for subject, name, value in triples:
            self.by_property[name].add((subject, value))

    def join(self, first: str, second: str) -> set[tuple[str, str]]:
        following: dict[str, list[str]] = defaultdict(list)
        for subject, value in self.by_property[second]:
            following[subject].append(value)
        return {(s, end) for s, middle in self.by_property[first] for end in following[middle]}


Rule = tuple["Callable[[Graph], set[tuple[str, str]]]", list[str]]


def rules() -> tuple[dict[str, list[str]], list[Rule]]:
    """The lines of the file: classes, and rules that give pairs for properties."""
    classes: dict[str, list[str]] = {}
    found: list[Rule] = []
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        first = full(words[0])
        if words[1] == ":":
            classes[first] = [full(word) for word in words[2:]]
        elif words[1] == ">":
            found.append((lambda g, p=first: g.by_property[p], [full(w) for w in words[2:]]))  # type: ignore[misc]
        elif words[1] == "<":
            found.append(
                (lambda g, p=first: {(o, s) for s, o in g.by_property[p]}, [full(words[2])])  # type: ignore[misc]
            )
        elif words[1] == "*":
            found.append((lambda g, p=first: g.join(p, p), [first]))  # type: ignore[misc]
        else:
            second = full(words[2])
            found.append((lambda g, p=first, q=second: g.join(p, q), [full(words[4])]))  # type: ignore[misc]
    return classes, found


def expected(stated: set[Triple]) -> set[Triple]:
    """Everything that the file says must follow from what is stated."""
    classes, property_rules = rules()
    graph = Graph(stated)
    while True:
        before = sum(map(len, graph.by_property.values()))
        for pairs, names in property_rules:
            for pair in pairs(graph).copy():
                for name in names:
                    graph.by_property[name].add(pair)
        for subject, kind in graph.by_property[TYPE].copy():
            for wider in classes.get(kind, ()):
                graph.by_property[TYPE].add((subject, wider))
        if sum(map(len, graph.by_property.values())) == before:
            break
    everything = {(s, p, o) for p, pairs in graph.by_property.items() for s, o in pairs}
    return everything - stated


def current(stated: set[Triple]) -> set[str]:
    """Plain or adopted, and revised by nobody."""
    status = full("cg:readingStatus")
    alive = {s for s, p, o in stated if p == status and o in {full("cg:plain"), full("cg:adopted")}}
    return alive - {o for _, p, o in stated if p == full("cg:revises")}


def test_the_closure_is_what_must_follow(demo_release: Path) -> None:
    stated: set[Triple] = set()
    inferred: set[Triple] = set()
    for line in dataset_lines(demo_release):
        quad = from_line(line.decode())
        triple = (f"<{quad.subject}>", f"<{quad.predicate}>", term(quad.object))
        (inferred if quad.graph.endswith("/inferred") else stated).add(triple)
    found_current = {s for s, p, o in inferred if (p, o) == (TYPE, CURRENT)}
    assert found_current == current(stated)
    rest = {triple for triple in inferred if triple[2] != CURRENT}
    must = expected(stated)
    assert sorted(rest - must) == []
    assert sorted(must - rest) == []

"""OWL 2 RL for the axioms we use, as one loop over plain tuples until nothing is new.

An oracle for the real reasoner, so it shares no code with it: written from the tables of OWL 2
Profiles, slow and short.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Triple = tuple[str, str, str]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
CG = "https://w3id.org/casegraph/ns#"
TYPE = f"{RDF}type"


def closure(given: Iterable[Triple]) -> set[Triple]:
    """Everything that follows, with what was given."""
    known = set(given)
    known |= _current(known)
    while new := _round(known) - known:
        known |= new
    return known


def _current(known: set[Triple]) -> set[Triple]:
    revised = {o for _, p, o in known if p == f"{CG}revises"}
    return {
        (s, TYPE, f"{CG}CurrentFinding")
        for s, p, o in known
        if p == f"{CG}readingStatus" and o in {f"{CG}plain", f"{CG}adopted"} and s not in revised
    }


def _round(known: set[Triple]) -> set[Triple]:  # noqa: C901 - one loop for each rule
    by: dict[str, list[tuple[str, str]]] = {}
    for s, p, o in known:
        by.setdefault(p, []).append((s, o))

    def pairs(predicate: str) -> list[tuple[str, str]]:
        return by.get(predicate, [])

    def of_type(name: str) -> set[str]:
        return {s for s, o in pairs(TYPE) if o == f"{OWL}{name}"}

    new: set[Triple] = set()
    for p, c in pairs(f"{RDFS}domain"):
        new |= {(s, TYPE, c) for s, _ in pairs(p)}
    for p, c in pairs(f"{RDFS}range"):
        new |= {(o, TYPE, c) for _, o in pairs(p)}
    for p, q in pairs(f"{RDFS}subPropertyOf"):
        new |= {(s, q, o) for s, o in pairs(p)}
    for c, d in pairs(f"{RDFS}subClassOf"):
        new |= {(s, TYPE, d) for s, o in pairs(TYPE) if o == c}
    for p, q in pairs(f"{OWL}inverseOf"):
        new |= {(o, q, s) for s, o in pairs(p)}
        new |= {(o, p, s) for s, o in pairs(q)}
    for p in of_type("SymmetricProperty"):
        new |= {(o, p, s) for s, o in pairs(p)}
    for p in of_type("TransitiveProperty"):
        new |= {(a, p, d) for (a, b), (c, d) in product(pairs(p), pairs(p)) if b == c}
    for p, head in pairs(f"{OWL}propertyChainAxiom"):
        first, second = _list(head, dict(pairs(f"{RDF}first")), dict(pairs(f"{RDF}rest")))
        new |= {(a, p, d) for (a, b), (c, d) in product(pairs(first), pairs(second)) if b == c}
    return new


def _list(head: str, first: dict[str, str], rest: dict[str, str]) -> list[str]:
    members = []
    while head != f"{RDF}nil":
        members.append(first[head])
        head = rest[head]
    return members

"""Whether every number of VoID is what the endpoint counts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import CasegraphError, TryLater
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import term
from casegraph.graph.turtle_in import turtle_as_lines
from casegraph.release.catalogue import VOID
from casegraph.web.pages.asking import read_rows
from casegraph.web.releases.nodes import Nodes
from casegraph.web.selfcheck.report import untested, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.graph.nquads import Object
    from casegraph.web.releases.live import OpenRelease
    from casegraph.web.selfcheck.report import Check

GROUP: Final = "numbers"
#: VoID, section 4.6, each as a count over the default graph.
_WHOLE: Final = {
    "triples": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o "
    "FILTER(STRSTARTS(STR(?s), SPACE)) }",
    "classes": "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s a ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }",
    "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s ?p ?o }",
}
_PARTS: Final = {
    "classPartition": "SELECT ?x (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?x } GROUP BY ?x",
    "propertyPartition": "SELECT ?x (COUNT(*) AS ?n) WHERE { ?s ?x ?o } GROUP BY ?x",
    "subset": "SELECT ?x (COUNT(*) AS ?n) WHERE { GRAPH ?x { ?s ?p ?o } } GROUP BY ?x",
}
#: What a part is about, and which of its numbers counts that.
_OF_PART: Final = {
    "classPartition": ("class", "entities"),
    "propertyPartition": ("property", "triples"),
    "subset": ("", "triples"),
}


@dataclass(frozen=True, slots=True)
class Stated:
    """The numbers that the description of a release states, as texts."""

    uri_space: str
    whole: dict[str, str]
    parts: dict[str, dict[str, str]]


def stated(release_iri: str, lines: Iterator[bytes]) -> Stated:
    """Read the numbers out of the description's triples."""
    nodes = Nodes(line.decode() for line in lines)
    parts: dict[str, dict[str, str]] = {}
    for kind, (about, number) in _OF_PART.items():
        found = nodes.links(release_iri, VOID + kind)
        subjects = {one: (nodes.link(one, VOID + about) or "") if about else one for one in found}
        parts[kind] = {subjects[one]: nodes.text(one, VOID + number) for one in found}
    whole = {name: nodes.text(release_iri, VOID + name) for name in _WHOLE}
    return Stated(nodes.text(release_iri, VOID + "uriSpace"), whole, parts)


def check_numbers(held: OpenRelease) -> Iterator[Check]:
    """One check for each number of the whole, and one for each kind of part."""
    release = held.release
    if "void.ttl" not in release.files:
        yield untested(GROUP, "VoID", "this release carries no description")
        return
    said = stated(
        f"{release.base_iri}release/{release.id}", turtle_as_lines(release.directory / "void.ttl")
    )
    space = term(Literal(said.uri_space))
    for name, text in _WHOLE.items():
        try:
            counted = _counts(held, text.replace("SPACE", space)).get("", "0")
        except CasegraphError as error:
            yield untested(GROUP, f"void:{name}", error.message)
            continue
        wrong = [] if said.whole[name] == counted else [f"{said.whole[name]}, counted {counted}"]
        yield verdict(GROUP, f"void:{name}", wrong, f"{counted}, as counted by the endpoint")
    for name, text in _PARTS.items():
        try:
            found = _counts(held, text)
        except CasegraphError as error:
            yield untested(GROUP, f"void:{name}", error.message)
            continue
        yield verdict(GROUP, f"void:{name}", _differences(said.parts[name], found),
                      f"{len(found)} numbers, each as counted by the endpoint")  # fmt: skip


def _differences(said: dict[str, str], counted: dict[str, str]) -> list[str]:
    return [
        f"{name}: {said.get(name, 'not given')}, counted {counted.get(name, 'none')}"
        for name in sorted(said.keys() | counted.keys())
        if said.get(name) != counted.get(name)
    ]


def _counts(held: OpenRelease, query: str) -> dict[str, str]:
    """Numbers by what is counted; where the service is busy, it comes again a few times."""
    for wait in (1.0, 3.0, 10.0, 0.0):
        try:
            with held.queries.run(query, accept_format="json", lane="query") as result:
                _names, rows = read_rows(result.read())
            return {_text(row.get("x", "")): _text(row["n"]) for row in rows}
        except TryLater as error:
            if error.limit != "load" or not wait:
                raise
            time.sleep(wait)
    raise AssertionError  # the last turn raises or returns


def _text(value: Object) -> str:
    return value.lexical if isinstance(value, Literal) else value

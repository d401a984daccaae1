"""The query tests of a copy of the SPARQL 1.1 suite, as values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
DAWGT = "http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
REPOSITORY = Path(__file__).resolve().parent.parent.parent
SUITE = (
    Path(os.environ.get("CASEGRAPH_SHARED", REPOSITORY.parent / "shared")) / "suites" / "sparql11"
)
FEDERATION = frozenset({"service", "syntax-fed"})
"""Folders whose queries call other endpoints, which a casegraph never does."""
APART = FEDERATION | {"entailment"}
EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")
SYNTAX = ("PositiveSyntaxTest11", "NegativeSyntaxTest11")


@dataclass(frozen=True, slots=True)
class Case:
    """One test: files relative to ``folder``; ``kind`` is the local name of its class."""

    folder: str
    name: str
    kind: str
    approved: bool
    query: str
    data: tuple[str, ...] = ()
    graph_data: tuple[str, ...] = ()
    result: str | None = None

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def iri(self) -> str:
        """Address of the test in the suite."""
        return f"{BASE}{self.folder}/manifest#{self.name}"

    @property
    def select(self) -> bool:
        """Whether its query is a SELECT; every query of the suite says so in capitals."""
        return "SELECT" in self.text(self.query) and "CONSTRUCT" not in self.text(self.query)

    def text(self, file: str) -> str:
        """Contents of one of its files."""
        return (SUITE / self.folder / file).read_text(encoding="utf-8")


def cases(*kinds: str) -> list[Case]:
    """All tests of these classes, outside entailment and federation."""
    folders = sorted(path.parent.name for path in SUITE.glob("*/manifest.ttl"))
    return [
        case
        for folder in folders
        if folder not in APART
        for case in cases_in(folder)
        if case.kind in kinds
    ]


def cases_in(folder: str) -> list[Case]:
    """The query tests of one folder, whatever their class."""
    return list(_read(SUITE / folder / "manifest.ttl"))


def _read(path: Path) -> Iterator[Case]:
    folder = path.parent.name
    base = f"{BASE}{folder}/"
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=f"{base}manifest")

    def values(subject: Any, predicate: str) -> list[Any]:
        quads = store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return sorted((quad.object for quad in quads), key=str)

    def files(subject: Any, predicate: str) -> tuple[str, ...]:
        return tuple(
            node.value.removeprefix(base)
            for node in values(subject, predicate)
            if isinstance(node, ox.NamedNode)
        )

    for quad in store.quads_for_pattern(None, ox.NamedNode(f"{MF}action"), None):
        test, action = quad.subject, quad.object
        kind = values(test, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type")[0].value
        query = files(action, f"{QT}query") or files(test, f"{MF}action")
        if not query or query[0].endswith(".ru"):
            continue
        approval = values(test, f"{DAWGT}approval")
        yield Case(
            folder=folder,
            name=str(test).rstrip(">").rpartition("#")[2],
            kind=kind.removeprefix(MF),
            approved=any(node.value == f"{DAWGT}Approved" for node in approval),
            query=query[0],
            data=files(action, f"{QT}data"),
            graph_data=files(action, f"{QT}graphData"),
            result=next(iter(files(test, f"{MF}result")), None),
        )

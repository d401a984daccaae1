"""The SPARQL 1.1 query tests through guard and worker.

Every ``dawgt:Approved`` evaluation test outside entailment has to pass; the
unapproved ones run, too, and those in which the engine differs are named with
the reason.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
import pytest

from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService
from tests.conformance.sparql11_cases import BASE, SUITE, Case, cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVALUATION = cases("QueryEvaluationTest", "CSVResultFormatTest")
_GRAPH = "GRAPH ?g does not bind ?g where its group touches no triple"
_PATH = "a path of length zero does not match a constant that the data do not hold"
_LANGUAGE = "GROUP_CONCAT keeps a language tag that all its members share"
DEFECTS: Final[dict[str, str]] = {
    "aggregates/agg-empty-group-count-graph": _GRAPH,
    "aggregates/agg-groupconcat-04": _LANGUAGE,
    "aggregates/agg-groupconcat-06": _LANGUAGE,
    "bindings/graph": _GRAPH,
    "negation/graph-minus": "the variable of an outer GRAPH counts as shared by MINUS",
    "property-path/zero_or_more_set_end": _PATH,
    "property-path/zero_or_more_set_start": _PATH,
    "property-path/zero_or_one_set_end": _PATH,
    "property-path/zero_or_one_set_start": _PATH,
    "functions/bnode01": "BNODE(text) gives one node for a text in all rows, not one for each row",
}
APPROVED_DEFECTS: Final = frozenset({"functions/bnode01"})
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
RESULT_FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
ASKED_AS = {".srx": "xml", ".srj": "json", ".tsv": "tsv", ".csv": "csv", ".ttl": "ttl"}

pytestmark = pytest.mark.skipif(
    not EVALUATION, reason=f"no SPARQL 1.1 suite in {SUITE}; set CASEGRAPH_SHARED"
)


def _folder_dataset(folder: str, target: Path) -> None:
    """Every data file of a folder as a graph of its own, named by its address."""
    store = ox.Store()
    names = {
        name
        for case in EVALUATION
        if case.folder == folder
        for name in (*case.data, *case.graph_data)
    }
    for name in sorted(names):
        path = SUITE / folder / name
        store.load(
            path=str(path),
            format=RDF_FORMATS[path.suffix],
            base_iri=f"{BASE}{folder}/{name}",
            to_graph=ox.NamedNode(f"{BASE}{folder}/{name}"),
        )
    store.dump(str(target), ox.RdfFormat.N_QUADS)


@pytest.fixture(scope="module")
def service_for(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], QueryService]]:
    """One service for each folder of the suite, started when it is first asked."""
    running: dict[str, QueryService] = {}

    def service(folder: str) -> QueryService:
        if folder not in running:
            target = tmp_path_factory.mktemp("suite") / f"{folder}.nq"
            _folder_dataset(folder, target)
            running[folder] = QueryService.start(
                target,
                base_iri=f"{BASE}{folder}/",
                workers=1,
                limits=QueryLimits(deadline_query_s=10),
            )
        return running[folder]

    yield service
    for one in running.values():
        one.close()


def _same(triples: list[Any]) -> list[str]:
    """A form that is equal for graphs that differ in blank node labels only.

    Literals are compared as the store keeps them: it writes 2.0 as 2, true for 1,
    and integer for its subtypes.
    """
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    graph = ox.Dataset(store)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, graph))


def _rows(results: Any) -> tuple[list[str], list[str]]:
    """Variables, and solutions as a graph, so that blank nodes compare across rows."""
    variables = [variable.value for variable in results.variables]
    triples: list[ox.Triple] = []
    for row in results:
        node = ox.BlankNode()
        triples.extend(
            ox.Triple(node, ox.NamedNode(f"urn:var:{name}"), row[name])
            for name in variables
            if row[name] is not None
        )
        triples.append(ox.Triple(node, ox.NamedNode("urn:row"), ox.Literal("row")))
    return sorted(variables), _same(triples)


def _described(triples: list[Any]) -> tuple[list[str], list[str]]:
    """A SELECT result written as a graph with the suite's result-set vocabulary."""

    def objects(subject: Any, name: str) -> list[Any]:
        predicate = ox.NamedNode(RS + name)
        return [
            t.object for t in triples if t.predicate == predicate and subject in (None, t.subject)
        ]

    rows = []
    for solution in objects(None, "solution"):
        node = ox.BlankNode()
        rows.append(ox.Triple(node, ox.NamedNode("urn:row"), ox.Literal("row")))
        for binding in objects(solution, "binding"):
            name = objects(binding, "variable")[0].value
            value = objects(binding, "value")[0]
            rows.append(ox.Triple(node, ox.NamedNode(f"urn:var:{name}"), value))
    return sorted(node.value for node in objects(None, "resultVariable")), _same(rows)


def _table(text: str) -> list[list[str]]:
    head, *rows = csv.reader(io.StringIO(text))
    order = sorted(range(len(head)), key=head.__getitem__)
    table = [[_cell(row[i]) for i in order] for row in [head, *rows]]
    return [table[0], *sorted(table[1:])]


def _cell(text: str) -> str:
    """CSV has no datatypes; numbers compare by value, blank nodes as such."""
    if text.startswith("_:"):
        return "_:"
    try:
        return str(float(text))
    except ValueError:
        return text


def _graph(path: Path, case: Case) -> list[Any]:
    style = RDF_FORMATS[path.suffix]
    return list(ox.parse(path=str(path), format=style, base_iri=f"{BASE}{case.folder}/"))


def _compare(data: bytes, case: Case) -> None:
    assert case.result is not None
    path = SUITE / case.folder / case.result
    if path.suffix == ".csv":
        assert _table(data.decode()) == _table(path.read_text(encoding="utf-8"))
        return
    if path.suffix in RDF_FORMATS and case.select:
        rows = _rows(ox.parse_query_results(data, ox.QueryResultsFormat.JSON))
        assert rows == _described(_graph(path, case))
        return
    if path.suffix in RDF_FORMATS:
        wanted = _graph(path, case)
        found = list(ox.parse(data, ox.RdfFormat.TURTLE))
        assert _same(found) == _same(wanted)
        return
    expected: Any = ox.parse_query_results(path=str(path), format=RESULT_FORMATS[path.suffix])
    got: Any = ox.parse_query_results(data, RESULT_FORMATS[path.suffix])
    if isinstance(expected, ox.QueryBoolean):
        assert bool(got) == bool(expected)
    else:
        assert _rows(got) == _rows(expected)


def _run(case: Case, service: QueryService) -> None:
    assert case.result is not None
    base = f"{BASE}{case.folder}/"
    suffix = "." + case.result.rpartition(".")[2]
    given = "FROM" not in case.text(case.query)
    with service.run(
        case.text(case.query),
        accept_format="json" if case.select and suffix == ".ttl" else ASKED_AS[suffix],
        # The request would override what the query itself says with FROM.
        default_graphs=[base + name for name in case.data] if given else None,
        named_graphs=[base + name for name in case.graph_data] if given else None,
    ) as result:
        _compare(result.read(), case)


@pytest.mark.parametrize("case", EVALUATION, ids=str)
def test_evaluation(case: Case, service_for: Callable[[str], QueryService]) -> None:
    """The answer of the suite, or a defect of the engine that is named here."""
    reason = DEFECTS.get(str(case))
    if reason is None:
        _run(case, service_for(case.folder))
        return
    assert case.approved == (str(case) in APPROVED_DEFECTS), reason
    with pytest.raises(AssertionError):
        _run(case, service_for(case.folder))


def test_the_suite_was_read_whole() -> None:
    assert len(EVALUATION) > 230
    assert sum(case.approved for case in EVALUATION) == 178
    assert set(DEFECTS) <= {str(case) for case in EVALUATION}

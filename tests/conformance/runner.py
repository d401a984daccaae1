"""Run the SPARQL 1.1 suite against a server, over HTTP: what a server that only reads can do.

Query evaluation and result formats, syntax, protocol, service description, reading of the
graph store.  What concerns updates or calls to other endpoints is ``inapplicable``.
"""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from tests.conformance import description, results
from tests.conformance.asking import ask, query
from tests.conformance.data import EMPTY, Data, read
from tests.conformance.exchanges import conversations
from tests.conformance.graph_store import graph_store
from tests.conformance.outcomes import expect, inapplicable, tried
from tests.conformance.results import MismatchError
from tests.conformance.sparql11_cases import BASE, EVALUATION, FEDERATION, SYNTAX, cases, cases_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.asking import Answer
    from tests.conformance.description import DescriptionTest
    from tests.conformance.exchanges import Conversation
    from tests.conformance.outcomes import Outcome
    from tests.conformance.servers import Served, Server
    from tests.conformance.sparql11_cases import Case

    Job = Callable[[Server], list[Outcome]]
    Files = tuple[str, tuple[str, ...], tuple[str, ...]]

_BOOLEAN: Final = frozenset({results.JSON, results.XML})
_TABULAR: Final = _BOOLEAN | {results.CSV, results.TSV}
_RDF: Final = frozenset({*description.FORMATS, "application/trig", "application/xhtml+xml"})
_KINDS: Final = {"boolean": _BOOLEAN, "tabular": _TABULAR, "RDF": _RDF}


def run_suite(server: Server) -> list[Outcome]:
    """Every test, in a fixed order."""
    jobs = [*_evaluation(), _syntax, _protocol, _description, graph_store]
    with ThreadPoolExecutor(server.parallel) as pool:
        found = list(pool.map(lambda job: job(server), jobs))
    return [*itertools.chain.from_iterable(found), *_federation()]


# ------------------------------------------------------------------------ queries


def _evaluation() -> list[Job]:
    """One job for each dataset."""
    grouped: dict[Files, list[Case]] = {}
    for case in cases(*EVALUATION):
        default, named = case.data, case.graph_data
        if _names_dataset(case):
            # The files are what its FROM and FROM NAMED lead to.
            default, named = (), (*default, *named)
        grouped.setdefault((case.folder, default, named), []).append(case)
    return [partial(_evaluate_all, files, group) for files, group in grouped.items()]


def _names_dataset(case: Case) -> bool:
    return "FROM" in case.text(case.query)


def _evaluate_all(files: Files, group: list[Case], server: Server) -> list[Outcome]:
    with server.serve(read(*files)) as served:
        return [tried("query", case, partial(_evaluate, case, served)) for case in group]


def _evaluate(case: Case, served: Served) -> None:
    kind = results.asked_as(case)
    answer = query(
        served.sparql,
        # The address of a query's file is its base (RFC 3986, section 5.1.3).
        f"BASE <{BASE}{case.folder}/{case.query}>\n{case.text(case.query)}",
        accept=kind,
        dataset=() if _names_dataset(case) else served.dataset,
    )
    expect(answer, kinds={kind})
    results.compare(case, answer.body)


def _syntax(server: Server) -> list[Outcome]:
    with server.serve(EMPTY) as served:
        return [tried("syntax", case, partial(_parse, case, served)) for case in cases(*SYNTAX)]


def _parse(case: Case, served: Served) -> None:
    answer = query(served.sparql, case.text(case.query), accept="*/*")
    if case.kind.startswith("Positive"):
        expect(answer)
    elif answer.status != 400:
        raise MismatchError(f"status {answer.status} for what is no query")


def _federation() -> list[Outcome]:
    return [
        inapplicable(
            "query" if case.kind in EVALUATION else "syntax", case, "calls other endpoints"
        )
        for folder in sorted(FEDERATION)
        for case in cases_in(folder)
    ]


# ----------------------------------------------------------------------- protocol


def _protocol(server: Server) -> list[Outcome]:
    tests = conversations("protocol")
    graphs = sorted({graph for test in tests for graph in test.graphs})
    data = Data(named=tuple((name, read("protocol", (file,), ()).default) for name, file in graphs))
    with server.serve(data) as served:
        return [
            inapplicable("protocol", test, "needs an endpoint that can be written to")
            if test.name.startswith("update_")
            else tried("protocol", test, partial(_converse, test, served))
            for test in tests
        ]


def _converse(test: Conversation, served: Served) -> None:
    for exchange in test.exchanges:
        answer = ask(
            served.sparql + exchange.path.removeprefix("/sparql/"),
            method=exchange.method,
            headers=exchange.headers,
            body=exchange.sent(),
        )
        if not exchange.accepts(answer.status):
            raise MismatchError(f"status {answer.status}, not {' or '.join(exchange.statuses)}")
        if exchange.format is not None:
            expect(answer, kinds=_KINDS[exchange.format])
        if exchange.boolean is not None and _boolean(answer) != exchange.boolean:
            raise MismatchError(f"the answer is not {exchange.boolean}")


def _boolean(answer: Answer) -> bool | None:
    if answer.kind == results.XML:
        return b"<boolean>true</boolean>" in answer.body
    said: bool | None = json.loads(answer.body).get("boolean")
    return said


def _description(server: Server) -> list[Outcome]:
    with server.serve(EMPTY) as served:
        return [
            tried("description", test, partial(_describe, test, served))
            for test in description.tests()
        ]


def _describe(test: DescriptionTest, served: Served) -> None:
    answer = ask(served.sparql, headers=[("Accept", "text/turtle")])
    expect(answer)
    test.check(description.read(answer.body, answer.kind, served.sparql), served.sparql)

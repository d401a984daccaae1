"""The graph store tests, as far as they read.

Each begins with a PUT, POST or DELETE.  What such a request would leave behind is worked out
here and served; then the GET and HEAD requests are sent as they stand.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

from tests.conformance.asking import ask
from tests.conformance.data import Data, parsed
from tests.conformance.exchanges import conversations
from tests.conformance.outcomes import expect, inapplicable, tried
from tests.conformance.results import MismatchError, isomorphic

if TYPE_CHECKING:
    from tests.conformance.exchanges import Conversation, Exchange
    from tests.conformance.outcomes import Outcome
    from tests.conformance.servers import Server

GROUP: Final = "graph store"
_NEW_GRAPH: Final = "http://www.example/gsp/a-new-graph"
_DEFAULT: Final = ""
_TURTLE: Final = frozenset({"text/turtle"})


def graph_store(server: Server) -> list[Outcome]:
    """Every test that names its graph by a parameter; the others do not apply."""
    direct = conversations("graph-store-protocol", "manifest-direct.ttl")
    tests = conversations("graph-store-protocol", "manifest-indirect.ttl")
    return [
        *(tried(GROUP, test, partial(_converse, test, server)) for test in tests),
        *(inapplicable(GROUP, test, "graphs are not addressed directly") for test in direct),
    ]


def _converse(test: Conversation, server: Server) -> None:
    graphs: dict[str, str] = {}
    for exchange in test.exchanges:
        name = _graph(exchange.path)
        if exchange.method == "DELETE":
            graphs.pop(name, None)
        elif exchange.body is not None:
            lines = parsed(exchange.body, exchange.header("content-type"))
            before = graphs.get(name, "") if exchange.method == "POST" else ""
            graphs[name] = before + lines
        else:
            _read(exchange, graphs, server)


def _graph(path: str) -> str:
    fields = parse_qs(urlsplit(path).query, keep_blank_values=True)
    if "default" in fields:
        return _DEFAULT
    return fields["graph"][0] if "graph" in fields else _NEW_GRAPH


def _read(exchange: Exchange, graphs: dict[str, str], server: Server) -> None:
    named = tuple(sorted((name, lines) for name, lines in graphs.items() if name != _DEFAULT))
    with server.serve(Data(graphs.get(_DEFAULT, ""), named)) as served:
        if served.graph_store is None:
            raise MismatchError("there is no graph store")
        answer = ask(
            served.graph_store
            + exchange.path.removeprefix("/gsp").replace("$LOCATION$", _NEW_GRAPH),
            method=exchange.method,
            headers=exchange.headers,
        )
    if not exchange.accepts(answer.status):
        raise MismatchError(f"status {answer.status}, not {' or '.join(exchange.statuses)}")
    if exchange.expected is not None:
        expect(answer, kinds=_TURTLE)
        isomorphic(
            ox.parse(answer.body, ox.RdfFormat.TURTLE),
            ox.parse(exchange.expected.encode(), ox.RdfFormat.TURTLE),
        )

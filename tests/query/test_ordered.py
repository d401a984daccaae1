"""The canonical text of an answer: equal for equal answers, however they were found."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from casegraph.errors import AskForLess, InvalidQuery, NotAllowed, TryLater
from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "http://example.org/"
LIMITS = QueryLimits(max_rows=2_000, max_result_bytes=150_000, deadline_query_s=0.5)


@pytest.fixture(scope="module")
def store(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ordered") / "store"
    made = ox.Store(str(path))
    made.bulk_load(path=str(dataset), format=ox.RdfFormat.N_QUADS)
    made.flush()
    return path


@pytest.fixture(scope="module", params=["memory", "disk", "spawned"])
def service(request: pytest.FixtureRequest, dataset: Path, store: Path) -> Iterator[QueryService]:
    with QueryService.start(
        dataset,
        base_iri=BASE,
        store=store,
        quads=300,
        workers=1,
        limits=LIMITS,
        forked=False if request.param == "spawned" else None,
        memory_limit=1 if request.param == "disk" else None,
    ) as running:
        assert running.storage == ("disk" if request.param == "disk" else "memory")
        yield running


def canonical(service: QueryService, query: str) -> bytes:
    """The text, which is the same whenever it is asked for."""
    with service.sorted_rows(query) as result:
        data = result.read()
        assert result.length == len(data)
        assert result.sha256 == hashlib.sha256(data).hexdigest()
        assert result.elapsed > 0
    with service.sorted_rows(query) as again:
        assert (again.sha256, again.rows) == (result.sha256, result.rows)
    return data


def test_rows_are_sorted_below_the_line_of_variables(service: QueryService) -> None:
    data = canonical(service, "SELECT ?o ?s { ?s ?p ?o }")
    lines = [f'"v{i}"\t<{BASE}s{i}>' for i in range(300)]
    assert data == "".join(f"{line}\n" for line in ["?o\t?s", *sorted(lines)]).encode()


def test_the_order_of_the_query_does_not_count_and_rows_are_kept(service: QueryService) -> None:
    up = canonical(service, "SELECT ?x { VALUES ?x { 2 1 2 'я' UNDEF } } ORDER BY ?x")
    down = canonical(service, "SELECT ?x { VALUES ?x { 2 1 2 'я' UNDEF } } ORDER BY DESC(?x)")
    assert up == down == '?x\n\n"я"\n1\n2\n2\n'.encode()


def test_an_answer_without_rows_has_its_variables(service: QueryService) -> None:
    assert canonical(service, "SELECT ?s ?o { ?s <absent> ?o }") == b"?s\t?o\n"
    assert canonical(service, "SELECT * { }") == b"\n\n"


def test_line_ends_in_literals_are_escaped(service: QueryService) -> None:
    data = canonical(service, 'SELECT ?x { VALUES ?x { "b\\nc\\r" "a\\tb" } }')
    assert data == b'?x\n"a\\tb"\n"b\\nc\\r"\n'


def test_questions_are_true_or_false(service: QueryService) -> None:
    assert canonical(service, "ASK { ?s ?p ?o }") == b"true\n"
    assert canonical(service, "ASK { ?s <absent> ?o }") == b"false\n"


def test_graphs_are_sorted_triples_each_once(service: QueryService) -> None:
    query = "CONSTRUCT { <a> ?p ?q } { ?s ?p ?o VALUES ?q { 2 1 } }"
    with service.sorted_rows(query) as result:
        assert (result.media_type, result.rows) == ("application/n-triples", 2)
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert canonical(service, query).decode() == "".join(
        f'<{BASE}a> <{BASE}p> "{i}"^^<{integer}> .\n' for i in (1, 2)
    )
    assert canonical(service, "DESCRIBE <absent>") == b""


def test_a_large_answer_is_sorted_as_well(service: QueryService) -> None:
    query = "SELECT ?a ?d ?f { ?a <p> ?c . ?d <p> ?f FILTER(?d IN (<s1>, <s2>, <s3>, <s4>, <s5>)) }"
    with service.sorted_rows(query) as result:
        assert result.path is not None
        data = result.read()
    assert (result.rows, data.count(b"\n")) == (1_500, 1_501)
    lines = data.splitlines()
    assert lines[1:] == sorted(lines[1:])
    assert result.sha256 == hashlib.sha256(data).hexdigest()


def test_guard_limits_and_deadline_hold_here_too(service: QueryService) -> None:
    with pytest.raises(NotAllowed):
        service.sorted_rows("SELECT * { SERVICE <http://example.org/> { } }")
    with pytest.raises(InvalidQuery):
        service.sorted_rows("SELECT * {")
    with pytest.raises(AskForLess) as caught:
        service.sorted_rows("SELECT ?n { ?a ?b ?c . ?d ?e ?f BIND(1 AS ?n) } LIMIT 2001")
    assert caught.value.limit == "rows"
    with pytest.raises(AskForLess) as caught:
        service.sorted_rows("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 2000")
    assert caught.value.limit == "bytes"
    with pytest.raises(AskForLess) as caught:
        service.sorted_rows("CONSTRUCT { ?a <q> ?f } { ?a ?b ?c . ?d ?e ?f }")
    assert caught.value.limit == "bytes"
    with pytest.raises(TryLater) as late:
        service.sorted_rows("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert late.value.limit == "time"

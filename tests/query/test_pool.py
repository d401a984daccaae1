"""The query service: whole answers, real killing, and the same with both kinds of workers."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from casegraph.errors import AskForLess, CasegraphError, FixInput, InvalidQuery, TryLater
from casegraph.query import seccomp
from casegraph.query.forked import ForkedPool
from casegraph.query.job import admit, job_frame
from casegraph.query.limits import GuardLimits, QueryLimits
from casegraph.query.oneshot import run_once
from casegraph.query.pool import QueryService
from casegraph.query.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "http://example.org/"
LIMITS = QueryLimits(
    deadline_page_s=0.3,
    deadline_query_s=0.6,
    max_rows=5_000,
    max_result_bytes=200_000,
    memory_bytes=96 * 1024 * 1024,
    wait_s=0.2,
)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i"
NO_FORK = seccomp.why_unavailable()
forked_only = pytest.mark.skipif(NO_FORK is not None, reason=str(NO_FORK))


@pytest.fixture(scope="module", params=[pytest.param(True, id="forked", marks=forked_only), False])
def service(request: pytest.FixtureRequest, dataset: Path) -> Iterator[QueryService]:
    with QueryService.start(
        dataset, base_iri=BASE, workers=1, limits=LIMITS, forked=request.param
    ) as running:
        yield running


def count(service: QueryService, query: str = COUNT, **graphs: list[str]) -> str:
    with service.run(query, accept_format="tsv", **graphs) as result:  # type: ignore[arg-type]
        return result.read().decode().split("\n")[1]


def test_a_result_is_whole_and_described(service: QueryService) -> None:
    with service.run("SELECT ?o { ?s ?p ?o } ORDER BY ?o", accept_format="csv") as result:
        data = result.read()
        assert data.count(b"\r\n") == 301
        assert (result.rows, result.length) == (300, len(data))
        assert result.sha256 == hashlib.sha256(data).hexdigest()
        assert (result.media_type, result.form, result.citable) == ("text/csv", "SELECT", True)
        assert result.elapsed > 0
        with result.open() as stream:
            assert stream.read() == data
        assert result.path is None


def test_a_large_result_is_a_file_until_it_is_closed(service: QueryService) -> None:
    query = "SELECT ?a ?f { ?a ?b ?o . ?d ?e ?f } LIMIT 2500"
    with service.run(query, accept_format="csv") as result:
        data = result.read()
        assert result.path is not None
        assert result.path.read_bytes() == data
        assert (result.rows, result.length) == (2_500, len(data))
        assert result.sha256 == hashlib.sha256(data).hexdigest()
        with result.open() as stream:
            assert stream.read() == data
    assert not result.path.exists()


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_are_counted_in_every_format(service: QueryService, name: str) -> None:
    query = "SELECT * { VALUES ?x { '\"' '},{' '<result>' '\\n' '\\\\' UNDEF } VALUES ?y { 1 2 } }"
    with service.run(query, accept_format=name) as result:
        assert result.rows == 12


@pytest.mark.parametrize("name", ["ttl", "nt", "nq", "trig", "rdfxml", "jsonld"])
def test_graphs_are_written_in_every_format(service: QueryService, name: str) -> None:
    query = f"PREFIX v: <{BASE}> CONSTRUCT {{ ?s v:q ?o }} {{ ?s ?p ?o }}"
    with service.run(query, accept_format=name) as result:
        style = ox.RdfFormat.from_media_type(result.media_type)
        assert style is not None
        assert len({str(row) for row in ox.parse(result.read(), style)}) == 300
        assert result.rows == 300
        assert name != "ttl" or b"@prefix v: <http://example.org/> .\nv:s0 v:q" in result.read()


def test_a_turtle_answer_is_sorted_and_carries_used_prefixes_only(service: QueryService) -> None:
    query = f"DESCRIBE <{BASE}s7> <{BASE}s10>"
    with service.run(query, accept_format="ttl") as result:
        assert result.read().decode() == (
            f'<{BASE}s10> <{BASE}p> "v10" .\n<{BASE}s7> <{BASE}p> "v7" .\n'
        )


def test_ask_has_no_table(service: QueryService) -> None:
    with service.run("ASK { ?s ?p ?o }", accept_format="json") as result:
        assert result.read() == b'{"head":{},"boolean":true}'
        assert result.rows is None
    with pytest.raises(FixInput, match="ASK cannot be written as csv"):
        service.run("ASK { }", accept_format="csv")
    with pytest.raises(FixInput, match="no result format 'pdf'"):
        service.run("ASK { }", accept_format="pdf")


def test_the_default_graph_is_the_union(service: QueryService) -> None:
    assert count(service) == "300"
    assert count(service, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }") == "300"


def test_graphs_of_the_request_override_those_of_the_query(service: QueryService) -> None:
    clause = f"SELECT (COUNT(*) AS ?n) FROM <{BASE}g0> {{ ?s ?p ?o }}"  # noqa: S608 - SPARQL
    assert count(service, clause) == "100"
    assert count(service, clause, default_graphs=[BASE + "g1", BASE + "g2"]) == "200"
    assert count(service, clause, named_graphs=[BASE + "g1"]) == "0"
    graph = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert count(service, graph, named_graphs=[BASE + "g1", BASE + "g1"]) == "100"
    assert count(service, graph, default_graphs=[BASE + "g1"]) == "0"
    assert count(service, default_graphs=[BASE + "absent"]) == "0"
    with pytest.raises(FixInput, match="no absolute IRI"):
        count(service, default_graphs=["g1"])


def test_relative_iris_are_resolved_against_the_base(service: QueryService) -> None:
    assert count(service, "SELECT (COUNT(*) AS ?n) { <s1> ?p ?o }") == "1"


def test_grammar_errors_say_where_in_code_points(service: QueryService) -> None:
    with pytest.raises(InvalidQuery) as caught:
        service.run("# Вельданія\nSELECT * { 'Імя' ?p }", accept_format="json")
    assert (caught.value.line, caught.value.column) == (2, 21)


def test_a_function_that_is_not_known_is_an_error_of_its_expression_alone(
    service: QueryService,
) -> None:
    query = "PREFIX x: <urn:x:> SELECT (x:a(1) AS ?a) (x:b(2) AS ?b) (3 AS ?c) {}"
    with service.run(query, accept_format="csv") as result:
        assert result.read() == b"a,b,c\r\n,,3\r\n"
    many = " ".join(f"(<urn:x:{number}>() AS ?v{number})" for number in range(40))
    with pytest.raises(InvalidQuery, match="not supported"):
        service.run(f"SELECT {many} {{}}", accept_format="csv")


@pytest.mark.parametrize("character", ["\\u0001", "\\u0000", "\\uFFFE"])
def test_what_xml_cannot_carry_is_refused_in_xml_alone(
    service: QueryService, character: str
) -> None:
    query = f'SELECT ?x {{ BIND("a{character}b" AS ?x) }}'
    with pytest.raises(FixInput, match="XML cannot carry"):
        service.run(query, accept_format="xml")
    with service.run(query, accept_format="json") as result:
        assert result.rows == 1
    graph = f'CONSTRUCT {{ <urn:a> <urn:b> "{character}" }} WHERE {{}}'
    with pytest.raises(FixInput, match="XML cannot carry"):
        service.run(graph, accept_format="rdfxml")


def test_the_clock_kills_and_the_next_query_is_answered(service: QueryService) -> None:
    with pytest.raises(TryLater) as caught:
        service.run(ENDLESS, accept_format="json", lane="page")
    assert caught.value.limit == "time"
    assert (caught.value.elapsed or 0) >= 0.3
    assert "0.3 seconds" in caught.value.message
    assert count(service) == "300"


def test_memory_kills_and_the_next_query_is_answered(service: QueryService) -> None:
    with pytest.raises(TryLater) as caught:
        service.run(GREEDY, accept_format="json")
    assert caught.value.limit == "memory"
    assert count(service) == "300"


@pytest.mark.parametrize("name", ["csv", "json"])
def test_too_many_rows_are_an_error_not_a_part(service: QueryService, name: str) -> None:
    with pytest.raises(AskForLess) as caught:
        service.run("SELECT ?f { ?a ?b ?c . ?d ?e ?f }", accept_format=name)
    assert caught.value.limit == "rows" if name == "csv" else caught.value.limit == "bytes"
    assert [path for path in service._spools._folder.iterdir() if path.stat().st_size] == []


def test_whoever_finds_the_queue_full_is_told_to_come_back(service: QueryService) -> None:
    """One worker and a queue of two: of eight endless queries some are not even started."""
    limits: list[str] = []

    def ask() -> None:
        try:
            service.run(ENDLESS, accept_format="json").close()
        except TryLater as error:
            limits.append(error.limit)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(limits) == 8
    assert set(limits) <= {"time", "load"}
    assert "load" in limits
    assert count(service) == "300"


def test_many_threads_get_their_own_answers(dataset: Path) -> None:
    found: dict[int, str] = {}
    limits = QueryLimits(queue_factor=20, queries_per_worker=7)
    with QueryService.start(dataset, base_iri=BASE, workers=2, limits=limits) as service:

        def ask(number: int) -> None:
            found[number] = count(service, f"SELECT (STR({number}) AS ?n) {{ }}")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: f'"{number}"' for number in range(30)}


def _children(pid: int) -> list[int]:
    task = Path(f"/proc/{pid}/task/{pid}/children")
    own = [int(child) for child in task.read_text(encoding="ascii").split()]
    return own + [below for child in own for below in _children(child)]


def _family(pool: ForkedPool, size: int) -> list[int]:
    """Supervisor, zygote and workers, once all of them are there."""
    family: list[int] = []
    for _ in range(500):
        family = [pool._process.pid, *_children(pool._process.pid)]
        if len(family) == size:
            return family
        threading.Event().wait(0.01)
    raise AssertionError(family)


@forked_only
def test_nothing_outlives_the_service(dataset: Path) -> None:
    service = QueryService.start(dataset, base_iri=BASE, workers=2, limits=LIMITS)
    pool = service._pool
    assert isinstance(pool, ForkedPool)
    assert count(service) == "300"
    below = _family(pool, 5)
    assert len(below) == 5  # supervisor, zygote, two workers and one that stands by
    folder = service._spools._folder
    service.close()
    service.close()
    assert not folder.exists()
    assert [pid for pid in below if _running(pid)] == []
    with pytest.raises(TryLater):
        pool.submit({"lane": "page", "client": "", "deadline_s": 1}, folder, 0, Ticket())


@forked_only
@pytest.mark.parametrize("depth", [0, 1, 2], ids=["supervisor", "zygote", "worker"])
def test_the_death_of_any_process_is_survived(dataset: Path, depth: int) -> None:
    with QueryService.start(dataset, base_iri=BASE, workers=1, limits=LIMITS) as service:
        pool = service._pool
        assert isinstance(pool, ForkedPool)
        assert count(service) == "300"
        family = _family(pool, 4)
        os.kill(family[depth], signal.SIGKILL)
        answers = []
        for _ in range(20):
            try:
                answers.append(count(service))
                break
            except TryLater:
                threading.Event().wait(0.05)
        assert answers == ["300"]


def _running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_an_error_not_a_part(service: QueryService) -> None:
    query = "SELECT ?a ?f { ?a ?b ?o . ?d ?e ?f } LIMIT 2500"
    form, style = admit(query, "json", guard=GuardLimits())
    job = job_frame(
        query=query,
        form=form,
        style=style,
        base_iri=BASE,
        limits=LIMITS,
        lane="query",
        default_graphs=None,
        named_graphs=None,
    )
    with Path("/dev/full").open("wb") as full:
        reply = service._pool.submit(job, Path("/dev/full"), full.fileno(), Ticket())
    assert (reply["error"], reply["limit"]) == ("TryLater", "disk")
    assert "No space left" in reply["message"]


def test_a_store_on_disk_answers_the_same(dataset: Path, tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "store"))
    store.bulk_load(path=str(dataset), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    with QueryService.start(tmp_path / "store", base_iri=BASE, workers=1, limits=LIMITS) as service:
        assert count(service) == "300"
        with pytest.raises(TryLater) as caught:
            service.run(ENDLESS, accept_format="json")
        assert caught.value.limit == "time"
        assert count(service) == "300"


def test_graphs_that_overlap_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "overlap.nq.gz"
    lines = "".join(f'<{BASE}s> <{BASE}p> "v" <{BASE}g{i}> .\n' for i in range(2))
    path.write_bytes(gzip.compress((lines + f'<{BASE}s> <{BASE}p> "w" .\n').encode()))
    both = f"FROM <g0> FROM <g1> FROM NAMED <{BASE}g0>"
    with QueryService.start(path, base_iri=BASE, workers=1, limits=LIMITS) as service:
        assert count(service) == "2"
        assert count(service, default_graphs=[BASE + "g0", BASE + "g1"]) == "1"
        assert count(service, f"SELECT (COUNT(*) AS ?n) {both} {{ ?s ?p ?o }}") == "1"
        graph = f"SELECT (COUNT(*) AS ?n) {both} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
        assert count(service, graph) == "1"


@pytest.mark.parametrize("text", [None, "this is not N-Quads"])
def test_a_dataset_that_cannot_be_opened_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "broken.nq"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    for forked in (NO_FORK is None, False):
        with pytest.raises(CasegraphError, match=r"broken\.nq"):
            QueryService.start(path, base_iri=BASE, forked=forked)


def test_one_query_runs_once(dataset: Path) -> None:
    with run_once(dataset, COUNT, base_iri=BASE, accept_format="tsv") as result:
        assert result.read() == b"?n\n300\n"
    query = "SELECT ?a ?f { ?a ?b ?o . ?d ?e ?f } LIMIT 2500"
    with run_once(dataset, query, base_iri=BASE, accept_format="tsv") as result:
        assert result.path is not None
        assert result.path.stat().st_size == result.length > 64 * 1024
        folder = result.path.parent
    assert not folder.exists()
    with pytest.raises(InvalidQuery):
        run_once(dataset, "ASK {", base_iri=BASE, accept_format="json")
    with pytest.raises(TryLater):
        run_once(dataset, ENDLESS, base_iri=BASE, accept_format="json", limits=LIMITS)


@forked_only
@pytest.mark.parametrize("what", ["open", "pipe"])
def test_no_room_for_a_result_is_said_to_pass(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A full disk, or no descriptor left: both are over some time."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with QueryService.start(dataset, base_iri=BASE, workers=1, limits=LIMITS) as service:
        with monkeypatch.context() as patched:
            patched.setattr(os, what, full)
            with pytest.raises(TryLater) as caught:
                service.run(COUNT, accept_format="tsv")
        assert caught.value.limit == "disk"
        assert count(service) == "300"

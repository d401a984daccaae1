"""Lanes, clients and giving up, with real workers of both kinds."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import TryLater
from casegraph.query import seccomp
from casegraph.query.forked import ForkedPool
from casegraph.query.job import admit, job_frame
from casegraph.query.limits import GuardLimits, QueryLimits
from casegraph.query.pool import QueryService
from casegraph.query.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.query.limits import Lane

BASE = "http://example.org/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LIMITS = QueryLimits(wait_s=60.0, deadline_query_s=60.0, deadline_page_s=60.0, slow_after_s=0.05)
NO_FORK = seccomp.why_unavailable()
forked_only = pytest.mark.skipif(NO_FORK is not None, reason=str(NO_FORK))
both_kinds = pytest.mark.parametrize(
    "forked",
    [pytest.param(True, marks=forked_only, id="forked"), pytest.param(False, id="spawned")],
)


class Call:
    """A query in a thread of its own."""

    def __init__(
        self, service: QueryService, query: str, *, client: str = "", lane: Lane = "query"
    ) -> None:
        self.ticket = Ticket()
        self.limit = ""
        self.rows: int | None = None

        def ask() -> None:
            try:
                with service.run(
                    query, accept_format="tsv", client=client, lane=lane, ticket=self.ticket
                ) as result:
                    self.rows = result.rows
            except TryLater as error:
                self.limit = error.limit

        self.thread = threading.Thread(target=ask)
        self.thread.start()

    def give_up(self) -> None:
        self.ticket.cancel()
        self.thread.join()


@pytest.fixture
def calls() -> Iterator[list[Call]]:
    """Calls that are given up in the end, whatever the test finds."""
    made: list[Call] = []
    yield made
    for call in made:
        call.give_up()


def until(what: object) -> None:
    """Wait until something comes true; the test fails where it never does."""
    assert callable(what)
    for _ in range(3_000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError(what)


def answer(service: QueryService, *, client: str = "", lane: Lane = "query") -> bytes:
    with service.run(COUNT, accept_format="tsv", client=client, lane=lane) as result:
        return result.read()


@both_kinds
def test_a_page_is_answered_while_ad_hoc_queries_take_all_they_may(
    dataset: Path, calls: list[Call], *, forked: bool
) -> None:
    with QueryService.start(
        dataset, base_iri=BASE, workers=2, limits=LIMITS, forked=forked
    ) as service:
        calls += [Call(service, ENDLESS, client=name) for name in "ab"]
        assert answer(service, lane="page") == b"?n\n300\n"
        assert [call.limit for call in calls] == ["", ""]
        for call in calls:
            call.give_up()
        assert [call.limit for call in calls] == ["cancelled", "cancelled"]
        assert answer(service, client="c") == b"?n\n300\n"


@both_kinds
def test_a_client_with_many_connections_pushes_nobody_out(
    dataset: Path, calls: list[Call], *, forked: bool
) -> None:
    """Eight calls of one client and four workers: it gets one, and half of the queue."""
    with QueryService.start(
        dataset, base_iri=BASE, workers=4, limits=LIMITS, forked=forked
    ) as service:
        calls += [Call(service, ENDLESS, client="greedy") for _ in range(8)]
        until(lambda: sum(call.limit == "rate" for call in calls) == 3)
        assert answer(service, client="honest") == b"?n\n300\n"
        assert sorted(call.limit for call in calls) == [""] * 5 + ["rate"] * 3


@both_kinds
def test_giving_up_in_the_queue_leaves_the_others_alone(
    dataset: Path, calls: list[Call], *, forked: bool
) -> None:
    with QueryService.start(
        dataset, base_iri=BASE, workers=1, limits=LIMITS, forked=forked
    ) as service:
        calls.append(Call(service, ENDLESS, client="a"))
        time.sleep(0.5)  # Threads start in any order; the first has to have the worker.
        calls.append(Call(service, COUNT, client="b"))
        waiting = Call(service, ENDLESS, client="c")
        waiting.give_up()
        assert waiting.limit == "cancelled"
        assert not waiting.ticket.died
        assert (calls[0].limit, calls[1].rows) == ("", None)
        calls[0].give_up()
        calls[1].thread.join()
        assert calls[1].rows == 1


@both_kinds
def test_what_is_given_up_before_it_is_asked_is_not_answered(
    dataset: Path, *, forked: bool
) -> None:
    with QueryService.start(
        dataset, base_iri=BASE, workers=1, limits=LIMITS, forked=forked
    ) as service:
        ticket = Ticket()
        ticket.cancel()
        with pytest.raises(TryLater) as caught:
            service.run(ENDLESS, accept_format="json", ticket=ticket)
        assert caught.value.limit == "cancelled"


@both_kinds
def test_a_ticket_tells_what_was_spent(dataset: Path, *, forked: bool) -> None:
    limits = QueryLimits(deadline_query_s=0.2)
    with QueryService.start(
        dataset, base_iri=BASE, workers=1, limits=limits, forked=forked
    ) as service:
        cheap, dear, wrong = Ticket(), Ticket(), Ticket()
        service.run(COUNT, accept_format="json", ticket=cheap).close()
        assert cheap.work_s > 0
        assert not cheap.died
        with pytest.raises(TryLater):
            service.run(ENDLESS, accept_format="json", ticket=dear)
        assert dear.work_s >= 0.2
        assert dear.died
        with pytest.raises(Exception, match="grammar"):
            service.run("ASK { ?s ?p }", accept_format="json", ticket=wrong)
        assert wrong.work_s > 0
        assert not wrong.died


@forked_only
def test_what_a_refused_answer_cost_is_told_as_well(dataset: Path, tmp_path: Path) -> None:
    """Too large, or against the grammar: the worker's time counts."""
    with QueryService.start(dataset, base_iri=BASE, workers=1, limits=LIMITS) as service:
        for query in ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "SELECT * { ?s ?p }"):
            form, style = admit(query, "json", guard=GuardLimits())
            job = job_frame(
                query=query,
                form=form,
                style=style,
                base_iri=BASE,
                limits=QueryLimits(max_rows=1_000),
                lane="query",
                default_graphs=None,
                named_graphs=None,
            )
            ticket = Ticket()
            with (tmp_path / "spool").open("w+b") as spool:
                reply = service._pool.submit(job, tmp_path / "spool", spool.fileno(), ticket)
            assert "error" in reply
            assert ticket.work_s > 0


def _niceness(pool: ForkedPool) -> list[int]:
    """Of all processes below the supervisor."""
    found, below = [], [pool._process.pid]
    while below:
        pid = below.pop()
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        except OSError:
            continue
        below += map(int, children.split())
        found.append(int(stat.split()[16]))
    return found


@forked_only
def test_a_long_query_gives_way_and_its_worker_is_replaced(
    dataset: Path, calls: list[Call]
) -> None:
    """Supervisor, zygote, two workers and one that stands by; one of them becomes nice."""
    with QueryService.start(
        dataset, base_iri=BASE, workers=2, limits=LIMITS, forked=True
    ) as service:
        pool = service._pool
        assert isinstance(pool, ForkedPool)
        here = min(_niceness(pool))
        calls.append(Call(service, ENDLESS, client="a"))
        until(lambda: sorted(_niceness(pool)) == [here] * 4 + [min(here + 10, 19)])
        calls[0].give_up()
        until(lambda: _niceness(pool) == [here] * 5)


@forked_only
def test_a_worker_that_gave_way_is_not_used_again(dataset: Path) -> None:
    """The query is answered all the same."""
    limits = QueryLimits(slow_after_s=0.0)
    some = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(STR(?c) < STR(?f)) }"
    with QueryService.start(
        dataset, base_iri=BASE, workers=1, limits=limits, forked=True
    ) as service:
        pool = service._pool
        assert isinstance(pool, ForkedPool)
        here = min(_niceness(pool))
        for _ in range(5):
            with service.run(some, accept_format="tsv") as result:
                assert result.read() == b"?n\n44850\n"
        until(lambda: _niceness(pool) == [here] * 4)

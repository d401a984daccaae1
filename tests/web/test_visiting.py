"""Visitors are counted, told of limits alike everywhere, and leave threads for others."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.testclient import TestClient

from casegraph.errors import TryLater
from casegraph.settings import Settings
from casegraph.web.app import create_app
from tests.web.conftest import HOME
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import BASE, RELEASE, address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from casegraph.query.limits import Lane
    from casegraph.query.result import Result
    from casegraph.query.ticket import Ticket

PATIENCE_S = 60
JSON = {"accept": "application/json"}
#: Threads that everything else in the process shares.
SHARED = 40
#: A refused query, and a format that its form does not have.
WRONG = [
    ("/sparql", {"query": "SELECT * {"}),
    ("/answer", {"release": RELEASE, "query": "SELECT * {"}),
    ("/answer", {"release": RELEASE, "query": "ASK {}", "format": "csv"}),
    ("/changes", {"since": RELEASE, "query": "SELECT * {"}),
]


@dataclass
class Blocked(FakeQueries):
    """Queries of visitors wait until they are let go."""

    let_go: threading.Event = field(default_factory=threading.Event)

    def run(
        self,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        self.let_go.wait(PATIENCE_S)
        return super().run(
            query,
            accept_format=accept_format,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            lane=lane,
            client=client,
            ticket=ticket,
        )


@pytest.mark.parametrize(("path", "params"), WRONG)
def test_who_only_sends_what_is_wrong_is_stopped(
    releases: Path, fake: FakeQueries, path: str, params: dict[str, str]
) -> None:
    settings = Settings(client_burst_errors=10, client_errors_per_minute=1)
    app = create_app(releases, settings=settings, service_factory=lambda _release, **_: fake)
    with TestClient(app, base_url=HOME) as visitor:
        said = [visitor.get(path, params=params).status_code for _ in range(11)]
        last = visitor.get(path, params=params, headers=JSON)
    assert said == [400] * 10 + [429]
    assert last.status_code == 429
    assert last.json()["limit"] == "rate"
    assert int(last.headers["retry-after"]) > 0
    assert fake.asked == []


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/sparql", {"query": "ASK {}"}),
        ("/answer", {"release": RELEASE, "query": "ASK {}", "format": "json"}),
        ("/changes", {"since": RELEASE, "query": "ASK {}"}),
    ],
)
def test_a_limit_is_told_alike_wherever_it_is_met(
    fake_client: TestClient, fake: FakeQueries, path: str, params: dict[str, str]
) -> None:
    fake.error = TryLater("Too slow.", limit="time", elapsed=30.0, retry_after=30)
    answer = fake_client.get(path, params=params, headers=JSON)
    assert answer.status_code == 503
    said = answer.json()
    assert (said["limit"], said["elapsed"], said["allowed"]) == ("time", 30.0, 30.0)
    assert said["tryNext"]
    assert said["dumps"] == f"{HOME}/release/{params.get('release', 'latest')}"


def test_what_is_not_there_is_told_without_times(fake_client: TestClient) -> None:
    """How long it took could tell what a release holds."""
    nothing = {"release": "2020-01-01.1", "query": "ASK {}", "format": "json"}
    for path in ("/sparql", "/answer"):
        answer = fake_client.get(path, params=nothing, headers=JSON)
        assert answer.status_code == 404
        assert "elapsed" not in answer.json()


def test_waiting_queries_leave_threads_for_the_rest(releases: Path, tmp_path: Path) -> None:
    """As many visitors as may wait, and more than there are threads, do not hide the site."""
    queries = Blocked(tmp_path)
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=lambda _release, **_: queries)

    async def visit() -> list[int]:
        asking = app.state.site.asking
        most = int(asking.total_tokens) + SHARED
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=HOME, timeout=None) as client:  # noqa: S113 - the test has a limit of its own
            assert (await client.get("/readyz")).status_code == 200
            params = {"query": "ASK {}"}
            visits = [
                asyncio.create_task(client.get("/sparql", params=params)) for _ in range(most)
            ]
            try:
                async with asyncio.timeout(PATIENCE_S):
                    while asking.available_tokens > 0:  # noqa: ASYNC110 - a limiter has no event
                        await asyncio.sleep(0.01)
                    found = [
                        (await client.get(path)).status_code for path in ("/healthz", "/readyz")
                    ]
            finally:
                queries.let_go.set()
            return found + [one.status_code for one in await asyncio.gather(*visits)]

    assert set(asyncio.run(visit())) == {200}


def test_whether_a_thing_is_known_takes_no_worker(
    fake_client: TestClient, fake: FakeQueries
) -> None:
    known = {"since": RELEASE, "about": f"{BASE}id/{address('prisoners')}"}
    fake.body = b"?finding\t?statement\n"
    assert fake_client.get("/changes", params=known, headers=JSON).status_code == 200
    assert [one.accept_format for one in fake.asked] == ["tsv", "tsv"]


def test_what_may_lie_below_a_thing_is_looked_for_at_the_cost_of_who_asks(
    fake_client: TestClient, fake: FakeQueries
) -> None:
    below = {"since": RELEASE, "about": f"{BASE}id/{address('denial')}/nothing/1"}
    assert fake_client.get("/changes", params=below, headers=JSON).status_code == 404
    assert fake.asked
    assert all(one.lane == "query" and one.client for one in fake.asked)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/sparql", {"query": "ASK {}"}),
        ("/sparql", {}),
        ("/rdf-graph-store", {"graph": f"{BASE}graph/asserted"}),
        ("/changes", {"since": RELEASE, "query": "SELECT * {}"}),
        ("/timemap/sparql", {}),
    ],
)
def test_an_empty_format_is_none(
    fake_client: TestClient, fake: FakeQueries, path: str, params: dict[str, str]
) -> None:
    fake.body = b"?s\n" if path == "/changes" else None
    plain = fake_client.get(path, params=params)
    empty = fake_client.get(path, params={**params, "format": ""})
    assert plain.status_code == empty.status_code == 200
    assert empty.headers["content-type"] == plain.headers["content-type"]
    assert fake_client.get(path, params={**params, "format": "none"}).status_code == 406

"""Log and metrics: what they say, and that nothing of a visitor ever comes into them."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from casegraph.errors import AskForLess, FixInput, InvalidQuery, NotAllowed, TryLater
from casegraph.settings import Settings
from casegraph.web import logs
from casegraph.web.app import create_app
from casegraph.web.running.metrics import Metrics
from casegraph.web.running.observed import CountedQueries
from casegraph.web.running.processes import processes, spooled_bytes
from tests.web.conftest import HOME
from tests.web.served import requests_logged, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casegraph.errors import CasegraphError
    from tests.web.fake_queries import FakeQueries
    from tests.web.served import Served

CANARY = "zqxcanary"
GOOD = f"ASK {{ ?{CANARY} ?p ?o }}"


@pytest.fixture(scope="module")
def site(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("observed")
    with served(releases, folder, with_metrics=True, trusted_proxies="127.0.0.1") as one:
        yield one


def scraped(site: Served) -> str:
    answer = httpx.get(f"http://127.0.0.1:{site.metrics_port}/metrics", trust_env=False)
    assert answer.status_code == 200
    return answer.text


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Name and labels (sorted by name) of every sample, with its value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def every_way_in(client: httpx.Client) -> None:
    """Requests that carry the canary wherever a request can carry a word."""
    direct = {"Content-Type": "application/sparql-query"}
    headers = {
        "User-Agent": CANARY,
        "Referer": f"https://{CANARY}.example/",
        "Cookie": f"a={CANARY}",
        "X-Forwarded-For": f"203.0.113.99, {CANARY}",
        "Accept-Language": CANARY,
        f"X-{CANARY}": CANARY,
    }
    client.get("/sparql", params={"query": GOOD}, headers=headers)
    client.get("/sparql", params={"query": GOOD + "{{"})
    client.get("/sparql", params={"query": f"SELECT * {{ SERVICE <http://{CANARY}/> {{}} }}"})
    client.get("/sparql", params={"query": GOOD, CANARY: CANARY, "release": CANARY})
    client.get("/sparql", params={"query": GOOD}, headers={"Accept": f"text/{CANARY}"})
    client.post("/sparql", data={"query": GOOD})
    client.post("/sparql", content=GOOD, headers=direct)
    client.post("/sparql", content=CANARY.encode("utf-16"), headers=direct)
    client.post("/sparql", content=CANARY, headers={"Content-Type": f"text/{CANARY}"})
    for path in (f"/{CANARY}", f"/id/person/{CANARY}", f"/doc/{CANARY}/x", f"/release/{CANARY}"):
        client.get(path)
    client.get(f"/static/{CANARY}")
    client.get(f"/?{CANARY}={CANARY}")
    client.request(CANARY.upper(), "/")
    client.get("/", headers={"Host": f"{CANARY}.example"})
    client.get("/readyz", headers={"Accept": f"application/json, {CANARY}/x"})


def test_no_word_of_a_visitor_comes_into_log_or_metrics(site: Served) -> None:
    before = len(requests_logged(site, 0))
    every_way_in(site.client)
    requests_logged(site, before + 16)
    text = site.output.read_text(encoding="utf-8")
    shown = scraped(site)
    for where in (text, shown):
        assert CANARY not in where.lower()
        assert "203.0.113" not in where
        assert "python-httpx" not in where
    assert "127.0.0.1:" not in text.replace("Serving", "")


def test_a_line_has_these_fields_and_no_others(site: Served) -> None:
    site.client.get("/sparql", params={"query": GOOD})
    count, found = 0, list[dict[str, object]]()
    while not found:
        lines = requests_logged(site, count + 1)
        count = len(lines)
        # Other tests ask the same site, by POST as well.
        asked = ("GET", "/sparql", 200)
        found = [one for one in lines if (one["method"], one["route"], one["status"]) == asked]
    line = found[-1]
    assert list(line) == [
        *("time", "level", "event", "method", "route", "status"),
        *("seconds", "lane", "outcome", "release"),
    ]
    assert (line["lane"], line["outcome"]) == ("query", "ok")
    assert line["release"] == "2026-02-01.1"


def test_metrics_tell_of_release_processes_and_workers(site: Served) -> None:
    assert site.process.poll() is None
    found = samples(scraped(site))
    assert found["casegraph_release_info", "2026-02-01.1"] == 1
    assert found["casegraph_query_workers",] == 1
    assert found["casegraph_releases_opened_total", "current", "ok"] == 1
    assert found["casegraph_switch_pending",] == 0
    assert found["casegraph_resident_memory_bytes", "web"] > 10_000_000
    assert found["casegraph_processes", "worker"] >= 1
    assert found["casegraph_queries_running", "query"] == 0
    # Neither is known here: who waits and who is answered differ inside the workers alone.
    assert not {("casegraph_query_workers_busy",), ("casegraph_query_queue_length",)} & set(found)


def test_probes_leave_no_line_in_the_log(site: Served) -> None:
    site.client.get("/readyz")
    assert not [line for line in site.log() if str(line.get("route")).endswith("z")]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (InvalidQuery("no"), "guard"),
        (NotAllowed("no"), "refused"),
        (AskForLess("no", limit="rows"), "size"),
        (FixInput("no"), "input"),
        *((TryLater("no", limit=one), one) for one in ("time", "memory", "load", "disk", "rate")),
    ],
)
def test_a_query_is_counted_by_how_it_ended(
    releases: Path, fake: FakeQueries, error: CasegraphError | None, outcome: str
) -> None:
    fake.error = error
    metrics = Metrics()
    settings = Settings()

    def factory(_release: Any, **_: Any) -> Any:
        return CountedQueries(fake, metrics)

    app = create_app(releases, settings=settings, service_factory=factory, watch=metrics)
    with TestClient(app, base_url=HOME) as visitor:
        visitor.get("/sparql", params={"query": GOOD})
    found = samples(generate_latest(metrics.registry).decode())
    counted = {key[1:]: n for key, n in found.items() if key[0] == "casegraph_queries_total"}
    assert counted["query", outcome] == 1
    assert sum(n for key, n in counted.items() if key[0] == "query") == 1
    assert found["casegraph_worker_deaths_total",] == (outcome in {"time", "memory"})
    assert metrics.running() == {"query": 0, "page": 0}


def test_a_question_that_is_refused_at_the_door_is_counted_once(
    releases: Path, fake: FakeQueries
) -> None:
    metrics = Metrics()

    def factory(_release: Any, **_: Any) -> Any:
        return CountedQueries(fake, metrics)

    app = create_app(releases, settings=Settings(), service_factory=factory, watch=metrics)
    with TestClient(app, base_url=HOME) as visitor:
        assert visitor.get("/sparql", params={"query": "SELECT {{"}).status_code == 400
        assert visitor.get("/sparql", params={"query": GOOD}).status_code == 200
    found = samples(generate_latest(metrics.registry).decode())
    assert found["casegraph_queries_total", "query", "guard"] == 1
    assert found["casegraph_queries_total", "query", "ok"] == 1
    assert found["casegraph_http_requests_total", "GET", "/sparql", "400"] == 1


def test_labels_are_bounded(releases: Path, fake: FakeQueries) -> None:
    """However many paths and methods are tried, the metrics do not grow."""
    metrics = Metrics()
    app = create_app(
        releases,
        settings=Settings(),
        service_factory=lambda _release, **_: _any(fake),
        watch=metrics,
    )
    with TestClient(app, base_url=HOME) as visitor:
        visitor.request("SPELL0", "/0")
        before = len(samples(generate_latest(metrics.registry).decode()))
        for number in range(1, 20):
            visitor.request(f"SPELL{number}", f"/{number}")
        assert len(samples(generate_latest(metrics.registry).decode())) == before


def _any(fake: object) -> Any:
    return fake


def test_an_answer_without_a_handler_is_counted_under_its_address(
    releases: Path, fake: FakeQueries
) -> None:
    """A 304 that is known without asking, and what OPTIONS says."""
    metrics = Metrics()
    app = create_app(
        releases,
        settings=Settings(path_prefix="/below"),
        service_factory=lambda *_, **__: _any(fake),
        watch=metrics,
    )
    path = "/below/release/2026-02-01.1/casegraph.ttl"
    with TestClient(app, base_url=HOME) as visitor:
        tag = visitor.get(path).headers["etag"]
        for _ in range(2):
            assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert visitor.options(path).status_code == 204
    found = samples(generate_latest(metrics.registry).decode())
    routes = {key[2] for key in found if key[0] == "casegraph_http_requests_total"}
    assert routes == {"/release/{name}/{file:path}"}


# -- the log alone ------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log of this process in JSON; what was set up before comes back afterwards."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, threading.excepthook
    stream = io.StringIO()
    logs.start_logging("json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = True
    logging.captureWarnings(capture=False)
    threading.excepthook = hook


def test_an_unexpected_error_is_its_kind_and_place(lines: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError as error:
        logs.unexpected(error)
    line = json.loads(lines.getvalue())
    assert (line["event"], line["kind"], line["level"]) == ("unexpected", "ValueError", "error")
    assert line["place"].startswith("test_an_unexpected_error_is_its_kind_and_place:")


def test_what_a_library_says_is_reduced_to_where_it_was_said(lines: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("asyncio").exception("lost %s", CANARY)
    logging.getLogger("uvicorn.error").error("said %s", CANARY)
    assert CANARY not in lines.getvalue()
    first, second = map(json.loads, lines.getvalue().splitlines())
    assert (first["library"], first["kind"]) == ("asyncio", "ValueError")
    assert second["written"].startswith("test_observed.test_what_a_library_says")


def test_an_error_that_ends_a_thread_is_reduced_as_well(lines: io.StringIO) -> None:
    thread = threading.Thread(target=int, args=(CANARY,))
    thread.start()
    thread.join()
    assert json.loads(lines.getvalue())["kind"] == "ValueError"
    assert CANARY not in lines.getvalue()


def test_for_people_the_same_is_one_short_line() -> None:
    record = logging.makeLogRecord(
        {"name": "casegraph.web", "msg": "request", "levelname": "INFO", "created": 0.0}
    )
    record.said = {"method": "GET", "status": 200, "release": ""}
    assert logs.TextLines().format(record) == "00:00:00 request method=GET status=200"


# -- processes ----------------------------------------------------------------------------


def test_roles_follow_from_the_place_in_the_tree(tmp_path: Path) -> None:
    tree = {10: 1, 20: 10, 30: 20, 40: 30, 41: 30, 50: 10, 60: 1}
    for pid, parent in tree.items():
        entry = tmp_path / str(pid)
        entry.mkdir()
        fields = " ".join(["S", str(parent), *["0"] * 19, str(pid)])
        (entry / "stat").write_text(f"{pid} (a) b) {fields} 0", encoding="utf-8")
    page = os.sysconf("SC_PAGE_SIZE")
    found = sorted((one.role, one.resident_bytes // page) for one in processes(10, tmp_path))
    assert found == [
        ("supervisor", 20),
        ("web", 10),
        *(("worker", pid) for pid in (40, 41, 50)),
        ("zygote", 30),
    ]


def test_where_there_is_no_proc_nothing_is_claimed(tmp_path: Path) -> None:
    assert processes(1, tmp_path / "none") == []


def test_bytes_on_their_way_are_counted_without_a_name_too(tmp_path: Path) -> None:
    folder = tmp_path / "casegraph-x"
    folder.mkdir()
    before = spooled_bytes()
    with (folder / "answer").open("wb") as file:
        file.write(b"x" * 1000)
        file.flush()
        (folder / "answer").unlink()
        assert spooled_bytes() == before + 1000

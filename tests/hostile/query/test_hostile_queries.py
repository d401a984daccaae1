"""Every hostile query meets the outcome its first line names, and harms nobody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import AskForLess, CasegraphError, InvalidQuery, NotAllowed, TryLater
from casegraph.query import seccomp
from casegraph.query.forked import ForkedPool
from casegraph.query.formats import FORMATS
from casegraph.query.guard import QueryForm
from casegraph.query.job import job_frame
from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService
from casegraph.query.ticket import Ticket
from tests.conftest import require_tool
from tests.hostile.corpus import SETTINGS, STATUS, HostileQuery, queries, ring
from tests.hostile.sentinel import Sentinel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from casegraph.query.formats import Form
    from casegraph.query.wire import Frame

CASES = queries()
LIMITS = QueryLimits(
    deadline_query_s=float(SETTINGS["query_deadline_seconds"]),
    deadline_page_s=float(SETTINGS["page_deadline_seconds"]),
    max_rows=int(SETTINGS["max_result_rows"]),
    max_result_bytes=int(SETTINGS["max_result_bytes"]),
    memory_bytes=int(SETTINGS["worker_memory_bytes"]),
)
NO_FILTER = seccomp.why_unavailable()


@pytest.fixture(scope="module")
def sentinel() -> Iterator[Sentinel]:
    with Sentinel() as server:
        yield server


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "ring.nq"
    path.write_text(ring(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def service(dataset: Path) -> Iterator[QueryService]:
    with QueryService.start(
        dataset, base_iri="http://example.org/", workers=1, limits=LIMITS
    ) as running:
        yield running


def outcome(service: QueryService, query: str) -> str:
    """What happens to a query, in the words of the corpus."""
    graph = "CONSTRUCT {" in query or "DESCRIBE" in query
    try:
        service.run(query, accept_format="ttl" if graph else "json").close()
    except InvalidQuery as error:
        placed = error.line is not None and error.column is not None
        return "reject-400" if placed else f"without a place: {error}"
    except NotAllowed:
        return "reject-403"
    except AskForLess:
        return "too-large-413"
    except TryLater as error:
        return "killed-503" if error.limit in {"time", "memory"} else f"{error.limit}: {error}"
    except CasegraphError as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_meets_its_outcome(case: HostileQuery, service: QueryService, sentinel: Sentinel) -> None:
    """The expected end, no request, no file left, and the next good query is answered."""
    assert outcome(service, case.aimed_at(sentinel.url)) == case.expected
    assert sentinel.hits == []
    with service.run("ASK { ?s ?p ?o }", accept_format="json") as after:
        assert b"true" in after.read()
    assert [path for path in service._spools._folder.iterdir() if path.stat().st_size] == []


@pytest.mark.parametrize("half", ["\ud800", "x\udc00y"])
def test_half_a_character_is_refused_where_it_stands(service: QueryService, half: str) -> None:
    """No file can hold one in UTF-8, so these cases stand here."""
    for text in (f"SELECT * WHERE {{ {half} }}", f"SELECT ('{half}' AS ?x) WHERE {{ }}"):
        with pytest.raises(InvalidQuery, match="half a character") as caught:
            service.run(text, accept_format="json")
        assert caught.value.column == text.index(half.strip("xy")) + 1


def _family(case: HostileQuery) -> str:
    return case.text.splitlines()[1].removeprefix("# family: ")


def test_the_corpus_has_every_outcome_and_fourteen_families() -> None:
    assert {case.expected for case in CASES} == set(STATUS)
    families = Counter(map(_family, CASES))
    assert families.pop("legal") >= 15
    assert sum(families.values()) >= 100
    assert set(families) == {
        *("nesting", "chain", "planner", "path", "product", "sort", "string"),
        *("values", "size", "network", "update", "disguise", "character", "broken"),
    }
    assert min(families.values()) >= 4


def _service_query(url: str, *, silent: bool) -> str:
    return f"SELECT * WHERE {{ SERVICE {'SILENT ' if silent else ''}<{url}> {{ ?s ?p ?o }} }}"


def test_the_bare_engine_does_reach_the_sentinel() -> None:
    """The sentinel works: without guard and filter it is hit."""
    code = "import pyoxigraph, sys; list(pyoxigraph.Store().query(sys.argv[1]))"
    with Sentinel() as server:
        query = _service_query(server.url, silent=True)
        subprocess.run([sys.executable, "-c", code, query], check=True, capture_output=True)
        assert server.hits


def _past_the_guard(query: str, form: Form) -> Frame:
    """A job that the guard never saw."""
    return job_frame(
        query=query,
        form=QueryForm(form, citable=True, reason=None),
        style=FORMATS["json" if form in {"SELECT", "ASK"} else "nt"],
        base_iri="http://example.org/",
        limits=LIMITS,
        lane="query",
        default_graphs=None,
        named_graphs=None,
    )


@pytest.mark.skipif(NO_FILTER is not None, reason=str(NO_FILTER))
@pytest.mark.parametrize("silent", [False, True])
def test_workers_have_no_network_even_past_the_guard(
    *, silent: bool, dataset: Path, sentinel: Sentinel, tmp_path: Path
) -> None:
    """The second layer holds alone: a job that never met the guard reaches nothing."""
    job = _past_the_guard(_service_query(sentinel.url, silent=silent), "SELECT")
    pool = ForkedPool(dataset, limits=LIMITS, workers=1)
    with (tmp_path / "spool").open("w+b") as spool:
        reply = pool.submit(job, tmp_path / "spool", spool.fileno(), Ticket())
    pool.close()
    assert sentinel.hits == []
    assert silent or "error" in reply


@pytest.mark.skipif(NO_FILTER is not None, reason=str(NO_FILTER))
def test_no_worker_opens_a_socket_even_without_a_guard(
    dataset: Path, sentinel: Sentinel, tmp_path: Path, repository: Path
) -> None:
    """The whole corpus goes straight to the engine; the kernel alone stands before the network."""
    strace = require_tool("strace", package="strace")
    calls = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendmmsg")
    log = tmp_path / "calls"
    done = subprocess.run(
        [
            *(strace, "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(calls)}", "-e"),
            *("signal=none", sys.executable, "-m", "tests.hostile.query.past_the_guard"),
            *(str(dataset), sentinel.url),
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )
    failed, answered = map(int, done.stdout.split())
    assert failed + answered == len(CASES)
    assert answered > 10
    made = log.read_text(encoding="utf-8", errors="replace").splitlines()
    refused = [line for line in made if "socket(" in line and "= -1 EPERM" in line]
    assert len(refused) >= 20, "the engine did not even try: this shows nothing"
    # A call during which its worker was killed ends in "?".
    assert [line for line in made if re.search(r"= \d", line)] == []
    assert sentinel.hits == []

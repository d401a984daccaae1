"""Every hostile query meets the outcome its first line names, and harms nobody."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import AskForLess, CasegraphError, InvalidQuery, NotAllowed, TryLater
from casegraph.query import seccomp
from casegraph.query.formats import FORMATS
from casegraph.query.guard import QueryForm
from casegraph.query.job import job_frame
from casegraph.query.limits import QueryLimits
from casegraph.query.pool import ForkedPool, QueryService

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = sorted(Path(__file__).parent.glob("*.rq"))
LIMITS = QueryLimits(
    deadline_query_s=0.5,
    deadline_page_s=0.5,
    max_rows=10_000,
    max_result_bytes=1_000_000,
    memory_bytes=96 * 1024 * 1024,
)
NODES = 3_000


class Sentinel:
    """A server on this machine that no query may ever reach."""

    def __init__(self) -> None:
        hits: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_error(404)

            do_POST = do_GET  # noqa: N815 - the name is the library's

            def log_message(self, *_: object) -> None:
                pass

        self.hits = hits
        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def sentinel() -> Iterator[Sentinel]:
    server = Sentinel()
    yield server
    server.close()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "ring.nq"
    path.write_text(
        "".join(
            f"<http://example.org/n{i}> <http://example.org/next> "
            f"<http://example.org/n{(i + 1) % NODES}> <http://example.org/g> .\n"
            for i in range(NODES)
        ),
        encoding="utf-8",
    )
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


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_meets_its_outcome(case: Path, service: QueryService, sentinel: Sentinel) -> None:
    """The expected end, no request, no file left, and the next good query is answered."""
    text = case.read_text(encoding="utf-8")
    expected = text.partition("\n")[0].removeprefix("# expect: ")
    query = text.replace("http://sentinel.invalid/", sentinel.url)
    assert outcome(service, query) == expected
    assert sentinel.hits == []
    with service.run("ASK { ?s ?p ?o }", accept_format="json") as after:
        assert b"true" in after.read()
    assert list(service._spools._folder.iterdir()) == []


def test_the_corpus_has_every_outcome() -> None:
    heads = {case.read_text(encoding="utf-8").partition("\n")[0] for case in CASES}
    assert heads == {
        f"# expect: {name}"
        for name in ("ok", "reject-400", "reject-403", "killed-503", "too-large-413")
    }


def _service_query(url: str, *, silent: bool) -> str:
    return f"SELECT * WHERE {{ SERVICE {'SILENT ' if silent else ''}<{url}> {{ ?s ?p ?o }} }}"


def test_the_bare_engine_does_reach_the_sentinel() -> None:
    """The sentinel works: without guard and filter it is hit."""
    server = Sentinel()
    code = "import pyoxigraph, sys; list(pyoxigraph.Store().query(sys.argv[1]))"
    query = _service_query(server.url, silent=True)
    subprocess.run([sys.executable, "-c", code, query], check=True, capture_output=True)
    server.close()
    assert server.hits


@pytest.mark.skipif(seccomp.why_unavailable() is not None, reason=str(seccomp.why_unavailable()))
@pytest.mark.parametrize("silent", [False, True])
def test_workers_have_no_network_even_past_the_guard(
    *, silent: bool, dataset: Path, sentinel: Sentinel, tmp_path: Path
) -> None:
    """The second layer holds alone: a job that never met the guard reaches nothing."""
    job = job_frame(
        query=_service_query(sentinel.url, silent=silent),
        form=QueryForm("SELECT", citable=True, reason=None),
        style=FORMATS["json"],
        base_iri="http://example.org/",
        limits=LIMITS,
        lane="query",
        default_graphs=None,
        named_graphs=None,
    )
    pool = ForkedPool(dataset, limits=LIMITS, workers=1)
    with (tmp_path / "spool").open("wb") as spool:
        reply = pool.submit(job, tmp_path / "spool", spool.fileno())
    pool.close()
    assert sentinel.hits == []
    assert silent or "error" in reply

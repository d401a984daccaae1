"""Run the whole corpus with the guard taken away: ``past_the_guard.py DATASET SENTINEL``.

A program of its own, so that it and every worker below it can be traced.  It
prints how many queries failed and how many were answered.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from casegraph.errors import CasegraphError
from casegraph.query.forked import ForkedPool
from casegraph.query.formats import FORMATS
from casegraph.query.guard import QueryForm
from casegraph.query.job import job_frame
from casegraph.query.limits import QueryLimits
from casegraph.query.ticket import Ticket
from tests.hostile.corpus import SETTINGS, queries

LIMITS = QueryLimits(
    deadline_query_s=0.2,
    max_rows=int(SETTINGS["max_result_rows"]),
    max_result_bytes=int(SETTINGS["max_result_bytes"]),
    memory_bytes=int(SETTINGS["worker_memory_bytes"]),
)


def main(dataset: Path, sentinel: str) -> Counter[str]:
    """Ask everything; what a worker dies of is its own affair."""
    ends: Counter[str] = Counter()
    pool = ForkedPool(dataset, limits=LIMITS, workers=1)
    with tempfile.TemporaryDirectory() as folder:
        for case in queries():
            graph = case.kind == "text/turtle"
            job = job_frame(
                query=case.aimed_at(sentinel),
                form=QueryForm("CONSTRUCT" if graph else "SELECT", citable=True, reason=None),
                style=FORMATS["nt" if graph else "json"],
                base_iri="http://example.org/",
                limits=LIMITS,
                lane="query",
                default_graphs=None,
                named_graphs=None,
            )
            path = Path(folder) / case.name
            fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                reply = pool.submit(job, path, fd, Ticket())
            except CasegraphError as error:
                reply = {"error": str(error)}
            os.close(fd)
            path.unlink()
            ends["failed" if "error" in reply else "answered"] += 1
    pool.close()
    return ends


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write(f"{found['failed']} {found['answered']}\n")

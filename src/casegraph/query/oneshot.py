"""One query for the command line, behind the same guard and in the same cage."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from casegraph.query import job as jobs
from casegraph.query.limits import GuardLimits, QueryLimits
from casegraph.query.result import Result, SpoolFolder, finished
from casegraph.query.spawned import SpawnedWorker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from casegraph.query.wire import Frame


def run_once(  # noqa: PLR0913 - settings, all by name
    dataset: Path,
    query: str,
    *,
    base_iri: str,
    accept_format: str,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    limits: QueryLimits | None = None,
    guard: GuardLimits | None = None,
) -> Result:
    """Answer one query on ``dataset`` in a process of its own.

    Raises what ``QueryService.run`` raises.  The result outlives the process;
    closing it removes its file and folder.
    """
    limits = limits or QueryLimits()
    form, style = jobs.admit(query, accept_format, guard=guard or GuardLimits())
    job = jobs.job_frame(
        query=query,
        form=form,
        style=style,
        base_iri=base_iri,
        limits=limits,
        lane="query",
        default_graphs=default_graphs,
        named_graphs=named_graphs,
    )
    spools = SpoolFolder()
    path, fd = spools.new()
    try:
        reply = _asked(dataset, job, path, limits)
        result = finished(path, fd, reply, form=form, style=style, cleanup=spools.remove_if_empty)
    except BaseException:
        spools.discard(path, fd)
        spools.remove()
        raise
    if result.path is None:
        spools.give_back(path, fd)
        spools.remove()
    else:
        os.close(fd)
    return result


def _asked(dataset: Path, job: Frame, path: Path, limits: QueryLimits) -> Frame:
    worker = SpawnedWorker(dataset, limits)
    try:
        return worker.answer(job, path)
    finally:
        worker.kill()

"""Time and memory of every stage from a workspace to a published release.

    python bench/build.py --findings 10000
    python bench/build.py --findings 100000 --without shacl closure

Each stage runs in a process of its own, so its peak memory is its own; ``whole`` at the end
is one build and publication as ``casegraph build`` and ``casegraph publish`` do them.  Times
are wall seconds on the machine at hand: compare stages and sizes with each other, not runs
on different machines.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from workspaces import generate

from casegraph import assets
from casegraph.graph import canonical
from casegraph.graph.addresses import minting_context
from casegraph.graph.mapping import keyed_lines
from casegraph.graph.nquads import encode_lines
from casegraph.graph.store import build_store
from casegraph.graph.turtle import data_prefixes, turtle_lines
from casegraph.graph.vocabulary import load_vocabulary
from casegraph.reason.closure import close
from casegraph.release import assemble, tables
from casegraph.release.build import build, write_asserted
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.projection import project
from casegraph.release.publish import Decision, publish
from casegraph.validate.shacl import validate
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "https://generated.example.org/"
ON = date(2026, 2, 1)
DEADLINE = 6 * 3600.0
KEYED, DATASET = "keyed.lines", "casegraph.nq"


def stage_read_and_map(root: Path, work: Path) -> None:
    """Read and check the workspace, project it, map it to keyed lines."""
    workspace = open_workspace(root)
    inputs = release_inputs(workspace, read_workspace(workspace))
    public = project(inputs.book, on=ON, salt=inputs.salt, organisation="editors")
    context = minting_context(
        base_iri=BASE, salt=inputs.salt, agents=public.agents.values(),
        populations=public.populations.values(), cases=public.cases.values(),
        sources=public.sources.values(), findings=public.findings.values(),
    )  # fmt: skip
    lines = (line.encode() for line in keyed_lines(public.records(), context))
    canonical.write_lines(work / KEYED, lines)


def stage_canonical(_root: Path, work: Path) -> None:
    """Sort into reading order and byte order."""
    write_asserted(work, canonical.read_bytes_lines(work / KEYED))
    quads = load_vocabulary(BASE).quads
    canonical.write_canonical(work / assemble.VOCABULARY, encode_lines(quads))


def stage_shacl(_root: Path, work: Path) -> None:
    """All shapes by pyshacl."""
    validate(work / assemble.ASSERTED, shapes=assets.root("shapes"), deadline_seconds=DEADLINE)


def stage_closure(_root: Path, work: Path) -> None:
    """OWL RL by owlrl."""
    close(
        work / assemble.ASSERTED,
        work / assemble.VOCABULARY,
        work / assemble.INFERRED,
        base_iri=BASE,
        deadline_seconds=DEADLINE,
    )


def stage_dumps(_root: Path, work: Path) -> None:
    """The canonical file of all graphs, Turtle, CSV and SQLite."""
    parts = [work / name for name in (assemble.ASSERTED, assemble.INFERRED, assemble.VOCABULARY)]
    lines = canonical.merged_lines(
        *(canonical.read_bytes_lines(path) for path in parts if path.exists())
    )
    canonical.write_lines(work / DATASET, lines)
    reading = canonical.read_bytes_lines(work / assemble.READING)
    canonical.write_lines(work / "casegraph.ttl", turtle_lines(reading, data_prefixes(BASE)))
    rows = tables.finding_rows(lambda: assemble.read_quads(work / assemble.READING))
    tables.write_sqlite(work / "casegraph.sqlite", rows)


def stage_store(_root: Path, work: Path) -> None:
    """The embedded store, in slices."""
    build_store([work / DATASET], work / "store", "0" * 64)


def stage_whole(root: Path, _work: Path) -> None:
    """Build, preview and publish in one go."""
    workspace = open_workspace(root)
    inputs = replace(
        release_inputs(workspace, read_workspace(workspace)),
        validate_deadline_seconds=DEADLINE, reason_deadline_seconds=DEADLINE,
    )  # fmt: skip
    build(inputs, on=ON)
    preview(workspace.shelf)
    publish(
        workspace.shelf,
        key=SecretKey.generate(),
        decision=Decision(by="bench", because="measurement", on=ON),
    )


STAGES: dict[str, Callable[[Path, Path], None]] = {
    "read+map": stage_read_and_map,
    "canonical": stage_canonical,
    "shacl": stage_shacl,
    "closure": stage_closure,
    "dumps": stage_dumps,
    "store": stage_store,
    "whole": stage_whole,
}


def main() -> None:
    """Run the stages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, default=10_000)
    parser.add_argument("--without", nargs="*", default=[], choices=list(STAGES))
    parser.add_argument("--folder", type=Path, help="keep the workspace and the files here")
    arguments = parser.parse_args()
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="casegraph-bench-"))
    root, work = folder / "workspace", folder / "work"
    work.mkdir(parents=True)
    generate(root, findings=arguments.findings)
    print(f"{arguments.findings:,} findings")
    print(f"{'stage':<12}{'seconds':>10}{'own MB':>10}{'child MB':>10}")
    for name, stage in STAGES.items():
        if name not in arguments.without and not (name == "whole" and arguments.without):
            seconds, own, child = _measured(stage, root, work)
            print(f"{name:<12}{seconds:>10.1f}{own:>10.0f}{child:>10.0f}", flush=True)
    if arguments.folder is None:
        shutil.rmtree(folder)


def _measured(
    stage: Callable[[Path, Path], None], root: Path, work: Path
) -> tuple[float, float, float]:
    """Wall seconds, peak memory of the stage's process and of its largest child, in MB."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(stage, root, work, sender))
    process.start()
    sender.close()
    try:
        result: tuple[float, float, float] = receiver.recv()
    except EOFError:
        sys.exit(f"{stage.__name__} failed")
    process.join()
    return result


def _run(stage: Callable[[Path, Path], None], root: Path, work: Path, sender: object) -> None:
    start = time.perf_counter()
    stage(root, work)
    seconds = time.perf_counter() - start
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sender.send((seconds, own, child))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()

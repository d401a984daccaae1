"""What the service costs: a worker, HTTP, an attack; beside two other servers in one run.

    python bench/service.py --peers build/peers

- A query through a worker against the same engine in the own process.
- Requests per second. Closed loop: so many connections, each asks again once it is answered;
  so these are rates of a saturated server whose client shares its processors, good for
  comparison inside one table and for nothing else.
- Hostile connections from one block of addresses beside honest visitors from another. Open
  loop: honest requests are due at times fixed beforehand and their seconds count from then,
  so no slow answer hides those that it delayed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyoxigraph as ox
from build import BASE, stage_canonical, stage_read_and_map
from peers import DEFAULT
from served import Target, casegraph, oxigraph, rdflib, running
from workspaces import generate

from casegraph.graph import canonical
from casegraph.query.limits import QueryLimits
from casegraph.query.pool import QueryService
from casegraph.release import assemble
from tests.e2e.running_site import descendants
from tests.hostile.corpus import queries
from tests.service.crowd import Request, besieged, percentile, press, visit
from tests.service.sites import GENEROUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.service.crowd import Sample

ROWS: Final = 200_000
LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
MANY_ROWS: Final = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {ROWS}"
CONNECTIONS: Final = 8
_THINGS: Final = 200
#: Each connection comes from a network of its own: one network may not fill the queue.
NETWORKS: Final = [f"127.0.{number}.1" for number in range(CONNECTIONS)]


def main() -> None:
    """Run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--peers", type=Path, default=DEFAULT, help="environment of the peers")
    options.add_argument("--findings", type=int, default=10_000, help="size of the data")
    options.add_argument("--seconds", type=float, default=60.0, help="length of the attack")
    options.add_argument("--rounds", type=int, default=3, help="rounds of the rates")
    options.add_argument("--only", choices=("worker", "rates", "attack"), nargs="*")
    given = options.parse_args()
    parts = given.only or ["worker", "rates", "attack"]
    with tempfile.TemporaryDirectory(prefix="casegraph-bench-") as folder:
        root = Path(folder)
        path = dataset(root, given.findings)
        things = subjects(path)
        size = path.read_bytes().count(b"\n")
        print(f"{given.findings:,} findings, {size:,} triples, {os.cpu_count()} processors\n")
        if "worker" in parts:
            print(worker_table(path, things), end="\n\n")
        if "rates" in parts:
            print(rates(root, path, things, given.peers.absolute(), given.rounds), end="\n\n")
        if "attack" in parts:
            print(attack(root, path, things, given.seconds))


def dataset(root: Path, findings: int) -> Path:
    """Canonical N-Quads of a generated workspace: the asserted graph and the vocabulary."""
    generate(root / "workspace", findings=findings)
    work = root / "work"
    work.mkdir()
    stage_read_and_map(root / "workspace", work)
    stage_canonical(root / "workspace", work)
    parts = (
        canonical.read_bytes_lines(work / name) for name in (assemble.ASSERTED, assemble.VOCABULARY)
    )
    path = root / "data.nq"
    canonical.write_lines(path, canonical.merged_lines(*parts))
    return path


def subjects(path: Path) -> list[str]:
    """Addresses of some findings."""
    found: dict[str, None] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            name = line.partition("> ")[0].removeprefix("<")
            if name.startswith(f"{BASE}id/finding/") and name.count("/") == 5:  # noqa: PLR2004 - itself, not a node below
                found[name] = None
                if len(found) == _THINGS:
                    break
    return list(found)


def point(thing: str) -> str:
    """A query for one value of one thing."""
    return f"SELECT ?label WHERE {{ <{thing}> <{LABEL}> ?label }}"


# ------------------------------------------------------------------------- worker


def worker_table(path: Path, things: Sequence[str]) -> str:
    """Through a worker and in the own process, in turn, so that both meet the same noise."""
    store = ox.Store()
    store.load(path=str(path), format=ox.RdfFormat.N_QUADS)

    def inside(query: str) -> int:
        results: Any = store.query(query, use_default_graph_as_union=True)
        sink = io.BytesIO()
        results.serialize(sink, ox.QueryResultsFormat.JSON)
        return len(sink.getvalue())

    limits = QueryLimits(max_rows=2 * ROWS)
    with QueryService.start(path, base_iri=BASE, limits=limits) as service:

        def through(query: str) -> int:
            with service.run(query, accept_format="json") as result:
                return len(result.read())

        points = [point(thing) for thing in things]
        small = _timed(through, inside, points, repeat=2_000)
        large = _timed(through, inside, [MANY_ROWS], repeat=7)
    rows = [
        ["one query, JSON", "through a worker", "in the own process", ""],
        ["---"] * 4,
        [
            "point query, median of 2,000 (ms)",
            *(f"{one * 1e3:.3f}" for one in small),
            f"{(small[0] - small[1]) * 1e3:+.3f} ms",
        ],
        [
            f"{ROWS:,} rows, median of 7 (s)",
            *(f"{one:.2f}" for one in large),
            f"{large[0] / large[1]:.2f} times",
        ],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _timed(
    first: Callable[[str], int], second: Callable[[str], int], asked: Sequence[str], *, repeat: int
) -> tuple[float, float]:
    """Median seconds of each, after one turn that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeat + 1):
        text = asked[turn % len(asked)]
        for ask, found in zip((first, second), times, strict=True):
            began = time.perf_counter()
            ask(text)
            found.append(time.perf_counter() - began)
    return statistics.median(times[0][1:]), statistics.median(times[1][1:])


# -------------------------------------------------------------------------- rates


def rates(root: Path, path: Path, things: Sequence[str], peers: Path, rounds: int) -> str:
    """Requests a second of each server, in turn, the best round of each."""
    quads = path.read_text(encoding="utf-8")
    folders = [root / name for name in ("c", "o", "r")]
    for folder in folders:
        folder.mkdir()
    makers: list[Callable[[], Target]] = [
        lambda: casegraph(folders[0], quads, GENEROUS, BASE),
        lambda: oxigraph(peers, folders[1], quads),
        lambda: rdflib(peers, folders[2], quads),
    ]
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(running(make)) for make in makers]
        targets = [target for target in found if target is not None]
        best: dict[tuple[str, str], tuple[float, float]] = {}
        for _ in range(rounds):
            for target in targets:
                for kind, requests in _kinds(target, things):
                    key = target.name, kind
                    best[key] = max(best.get(key, (0.0, 0.0)), _rate(target, requests))
    kinds = list(dict.fromkeys(kind for _, kind in best))
    head = [f"{CONNECTIONS} connections, closed loop", *(target.name for target in targets)]
    rows = []
    for kind in kinds:
        measured = [best[target.name, kind] for target in targets]
        rows.append([f"{kind}: requests a second", *(f"{rate:,.0f}" for rate, _ in measured)])
        rows.append([f"{kind}: processor ms a request", *(f"{cost:.2f}" for _, cost in measured)])
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _kinds(target: Target, things: Sequence[str]) -> Iterator[tuple[str, list[Request]]]:
    yield "point query", [Request.point(target.path, point(thing)) for thing in things]
    kind = "document of a thing, Turtle (peers: DESCRIBE)"
    if target.path != "/sparql":
        asked = [f"DESCRIBE <{thing}>" for thing in things]
        yield kind, [Request.point(target.path, text, "text/turtle") for text in asked]
        return
    documents = [f"/doc/{thing.removeprefix(f'{BASE}id/')}.ttl" for thing in things]
    yield kind, [Request(address, accept="text/turtle") for address in documents]


def _rate(target: Target, requests: Sequence[Request], seconds: float = 4.0) -> tuple[float, float]:
    """Successful answers a second, and what each cost in processor milliseconds.

    The second hardly depends on what else the machine does.  What is asked the first time
    does not count.
    """
    port = target.process.port
    asyncio.run(press(port, requests, connections=2, seconds=1.5))
    before = _used(target)
    samples = asyncio.run(
        press(port, requests, connections=CONNECTIONS, seconds=seconds, sources=NETWORKS)
    )
    cost = (_used(target) - before) / max(1, len(samples))
    wrong = Counter(sample.status for sample in samples if sample.status != 200)  # noqa: PLR2004 - OK
    if wrong:
        print(f"{target.name}: not all were answered: {dict(wrong)}", file=sys.stderr)
    return (len(samples) - wrong.total()) / seconds, cost * 1e3


def _used(target: Target) -> float:
    """Processor seconds of a server and of all below it so far (Linux, proc(5))."""
    ticks = 0
    for pid in {target.process.pid} | descendants(target.process.pid):
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(said[11]) + int(said[12])
    return ticks / os.sysconf("SC_CLK_TCK")


# ------------------------------------------------------------------------- attack


def attack(root: Path, path: Path, things: Sequence[str], seconds: float) -> str:
    """Honest visitors alone, then beside hostile ones; every setting at its default."""
    quads = path.read_text(encoding="utf-8")
    (root / "attacked").mkdir()
    hard = [case for case in queries() if case.expected in {"killed-503", "too-large-413"}]
    hostile = [Request("/sparql", case.text.encode(), case.kind) for case in hard]
    honest = [
        *(Request.point("/sparql", point(thing)) for thing in things[:20]),
        *(
            Request(f"/doc/{t.removeprefix(f'{BASE}id/')}.html", accept="text/html")
            for t in things[:20]
        ),
        Request("/release/", accept="text/html"),
    ]
    with running(lambda: casegraph(root / "attacked", quads, {}, BASE)) as target:
        if target is None:
            return ""
        port = target.process.port
        # The first request of each page asks a worker, so one round goes before.
        asyncio.run(visit(port, honest, clients=1, rate=10, seconds=len(honest) / 10))
        idle = asyncio.run(visit(port, honest, clients=4, rate=5, seconds=min(20.0, seconds)))
        (polite, pressing), memory = asyncio.run(_watched(target, honest, hostile, seconds))
        return _attack_table(idle, polite, pressing, memory)


async def _watched(
    target: Target, honest: Sequence[Request], hostile: Sequence[Request], seconds: float
) -> tuple[tuple[list[Sample], list[Sample]], list[tuple[float, int, int]]]:
    """The siege, and once a second: seconds, processes, bytes that they hold together."""
    memory: list[tuple[float, int, int]] = []
    began = time.monotonic()

    async def watch() -> None:
        while True:
            pids = {target.process.pid} | descendants(target.process.pid)
            memory.append((time.monotonic() - began, len(pids), sum(map(resident, pids))))
            await asyncio.sleep(1.0)

    watching = asyncio.create_task(watch())
    found = await besieged(
        target.process.port,
        honest=honest,
        hostile=hostile,
        seconds=seconds,
        connections=CONNECTIONS,
    )
    watching.cancel()
    return found, memory


def resident(pid: int) -> int:
    """Bytes that a process alone holds in memory, its share of what it shares (Linux)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def _attack_table(
    idle: Sequence[Sample], polite: Sequence[Sample], pressing: Sequence[Sample],
    memory: Sequence[tuple[float, int, int]],
) -> str:  # fmt: skip
    lines = [
        f"| {CONNECTIONS} hostile connections from another block, open loop | idle | attacked |",
        "| --- | --- | --- |",
        _line("honest requests", idle, polite, lambda some: f"{len(some):,}"),
        _line("answered with 200", idle, polite, _success),
    ]
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        lines.append(_line(f"{name} (ms)", idle, polite, partial(_ms, share)))
    ratio = percentile([s.seconds for s in polite], 0.95) / percentile(
        [s.seconds for s in idle], 0.95
    )
    said = Counter(sample.status for sample in pressing)
    lines += [
        f"| p95 attacked / idle | | {ratio:.2f} |",
        f"| hostile requests by status | | {dict(sorted(said.items()))} |",
        "",
        "| second | processes | memory of all (MB) |",
        "| --- | --- | --- |",
    ]
    step = max(1, len(memory) // 12)
    lines += [f"| {at:.0f} | {count} | {size / 1e6:,.0f} |" for at, count, size in memory[::step]]
    lines.append(f"| most | {max(m[1] for m in memory)} | {max(m[2] for m in memory) / 1e6:,.0f} |")
    return "\n".join(lines)


def _line(
    name: str, idle: Sequence[Sample], attacked: Sequence[Sample],
    show: Callable[[Sequence[Sample]], str],
) -> str:  # fmt: skip
    return f"| {name} | {show(idle)} | {show(attacked)} |"


def _success(samples: Sequence[Sample]) -> str:
    return f"{100 * sum(one.status == 200 for one in samples) / len(samples):.2f} %"  # noqa: PLR2004 - OK


def _ms(share: float, samples: Sequence[Sample]) -> str:
    return f"{percentile([one.seconds for one in samples], share) * 1000:.1f}"


if __name__ == "__main__":
    main()

"""The hostile corpus against casegraph and two other servers, side by side.

    python bench/hostile.py --peers build/peers
    python bench/hostile.py --url http://127.0.0.1:8000/sparql

Each query and each HTTP request is sent alone; then a good query is asked.  A server that
died, or that does not answer the good query, is ended and started anew, which is counted.
Servers run in processes of their own under a memory limit.  A sentinel on this machine
counts the connections that a query made a server open.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peers import DEFAULT
from served import Target, casegraph, oxigraph, rdflib, running

from tests.conformance.asking import query
from tests.hostile.corpus import HostileQuery, queries, ring
from tests.hostile.http.cases import Case, cases, exchange
from tests.hostile.sentinel import Sentinel
from tests.service.crowd import percentile
from tests.service.sites import GENEROUS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEADLINE_S: Final = 2
SLACK_S: Final = 0.5
PATIENCE_S: Final = 2.0
GOOD_S: Final = 0.1
GOOD: Final = "ASK { ?s ?p ?o }"
JSON: Final = "application/sparql-results+json"
SETTINGS: Final = {
    **GENEROUS,
    "query_deadline_seconds": float(DEADLINE_S),
    "header_timeout_seconds": 1.0,
    "body_timeout_seconds": 1.0,
    "worker_memory_bytes": 256 * 1024 * 1024,
}


@dataclass
class Score:
    """What one server did; ``afterwards`` are seconds to the next good answer, inf for none."""

    name: str
    sent: int = 0
    deaths: int = 0
    stuck: int = 0
    in_time: int = 0
    requests: int = 0
    requests_in_time: int = 0
    outbound: int = 0
    afterwards: list[float] = field(default_factory=list)


def main() -> None:
    """Run, print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--peers", type=Path, default=DEFAULT, help="environment of the peers")
    options.add_argument("--every", type=int, default=1, help="take each Nth case only")
    options.add_argument("--url", help="test this endpoint alone; it is never restarted")
    given = options.parse_args()
    chosen = queries()[:: given.every], cases()[:: given.every]
    if given.url:
        parts = urlsplit(given.url)
        score = Score(given.url)
        _run(score, given.url, (parts.hostname or "", parts.port or 80), chosen, lambda: None)
        print(table([score]))
        return
    print(table(list(_peers(given.peers.absolute(), chosen))))


Chosen = tuple[list[HostileQuery], list[Case]]


def _peers(peers: Path, chosen: Chosen) -> Sequence[Score]:
    scores = []
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        data = ring()
        makers: list[Callable[[], Target]] = [
            lambda: casegraph(folders[0], data, SETTINGS),
            lambda: oxigraph(peers, folders[1], data, DEADLINE_S),
            lambda: rdflib(peers, folders[2], data),
        ]
        for make in makers:
            with running(make) as target:
                if target is not None:
                    scores.append(_measured(target, chosen))
    return scores


def _measured(target: Target, chosen: Chosen) -> Score:
    score = Score(target.name)

    def mend() -> None:
        """Count what happened to the server and give the next case a fresh one."""
        if not target.process.alive():
            score.deaths += 1
        else:
            score.stuck += 1
        target.process.stop()
        target.process.start()

    _run(score, target.url, ("127.0.0.1", target.process.port), chosen, mend)
    return score


def _run(
    score: Score, url: str, address: tuple[str, int], chosen: Chosen, mend: Callable[[], None]
) -> None:
    path = urlsplit(url).path
    query(url, GOOD, accept=JSON)
    with Sentinel() as sentinel:
        for hostile in chosen[0]:
            score.sent += 1
            score.in_time += _queried(url, hostile, sentinel.url)
            _afterwards(score, url, mend)
        score.outbound = len(sentinel.hits)
    for case in chosen[1]:
        score.requests += 1
        score.requests_in_time += _requested(
            replace(case, text=case.text.replace("/sparql", path)), address
        )
        _afterwards(score, url, mend)


def _queried(url: str, hostile: HostileQuery, sentinel: str) -> bool:
    """Whether a whole answer came in time, whatever it says."""
    allowed = DEADLINE_S + SLACK_S
    began = time.monotonic()
    try:
        query(url, hostile.aimed_at(sentinel), accept=hostile.kind, timeout=allowed)
    except Exception:  # noqa: BLE001 - whatever it is, it is no answer
        return False
    return time.monotonic() - began <= allowed


def _requested(case: Case, address: tuple[str, int]) -> bool:
    """Whether it was answered or the connection closed in the time that the case allows."""
    try:
        answers, received, _ = exchange(case, address, "2026-01-01.1")
    except OSError:
        return False
    return bool(received) or answers != "closed" or "closed" in case.expect


def _afterwards(score: Score, url: str, mend: Callable[[], None]) -> None:
    began = time.monotonic()
    try:
        good = query(url, GOOD, accept=JSON, timeout=PATIENCE_S)
        score.afterwards.append(time.monotonic() - began if good.status == 200 else math.inf)  # noqa: PLR2004 - OK
    except Exception:  # noqa: BLE001 - the same
        score.afterwards.append(math.inf)
        mend()


def table(scores: Sequence[Score]) -> str:
    """A row for each measure, a column for each server."""
    rows = [
        ["hostile corpus", *(score.name for score in scores)],
        ["---"] * (len(scores) + 1),
        ["hostile queries, HTTP requests", *(f"{s.sent}, {s.requests}" for s in scores)],
        ["deaths of the serving process", *(str(s.deaths) for s in scores)],
        [f"no good answer for {PATIENCE_S:g} s, ended by force", *(str(s.stuck) for s in scores)],
        [
            f"queries answered within {DEADLINE_S:g} + {SLACK_S:g} s",
            *(_share(s.in_time, s.sent) for s in scores),
        ],
        [
            "requests answered or closed in time",
            *(_share(s.requests_in_time, s.requests) for s in scores),
        ],
        ["next good query, p50 (ms)", *(_ms(s.afterwards, 0.5) for s in scores)],
        ["next good query, p99 (ms)", *(_ms(s.afterwards, 0.99) for s in scores)],
        [
            f"next good query within {GOOD_S * 1000:g} ms",
            *(
                _share(sum(one <= GOOD_S for one in s.afterwards), len(s.afterwards))
                for s in scores
            ),
        ],
        ["connections made to elsewhere", *(str(s.outbound) for s in scores)],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}"


def _ms(seconds: Sequence[float], share: float) -> str:
    value = percentile(seconds, share)
    return "none" if math.isinf(value) else f"{value * 1000:.1f}"


if __name__ == "__main__":
    main()

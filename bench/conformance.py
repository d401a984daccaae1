"""The SPARQL 1.1 suite against casegraph and two other servers, side by side.

    python bench/conformance.py --peers build/peers

Each server is given the data of each test and asked over HTTP; ``tests/conformance`` is the
runner.  An EARL report of each is written to ``build/conformance``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peers import DEFAULT, REPOSITORY, MissingPeerError, OxigraphPeer, RdflibPeer

from tests.conformance.earl import report
from tests.conformance.outcomes import GROUPS, Outcome
from tests.conformance.runner import run_suite
from tests.conformance.servers import CasegraphServer, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Startable(Server, AbstractContextManager["Startable"], Protocol):
    """A server that is started by ``with``."""


Run = tuple[str, list[Outcome]]


def main() -> None:
    """Run, report, print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--peers", type=Path, default=DEFAULT, help="environment of the peers")
    options.add_argument("--failures", action="store_true", help="list what fails, with reasons")
    given = options.parse_args()
    runs = list(_runs(given.peers.absolute()))
    print(table(runs))
    if given.failures:
        for name, outcomes in runs:
            print(f"\n## {name}\n")
            for one in outcomes:
                if one.verdict == "failed":
                    print(f"- {one.name}: {one.note[:200]}")


def _runs(peers: Path) -> Iterator[Run]:
    makers: list[Callable[[], Startable]] = [
        CasegraphServer,
        lambda: OxigraphPeer(peers),
        lambda: RdflibPeer(peers),
    ]
    for make in makers:
        try:
            with make() as server:
                outcomes = run_suite(server)
        except MissingPeerError as error:
            print(error, file=sys.stderr)
            continue
        folder = REPOSITORY / "build" / "conformance"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{server.name.replace(' ', '-').lower()}.ttl"
        path.write_text(report(server.name, server.version, outcomes), encoding="utf-8")
        yield f"{server.name} {server.version}", outcomes


def table(runs: Sequence[Run]) -> str:
    """Passed of applicable tests: a row for each group, a column for each server."""
    head = ["SPARQL 1.1 over HTTP", *(name for name, _ in runs)]
    lines = [_row(head), _row(["---"] * len(head))]
    for group in GROUPS:
        for approved in (True, False):
            cells = [_score(outcomes, group, approved=approved) for _, outcomes in runs]
            if any(cells):
                label = group if group == "graph store" or approved else f"{group}, not approved"
                lines.append(_row([label, *cells]))
    return "\n".join(lines)


def _score(outcomes: Sequence[Outcome], group: str, *, approved: bool) -> str:
    """Protocol tests that concern queries count apart from updates that are to be refused."""
    counts = Counter(
        one.verdict for one in outcomes if one.group == group and one.approved == approved
    )
    total = counts["passed"] + counts["failed"]
    if not total:
        return ""
    score = f"{counts['passed']}/{total}"
    if group == "protocol":
        queries = [one for one in outcomes if one.group == group and "query" in _kind(one)]
        passed = sum(one.verdict == "passed" for one in queries)
        score += f" (queries {passed}/{len(queries)})"
    return score


def _kind(outcome: Outcome) -> str:
    name = outcome.name.partition("/")[2]
    return "update" if "update" in name else "query"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

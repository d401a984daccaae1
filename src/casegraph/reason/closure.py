"""What follows from the asserted graph and the vocabulary, as a third canonical file."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from casegraph.errors import FixEnvironment, TryLater
from casegraph.graph import terms
from casegraph.graph.canonical import Digest

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Closure:
    """The file of inferred triples, and the contradictions met on the way (values)."""

    digest: Digest
    inconsistencies: tuple[str, ...]


class Reasoner(Protocol):
    """The seam for other engines: equal input gives an equal file; see ``close``."""

    def __call__(
        self,
        asserted: Path,
        vocabulary: Path,
        out: Path,
        *,
        base_iri: str,
        deadline_seconds: float,
    ) -> Closure:
        """Write the sorted lines of the inferred graph to ``out``."""
        ...


def close(
    asserted: Path, vocabulary: Path, out: Path, *, base_iri: str, deadline_seconds: float
) -> Closure:
    """Close two canonical files under OWL 2 RL and ``cg-current``; write only what is new.

    The lines of ``out`` are sorted, in graph ``{base}graph/inferred``, and disjoint from both
    inputs; noise is removed (see ``noise``).  Takes about 0.7 KB of memory a triple, in a child
    process.  Raises ``TryLater`` after ``deadline_seconds`` and ``FixEnvironment`` if the child
    fails; ``out`` is then as it was.
    """
    graph = terms.graph_name(base_iri, "inferred")
    arguments = [str(asserted), str(vocabulary), str(out), graph]
    command = [sys.executable, "-P", "-m", "casegraph.reason.child", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, with paths of our own
            command, capture_output=True, check=False, timeout=deadline_seconds
        )
    except subprocess.TimeoutExpired as error:
        raise TryLater(
            f"reasoning took longer than {deadline_seconds:g} seconds and was stopped",
            limit="closure-deadline",
            elapsed=deadline_seconds,
            hint="Raise the deadline of the closure in casegraph.toml, then build again.",
        ) from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise FixEnvironment(
            f"the reasoner stopped with code {done.returncode}: {' '.join(last) or 'no message'}",
            hint="If it ran out of memory, build on a machine with more; else report this.",
        )
    report = json.loads(done.stdout)
    digest = Digest(report["sha256"], report["lines"], report["size"])
    return Closure(digest, tuple(report["inconsistencies"]))

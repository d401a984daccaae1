"""Random data in our own terms, right or wrong, and the files that the reasoner reads."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from casegraph.graph import canonical, terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import Quad, encode_lines, read_quads
from casegraph.graph.vocabulary import load_vocabulary
from casegraph.reason.closure import Closure, close
from tests.graph import sample_records as sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OBJECT_PROPERTIES = (
    terms.SUBSET_OF,
    terms.PART_OF,
    terms.CONTRADICTS,
    terms.ALTERNATIVE_READING_OF,
    terms.EVIDENCED_BY,
    terms.CLAIMS,
    terms.COUNTS,
    terms.REVISES,
    terms.CG + "evidences",
)


def random_quads(seed: int) -> list[Quad]:
    """Some dozens of triples among few nodes, so that rules meet."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable sample, nothing secret
    graph = terms.graph_name(sample.BASE, "asserted")
    nodes = [f"{sample.BASE}id/finding/n{number}" for number in range(12)]
    types = sorted(terms.VT + slug for slug in load_vocabulary(sample.BASE).violation_types)
    statuses = [terms.CG + name for name in ("plain", "adopted", "open", "refuted")]
    quads = [
        Quad(chance.choice(nodes), chance.choice(OBJECT_PROPERTIES), chance.choice(nodes), graph)
        for _ in range(40)
    ]
    for node in nodes:
        quads.append(Quad(node, terms.READING_STATUS, chance.choice(statuses), graph))
        quads.append(Quad(node, terms.STATED_VALUE, Literal("7", terms.XSD_INTEGER), graph))
        if chance.random() < 0.5:
            quads.append(Quad(node, terms.VIOLATION_TYPE, chance.choice(types), graph))
    return quads


class World:
    """Three files in a folder, as a build has them."""

    def __init__(self, folder: Path, asserted: Iterable[Quad]) -> None:
        self.asserted = folder / "asserted.nq"
        self.vocabulary = folder / "vocabulary.nq"
        self.inferred = folder / "inferred.nq"
        canonical.write_canonical(self.asserted, encode_lines(asserted))
        vocabulary = load_vocabulary(sample.BASE).quads
        canonical.write_canonical(self.vocabulary, encode_lines(vocabulary))

    def close(self) -> Closure:
        return close(
            self.asserted,
            self.vocabulary,
            self.inferred,
            base_iri=sample.BASE,
            deadline_seconds=300,
        )

    def quads(self) -> list[Quad]:
        files = (self.asserted, self.vocabulary, self.inferred)
        return [quad for file in files for quad in read_quads(file)]

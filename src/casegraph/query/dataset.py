"""A published dataset, opened for reading: in memory from N-Quads, or a store on disk."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

import pyoxigraph as ox

from casegraph.errors import FixInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_OVERLAP = "ASK { GRAPH ?one { ?s ?p ?o } GRAPH ?two { ?s ?p ?o } FILTER(STR(?one) < STR(?two)) }"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A store and how its default graph is to be read.

    The engine's union of graphs counts a triple once for each graph that holds
    it.  In a release the graphs share no triple, so the union is exact
    (``disjoint``).  Where they do share one, ``merged`` says that the store's
    own default graph holds the union, each triple once.
    """

    store: ox.Store
    disjoint: bool
    merged: bool


def open_dataset(path: Path) -> Dataset:
    """Open a finished dataset.

    Args:
        path: an N-Quads file (``.gz`` too), loaded into memory, or the
            directory of a finished store, opened read-only and taken to hold
            disjoint graphs, which its builder has to see to.

    Raises:
        FixInput: there is no such dataset, or it cannot be read.

    """
    try:
        if path.is_dir():
            return Dataset(ox.Store.read_only(str(path)), disjoint=True, merged=False)
        return in_memory(_load(path))
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"The dataset {path} cannot be opened: {error}"
        raise FixInput(msg, hint="Name a finished .nq or .nq.gz file or a store.") from None


def in_memory(store: ox.Store) -> Dataset:
    """Make the default graph of a store the exact union of its graphs."""
    loose = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
    overlap = bool(store.query(_OVERLAP))
    if loose is not None or overlap:
        store.extend([ox.Quad(q.subject, q.predicate, q.object) for q in store])
        return Dataset(store, disjoint=not overlap, merged=True)
    return Dataset(store, disjoint=True, merged=False)


def merged_store(
    store: ox.Store, defaults: Iterable[ox.NamedNode], named: Iterable[ox.NamedNode]
) -> ox.Store:
    """Copy some graphs: ``defaults`` merged into the default graph, ``named`` as they are."""
    result = ox.Store()
    for graph in defaults:
        quads = store.quads_for_pattern(None, None, None, graph)
        result.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    for graph in named:
        result.extend(store.quads_for_pattern(None, None, None, graph))
    return result


def _load(path: Path) -> ox.Store:
    store = ox.Store()
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as stream:
            store.load(cast("IO[bytes]", stream), ox.RdfFormat.N_QUADS)
    else:
        store.load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return store

"""What a server is asked about: graphs by name, read from the files of a test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from tests.conformance.sparql11_cases import BASE, SUITE

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
}


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset: N-Triples of the default graph, and of each named graph by its name."""

    default: str = ""
    named: tuple[tuple[str, str], ...] = ()

    def quads(self, default_graph: str | None = None) -> str:
        """All of it as N-Quads, the default graph under a name where one is given."""
        lines = self.default
        if default_graph is not None:
            lines = _in_graph(lines, default_graph)
        return lines + "".join(_in_graph(text, name) for name, text in self.named)


def _in_graph(lines: str, name: str) -> str:
    return "".join(f"{line.removesuffix(' .')} <{name}> .\n" for line in lines.splitlines())


EMPTY = Data()


@cache
def read(folder: str, default: tuple[str, ...], named: tuple[str, ...]) -> Data:
    """The files of a test: some merged in the default graph, some each a graph of its own."""
    return Data(
        "".join(_triples(folder, name) for name in default),
        tuple((f"{BASE}{folder}/{name}", _triples(folder, name)) for name in named),
    )


def _triples(folder: str, name: str) -> str:
    path = SUITE / folder / name
    triples = ox.parse(
        path=str(path),
        format=FORMATS[path.suffix],
        base_iri=f"{BASE}{folder}/{name}",
        rename_blank_nodes=True,
    )
    return to_lines(triples)


def to_lines(triples: object) -> str:
    """Statements as N-Triples, blank nodes under the names they have."""
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]
    assert data is not None
    return data.decode()


def parsed(text: str, media_type: str) -> str:
    """A body in Turtle, or in several parts of it, as N-Triples."""
    if not media_type.startswith("multipart/"):
        return to_lines(ox.parse(text.encode(), ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    boundary = media_type.partition("boundary=")[2]
    parts = [part.replace("\r\n", "\n").lstrip() for part in text.split(f"--{boundary}")]
    bodies = [part.partition("\n\n")[2] for part in parts if part.startswith("Content-")]
    assert bodies
    return "".join(parsed(body, "text/turtle") for body in bodies)

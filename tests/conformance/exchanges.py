"""The tests of the suite that are written as HTTP requests: protocol and graph store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from tests.conformance.sparql11_cases import BASE, DAWGT, MF, SUITE

if TYPE_CHECKING:
    from collections.abc import Iterator

HT = "http://www.w3.org/2011/http#"
HTS = "http://www.w3.org/2011/http-statusCodes#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
CODES: Final = {
    "OK": range(200, 201),
    "Created": range(201, 202),
    "NoContent": range(204, 205),
    "NotFound": range(404, 405),
    "StatusCode2xx": range(200, 300),
    "StatusCode3xx": range(300, 400),
    "StatusCode4xx": range(400, 500),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what is expected of its answer; ``statuses`` are names from HTTP in RDF."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    encoding: str
    statuses: tuple[str, ...]
    format: str | None
    boolean: bool | None
    expected: str | None

    def header(self, name: str) -> str:
        """Value of a request header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def accepts(self, status: int) -> bool:
        """Whether a status code is one of the expected."""
        return any(status in CODES[name] for name in self.statuses)

    def sent(self) -> bytes | None:
        """The body as it goes over the wire."""
        return None if self.body is None else self.body.encode(self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A test of several requests in order, on graphs given by name and file."""

    folder: str
    name: str
    approved: bool
    requires: tuple[str, ...]
    graphs: tuple[tuple[str, str], ...]
    exchanges: tuple[Exchange, ...]
    iri: str

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"


def conversations(folder: str, file: str = "manifest.ttl") -> list[Conversation]:
    """The tests of a manifest that are written as requests, by name."""
    found = _Manifest(folder, file).conversations()
    return sorted(found, key=lambda one: one.name)


class _Manifest:
    def __init__(self, folder: str, file: str) -> None:
        self.folder = folder
        self._base = f"{BASE}{folder}/"
        self._store = ox.Store()
        self._store.load(
            path=str(SUITE / folder / file),
            format=ox.RdfFormat.TURTLE,
            base_iri=f"{self._base}manifest",
        )

    def conversations(self) -> Iterator[Conversation]:
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(f"{MF}action"), None):
            test: Any = quad.subject
            (head,) = self._values(quad.object, f"{HT}requests")
            graphs = [
                (self._text(node, f"{RDFS}label") or "", self._file(node))
                for node in self._values(test, f"{UT}graphData")
            ]
            yield Conversation(
                folder=self.folder,
                name=test.value.rpartition("#")[2],
                approved=f"{DAWGT}Approved" in self._names(test, f"{DAWGT}approval"),
                requires=tuple(
                    name.removeprefix(MF) for name in self._names(test, f"{MF}requires")
                ),
                graphs=tuple(sorted(graphs)),
                exchanges=tuple(self._exchange(node) for node in self._items(head)),
                iri=test.value,
            )

    def _exchange(self, node: Any) -> Exchange:
        (answer,) = self._values(node, f"{HT}resp")
        body, encoding = self._body(node)
        said = self._text(answer, f"{MF}expectedBoolean")
        return Exchange(
            method=self._text(node, f"{HT}methodName") or "GET",
            path=self._text(node, f"{HT}absolutePath") or "/",
            headers=tuple(self._headers(node)),
            body=body,
            encoding=encoding,
            statuses=tuple(
                name.removeprefix(HTS) for name in self._names(answer, f"{MF}expectedStatus")
            ),
            format=self._text(answer, f"{MF}expectedFormat"),
            boolean=None if said is None else said == "true",
            expected=self._body(answer)[0],
        )

    def _body(self, node: Any) -> tuple[str | None, str]:
        for body in self._values(node, f"{HT}body"):
            encoding = self._text(body, f"{CNT}characterEncoding")
            return self._text(body, f"{CNT}chars"), encoding or "utf-8"
        return None, "utf-8"

    def _headers(self, node: Any) -> Iterator[tuple[str, str]]:
        for head in self._values(node, f"{HT}headers"):
            for item in self._items(head):
                name = self._text(item, f"{HT}fieldName")
                value = self._text(item, f"{HT}fieldValue")
                assert name is not None
                assert value is not None
                yield name, value

    def _file(self, node: Any) -> str:
        return self._names(node, f"{UT}graph")[0].removeprefix(self._base)

    def _items(self, head: Any) -> Iterator[Any]:
        while head != ox.NamedNode(f"{RDF}nil"):
            yield self._values(head, f"{RDF}first")[0]
            head = self._values(head, f"{RDF}rest")[0]

    def _values(self, subject: Any, predicate: str) -> list[Any]:
        quads = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return [quad.object for quad in quads]

    def _names(self, subject: Any, predicate: str) -> list[str]:
        return sorted(node.value for node in self._values(subject, predicate))

    def _text(self, subject: Any, predicate: str) -> str | None:
        return next((node.value for node in self._values(subject, predicate)), None)

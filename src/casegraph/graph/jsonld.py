"""JSON-LD of one document, compacted with our own context.

Not a general compaction: no lists, no blank nodes, no nesting, because our data has none.  What
the context cannot say of a value is written out in full, so expanding gives the same triples
(a test does that with an engine's parser).  The context stands in the document, cut down to
the terms that are used, because parsers rightly refuse to fetch one.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from casegraph import assets
from casegraph.graph import terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casegraph.graph.literal import Literal
    from casegraph.graph.nquads import Object, Quad

Json = dict[str, Any]

_KEYWORDS: Final = {"@version": 1.1, "id": "@id", "type": "@type"}


def to_jsonld(quads: Iterable[Quad]) -> str:
    """The document of the quads' triples; subjects and properties keep the order given."""
    writer = _Writer(_context())
    nodes = writer.nodes(quads)
    document = {"@context": writer.used_context(), "@graph": nodes}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


@lru_cache(maxsize=1)
def _context() -> Json:
    path = assets.root("ontology") / "context.jsonld"
    context = json.loads(path.read_text(encoding="utf-8"))["@context"]
    return {name: value for name, value in context.items() if name not in _KEYWORDS}


class _Writer:
    """Turns quads into JSON and remembers which terms of the context it used."""

    def __init__(self, context: Json) -> None:
        self._context = context
        self._prefixes = {
            name: value
            for name, value in context.items()
            if isinstance(value, str) and value.endswith(("#", "/"))
        }
        self._terms = {
            self._expanded(value["@id"] if isinstance(value, dict) else value): name
            for name, value in context.items()
            if name not in self._prefixes
        }
        self._used: set[str] = set()

    def _expanded(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self._prefixes[prefix] + local if prefix in self._prefixes else name

    def used_context(self) -> Json:
        """The context with the terms that occurred, and the prefixes these need."""
        used = {name: self._context[name] for name in self._context if name in self._used}
        text = json.dumps(list(used.values()))
        prefixes = {
            name: value
            for name, value in self._prefixes.items()
            if name in self._used or f'"{name}:' in text
        }
        return {**_KEYWORDS, **prefixes, **used}

    def nodes(self, quads: Iterable[Quad]) -> list[Json]:
        found: dict[str, Json] = {}
        for quad in quads:
            node = found.setdefault(quad.subject, {"id": quad.subject})
            if quad.predicate == terms.RDF_TYPE and isinstance(quad.object, str):
                node.setdefault("type", []).append(self._name(quad.object))
            else:
                self._add(node, quad.predicate, quad.object)
        return list(found.values())

    def _add(self, node: Json, predicate: str, value: Object) -> None:
        term = self._terms.get(predicate)
        definition = self._definition(term)
        # A container is one keyword or a list of them; `in` reads both.
        container = definition.get("@container", "")
        if term is None:
            _append(node, self._curie(predicate), self._full(value))
        elif not isinstance(value, str) and value.lang and "@language" in container:
            self._used.add(term)
            _append(node.setdefault(term, {}), value.lang, value.lexical)
        elif (simple := self._simple(value, definition)) is not None:
            self._used.add(term)
            _append(node, term, simple, always_list="@set" in container)
        else:
            _append(node, self._curie(predicate), self._full(value))

    def _definition(self, term: str | None) -> Json:
        definition = self._context.get(term or "", {})
        return definition if isinstance(definition, dict) else {}

    def _simple(self, value: Object, definition: Json) -> object:
        """The value as a bare string or number, if the term says the rest; else ``None``."""
        wanted = definition.get("@type")
        if isinstance(value, str):
            return {"@id": value, "@vocab": self._name(value)}.get(str(wanted))
        if "@language" in definition.get("@container", ""):
            return None
        if wanted is None and not value.lang:
            return _native(value)
        return value.lexical if wanted and self._expanded(wanted) == value.datatype else None

    def _name(self, address: str) -> str:
        """A class or code by its term, else shortened, else whole."""
        term = self._terms.get(address)
        if term is None:
            return self._curie(address)
        self._used.add(term)
        return term

    def _curie(self, address: str) -> str:
        for prefix, namespace in self._prefixes.items():
            if address.startswith(namespace) and len(address) > len(namespace):
                self._used.add(prefix)
                return f"{prefix}:{address[len(namespace) :]}"
        return address

    def _full(self, value: Object) -> object:
        if isinstance(value, str):
            return {"@id": value}
        if value.lang:
            return {"@value": value.lexical, "@language": value.lang}
        native = _native(value)
        return (
            native
            if native is not None
            else {"@value": value.lexical, "@type": self._curie(value.datatype)}
        )


def _native(value: Literal) -> object:
    """A text, whole number or boolean as JSON has them; ``None`` for other datatypes."""
    match value.datatype:
        case terms.XSD_STRING:
            return value.lexical
        case terms.XSD_INTEGER:
            return int(value.lexical)
        case terms.XSD_BOOLEAN:
            return value.lexical == "true"
        case _:
            return None


def _append(node: Json, name: str, value: object, *, always_list: bool = False) -> None:
    """One value as it is, several as a list."""
    if name not in node:
        node[name] = [value] if always_list else value
    elif isinstance(node[name], list):
        node[name].append(value)
    else:
        node[name] = [node[name], value]

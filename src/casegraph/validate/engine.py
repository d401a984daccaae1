"""SHACL by pyshacl, within this process: files in, results out.

Only the child process and tests import this module: pyshacl and rdflib are slow to import,
cannot be stopped, and change global state while they work.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import pyshacl
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, SH, XSD
from rdflib.plugins.parsers.notation3 import BadSyntax

from casegraph.errors import FixInput, Where
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line, read_lines
from casegraph.validate.flat import flat
from casegraph.validate.report import Report, ResultRecord, Severity, report_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rdflib.term import Node

    from casegraph.graph.nquads import Object, Quad

#: The shape that tells of a node without a class.  SHACL has no target for "every subject", so
#: nodes that its long list of properties does not reach are looked for here.
TYPED: Final = "https://w3id.org/casegraph/shapes#Typed"

_ASSERTED: Final = "/graph/asserted"
_SEVERITIES: Final[dict[Node, Severity]] = {SH.Violation: "violation", SH.Warning: "warning"}
_SUFFIXES: Final = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}


def load_shapes(folder: Path) -> rdflib.Graph:
    """Parse every ``*.ttl`` of a folder, or the one file it is, into one shapes graph.

    Raises ``FixInput`` at file and line for a syntax error, if there is no shape, or if a
    file imports another one: what is validated against must stand in the folder.
    """
    graph = rdflib.Graph()
    for path in [folder] if folder.is_file() else sorted(folder.glob("*.ttl")):
        graph += load_turtle(path)
    if not any(graph.subjects(RDF.type, SH.NodeShape)):
        raise FixInput(
            "there are no shapes here",
            where=Where(str(folder)),
            hint="Name a folder that holds shapes as *.ttl files.",
        )
    if any(graph.subject_objects(OWL.imports)):
        raise FixInput(
            "the shapes import another file",
            where=Where(str(folder)),
            hint="Put the file into the folder and remove owl:imports.",
        )
    return graph


def load_turtle(path: Path) -> rdflib.Graph:
    """Parse one Turtle file, its literals as they are written.

    Raises ``FixInput`` at file and line.
    """
    graph = rdflib.Graph()
    with _literals_as_written():
        try:
            graph.parse(source=path.as_posix(), format="turtle", publicID="urn:casegraph:file")
        except BadSyntax as error:
            raise FixInput(
                f"this is no Turtle: {error.message}",
                where=Where(str(path), error.lines + 1),
                hint="Look at this line and the end of the one before it.",
            ) from error
        except UnicodeDecodeError as error:
            raise FixInput(
                "the file is not UTF-8", where=Where(str(path)), hint="Save it as UTF-8."
            ) from error
    return graph


def load_data(path: Path) -> rdflib.Graph:
    """Read the asserted graph of a canonical N-Quads file, or a whole Turtle file.

    Lines in other graphs are left out: shapes are never asked about inferred triples, which
    would make a wrongly typed object pass.  Raises ``FixInput``.
    """
    if path.suffix == ".ttl":
        return load_turtle(path)
    graph = rdflib.Graph()
    with _literals_as_written():
        graph.addN(
            (rdflib.URIRef(s), rdflib.URIRef(p), _term(o), graph)
            for s, p, o, name in _quads(path)
            if not name or name.endswith(_ASSERTED)
        )
    return graph


def validate_graph(
    data: rdflib.Graph, shapes: rdflib.Graph, vocabulary: rdflib.Graph | None = None
) -> Report:
    """Validate, with the concepts of ``vocabulary`` known beside ``data``.

    ``data`` is changed: the classes of the concepts are added to it.
    """
    untyped = [
        ResultRecord(
            severity="violation",
            focus=str(node),
            shape=TYPED,
            path=str(RDF.type),
            value="",
            message=_message(shapes, rdflib.URIRef(TYPED)),
        )
        for node in set(data.subjects()) - set(data.subjects(RDF.type))
    ]
    if vocabulary is not None:
        for concept in vocabulary.subjects(RDF.type, rdflib.SKOS.Concept):
            data.add((concept, RDF.type, rdflib.SKOS.Concept))
    with _literals_as_written():
        _conforms, results, _text = pyshacl.validate(
            data,
            shacl_graph=flat(shapes),
            inference="none",
            inplace=True,
            do_owl_imports=False,
            meta_shacl=False,
            advanced=False,
            js=False,
        )
    return report_of([*untyped, *_records(results, shapes)])


def _records(results: rdflib.Graph, shapes: rdflib.Graph) -> Iterator[ResultRecord]:
    for result in results.subjects(RDF.type, SH.ValidationResult):
        shape = results.value(result, SH.sourceShape)
        path = results.value(result, SH.resultPath)
        value = results.value(result, SH.value)
        yield ResultRecord(
            severity=_severity(results.value(result, SH.resultSeverity)),
            focus=str(results.value(result, SH.focusNode)),
            shape=str(shape),
            path=_path_text(results, path) if path is not None else "",
            value=_value_text(value) if value is not None else "",
            message=_message(shapes, shape),
        )


def _quads(path: Path) -> Iterator[Quad]:
    for number, line in enumerate(read_lines(path), 1):
        try:
            yield from_line(line)
        except FixInput as error:
            raise FixInput(
                error.message, where=Where(str(path), number), hint=error.hint
            ) from error


def _severity(value: Node | None) -> Severity:
    return _SEVERITIES.get(value, "info") if value is not None else "violation"


def _message(shapes: rdflib.Graph, shape: Node | None) -> str:
    return str(shapes.value(shape, SH.message) or "")


def _value_text(value: Node) -> str:
    return value.n3() if isinstance(value, rdflib.Literal) else str(value)


def _path_text(graph: rdflib.Graph, path: Node) -> str:
    """Write a path as SPARQL does (SHACL, section 2.3.1); one property is its bare IRI."""
    if isinstance(path, rdflib.URIRef):
        return str(path)
    for key, sign in _SUFFIXES.items():
        inner = graph.value(path, key)
        if inner is not None:
            return _step(graph, inner) + sign
    inverse = graph.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _step(graph, inverse)
    choices = graph.value(path, SH.alternativePath)
    if choices is not None:
        return "|".join(_step(graph, part) for part in Collection(graph, choices))
    return "/".join(_step(graph, part) for part in Collection(graph, path))


def _step(graph: rdflib.Graph, path: Node) -> str:
    text = _path_text(graph, path)
    return f"<{text}>" if isinstance(path, rdflib.URIRef) else f"({text})"


def _term(value: Object) -> rdflib.URIRef | rdflib.Literal:
    if not isinstance(value, Literal):
        return rdflib.URIRef(value)
    if value.lang:
        return rdflib.Literal(value.lexical, lang=value.lang)
    if value.datatype == str(XSD.string):
        # rdflib's Turtle parser leaves xsd:string out, and compares the two as different.
        return rdflib.Literal(value.lexical)
    return rdflib.Literal(value.lexical, datatype=rdflib.URIRef(value.datatype), normalize=False)


@contextlib.contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep lexical forms: rdflib would rewrite "01", and hide what is ill-formed."""
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before

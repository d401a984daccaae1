"""The engine reads what stands in the files, and tells where it looked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib
from rdflib.namespace import SH

from casegraph import assets
from casegraph.errors import FixInput
from casegraph.validate.engine import TYPED, load_data, load_shapes, load_turtle, validate_graph

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIXES = """@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def turtle(folder: Path, text: str, name: str = "shapes.ttl") -> Path:
    path = folder / name
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


def test_syntax_error_is_told_at_file_and_line(tmp_path: Path) -> None:
    path = turtle(tmp_path, "\nex:a ex:b ex:c\n\nex:d ex:e ex:f .\n")
    with pytest.raises(FixInput) as caught:
        load_shapes(tmp_path)
    assert caught.value.where is not None
    assert caught.value.where.path == str(path)
    assert caught.value.where.line in {5, 7}


def test_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_bytes(b'<urn:a:b> <urn:a:c> "\xff" .\n')
    with pytest.raises(FixInput, match="not UTF-8"):
        load_turtle(path)


def test_folder_without_shapes_is_refused(tmp_path: Path) -> None:
    turtle(tmp_path, "ex:a ex:b ex:c .")
    with pytest.raises(FixInput, match="no shapes here"):
        load_shapes(tmp_path)


def test_shapes_that_import_are_refused(tmp_path: Path) -> None:
    turtle(
        tmp_path,
        "ex:S a sh:NodeShape .\n"
        "ex:o <http://www.w3.org/2002/07/owl#imports> <https://example.org/more> .\n",
    )
    with pytest.raises(FixInput, match="import another file"):
        load_shapes(tmp_path)


def test_only_the_asserted_graph_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.nq"
    base = "https://casegraph.example/"
    path.write_text(
        f"<{base}a> <{base}p> <{base}x> <{base}graph/asserted> .\n"
        f"<{base}a> <{base}p> <{base}y> <{base}graph/inferred> .\n"
        f"<{base}a> <{base}p> <{base}z> .\n",
        encoding="utf-8",
    )
    assert {str(o) for o in load_data(path).objects()} == {f"{base}x", f"{base}z"}


@pytest.mark.parametrize("name", ["data.nq", "data.ttl"])
def test_literals_keep_their_lexical_form(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(
        '<urn:x:a> <urn:x:p> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        '<urn:x:a> <urn:x:p> "слова"@be .\n'
    )
    assert {o.n3() for o in load_data(path).objects()} == {
        '"01"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"слова"@be',
    }
    assert rdflib.NORMALIZE_LITERALS, "the setting of the process is as before"


def test_values_and_paths_are_told_as_text(tmp_path: Path) -> None:
    turtle(
        tmp_path,
        """ex:S a sh:NodeShape ; sh:targetClass ex:C ;
    sh:property ex:one , ex:two , ex:three , ex:four .
ex:one a sh:PropertyShape ; sh:path ex:p ; sh:datatype xsd:date ; sh:message "a"@en .
ex:two a sh:PropertyShape ; sh:path ( ex:p [ sh:zeroOrMorePath ex:q ] ) ; sh:minCount 9 .
ex:three a sh:PropertyShape ; sh:severity sh:Warning ; sh:minCount 9 ;
    sh:path [ sh:alternativePath ( ex:p [ sh:inversePath ex:q ] ) ] .
ex:four a sh:PropertyShape ; sh:severity sh:Info ; sh:path ex:q ; sh:nodeKind sh:Literal .
""",
    )
    data = load_turtle(
        turtle(tmp_path, 'ex:a a ex:C ; ex:p "x" ; ex:q ex:b . ex:b a ex:D .', "d.ttl")
    )
    report = validate_graph(data, load_shapes(tmp_path))
    p, q = "https://example.org/p", "https://example.org/q"
    assert [(r.severity, r.code, r.path, r.value, r.message) for r in report.results] == [
        ("info", "https://example.org/four", q, "https://example.org/b", ""),
        ("violation", "https://example.org/one", p, '"x"', "a"),
        ("violation", "https://example.org/two", f"<{p}>/(<{q}>*)", "", ""),
        ("warning", "https://example.org/three", f"<{p}>|(^<{q}>)", "", ""),
    ]


def test_a_node_without_class_is_found_whatever_its_properties() -> None:
    data = rdflib.Graph()
    data.parse(data="<urn:x:anna> <http://xmlns.com/foaf/0.1/knows> <urn:x:ben> .", format="turtle")
    report = validate_graph(data, load_shapes(assets.root("shapes")))
    assert [(r.focus, r.shape) for r in report.results] == [("urn:x:anna", TYPED)]
    assert report.results[0].message


def test_a_shape_that_is_switched_off_stays_so(tmp_path: Path) -> None:
    turtle(
        tmp_path,
        "ex:S a sh:NodeShape ; sh:deactivated true ; sh:targetClass ex:C ; sh:property ex:one .\n"
        "ex:one a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 .\n",
    )
    data = load_turtle(turtle(tmp_path, "ex:a a ex:C .", "d.ttl"))
    assert validate_graph(data, load_shapes(tmp_path)).results == ()


def test_data_together_with_the_whole_vocabulary_conforms() -> None:
    """As another engine would be run: everything in one graph, nothing picked out."""
    data = load_turtle(Path(__file__).parents[1] / "shapes" / "pass" / "conduct.ttl")
    for name in ("casegraph.ttl", "violations.ttl", "alignments.ttl"):
        data += load_turtle(assets.root("ontology") / name)
    shapes = load_shapes(assets.root("shapes"))
    conforms, _results, text = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    assert conforms, text


def told(results: rdflib.Graph) -> Iterator[tuple[str, str]]:
    for result in results.subjects(rdflib.RDF.type, SH.ValidationResult):
        yield (
            str(results.value(result, SH.focusNode)),
            str(results.value(result, SH.sourceShape)),
        )


def test_flat_shapes_find_what_the_shapes_as_written_find() -> None:
    """All failing examples at once: they share names, so that much is wrong."""
    shapes = load_shapes(assets.root("shapes"))
    data = rdflib.Graph()
    for path in sorted((Path(__file__).parents[1] / "shapes" / "fail").glob("*.ttl")):
        if path.stem != "Named":  # its blank node has another name each time
            data += load_turtle(path)
    _conforms, results, _text = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    expected = set(told(results))
    assert len({shape for _focus, shape in expected}) > 50
    report = validate_graph(data, shapes)
    assert {(r.focus, r.shape) for r in report.results} == expected

"""Writes the pages of docs/reference from the tables that the code itself uses.

Run ``python docs/generate.py``; with ``--check`` it only says which pages are stale.
"""  # noqa: INP001 - a script beside the pages it writes

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store

from casegraph import assets
from casegraph.findings import fields
from casegraph.model import terms
from casegraph.settings import OTHER_VARIABLES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import StrEnum

PAGES: Final = Path(__file__).resolve().parent / "reference"
CG: Final = "https://w3id.org/casegraph/ns#"
CGSH: Final = "https://w3id.org/casegraph/shapes#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
PREFIXES: Final = {
    CG: "cg:",
    CGSH: "cgsh:",
    RDF: "rdf:",
    RDFS: "rdfs:",
    OWL: "owl:",
    SH: "sh:",
    SKOS: "skos:",
    "http://www.w3.org/2001/XMLSchema#": "xsd:",
    "http://purl.org/dc/terms/": "dcterms:",
    "https://w3id.org/casegraph/violations#": "vt:",
    "https://w3id.org/casegraph/provisions#": "pr:",
}
_MADE: Final = "<!-- Made by docs/generate.py from {source}; do not edit it here. -->"


class Graph:
    """Turtle files, asked for the objects of a subject and a property."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._store = Store()
        for path in paths:
            self._store.load(path=str(path), format=RdfFormat.TURTLE)

    def objects(self, subject: Any, predicate: str) -> list[Any]:  # noqa: ANN401
        """Every object, sorted by its text."""
        found = self._store.quads_for_pattern(subject, NamedNode(predicate), None, None)
        return sorted((quad.object for quad in found), key=str)

    def of_type(self, kind: str) -> list[NamedNode]:
        """Every named thing of a class, sorted."""
        found = self._store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(kind), None)
        named = {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}
        return sorted(named, key=lambda node: node.value)

    def text(self, subject: Any, predicate: str) -> str:  # noqa: ANN401
        """The English text, or one without a language; empty where there is none."""
        for value in self.objects(subject, predicate):
            if isinstance(value, Literal) and value.language in {"en", None}:
                return value.value
        return ""

    def items(self, node: Any) -> Iterator[Any]:  # noqa: ANN401
        """The items of an RDF list."""
        while isinstance(node, BlankNode):
            yield from self.objects(node, RDF + "first")
            node = next(iter(self.objects(node, RDF + "rest")), None)


def short(node: Any) -> str:  # noqa: ANN401
    """A term as people write it."""
    if isinstance(node, BlankNode):
        return "…"
    text = str(node.value)
    if isinstance(node, Literal):
        return text
    for space, prefix in PREFIXES.items():
        if text.startswith(space):
            return prefix + text.removeprefix(space)
    return f"<{text}>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def code(words: Iterable[str]) -> str:
    """Words set as code, with commas."""
    return ", ".join(f"`{word}`" for word in words)


# ---------------------------------------------------------------------------- settings


def settings_page() -> list[str]:
    """Every setting with its default."""
    rows = (
        (f"`{row.name}`", f"`{row.default}`" if row.default != "" else "empty", row.doc)
        for row in SETTINGS.values()
    )
    return [
        "# Settings",
        "",
        "A value comes from the last of these that gives it: the default below, the table",
        "`[settings]` of `casegraph.toml`, a variable `CASEGRAPH_NAME` with the name in capitals,",
        "and, where a command has it, an option `--name`. An unknown name is an error.",
        "",
        *table(("setting", "default", "what it is"), rows),
        "## Other variables",
        "",
        *table(
            ("variable", "what it is"),
            ((f"`{name}`", doc[0].upper() + doc[1:] + ".") for name, doc in
             OTHER_VARIABLES.items()),
        ),
    ]  # fmt: skip


# ------------------------------------------------------------------------------ fields

SHAPES: Final = {
    "text": "words",
    "texts": "words, or words by language",
    "names": "lists of names by language",
    "key": "a key",
    "keys": "one or more keys",
    "words": "one or more words",
    "code": "one of a list",
    "codes": "one or more of a list",
    "day": "a day",
    "date": "a day, month or year",
    "period": "a date, or two with / between",
    "flag": "yes or no",
    "disclosure": "a decision",
    "roles": "keys by role",
    "readings": "a list of entries",
    "sentences": "a sentence under each name",
}


def fields_page() -> list[str]:
    """Every field of every workspace file."""
    lines = [
        "# Fields",
        "",
        "What may stand in the files of a workspace. A field that is not here is refused.",
        "Keys are readable local names; ids are random and minted by `casegraph new`.",
        "",
    ]
    tables: list[tuple[str, str, Mapping[str, fields.Field]]] = [
        ("findings/*.yaml: the file", "", fields.STATEMENTS_FILE),
        ("findings/*.yaml: one entry of `statements`", _KINDS, fields.STATEMENT),
        ("findings/*.yaml: one entry of `readings`", _READINGS, _only_reading()),
        ("sources/*.yaml: one entry of `sources`", "", fields.SOURCE),
        *(
            (f"{file}: one entry of `{name}`", "", record)
            for file, (name, record) in fields.RECORD_FILES.items()
        ),
        ("A decision: `disclosure`", "", fields.DISCLOSURE),
    ]
    for title, words, record in tables:
        lines += [f"## {title}", ""]
        if words:
            lines += [*words.splitlines(), ""]
        lines += table(("field", "value", "what it is"), map(_field_row, record.values()))
    return [*lines, "## Closed lists", "", *_lists()]


_KINDS: Final = f"""\
An entry has exactly one of {code(fields.KIND_FIELDS)}.
It decides what kind of finding is made. An entry rests on a `quote` or on a `cite`."""
_READINGS: Final = """\
A reading has exactly one of the fields below but `basis`, with the reason as its value, and any
field of a statement that differs in this reading."""


def _only_reading() -> dict[str, fields.Field]:
    return {name: field for name, field in fields.READING.items() if name not in fields.STATEMENT}


def _field_row(field: fields.Field) -> tuple[str, str, str]:
    needed = "; **needed**" if field.required else ""
    shape = SHAPES[field.shape]
    if field.enum is not None:
        shape += f" ([{field.enum.__name__}](#{field.enum.__name__.lower()}))"
    return (f"`{field.name}`", shape + needed, field.doc)


def _lists() -> Iterator[str]:
    enums: dict[str, type[StrEnum]] = {}
    for record in (
        fields.READING, fields.SOURCE, fields.DISCLOSURE,
        *(record for _, record in fields.RECORD_FILES.values()),
    ):  # fmt: skip
        enums |= {f.enum.__name__: f.enum for f in record.values() if f.enum is not None}
    enums["AttributionBasis"] = terms.AttributionBasis
    enums["Role"] = terms.Role
    for name, enum in sorted(enums.items()):
        yield f"### {name}"
        yield ""
        yield " ".join((enum.__doc__ or "").split()).replace("``", "`")
        yield ""
        yield code(fields.codes(enum)) + "."
        yield ""


# ---------------------------------------------------------------------------- ontology


def ontology_page() -> list[str]:
    """Classes, properties and codes, with their definitions, and the violation types."""
    folder = assets.root("ontology")
    graph = Graph([folder / "casegraph.ttl"])
    scheme = Graph([folder / "violations.ttl", folder / "casegraph.ttl"])
    properties = sorted(
        {*graph.of_type(OWL + "ObjectProperty"), *graph.of_type(OWL + "DatatypeProperty")},
        key=lambda node: node.value,
    )
    properties = [node for node in properties if node.value.startswith(CG)]
    concepts = scheme.of_type(SKOS + "Concept")
    return [
        "# Ontology",
        "",
        f"Namespace `{CG}`, prefix `cg:`. Belarusian and Russian labels stand in",
        "`ontology/casegraph.ttl`; they have not been reviewed.",
        "",
        "## Classes",
        "",
        *table(
            ("class", "is a", "definition"),
            (
                (f"`{short(c)}`", _links(graph, c, RDFS + "subClassOf"), _defined(graph, c))
                for c in graph.of_type(OWL + "Class")
            ),
        ),
        "## Properties",
        "",
        *table(
            ("property", "from", "to", "definition"),
            (
                (
                    f"`{short(p)}`",
                    _links(graph, p, RDFS + "domain"),
                    _links(graph, p, RDFS + "range"),
                    _defined(graph, p),
                )
                for p in properties
            ),
        ),
        "## Codes",
        "",
        *table(
            ("code", "definition"),
            ((f"`{short(c)}`", _defined(graph, c)) for c in graph.of_type(CG + "Code")),
        ),
        "## Violation types",
        "",
        "A provision is one under which a claim of this type would be examined.",
        "",
        *table(
            ("type", "broader", "definition", "provisions", "reviewed"),
            (
                (
                    f"`{short(c)}`",
                    _links(scheme, c, SKOS + "broader"),
                    _defined(scheme, c),
                    _links(scheme, c, CG + "mapsToProvision"),
                    scheme.text(c, CG + "reviewed"),
                )
                for c in concepts
            ),
        ),
    ]


def _links(graph: Graph, node: NamedNode, predicate: str) -> str:
    named = (n for n in graph.objects(node, predicate) if isinstance(n, NamedNode))
    return code(short(n) for n in named)


def _defined(graph: Graph, node: NamedNode) -> str:
    text = graph.text(node, SKOS + "definition")
    example = graph.text(node, SKOS + "example")
    return f"{text} *{example}*" if example else text


# ------------------------------------------------------------------------------ shapes


def shapes_page() -> list[str]:
    """Every shape, file by file, with what it says to mend."""
    lines = [
        "# Shapes",
        "",
        f"SHACL shapes, namespace `{CGSH}`, prefix `cgsh:`. They are run on the asserted",
        "graph, before any inference. A violation stops a build; a warning never does.",
        "",
    ]
    for path in sorted(assets.root("shapes").glob("*.ttl")):
        graph = Graph([path])
        shapes = sorted(
            {*graph.of_type(SH + "NodeShape"), *graph.of_type(SH + "PropertyShape")},
            key=lambda node: node.value,
        )
        lines += [
            f"## {path.name}",
            "",
            *table(
                ("shape", "looks at", "severity", "says"),
                (
                    (
                        f"`{short(s)}`",
                        _target(graph, s),
                        _severity(graph, s),
                        graph.text(s, SH + "message") or _parts(graph, s),
                    )
                    for s in shapes
                ),
            ),
        ]
    return lines


def _severity(graph: Graph, shape: NamedNode) -> str:
    found = graph.objects(shape, SH + "severity") or [NamedNode(SH + "Violation")]
    return short(found[0]).removeprefix("sh:")


def _parts(graph: Graph, shape: NamedNode) -> str:
    """What a shape without words of its own is put together from."""
    count = len(graph.objects(shape, SH + "property"))
    return f"(holds {count} of the others)" if count else "(a condition of others)"


def _target(graph: Graph, shape: NamedNode) -> str:
    targets = [
        short(node)
        for name in ("targetClass", "targetSubjectsOf", "targetObjectsOf", "path")
        for node in graph.objects(shape, SH + name)
    ]
    return code(target for target in targets if target != "…") or "–"


# --------------------------------------------------------------------------------- cli


def cli_page() -> list[str]:
    """Every command, as ``--help`` shows it."""
    from casegraph.cli.exit_codes import EXIT_CODES  # noqa: PLC0415
    from casegraph.cli.main import cli  # noqa: PLC0415

    context = click.Context(cli, info_name="casegraph", terminal_width=90, max_content_width=90)
    lines = [
        "# Command line",
        "",
        "Standard output carries the answer and nothing else; progress and warnings go to",
        "standard error. `--json` gives the answer as JSON.",
        "",
        "## Exit codes",
        "",
        *table(
            ("code", "error in `--json`", "when"),
            [
                ("0", "–", "Done."),
                ("2", "–", "The command line itself is wrong."),
                ("130", "–", "Ended with Ctrl-C."),
                *(
                    (str(number), f"`{kind.__name__}`", _first(kind.__doc__ or ""))
                    for kind, number in EXIT_CODES.items()
                ),
            ],
        ),
    ]
    for name, command, at in _commands(cli, context):
        lines += [f"## {name}", "", "```text", command.get_help(at).rstrip(), "```", ""]
    return lines


def _first(text: str) -> str:
    return text.strip().split("\n\n")[0].replace("``", "`")


def _commands(
    group: click.Command, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield context.command_path, group, context
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None and not command.hidden:
                inner = click.Context(
                    command, info_name=name, parent=context,
                    terminal_width=90, max_content_width=90,
                )  # fmt: skip
                yield from _commands(command, inner)


# --------------------------------------------------------------------------------- all

WRITERS: Final[Mapping[str, tuple[str, Callable[[], list[str]]]]] = {
    "cli.md": ("src/casegraph/cli", cli_page),
    "fields.md": ("src/casegraph/findings/fields.py", fields_page),
    "ontology.md": ("ontology/", ontology_page),
    "settings.md": ("src/casegraph/settings.py", settings_page),
    "shapes.md": ("shapes/", shapes_page),
}


def page(name: str) -> str:
    """The text of one page as it should be."""
    source, writer = WRITERS[name]
    title, *rest = writer()
    text = "\n".join([title, "", _MADE.format(source=source), *rest])
    return text.rstrip("\n") + "\n"


def stale() -> list[str]:
    """Names of pages that are missing or differ."""
    return [
        name
        for name in WRITERS
        if not (PAGES / name).exists() or (PAGES / name).read_text(encoding="utf-8") != page(name)
    ]


def main() -> int:
    """Write every page that is stale; with ``--check``, only name them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    only_check = parser.parse_args().check
    names = stale()
    for name in names:
        sys.stdout.write(f"docs/reference/{name} {'is stale' if only_check else 'written'}\n")
        if not only_check:
            (PAGES / name).write_text(page(name), encoding="utf-8", newline="\n")
    return 1 if only_check and names else 0


if __name__ == "__main__":
    sys.exit(main())

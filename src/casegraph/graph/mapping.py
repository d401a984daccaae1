"""Published values as nodes and quads of the asserted graph.

``to_quads`` and ``keyed_lines`` take one record at a time and keep nothing, so a stream of
records becomes a stream of lines.  The last wall before the public stands here too: a record
whose disclosure is not public is refused, and the place, context and capture of a source whose
text is not public are left out whatever the value holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.errors import NotAllowed
from casegraph.graph import mint, table, terms
from casegraph.graph.mapping_findings import finding_nodes
from casegraph.graph.mapping_sources import source_nodes
from casegraph.graph.node import Node, Row, encode, label, record_rows, types
from casegraph.model.terms import DisclosureLevel
from casegraph.model.values import Agent, Case, Finding, Population, Revision, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.graph.context import MintingContext
    from casegraph.graph.nquads import Quad

Record = Agent | Population | Case | Source | Finding | Revision
PUBLIC_LEVELS = frozenset({DisclosureLevel.PUBLIC, DisclosureLevel.PUBLIC_PSEUDONYM})


def to_nodes(record: Record, context: MintingContext) -> Iterator[Node]:
    """The nodes of one record: itself, and what exists only below it.

    Raises ``NotAllowed`` if it may not be published, and ``FixInput`` if it refers to a
    record that is not, or holds text or an address that no format can carry.
    """
    if isinstance(record, Revision):
        yield _revision(record, context)
        return
    if record.disclosure.level not in PUBLIC_LEVELS:
        raise NotAllowed(
            f"{record.key} is {record.disclosure.level.value} and cannot enter a release",
            where=record.where,
            hint="Decide its disclosure first; the projection leaves such records out.",
        )
    match record:
        case Agent():
            yield _agent(record, context)
        case Population():
            yield _population(record, context)
        case Case():
            yield from _case(record, context)
        case Source():
            yield from source_nodes(record, context)
        case Finding():
            yield from finding_nodes(record, context)


def to_quads(record: Record, context: MintingContext) -> Iterator[Quad]:
    """The quads of one record in the asserted graph."""
    graph = terms.graph_name(context.base_iri, "asserted")
    for node in to_nodes(record, context):
        yield from node.quads(graph)


def keyed_lines(records: Iterable[Record], context: MintingContext) -> Iterator[str]:
    """``reading key TAB canonical line`` of many records, unsorted, repeats included."""
    graph = terms.graph_name(context.base_iri, "asserted")
    for record in records:
        for node in to_nodes(record, context):
            yield from node.keyed_lines(graph)


def _agent(agent: Agent, context: MintingContext) -> Node:
    path = context.entity_path(agent.key)
    rows = types(terms.agent_classes(agent.kind))
    if agent.disclosure.level is DisclosureLevel.PUBLIC_PSEUDONYM:
        if not agent.pseudonym:
            raise NotAllowed(
                f"{agent.key} is to appear under a pseudonym but has none",
                where=agent.where,
                hint="Add `pseudonym:` to the record.",
            )
        # Not one attribute of the value is looked at: each could be the name.
        rows.append(label(agent.pseudonym))
    else:
        rows += encode(agent, table.AGENT, context)
    rows += record_rows(agent, path, context)
    return Node(context.id_iri(path), f"0|3|{path}", tuple(rows))


def _population(population: Population, context: MintingContext) -> Node:
    path = context.entity_path(population.key)
    rows = types([terms.POPULATION])
    rows += encode(population, table.POPULATION, context)
    rows += record_rows(population, path, context)
    return Node(context.id_iri(path), f"0|2|{path}", tuple(rows))


def _case(case: Case, context: MintingContext) -> Iterator[Node]:
    path = context.entity_path(case.key)
    address = context.id_iri(path)
    parties = sorted(
        case.involvements, key=lambda party: (party.role.value, context.entity(party.who))
    )
    below = [
        Node(
            f"{address}/party-{number}",
            f"0|4|{path}|{number:04d}",
            (
                *types([terms.INVOLVEMENT_CLASS]),
                *encode(party, table.INVOLVEMENT, context),
                label(f"{party.role.value}: {context.label(party.who)}"),
            ),
        )
        for number, party in enumerate(parties, start=1)
    ]
    rows = types(terms.case_classes(case.kind))
    rows += encode(case, table.CASE, context)
    rows += [(terms.INVOLVEMENT, node.iri) for node in below]
    rows += record_rows(case, path, context)
    yield Node(address, f"0|4|{path}|0000", tuple(rows))
    yield from below


def _revision(revision: Revision, context: MintingContext) -> Node:
    path = mint.entity_path("revision", revision.id, where=revision.where)
    name = revision.kind.value.replace("ConsentW", "Consent w")
    rows: list[Row] = types(terms.revision_classes(revision.kind))
    rows += encode(revision, table.REVISION, context)
    rows.append(label(f"{name} of finding {revision.finding}"))
    return Node(context.id_iri(path), f"5|{revision.on}|{path}", tuple(rows))

"""Findings, the words they rest on, and the nodes that exist only below a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.errors import NotAllowed
from casegraph.graph import literal, mint, table, terms
from casegraph.graph.identity import claim_content
from casegraph.graph.mapping_sources import source_order, time_node
from casegraph.graph.node import Node, Row, encode, label, record_rows, types
from casegraph.model.statement_templates import claim_phrase, quantity_phrase, statement_text
from casegraph.model.terms import ReadingStatus
from casegraph.model.values import Quotation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.graph.context import MintingContext, SourceFacts
    from casegraph.model.values import Citation, Claim, Finding, Quantity, Text

_READING_RANK: Final = {
    ReadingStatus.PLAIN: 0,
    ReadingStatus.ADOPTED: 0,
    ReadingStatus.OPEN: 1,
    ReadingStatus.SET_ASIDE: 2,
    ReadingStatus.REFUTED: 3,
}
_LAST: Final = 10**10 - 1
_LABEL: Final = 80
"""Code points of quoted words in a label."""


def finding_nodes(finding: Finding, context: MintingContext) -> Iterator[Node]:
    """The evidence of a finding, the finding, and its nodes below."""
    _check_names(finding, context)
    for evidence in finding.evidence:
        yield _evidence(evidence, context)
    address = context.finding(finding.key)
    order = _order(finding, context)
    below = [
        *_claim_nodes(finding, address, order, context),
        *_attribution_nodes(finding, address, order, context),
    ]
    yield Node(address, f"{order}|0", tuple(_finding_rows(finding, address, below, context)))
    if finding.quantity is not None:
        yield _quantity(finding, finding.quantity, address, order, context)
    yield time_node(f"{address}/time", f"{order}|2", finding.valid, context)
    yield from below


def statements(finding: Finding, context: MintingContext) -> tuple[Text, ...]:
    """The sentences as published: a template is filled anew, with public names only."""
    if finding.template_statement or not finding.statements:
        return (statement_text(finding, context.label),)
    return finding.statements


def _check_names(finding: Finding, context: MintingContext) -> None:
    hidden = context.pseudonyms.intersection(finding.about)
    if finding.name_forms and hidden:
        raise NotAllowed(
            f"{finding.key} gives names of somebody who appears under a pseudonym",
            where=finding.where,
            hint="Keep this finding out of the release.",
        )


def _finding_rows(
    finding: Finding, address: str, below: list[Node], context: MintingContext
) -> Iterator[Row]:
    statement, *others = table.FINDING
    sentences = [statement.codec.encode(text, context) for text in statements(finding, context)]
    yield from types(terms.finding_classes(finding.kind))
    yield from ((statement.property, sentence) for sentence in sentences)
    for evidence in finding.evidence:
        yield terms.EVIDENCED_BY, context.id_iri(context.evidence_path(evidence))
    yield terms.ATTRIBUTED_TO, context.entity(finding.attribution.chain[0])
    for node in below:
        if node.rows[0][1] == terms.ATTRIBUTION_CLASS:
            yield terms.ATTRIBUTION, node.iri
    for node in below:
        if node.iri.rpartition("/")[2].partition("-")[0] == "claim":
            yield terms.CLAIMS, node.iri
    if finding.quantity is not None:
        yield terms.QUANTITY, f"{address}/quantity"
    yield terms.VALID_TIME, f"{address}/time"
    yield from encode(finding, others, context)
    yield from record_rows(finding, f"finding/{context.findings[finding.key]}", context)
    yield from ((terms.RDFS_LABEL, sentence) for sentence in sentences)


def _evidence(evidence: Quotation | Citation, context: MintingContext) -> Node:
    facts = context.source_facts(evidence.source)
    path = context.evidence_path(evidence)
    order = f"{_evidence_order(evidence, context)}|0"
    if not isinstance(evidence, Quotation):
        rows = [
            *types([terms.CITATION, terms.EVIDENCE]),
            label(_place_label(evidence, facts)),
            *encode(evidence, table.CITATION, context),
        ]
        return Node(context.id_iri(path), order, tuple(rows))
    rows = [
        *types([terms.QUOTATION, terms.EVIDENCE]),
        (terms.RDFS_LABEL, literal.lang_string(_shortened(evidence.exact), facts.language)),
        (terms.EXACT, literal.lang_string(evidence.exact, facts.language)),
        *encode(evidence, table.QUOTATION, context),
    ]
    # Offsets and neighbouring words would rebuild a text that is not public.
    if facts.shows_text:
        rows += encode(evidence, table.PLACE, context)
        if facts.has_capture:
            rows.append((terms.QUOTED_FROM, f"{context.id_iri(facts.path)}/rendition"))
    return Node(context.id_iri(path), order, tuple(rows))


def _place_label(citation: Citation, facts: SourceFacts) -> str:
    """Where it stands, and whether a person has seen it there: a reader may see nothing else."""
    place = f"{citation.locator}, in “{facts.title}”" if citation.locator else f"“{facts.title}”"
    unseen = "; read in an excerpt, not yet confirmed by a person" if facts.is_excerpt else ""
    return f"Place: {place}{unseen}"


def _shortened(words: str) -> str:
    """The words themselves, in quotation marks, as far as a label has room."""
    line = " ".join(words.split())
    cut = line if len(line) <= _LABEL else line[: _LABEL - 1].rstrip() + "…"
    return f"“{cut}”"


def _evidence_order(evidence: Quotation | Citation, context: MintingContext) -> str:
    """After its source, in the order of the text: a rank that tells no position."""
    path = context.evidence_path(evidence)
    order = source_order(context.source_facts(evidence.source))
    return f"{order}|1|{context.places.get(path, _LAST):010d}|{path}"


def _order(finding: Finding, context: MintingContext) -> str:
    """Under its first evidence, adopted readings first."""
    first = _evidence_order(finding.evidence[0], context) if finding.evidence else "1|z"
    return f"{first}|1|{_READING_RANK[finding.reading.status]}{context.findings[finding.key]}"


def _quantity(
    finding: Finding, quantity: Quantity, address: str, order: str, context: MintingContext
) -> Node:
    interval = quantity.interval
    rows = [
        *types([terms.QUANTITY_CLASS]),
        label(quantity_phrase(quantity, finding.valid)),
        *encode(quantity, table.QUANTITY, context),
    ]
    # An open end belongs to a bound; without one it says nothing.
    if interval is not None and interval.lower is None:
        rows = [row for row in rows if row[0] != terms.LOWER_OPEN]
    if interval is not None and interval.upper is None:
        rows = [row for row in rows if row[0] != terms.UPPER_OPEN]
    return Node(f"{address}/quantity", f"{order}|1", tuple(rows))


def _claim_nodes(
    finding: Finding, address: str, order: str, context: MintingContext
) -> Iterator[Node]:
    claims = sorted(
        finding.claims, key=lambda claim: mint.canonical_json(claim_content(claim, context))
    )
    for number, claim in enumerate(claims, start=1):
        name = "claim" if number == 1 else f"claim-{number}"
        involved = list(
            _involvements(claim, f"{address}/{name}", f"{order}|4{number:03d}", context)
        )
        rows = [
            *types(terms.claim_classes(claim.kind)),
            label(claim_phrase(claim, context.label)),
            *encode(claim, table.CLAIM, context),
            *((terms.INVOLVEMENT, node.iri) for node in involved),
        ]
        yield Node(f"{address}/{name}", f"{order}|4{number:03d}", tuple(rows))
        yield from involved


def _involvements(
    claim: Claim, address: str, order: str, context: MintingContext
) -> Iterator[Node]:
    """Numbered within each role by address, so that the order in the file does not matter."""
    numbers: dict[str, int] = {}
    for involvement in sorted(
        claim.involvements, key=lambda i: (i.role.value, context.entity(i.who))
    ):
        role = involvement.role.value
        number = numbers[role] = numbers.get(role, 0) + 1
        rows = (
            *types([terms.INVOLVEMENT_CLASS]),
            label(f"{role}: {context.label(involvement.who)}"),
            *encode(involvement, table.INVOLVEMENT, context),
        )
        yield Node(f"{address}/{role}-{number}", f"{order}|{role}{number:04d}", rows)


def _attribution_nodes(
    finding: Finding, address: str, order: str, context: MintingContext
) -> Iterator[Node]:
    """The links of a chain of speakers; a single speaker needs none."""
    chain = finding.attribution.chain
    if len(chain) == 1:
        return
    for number, key in enumerate(chain, start=1):
        says = "said by" if number == 1 else "passed on by"
        rows = (
            *types([terms.ATTRIBUTION_CLASS]),
            label(f"{says} {context.label(key)}"),
            (terms.AGENT_OF, context.entity(key)),
            (terms.POSITION, literal.integer(number)),
        )
        yield Node(f"{address}/attribution/{number}", f"{order}|3{number:03d}", rows)

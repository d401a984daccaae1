"""Sources, the times they spoke, and what is held of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.graph import table, terms
from casegraph.graph.node import Node, encode, label, record_rows, types
from casegraph.model.statement_templates import time_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.graph.context import MintingContext, SourceFacts
    from casegraph.model.values import Capture, Source, TimeSpan


def source_order(facts: SourceFacts) -> str:
    """Where a source and all that rests on it stand in a file that is read."""
    return f"1|{facts.rank}|{facts.path}"


def source_nodes(source: Source, context: MintingContext) -> Iterator[Node]:
    """A source, when it spoke, and its capture and rendition if its text is public."""
    facts = context.source_facts(source.key)
    address, order = context.id_iri(facts.path), f"{source_order(facts)}|0"
    rows = [
        *types([terms.SOURCE]),
        *((terms.RDFS_LABEL, table.TEXT.encode(text, context)) for text in source.titles),
        *encode(source, table.SOURCE, context),
        (terms.UTTERED, f"{address}/uttered"),
        *record_rows(source, facts.path, context),
    ]
    yield Node(address, f"{order}|0", tuple(rows))
    yield time_node(f"{address}/uttered", f"{order}|1", source.uttered, context)
    # The hash of a text that is not public would let anyone who has it confirm a guess.
    if source.capture is not None and facts.shows_text:
        yield from _capture_nodes(source.capture, facts, order, context)


def time_node(address: str, order: str, span: TimeSpan, context: MintingContext) -> Node:
    """A time span with its label, as ``2024``."""
    rows = [
        *types([terms.TIME_SPAN]),
        label(time_phrase(span)),
        *encode(span, table.TIME_SPAN, context),
    ]
    return Node(address, order, tuple(rows))


def _capture_nodes(
    capture: Capture, facts: SourceFacts, order: str, context: MintingContext
) -> Iterator[Node]:
    address = context.id_iri(facts.path)
    yield Node(
        f"{address}/capture",
        f"{order}|2",
        (
            *types([terms.CAPTURE]),
            label(f"Bytes of “{facts.title}”, captured on {capture.captured}"),
            (terms.CAPTURE_OF, address),
            *encode(capture, table.CAPTURE, context),
        ),
    )
    yield Node(
        f"{address}/rendition",
        f"{order}|3",
        (
            *types([terms.RENDITION]),
            label(f"Text of “{facts.title}”"),
            (terms.RENDITION_OF, f"{address}/capture"),
            *encode(capture, table.RENDITION, context),
        ),
    )

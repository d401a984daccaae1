"""What a source shows: on its own page, and wherever its words stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.web.pages.asking import page_size
from casegraph.web.pages.full_text import FullText, Span, anchor_of, marked, read_text, text_path
from casegraph.web.pages.listing import ListedFinding, Listing, listed
from casegraph.web.releases.places import Ref, outside, path_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from casegraph.web.pages.asking import Row
    from casegraph.web.releases.nodes import Nodes
    from casegraph.web.releases.places import Places
    from casegraph.web.releases.shelf import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """A source in a few lines; ``check`` says how far its words can be checked."""

    ref: Ref
    publisher: list[Ref]
    said_on: str
    url: str | None
    holding: str
    check: str
    language: str
    rights: str
    excerpt: bool


@dataclass(slots=True, kw_only=True)
class Passage:
    """Words or a place of the source, and the findings that rest on them.

    ``span`` is where the words stand in the text, where the release carries it.
    """

    path: str | None
    exact: Literal | None
    locator: str
    span: Span | None = None
    findings: list[ListedFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """Everything that the template shows."""

    iri: str
    titles: list[Literal]
    facts: SourceFacts
    since: str
    capture: list[tuple[str, str]]
    origin: list[Ref]
    passages: list[Passage]
    text: FullText | None
    quotations: int
    places: int
    list: Listing


def source_facts(nodes: Nodes, places: Places, source: str) -> SourceFacts:
    """The facts of the source with that address."""
    span = nodes.link(source, terms.UTTERED)
    holding = nodes.code(source, terms.HOLDING)
    resolved = nodes.text(span, terms.EDTF) or nodes.text(span, terms.BEGIN_EARLIEST)
    return SourceFacts(
        ref=places.ref(source),
        publisher=places.refs(source, terms.PUBLISHER),
        said_on=resolved or "a day that is not known",
        url=outside(nodes.text(source, terms.ADDRESS)),
        holding=holding,
        check=_check(nodes, source, holding),
        language=nodes.text(source, terms.DCTERMS_LANGUAGE),
        rights=nodes.text(source, terms.RIGHTS),
        excerpt=nodes.text(source, terms.EXTENT) == "excerpt",
    )


def _check(nodes: Nodes, source: str, holding: str) -> str:
    """The sentence that each quotation carries."""
    if holding == "fullText":
        return "You can check this here"
    if holding == "quotationsOnly":
        checked = nodes.text(source, terms.CHECKED_ON)
        if checked:
            return f"Checked by us on {checked}, text not published"
        return "Text not published; this release records no check against it"
    read = nodes.text(source, terms.READ_ON)
    when = f" on {read}" if read else ""
    if nodes.text(source, terms.EXTENT) == "excerpt":
        return f"Cited, not stored: read in an excerpt{when}, not yet confirmed by a person"
    return f"Cited, not stored{f': read{when}' if read else ''}"


def source_page(  # noqa: PLR0913 - what a page is made from
    nodes: Nodes,
    places: Places,
    iri: str,
    rows: Sequence[Row],
    release: Release,
    *,
    numbers: Counter[str],
    page: int,
) -> SourcePage:
    """The page of the source ``iri``.

    ``rows`` are those of evidence-of-source for that page of the list, and ``numbers`` how
    many quotations ("true") and places ("false") there are in all.
    """
    passages = _passages(rows, places.base_iri)
    text = _full_text(nodes, iri, rows, passages, release)
    return SourcePage(
        iri=iri,
        titles=sorted(
            nodes.texts(iri, terms.DCTERMS_TITLE), key=lambda t: (t.lang != "en", t.lang)
        ),
        facts=source_facts(nodes, places, iri),
        since=nodes.text(iri, terms.RECORDED_AT)[:10],
        capture=_capture(nodes, iri),
        origin=places.refs(iri, terms.ORIGIN),
        passages=list(passages.values()),
        text=text,
        quotations=numbers["true"],
        places=numbers["false"],
        list=Listing("page", [], numbers.total(), page, page_size("evidence-of-source")),
    )


def _capture(nodes: Nodes, iri: str) -> list[tuple[str, str]]:
    rows = (
        (f"{iri}/capture", terms.CAPTURED, "Captured on"),
        (f"{iri}/capture", terms.MEDIA_TYPE, "Kind of file"),
        (f"{iri}/capture", terms.BYTE_SIZE, "Bytes"),
        (f"{iri}/capture", terms.SHA256, "SHA-256 of the file"),
        (f"{iri}/rendition", terms.EXTRACTOR, "Text taken out by"),
        (f"{iri}/rendition", terms.SHA256, "SHA-256 of the text"),
    )
    found = ((name, nodes.text(subject, prop)) for subject, prop, name in rows)
    return [(name, text) for name, text in found if text]


def _passages(rows: Sequence[Row], base_iri: str) -> dict[str, Passage]:
    """By the address of the evidence, in the order of the rows."""
    passages: dict[str, Passage] = {}
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        address = str(row["evidence"])
        exact, locator = row.get("exact"), row.get("locator")
        grouped.setdefault(address, [])
        passages.setdefault(
            address,
            Passage(
                path=path_of(address, base_iri),
                exact=exact if isinstance(exact, Literal) else None,
                locator=locator.lexical if isinstance(locator, Literal) else "",
            ),
        )
        if "finding" in row:
            grouped[address].append(row)
    for address, of_it in grouped.items():
        passages[address].findings = listed(of_it, base_iri)
    return passages


def _full_text(
    nodes: Nodes,
    iri: str,
    rows: Sequence[Row],
    passages: dict[str, Passage],
    release: Release,
) -> FullText | None:
    """The text, where the release carries it; its passages are told where they stand in it."""
    source = iri.rpartition("/")[2]
    path, text = text_path(release, source), read_text(release, source)
    if path is None or text is None:
        return None
    for row in rows:
        address, start, end = str(row["evidence"]), row.get("start"), row.get("end")
        passage = passages[address]
        if passage.span is None and isinstance(start, Literal) and isinstance(end, Literal):
            begin, stop = int(start.lexical), int(end.lexical)
            if passage.exact is not None and text[begin:stop] == passage.exact.lexical:
                number = 1 + sum(one.span is not None for one in passages.values())
                passage.span = Span(number, anchor_of(address), begin, stop)
    spans = [one.span for one in passages.values() if one.span is not None]
    return FullText(path, nodes.text(iri, terms.DCTERMS_LANGUAGE), marked(text, spans))

"""schema.org JSON-LD: what search engines read in a page, and the same as a document.

Every node has an address below ``base_iri`` and the context stands in the document, so that it
expands without fetching anything.  A finding is a ``Claim`` that somebody makes; no rating and
no ``ClaimReview`` is given, because nothing here says that a claim is true.
"""

from __future__ import annotations

import csv
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from casegraph.graph import terms
from casegraph.release.catalogue import publisher_iri
from casegraph.web.releases.places import outside
from casegraph.web.site import fact

if TYPE_CHECKING:
    from casegraph.graph.literal import Literal
    from casegraph.web.pages.documents import Document
    from casegraph.web.releases.nodes import Nodes
    from casegraph.web.releases.shelf import Release

Json = dict[str, Any]

CONTEXT: Final = {"@vocab": "https://schema.org/"}
#: Sources named as what the data are based on; the file rights.csv lists them all.
_MOST_SOURCES: Final = 100
_DAY: Final = re.compile(r"-?\d{4}(?:-\d{2}){0,2}")
_REJECTED: Final = frozenset({"refuted", "setAside"})
_AGENTS: Final = {
    "Person": "Person",
    "Group": "Organization",
    "Institution": "Organization",
    "Publication": "Organization",
}


def of_release(release: Release, *, description: str = "") -> Json:
    """``Dataset`` in its ``DataCatalog``, with a ``DataDownload`` for each file."""
    base = release.base_iri
    dataset: Json = {
        "@id": f"{base}release/{release.id}",
        "@type": "Dataset",
        "name": fact(release, "title"),
        "description": description or _described(release),
        "url": {"@id": f"{base}release/{release.id}/"},
        "version": release.id,
        "datePublished": release.date,
        "isAccessibleForFree": True,
        "publisher": {"@id": publisher_iri(base)},
        "creator": {"@id": publisher_iri(base)},
        "includedInDataCatalog": {"@id": f"{base}release/#catalogue"},
        "distribution": _downloads(release),
    }
    if licence := fact(release, "licence"):
        dataset["license"] = {"@id": licence}
    if covered := fact(release, "temporalCoverage"):
        dataset["temporalCoverage"] = covered
    if sources := _sources(release):
        dataset["isBasedOn"] = sources
    catalogue: Json = {
        "@id": f"{base}release/#catalogue",
        "@type": "DataCatalog",
        "name": fact(release, "title"),
        "url": {"@id": base},
        "publisher": {"@id": publisher_iri(base)},
        "dataset": {"@id": dataset["@id"]},
    }
    publisher: Json = {
        "@id": publisher_iri(base),
        "@type": "Organization",
        "name": fact(release, "publisher"),
    }
    return {"@context": CONTEXT, "@graph": [dataset, catalogue, publisher]}


def is_offered(document: Document) -> bool:
    """Whether a document has a form for schema.org: findings and sources have.

    A reading that was not adopted is nobody's claim, and people are not offered to search
    engines as entries of their own.
    """
    if document.kind == "finding":
        status = document.nodes.code(document.iri, terms.READING_STATUS)
        return status not in _REJECTED
    return document.kind == "source"


def of_document(document: Document, release: Release) -> Json | None:
    """What a finding or a source is to schema.org; None where ``is_offered`` says no."""
    if not is_offered(document):
        return None
    if document.kind == "finding":
        return {"@context": CONTEXT, **_claim(document, release)}
    return {"@context": CONTEXT, **_work(document.nodes, document.iri, whole=True)}


def for_page(data: Json | None) -> Markup | None:
    """JSON for a ``<script>``: no ``<`` stands in it, so nothing can end the element."""
    if data is None:
        return None
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no markup can be in it any more


def as_document(data: Json) -> bytes:
    """The same as a file; equal input gives equal bytes."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _described(release: Release) -> str:
    counts = release.counts()
    return (
        f"{counts.get('statements', 0)} statements that sources make, "
        f"{counts.get('readings', 0)} readings, {counts.get('reportsHeld', 0)} reports held, "
        f"{counts.get('pagesCited', 0)} pages cited. Nothing here says that a statement is true."
    )


def _downloads(release: Release) -> list[Json]:
    folder = f"{release.base_iri}release/{release.id}/"
    return [
        {
            "@id": f"{folder}{name}",
            "@type": "DataDownload",
            "name": name,
            "contentUrl": {"@id": f"{folder}{name}"},
            "encodingFormat": entry.media_type,
            "contentSize": f"{entry.size} B",
            "sha256": entry.sha256,
        }
        for name, entry in release.files.items()
        if "/" not in name
    ]


def _sources(release: Release) -> list[Json]:
    if "rights.csv" not in release.files:
        return []
    with (release.directory / "rights.csv").open(encoding="utf-8", newline="") as file:
        rows = islice(csv.DictReader(file), _MOST_SOURCES)
        return [
            {"@id": row["source"], "@type": "CreativeWork", "name": row["title"]} for row in rows
        ]


def _claim(document: Document, release: Release) -> Json:
    nodes, iri = document.nodes, document.iri
    works = {
        source: _work(nodes, source)
        for evidence in nodes.links(iri, terms.EVIDENCED_BY)
        for source in nodes.links(evidence, terms.FROM_SOURCE)
    }
    appearances = [works[source] for source in sorted(works)]
    claim: Json = {
        "@id": iri,
        "@type": "Claim",
        "text": [_text(one) for one in sorted(nodes.texts(iri, terms.STATEMENT))],
        "author": [_agent(nodes, one) for one in sorted(nodes.links(iri, terms.ATTRIBUTED_TO))],
        "appearance": appearances,
        "isPartOf": {"@id": f"{release.base_iri}release/{release.id}"},
        "mainEntityOfPage": {"@id": f"{release.base_iri}{document.path}"},
    }
    dated = [work for work in appearances if "datePublished" in work]
    if dated:
        first = min(dated, key=lambda work: (work["datePublished"], work["@id"]))
        claim["firstAppearance"] = {"@id": first["@id"]}
    return {name: value for name, value in claim.items() if value}


def _work(nodes: Nodes, source: str, *, whole: bool = False) -> Json:
    """A source; ``whole`` with what only its own document has at hand."""
    span = nodes.link(source, terms.UTTERED)
    said = nodes.text(span, terms.EDTF) or nodes.text(span, terms.BEGIN_EARLIEST)
    titles = nodes.texts(source, terms.DCTERMS_TITLE) or nodes.texts(source, terms.RDFS_LABEL)
    work: Json = {
        "@id": source,
        "@type": "CreativeWork",
        "name": [_text(one) for one in sorted(titles)],
        "publisher": [_agent(nodes, one) for one in sorted(nodes.links(source, terms.PUBLISHER))],
    }
    if _DAY.fullmatch(said):
        work["datePublished"] = said
    if address := outside(nodes.text(source, terms.ADDRESS)):
        work["url"] = {"@id": address}
    if whole and (language := nodes.text(source, terms.DCTERMS_LANGUAGE)):
        work["inLanguage"] = language
    return {name: value for name, value in work.items() if value}


def _agent(nodes: Nodes, iri: str) -> Json:
    """Who speaks; the type by the kind of address, since labels alone are at hand."""
    kind = iri.rpartition("/")[0].rpartition("/")[2].capitalize()
    name = nodes.label(iri)
    return {"@id": iri, "@type": _AGENTS.get(kind, "Thing"), "name": _text(name)}


def _text(literal: Literal) -> object:
    if literal.lang:
        return {"@value": literal.lexical, "@language": literal.lang}
    return literal.lexical

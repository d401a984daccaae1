"""FAIR Signposting, level 2: typed links in headers and pages, and whole in linksets.

The same links are said three times: in the ``Link`` header (RFC 8288), as ``<link>`` in the
page, and in a linkset (RFC 9264) that also holds the links back.  ``cite-as`` is always an
address below ``base_iri``: that is what stays; all others lead to where this service answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from casegraph.graph import terms
from casegraph.release.catalogue import publisher_iri
from casegraph.web.discovery.structured import for_page, is_offered, of_document, of_release
from casegraph.web.site import fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casegraph.web.discovery.structured import Json
    from casegraph.web.pages.documents import Document
    from casegraph.web.releases.shelf import Release

SCHEMA: Final = "https://schema.org/"
LINKSET_JSON: Final = "application/linkset+json"
LINKSET: Final = "application/linkset"
#: What a machine takes first; the linkset names every file.
_FIRST: Final = (
    "casegraph.ttl",
    "casegraph.nq.gz",
    "inferred.ttl",
    "vocabulary.ttl",
    "figures.csv",
    "findings.csv",
    "casegraph.sqlite",
)
_KINDS: Final = {
    "case": "Thing",
    "citation": "CreativeWork",
    "finding": "Claim",
    "group": "Organization",
    "institution": "Organization",
    "publication": "Organization",
    "quotation": "Quotation",
    "source": "CreativeWork",
    "violation": "DefinedTerm",
    "provision": "Legislation",
}
_MOST_AUTHORS: Final = 10


@dataclass(frozen=True, slots=True)
class Signpost:
    """One link; ``target`` is an address, or a path from the top of this site (``inside``)."""

    rel: str
    target: str
    type: str = ""
    profile: str = ""
    inside: bool = True

    def address(self, public_url: str) -> str:
        """The whole address, without characters that a header cannot carry."""
        whole = f"{public_url}{self.target}" if self.inside else self.target
        return quote(whole, safe=":/?#[]@!$&'()*+,;=%~")


@dataclass(frozen=True, slots=True)
class Signposts:
    """The links of one page; ``path`` is its own, ``extra`` stands in the linkset alone.

    ``data`` is what the page is to schema.org, or None; ``alias`` is another path of the page.
    """

    path: str
    links: tuple[Signpost, ...]
    extra: tuple[Signpost, ...] = ()
    data: Json | None = None
    alias: str = ""

    def header(self, public_url: str) -> str:
        """The value of the ``Link`` header."""
        return ", ".join(_header_link(link, public_url) for link in self.links)

    def context(self) -> dict[str, Any]:
        """What ``base.html`` shows of it in the head of the page."""
        return {"signposts": self.links, "jsonld": for_page(self.data)}

    def contexts(self) -> list[tuple[str, tuple[Signpost, ...]]]:
        """What the linkset says, by anchor: of the page, then of what it names, back to it."""
        back = Signpost("collection", self.path, "text/html")
        about = Signpost("describes", self.path, "text/html")
        everything = (*self.links, *self.extra)
        return [
            (self.path, everything),
            *([(self.alias, everything)] if self.alias else []),
            *((link.target, (back,)) for link in everything if link.rel == "item"),
            *((link.target, (about,)) for link in everything if link.rel == "describedby"),
        ]


def for_landing(release: Release) -> Signposts:
    """The links of the first page: what is cited is the current release."""
    return _of_release(release, path="", linkset="linkset.json")


def for_release(release: Release) -> Signposts:
    """The links of the page of a release."""
    path = f"release/{release.id}/"
    return _of_release(release, path=path, linkset=f"{path}linkset.json")


def for_document(document: Document, release: Release, *, in_release: str = "") -> Signposts:
    """The links of the document about one thing.

    ``in_release`` is what follows its path in the address of a memento (``?release=ID``).
    """
    path = document.path
    also = in_release.replace("?", "&")
    licences = sorted(document.nodes.links(f"{release.base_iri}{path}", terms.DCTERMS + "license"))
    speakers = sorted(document.nodes.links(document.iri, terms.ATTRIBUTED_TO))[:_MOST_AUTHORS]
    turtle = f"{path}.ttl{in_release}"
    described = [Signpost("describedby", turtle, "text/turtle", terms.CG.removesuffix("#"))]
    if is_offered(document):
        schema = f"{path}.jsonld?profile=schema{also}"
        described.append(Signpost("describedby", schema, "application/ld+json", SCHEMA))
    return Signposts(
        f"{path}{in_release}",
        (
            _outside("cite-as", document.iri),
            _outside("type", f"{SCHEMA}AboutPage"),
            _outside("type", SCHEMA + _KINDS.get(document.kind, "Thing")),
            *(_outside("author", one) for one in speakers),
            *(_outside("license", one) for one in licences[:1]),
            *described,
            Signpost("collection", f"release/{release.id}/", "text/html"),
            Signpost("linkset", f"linkset.json?of={path}{also}", LINKSET_JSON),
        ),
        data=of_document(document, release),
        alias=f"{path}.html{in_release}",
    )


def of_metadata(path: str, public_url: str) -> str:
    """The ``Link`` header of a form of a document for machines: the page it describes."""
    links = [Signpost("describes", path, "text/html")]
    links.append(Signpost("linkset", f"linkset.json?of={path.replace('?', '&')}", LINKSET_JSON))
    return ", ".join(_header_link(link, public_url) for link in links)


def back_to_release(release: Release, name: str, public_url: str) -> str:
    """The ``Link`` header of a file of a release: to its collection, or to what it describes."""
    path = f"release/{release.id}/"
    rel = "describes" if name in {"void.ttl", "schema.jsonld"} else "collection"
    links = [Signpost(rel, path, "text/html")]
    links.append(Signpost("linkset", f"{path}linkset.json", LINKSET_JSON))
    return ", ".join(_header_link(link, public_url) for link in links)


def _of_release(release: Release, *, path: str, linkset: str) -> Signposts:
    folder, base = f"release/{release.id}/", release.base_iri
    licence = fact(release, "licence")
    items = [
        Signpost("item", f"{folder}{name}", release.files[name].media_type)
        for name in release.files
        if "/" not in name and name != "void.ttl"
    ]
    archive = release.directory.parent / f"{release.id}.zip"
    if archive.is_file():
        items.insert(0, Signpost("item", f"release/{release.id}.zip", "application/zip"))
    first = {f"{folder}{name}" for name in _FIRST} | {f"release/{release.id}.zip"}
    described = [Signpost("describedby", f"{folder}schema.jsonld", "application/ld+json", SCHEMA)]
    if "void.ttl" in release.files:
        void = "http://www.w3.org/ns/dcat"
        described.insert(0, Signpost("describedby", f"{folder}void.ttl", "text/turtle", void))
    return Signposts(
        path,
        (
            _outside("cite-as", f"{base}release/{release.id}"),
            _outside("type", f"{SCHEMA}AboutPage"),
            _outside("type", f"{SCHEMA}Dataset"),
            _outside("author", publisher_iri(base)),
            *([_outside("license", licence)] if licence else []),
            *described,
            *(item for item in items if item.target in first),
            Signpost("linkset", linkset, LINKSET_JSON),
        ),
        tuple(item for item in items if item.target not in first),
        of_release(release),
    )


def _outside(rel: str, address: str) -> Signpost:
    return Signpost(rel, address, inside=False)


def _header_link(link: Signpost, public_url: str) -> str:
    return f"<{link.address(public_url)}>; rel={_quoted(link.rel)}{''.join(_attributes(link))}"


def _attributes(link: Signpost) -> Iterable[str]:
    for name, value in (("type", link.type), ("profile", link.profile)):
        if value:
            yield f"; {name}={_quoted(value)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_linkset(signposts: Signposts, public_url: str) -> str:
    """``application/linkset`` (RFC 9264, section 4.1): one link a line, each with its anchor."""
    lines = [
        f"{_header_link(link, public_url)}; anchor={_quoted(_anchor(anchor, public_url))}"
        for anchor, links in signposts.contexts()
        for link in links
    ]
    return ",\n".join(lines) + "\n"


def as_linkset_json(signposts: Signposts, public_url: str) -> dict[str, object]:
    """``application/linkset+json`` (RFC 9264, section 4.2)."""
    contexts = []
    for anchor, links in signposts.contexts():
        context: dict[str, object] = {"anchor": _anchor(anchor, public_url)}
        for rel in dict.fromkeys(link.rel for link in links):
            context[rel] = [_target(link, public_url) for link in links if link.rel == rel]
        contexts.append(context)
    return {"linkset": contexts}


def _anchor(path: str, public_url: str) -> str:
    return Signpost("", path).address(public_url)


def _target(link: Signpost, public_url: str) -> dict[str, object]:
    target: dict[str, object] = {"href": link.address(public_url)}
    if link.type:
        target["type"] = link.type
    if link.profile:
        target["profile"] = [link.profile]
    return target

"""What each address of a site may be asked and may answer: one table.

Kept by hand: what an address promises is decided here, not found out from the code.  Tests
hold it against the routes and against generated requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from casegraph.query.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
HTML: Final = "text/html"
_JSON: Final = "application/json"
_TURTLE: Final = "text/turtle"
_PLAIN: Final = "text/plain"
_XML: Final = "application/xml"
_LINKSET: Final = ("application/linkset+json", _JSON, "application/linkset")
_RDF: Final = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
_RESULTS: Final = tuple(row.media_type for row in FORMATS.values())
ANY: Final = "*/*"
MEDIA_OF: Final = {
    "form": "application/x-www-form-urlencoded",
    "query": "application/sparql-query",
}

#: Statuses that are not 200, with what they mean here.
MEANINGS: Final[Mapping[int, str]] = {
    202: "Not made yet; ask again after Retry-After.",
    204: "The methods of the address.",
    206: "A part of the file.",
    302: "Leads to where it is now.",
    303: "Leads to a document about it.",
    304: "Not changed since.",
    308: "The address has no slash at its end.",
    400: "The request is not right; line and column where it is a query.",
    403: "This service only reads, and calls no other service.",
    404: "There is no such thing here, or nothing is published yet.",
    406: "None of the accepted formats is offered; lists those that are.",
    408: "The request did not arrive in time.",
    409: "The release gives another answer than the one that was cited.",
    410: "No longer published.",
    413: "Too large: the request, or the answer to it.",
    415: "The body has another media type or coding than can be read.",
    416: "The file has no such part.",
    421: "This site does not answer to that name.",
    429: "The client has used its share; ask again after Retry-After.",
    431: "The head of the request is too large.",
    503: "Time, memory or load: ask again after Retry-After.",
}
EVERYWHERE: Final = (408, 421, 431, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter; one of the path where the address has a place for it."""

    name: str
    text: str
    many: bool = False
    required: bool = False
    values: tuple[str, ...] = ()
    place: str = "query"

    def schema(self) -> Schema:
        """What it may be."""
        one: Schema = {**TEXT, **({"enum": list(self.values)} if self.values else {})}
        return {"type": "array", "items": one} if self.many else one


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What addresses answer with: ``media`` of 200, further ``statuses``, parameters by name.

    ``body`` names what a POST may carry; without it the addresses are read by GET and HEAD.
    """

    paths: tuple[str, ...]
    text: str
    media: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    takes: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        Parameter(name="query", text="A SPARQL 1.1 query."),
        Parameter(name="default-graph-uri", text="A graph of the default graph.", many=True),
        Parameter(name="named-graph-uri", text="A named graph that is asked.", many=True),
        Parameter(name="format", text="A format by short name or media type; overrides Accept."),
        Parameter(name="release", text="The id of a release; the current one where not given."),
        Parameter(
            name="profile",
            text="spreadsheet: CSV that no program reads as a formula; schema: schema.org.",
        ),
        Parameter(name="graph", text="The IRI of a graph."),
        Parameter(name="default", text="The union of all graphs."),
        Parameter(name="digest", text="sha256 of the sorted rows, as the address was cited."),
        Parameter(name="cite", text="A style of citation."),
        Parameter(name="since", text="The id of the older release.", required=True),
        Parameter(name="until", text="The id of the newer release; the current one by default."),
        Parameter(name="about", text="The IRI of a thing."),
        Parameter(name="of", text="The path of a document or of a release."),
        Parameter(name="Accept-Datetime", text="A time in the past (RFC 7089).", place="header"),
    )
}
_QUERY: Final = (400, 403, 404, 406, 413, 429)
_ASKED: Final = ("query", "default-graph-uri", "named-graph-uri", "format", "release", "profile")
_DOCUMENT: Final = (302, 304, 400, 404, 406, 410)
_FILE: Final = (206, 304, 400, 404, 416)

OPERATIONS: Final = (
    Operation(paths=("/",), text="The start page.", media=(HTML,), statuses=(304, 404, 406)),
    Operation(
        paths=("/sparql", "/sparql/"),
        text="A query by GET, the service description without one.",
        media=(*_RESULTS, _JSON, _XML, "text/xml", HTML),
        statuses=(304, *_QUERY),
        takes=(*_ASKED, "Accept-Datetime"),
    ),
    Operation(
        paths=("/sparql", "/sparql/"),
        text="A query by POST.",
        media=(*_RESULTS, _JSON, _XML, "text/xml", HTML),
        statuses=(*_QUERY, 415),
        takes=(*_ASKED, "Accept-Datetime"),
        body=("form", "query"),
    ),
    Operation(
        paths=("/rdf-graph-store", "/rdf-graph-store/"),
        text="One graph (SPARQL 1.1 Graph Store HTTP Protocol).",
        media=(*_RDF, "application/trig", "application/n-quads"),
        statuses=(304, *_QUERY),
        takes=("default", "graph", "format", "release"),
    ),
    Operation(
        paths=("/answer",),
        text="A cited answer, given again and compared.",
        media=(*_RESULTS, HTML, _PLAIN, "application/x-bibtex", ANY),
        statuses=(304, 409, 410, *_QUERY),
        takes=("release", "format", "query", "digest", "cite"),
    ),
    Operation(
        paths=("/answer",),
        text="Make the permanent address of an answer.",
        media=(_JSON,),
        statuses=(303, *_QUERY),
        body=("form",),
    ),
    Operation(
        paths=("/changes",),
        text="What changed between two releases.",
        media=(HTML, _JSON),
        statuses=(304, 410, *_QUERY),
        takes=("since", "until", "about", "query", "format"),
    ),
    Operation(
        paths=("/id/{kind}/{identifier}", "/id/{kind}/{identifier}/{below}"),
        text="A thing: leads to the document about it.",
        statuses=(303, *_DOCUMENT),
        takes=("release", "Accept-Datetime"),
    ),
    Operation(
        paths=("/doc/{kind}/{name}",),
        text="The document about a thing.",
        media=(HTML, *_RDF, _JSON),
        statuses=_DOCUMENT,
        takes=("release", "profile", "Accept-Datetime"),
    ),
    Operation(
        paths=("/doc/{kind}/{name}/",),
        text="Leads to the address without the slash.",
        statuses=(308, 400, 404, 406),
    ),
    Operation(
        paths=("/timemap/{path}",),
        text="The mementos of an address (RFC 7089).",
        media=("application/link-format", _JSON),
        statuses=(304, 400, 404, 406, 410),
        takes=("format",),
    ),
    Operation(
        paths=("/release", "/release/"),
        text="All releases.",
        media=(HTML, _JSON),
        statuses=(304, 404, 406),
    ),
    Operation(
        paths=("/release/latest", "/release/latest/{rest}"),
        text="Leads to the current release.",
        statuses=(302, 304, 400, 404),
    ),
    Operation(
        paths=("/release/{name}", "/release/{name}/"),
        text="A release, its archive, or what was withdrawn.",
        media=(HTML, "application/zip", _JSON, _PLAIN, ANY),
        statuses=(303, 406, *_FILE),
        takes=("cite",),
    ),
    Operation(
        paths=("/release/{name}/{file}",),
        text="A file of a release, byte for byte.",
        media=(ANY,),
        statuses=_FILE,
    ),
    Operation(
        paths=("/release/{name}/linkset.json",),
        text="The links of a release (RFC 9264).",
        media=_LINKSET,
        statuses=(304, 404, 406),
    ),
    Operation(
        paths=("/release/{name}/schema.jsonld",),
        text="A release as a schema.org data set.",
        media=("application/ld+json",),
        statuses=(304, 404),
    ),
    Operation(
        paths=("/linkset", "/linkset.json"),
        text="The links of a page (RFC 9264).",
        media=_LINKSET,
        statuses=(304, 400, 404, 406, 410),
        takes=("of", "release"),
    ),
    Operation(
        paths=("/conformance", "/conformance.{suffix}"),
        text="What was checked of the current release.",
        media=(HTML, _TURTLE, _JSON, _XML),
        statuses=(202, 304, 404, 406),
    ),
    Operation(
        paths=("/catalogue.ttl",), text="The catalogue.", media=(_TURTLE,), statuses=(304, 404)
    ),
    Operation(
        paths=("/graph/{name}",), text="Leads to a graph as a file.", statuses=(302, 303, 304, 404)
    ),
    Operation(
        paths=("/feed.atom",),
        text="The releases as a feed (RFC 4287).",
        media=("application/atom+xml",),
        statuses=(304, 404),
    ),
    Operation(
        paths=("/sitemap.xml", "/sitemap-{number}.xml"),
        text="The addresses of all pages.",
        media=(_XML,),
        statuses=(304, 404),
    ),
    Operation(paths=("/robots.txt",), text="For crawlers.", media=(_PLAIN,), statuses=(304,)),
    Operation(
        paths=("/.well-known/void",),
        text="Leads to the VoID description.",
        statuses=(302, 304, 404),
    ),
    Operation(
        paths=("/.well-known/api-catalog",),
        text="The interfaces of this site (RFC 9727).",
        media=("application/linkset+json",),
        statuses=(304, 404),
    ),
    Operation(
        paths=("/openapi.json",), text="This description.", media=(_JSON,), statuses=(304, 404)
    ),
    Operation(
        paths=("/ns", "/ns.ttl"),
        text="The ontology.",
        media=(HTML, _TURTLE),
        statuses=(304, 404, 406),
    ),
    Operation(
        paths=("/shapes", "/shapes/"),
        text="The files of the shapes.",
        media=(HTML,),
        statuses=(304, 404),
    ),
    Operation(
        paths=("/shapes/{name}",), text="A file of shapes.", media=(_TURTLE,), statuses=(304, 404)
    ),
    Operation(
        paths=("/static/{name}",),
        text="A style sheet or an image of the pages.",
        media=("text/css", "image/svg+xml", ANY),
        statuses=(304, 404),
    ),
    Operation(
        paths=("/healthz", "/readyz"),
        text="Whether the process lives; whether it can answer.",
        media=(_PLAIN, _JSON),
    ),
)  # fmt: skip

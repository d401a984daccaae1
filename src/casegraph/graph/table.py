"""The one table between values and RDF: which attribute is which property, and how written.

A ``Field`` is a row: the attribute of a value (dotted where it lies deeper), the property, the
codec of its objects, and whether there may be many.  ``mapping`` reads the table from left to
right and ``reading_back`` from right to left; neither names a property of its own except the
links between nodes (``LINKS``) and labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from casegraph.errors import FixInput
from casegraph.graph import literal, mint, terms
from casegraph.graph.literal import Literal
from casegraph.model import terms as codes
from casegraph.model.values import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    from casegraph.graph.context import MintingContext
    from casegraph.graph.nquads import Object


@dataclass(frozen=True, slots=True)
class Codec:
    """How one value is written as an object and read back.

    ``kind`` says what the objects are, for the reference documents: a datatype, the class
    that is referred to, or the list the code is from.  Decoding is given keys by address.
    """

    kind: str
    encode: Callable[[Any, MintingContext], Object]
    decode: Callable[[Object, Mapping[str, str]], Any]
    code_list: type[StrEnum] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One row: ``attribute`` of the value, ``property``, codec, and how many objects.

    An empty text counts as absent, except where ``keep_empty`` says that it tells something
    (no words before a quotation: it stands at the beginning).
    """

    attribute: str
    property: str
    codec: Codec
    many: bool = False
    required: bool = False
    keep_empty: bool = False


def _lexical(value: Object) -> str:
    if isinstance(value, Literal):
        return value.lexical
    raise FixInput(f"<{value}> stands where a literal is expected", hint="Build the release again.")


def _address(value: Object) -> str:
    if isinstance(value, str):
        return value
    raise FixInput(
        f"“{value.lexical}” stands where an address is expected", hint="Build the release again."
    )


def _text_back(value: Object, _keys: Mapping[str, str]) -> Text:
    return Text(_lexical(value), value.lang if isinstance(value, Literal) else "")


def _key_back(value: Object, keys: Mapping[str, str]) -> str:
    address = _address(value)
    return keys.get(address, address)


def code(members: type[StrEnum]) -> Codec:
    """Codes of one closed list, as individuals of the ontology."""
    return Codec(
        members.__name__,
        lambda value, _context: terms.CG + value.value,
        lambda value, _keys: members(_address(value).removeprefix(terms.CG)),
        members,
    )


STRING: Final = Codec("xsd:string", lambda v, _c: literal.string(v), lambda v, _k: _lexical(v))
TEXT: Final = Codec(
    "rdf:langString", lambda v, _c: literal.lang_string(v.value, v.lang), _text_back
)
WHOLE_NUMBER: Final = Codec(
    "xsd:integer", lambda v, _c: literal.integer(v), lambda v, _k: int(_lexical(v))
)
NUMBER: Final = Codec(
    "xsd:integer or xsd:decimal",
    lambda v, _c: literal.number(v),
    lambda v, _k: Decimal(_lexical(v)),
)
FLAG: Final = Codec(
    "xsd:boolean", lambda v, _c: literal.boolean(value=v), lambda v, _k: _lexical(v) == "true"
)
DAY: Final = Codec(
    "xsd:date", lambda v, _c: literal.day(v), lambda v, _k: date.fromisoformat(_lexical(v))
)
MOMENT: Final = Codec(
    "xsd:dateTime",
    lambda v, _c: literal.midnight(v),
    lambda v, _k: date.fromisoformat(_lexical(v)[:10]),
)
ADDRESS: Final = Codec("xsd:anyURI", lambda v, _c: literal.any_uri(v), lambda v, _k: _lexical(v))
LEVEL: Final = Codec(
    "xsd:string",
    lambda v, _c: literal.string(v.value),
    lambda v, _k: codes.DisclosureLevel(_lexical(v)),
)
ENTITY: Final = Codec("Agent, Population or Case", lambda v, c: c.entity(v), _key_back)
SOURCE_REF: Final = Codec("Source", lambda v, c: c.source(v), _key_back)
FINDING_REF: Final = Codec("Finding", lambda v, c: c.finding(v), _key_back)
ORIGIN_REF: Final = Codec("Source or Finding", lambda v, c: c.source_or_finding(v), _key_back)
VIOLATION: Final = Codec(
    "skos:Concept",
    lambda v, _c: mint.violation_iri(v),
    lambda v, _k: _address(v).removeprefix(terms.VT),
)
PUBLISHED_ID: Final = Codec(
    "Finding",
    lambda v, c: c.id_iri(mint.entity_path("finding", v)),
    lambda v, _k: _address(v).rpartition("/")[2],
)

AGENT: Final = (
    Field("labels", terms.RDFS_LABEL, TEXT, many=True, required=True),
    Field("names", terms.NAME_FORM, TEXT, many=True),
    Field("part_of", terms.PART_OF, ENTITY, many=True),
)
POPULATION: Final = (
    Field("labels", terms.RDFS_LABEL, TEXT, many=True, required=True),
    Field("criteria", terms.CRITERIA, TEXT, many=True),
    Field("sex", terms.SEX, STRING),
    Field("recorded_by", terms.RECORDED_BY, ENTITY),
    Field("subset_of", terms.SUBSET_OF, ENTITY, many=True),
)
CASE: Final = (
    Field("labels", terms.RDFS_LABEL, TEXT, many=True, required=True),
    Field("identifiers", terms.CASE_IDENTIFIER, STRING, many=True),
)
SOURCE: Final = (
    Field("titles", terms.DCTERMS_TITLE, TEXT, many=True, required=True),
    Field("publisher", terms.PUBLISHER, ENTITY, required=True),
    Field("language", terms.DCTERMS_LANGUAGE, STRING, required=True),
    Field("url", terms.ADDRESS, ADDRESS),
    Field("holding", terms.HOLDING, code(codes.Holding), required=True),
    Field("origin", terms.ORIGIN, ORIGIN_REF),
    Field("extent", terms.EXTENT, STRING),
    Field("read_on", terms.READ_ON, DAY),
    Field("checked", terms.CHECKED_ON, DAY),
    Field("rights", terms.RIGHTS, STRING),
)
CAPTURE: Final = (
    Field("sha256", terms.SHA256, STRING, required=True),
    Field("byte_size", terms.BYTE_SIZE, WHOLE_NUMBER, required=True),
    Field("media_type", terms.MEDIA_TYPE, STRING, required=True),
    Field("captured", terms.CAPTURED, DAY, required=True),
)
RENDITION: Final = (
    Field("text_sha256", terms.SHA256, STRING, required=True),
    Field("extractor", terms.EXTRACTOR, STRING, required=True),
    Field("extractor_version", terms.EXTRACTOR_VERSION, STRING, required=True),
)
#: Where the words stand; published only with the whole text.
PLACE: Final = (
    Field("start", terms.START, WHOLE_NUMBER),
    Field("end", terms.END, WHOLE_NUMBER),
    Field("byte_start", terms.BYTE_START, WHOLE_NUMBER),
    Field("byte_end", terms.BYTE_END, WHOLE_NUMBER),
    Field("prefix", terms.PREFIX, STRING, keep_empty=True),
    Field("suffix", terms.SUFFIX, STRING, keep_empty=True),
)
QUOTATION: Final = (
    Field("source", terms.FROM_SOURCE, SOURCE_REF, required=True),
    Field("fidelity", terms.FIDELITY, code(codes.Fidelity), required=True),
)
CITATION: Final = (
    Field("source", terms.FROM_SOURCE, SOURCE_REF, required=True),
    Field("locator", terms.LOCATOR, STRING),
)
TIME_SPAN: Final = (
    Field("edtf", terms.EDTF, STRING),
    Field("expression", terms.EXPRESSION, STRING),
    Field("begin_earliest", terms.BEGIN_EARLIEST, DAY),
    Field("begin_latest", terms.BEGIN_LATEST, DAY),
    Field("end_earliest", terms.END_EARLIEST, DAY),
    Field("end_latest", terms.END_LATEST, DAY),
    Field("basis", terms.TIME_BASIS, code(codes.TimeBasis), required=True),
    Field("anchor", terms.ANCHOR, STRING),
    Field("anchor_reason", terms.ANCHOR_REASON, STRING),
    Field("resolution_basis", terms.RESOLUTION_BASIS, SOURCE_REF),
)
QUANTITY: Final = (
    Field("counts", terms.COUNTS, ENTITY, required=True),
    Field("share_of", terms.SHARE_OF, ENTITY),
    Field("expression", terms.EXPRESSION, STRING),
    Field("stated", terms.STATED_VALUE, NUMBER),
    Field("interval.lower", terms.LOWER_BOUND, NUMBER),
    Field("interval.lower_open", terms.LOWER_OPEN, FLAG),
    Field("interval.upper", terms.UPPER_BOUND, NUMBER),
    Field("interval.upper_open", terms.UPPER_OPEN, FLAG),
    Field("hedge", terms.HEDGE, code(codes.Hedge), required=True),
    Field("units", terms.UNIT, code(codes.Unit), many=True, required=True),
    Field("counted_as", terms.COUNTED_AS, code(codes.CountedAs), required=True),
    Field("count_kind", terms.COUNT_KIND, code(codes.CountKind), required=True),
    Field("policy", terms.ROUNDING_POLICY, STRING),
)
INVOLVEMENT: Final = (
    Field("who", terms.AGENT_OF, ENTITY, required=True),
    Field("role", terms.ROLE, code(codes.Role), required=True),
)
CLAIM: Final = (
    Field("types", terms.VIOLATION_TYPE, VIOLATION, many=True),
    Field("case", terms.IN_CASE, ENTITY),
)
FINDING: Final = (
    Field("statements", terms.STATEMENT, TEXT, many=True, required=True),
    Field("about", terms.ABOUT, ENTITY, many=True, required=True),
    Field(
        "attribution.basis", terms.ATTRIBUTION_BASIS, code(codes.AttributionBasis), required=True
    ),
    Field("polarity", terms.POLARITY, code(codes.Polarity), required=True),
    Field("modality", terms.MODALITY, code(codes.Modality), required=True),
    Field("quantifier", terms.QUANTIFIER, code(codes.Quantifier)),
    Field("state", terms.STATE, code(codes.StateCode)),
    Field("trend", terms.TREND_DIRECTION, code(codes.TrendDirection)),
    Field("baseline", terms.BASELINE, STRING),
    Field("scope", terms.SCOPE, STRING),
    Field("stance", terms.STANCE, STRING),
    Field("name_forms", terms.NAME_FORM, TEXT, many=True),
    Field("attested_by", terms.ATTESTED_BY, ENTITY),
    Field("reading.status", terms.READING_STATUS, code(codes.ReadingStatus), required=True),
    Field("reading.basis", terms.READING_BASIS, code(codes.ReadingBasis)),
    Field("reading.reason", terms.READING_REASON, STRING),
    Field("reading.see", terms.DECIDED_BY, ORIGIN_REF),
    Field("reading.alternatives", terms.ALTERNATIVE_READING_OF, FINDING_REF, many=True),
    Field("links.whole", terms.WHOLE, FINDING_REF),
    Field("links.supports", terms.SUPPORTS, FINDING_REF, many=True),
    Field("links.qualifies", terms.QUALIFIES, FINDING_REF, many=True),
    Field("links.contradicts", terms.CONTRADICTS, FINDING_REF, many=True),
    Field("links.derived_from", terms.DERIVED_FROM, FINDING_REF, many=True),
    Field("links.origin", terms.ORIGIN, ORIGIN_REF),
)
REVISION: Final = (
    Field("finding", terms.REVISES, PUBLISHED_ID, required=True),
    Field("replacement", terms.REPLACEMENT, FINDING_REF),
    Field("reason", terms.REASON, STRING, required=True),
    Field("by", terms.AGENT_OF, ENTITY, required=True),
    Field("on", terms.REVISED_ON, DAY, required=True),
)
#: What stands on every record that an editor wrote.
RECORD: Final = (
    Field("recorded", terms.RECORDED_AT, MOMENT, required=True),
    Field("disclosure.level", terms.DISCLOSURE, LEVEL, required=True),
)

TABLES: Final[dict[str, tuple[Field, ...]]] = {
    "Agent": AGENT + RECORD,
    "Population": POPULATION + RECORD,
    "Case": CASE + RECORD,
    "Source": SOURCE + RECORD,
    "Capture": CAPTURE,
    "Rendition": RENDITION,
    "Quotation": QUOTATION + PLACE,
    "Citation": CITATION,
    "TimeSpan": TIME_SPAN,
    "Quantity": QUANTITY,
    "Involvement": INVOLVEMENT,
    "Claim": CLAIM,
    "Finding": FINDING + RECORD,
    "Revision": REVISION,
}

#: Properties between the nodes of one record, and those whose values are made elsewhere.
LINKS: Final = frozenset(
    {
        terms.EVIDENCED_BY,
        terms.ATTRIBUTED_TO,
        terms.ATTRIBUTION,
        terms.POSITION,
        terms.CLAIMS,
        terms.INVOLVEMENT,
        terms.QUANTITY,
        terms.VALID_TIME,
        terms.UTTERED,
        terms.CAPTURE_OF,
        terms.RENDITION_OF,
        terms.QUOTED_FROM,
        terms.EXACT,
    }
)


def properties() -> frozenset[str]:
    """Every property of ours that data may use."""
    rows = {row.property for table in TABLES.values() for row in table}
    return frozenset(p for p in rows | LINKS if p.startswith(terms.CG))


def classes() -> frozenset[str]:
    """Every class of ours that data may use."""
    narrow = [
        *(c for kind in codes.AgentKind for c in terms.agent_classes(kind)),
        *(c for kind in codes.CaseKind for c in terms.case_classes(kind)),
        *(c for kind in codes.ClaimKind for c in terms.claim_classes(kind)),
        *(c for kind in codes.FindingKind for c in terms.finding_classes(kind)),
        *(c for kind in codes.RevisionKind for c in terms.revision_classes(kind)),
    ]
    single = (
        terms.POPULATION,
        terms.SOURCE,
        terms.CAPTURE,
        terms.RENDITION,
        terms.QUOTATION,
        terms.CITATION,
        terms.EVIDENCE,
        terms.TIME_SPAN,
        terms.QUANTITY_CLASS,
        terms.INVOLVEMENT_CLASS,
        terms.ATTRIBUTION_CLASS,
    )
    return frozenset([*narrow, *single])

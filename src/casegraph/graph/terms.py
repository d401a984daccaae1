"""Every IRI that casegraph writes, as plain strings.

Module constants, because a misspelt constant fails at import while a misspelt attribute of a
namespace object may not: ``rdflib.Namespace(...).lower`` is a string method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.model import terms as codes

if TYPE_CHECKING:
    from enum import StrEnum

CG: Final = "https://w3id.org/casegraph/ns#"
VT: Final = "https://w3id.org/casegraph/violations#"
PR: Final = "https://w3id.org/casegraph/provisions#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"

#: Prefixes of every Turtle file we write, in the order in which they are declared.
PREFIXES: Final[dict[str, str]] = {
    "cg": CG,
    "vt": VT,
    "pr": PR,
    "dcterms": DCTERMS,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "xsd": XSD,
}

# ----------------------------------------------------------------- terms of others
RDF_TYPE: Final = RDF + "type"
RDF_FIRST: Final = RDF + "first"
RDF_REST: Final = RDF + "rest"
RDF_NIL: Final = RDF + "nil"
RDF_LANG_STRING: Final = RDF + "langString"
RDF_PROPERTY: Final = RDF + "Property"
RDFS_LABEL: Final = RDFS + "label"
RDFS_SUB_CLASS_OF: Final = RDFS + "subClassOf"
RDFS_SUB_PROPERTY_OF: Final = RDFS + "subPropertyOf"
RDFS_DOMAIN: Final = RDFS + "domain"
RDFS_RANGE: Final = RDFS + "range"
OWL_CLASS: Final = OWL + "Class"
OWL_OBJECT_PROPERTY: Final = OWL + "ObjectProperty"
OWL_DATATYPE_PROPERTY: Final = OWL + "DatatypeProperty"
OWL_SYMMETRIC: Final = OWL + "SymmetricProperty"
OWL_TRANSITIVE: Final = OWL + "TransitiveProperty"
OWL_INVERSE_OF: Final = OWL + "inverseOf"
OWL_CHAIN: Final = OWL + "propertyChainAxiom"
OWL_THING: Final = OWL + "Thing"
OWL_SAME_AS: Final = OWL + "sameAs"
OWL_DISJOINT_WITH: Final = OWL + "disjointWith"
OWL_EQUIVALENT_CLASS: Final = OWL + "equivalentClass"
OWL_EQUIVALENT_PROPERTY: Final = OWL + "equivalentProperty"
SKOS_CONCEPT: Final = SKOS + "Concept"
SKOS_BROADER: Final = SKOS + "broader"
SKOS_BROADER_TRANSITIVE: Final = SKOS + "broaderTransitive"
SKOS_PREF_LABEL: Final = SKOS + "prefLabel"
SKOS_DEFINITION: Final = SKOS + "definition"
DCTERMS_TITLE: Final = DCTERMS + "title"
DCTERMS_LANGUAGE: Final = DCTERMS + "language"
XSD_INTEGER: Final = XSD + "integer"
XSD_DECIMAL: Final = XSD + "decimal"
XSD_DATE: Final = XSD + "date"
XSD_DATE_TIME: Final = XSD + "dateTime"
XSD_BOOLEAN: Final = XSD + "boolean"
XSD_ANY_URI: Final = XSD + "anyURI"
XSD_STRING: Final = XSD + "string"

# ----------------------------------------------------------------- our classes
AGENT: Final = CG + "Agent"
INSTITUTION: Final = CG + "Institution"
POPULATION: Final = CG + "Population"
CASE: Final = CG + "Case"
VIOLATION: Final = CG + "Violation"
STATE_CHANGE: Final = CG + "StateChange"
FINDING: Final = CG + "Finding"
CURRENT_FINDING: Final = CG + "CurrentFinding"
QUANTITY_CLASS: Final = CG + "Quantity"
TIME_SPAN: Final = CG + "TimeSpan"
SOURCE: Final = CG + "Source"
CAPTURE: Final = CG + "Capture"
RENDITION: Final = CG + "Rendition"
EVIDENCE: Final = CG + "Evidence"
QUOTATION: Final = CG + "Quotation"
CITATION: Final = CG + "Citation"
INVOLVEMENT_CLASS: Final = CG + "Involvement"
ATTRIBUTION_CLASS: Final = CG + "Attribution"
REVISION: Final = CG + "Revision"

# ----------------------------------------------------------------- our object properties
EVIDENCED_BY: Final = CG + "evidencedBy"
ATTRIBUTED_TO: Final = CG + "attributedTo"
ATTRIBUTION: Final = CG + "attribution"
AGENT_OF: Final = CG + "agent"
ABOUT: Final = CG + "about"
CLAIMS: Final = CG + "claims"
ROLE: Final = CG + "role"
INVOLVEMENT: Final = CG + "involvement"
POLARITY: Final = CG + "polarity"
MODALITY: Final = CG + "modality"
QUANTIFIER: Final = CG + "quantifier"
ATTRIBUTION_BASIS: Final = CG + "attributionBasis"
READING_STATUS: Final = CG + "readingStatus"
READING_BASIS: Final = CG + "readingBasis"
STATE: Final = CG + "state"
TREND_DIRECTION: Final = CG + "trendDirection"
QUANTITY: Final = CG + "quantity"
VALID_TIME: Final = CG + "validTime"
ALTERNATIVE_READING_OF: Final = CG + "alternativeReadingOf"
SUPPORTS: Final = CG + "supports"
QUALIFIES: Final = CG + "qualifies"
CONTRADICTS: Final = CG + "contradicts"
DERIVED_FROM: Final = CG + "derivedFrom"
WHOLE: Final = CG + "whole"
ORIGIN: Final = CG + "origin"
ATTESTED_BY: Final = CG + "attestedBy"
DECIDED_BY: Final = CG + "decidedBy"
HEDGE: Final = CG + "hedge"
UNIT: Final = CG + "unit"
COUNTED_AS: Final = CG + "countedAs"
COUNT_KIND: Final = CG + "countKind"
COUNTS: Final = CG + "counts"
SHARE_OF: Final = CG + "shareOf"
SUBSET_OF: Final = CG + "subsetOf"
PART_OF: Final = CG + "partOf"
RECORDED_BY: Final = CG + "recordedBy"
VIOLATION_TYPE: Final = CG + "violationType"
IN_CASE: Final = CG + "inCase"
FROM_SOURCE: Final = CG + "fromSource"
QUOTED_FROM: Final = CG + "quotedFrom"
RENDITION_OF: Final = CG + "renditionOf"
CAPTURE_OF: Final = CG + "captureOf"
PUBLISHER: Final = CG + "publisher"
UTTERED: Final = CG + "uttered"
HOLDING: Final = CG + "holding"
TIME_BASIS: Final = CG + "timeBasis"
FIDELITY: Final = CG + "fidelity"
RESOLUTION_BASIS: Final = CG + "resolutionBasis"
REVISES: Final = CG + "revises"
REPLACEMENT: Final = CG + "replacement"
MAPS_TO_PROVISION: Final = CG + "mapsToProvision"
ENGAGES_PROVISION: Final = CG + "engagesProvision"
VIOLATION_TYPE_OR_BROADER: Final = CG + "violationTypeOrBroader"

# ----------------------------------------------------------------- our data properties
STATEMENT: Final = CG + "statement"
EXPRESSION: Final = CG + "expression"
STANCE: Final = CG + "stance"
SCOPE: Final = CG + "scope"
BASELINE: Final = CG + "baseline"
READING_REASON: Final = CG + "readingReason"
NAME_FORM: Final = CG + "nameForm"
CRITERIA: Final = CG + "criteria"
SEX: Final = CG + "sex"
STATED_VALUE: Final = CG + "statedValue"
LOWER_BOUND: Final = CG + "lowerBound"
UPPER_BOUND: Final = CG + "upperBound"
LOWER_OPEN: Final = CG + "lowerOpen"
UPPER_OPEN: Final = CG + "upperOpen"
ROUNDING_POLICY: Final = CG + "roundingPolicy"
BEGIN_EARLIEST: Final = CG + "beginEarliest"
BEGIN_LATEST: Final = CG + "beginLatest"
END_EARLIEST: Final = CG + "endEarliest"
END_LATEST: Final = CG + "endLatest"
EDTF: Final = CG + "edtf"
ANCHOR: Final = CG + "anchor"
ANCHOR_REASON: Final = CG + "anchorReason"
EXACT: Final = CG + "exact"
PREFIX: Final = CG + "prefix"
SUFFIX: Final = CG + "suffix"
START: Final = CG + "start"
END: Final = CG + "end"
BYTE_START: Final = CG + "byteStart"
BYTE_END: Final = CG + "byteEnd"
LOCATOR: Final = CG + "locator"
EXTENT: Final = CG + "extent"
READ_ON: Final = CG + "readOn"
CHECKED_ON: Final = CG + "checkedOn"
SHA256: Final = CG + "sha256"
BYTE_SIZE: Final = CG + "byteSize"
MEDIA_TYPE: Final = CG + "mediaType"
EXTRACTOR: Final = CG + "extractor"
EXTRACTOR_VERSION: Final = CG + "extractorVersion"
CAPTURED: Final = CG + "captured"
RIGHTS: Final = CG + "rights"
CASE_IDENTIFIER: Final = CG + "caseIdentifier"
POSITION: Final = CG + "position"
RECORDED_AT: Final = CG + "recordedAt"
DISCLOSURE: Final = CG + "disclosure"
REASON: Final = CG + "reason"
REVISED_ON: Final = CG + "revisedOn"
ADDRESS: Final = CG + "address"

# ----------------------------------------------------------------- classes and codes of values
CASE_CLASSES: Final[dict[codes.CaseKind, str]] = {
    codes.CaseKind.CRIMINAL: CG + "CriminalCase",
    codes.CaseKind.ADMINISTRATIVE: CG + "AdministrativeCase",
    codes.CaseKind.CIVIL: CG + "CivilCase",
    codes.CaseKind.INTERNATIONAL: CG + "InternationalCase",
}

_SUB_INSTITUTIONS = frozenset(
    {
        codes.AgentKind.FACILITY,
        codes.AgentKind.COURT,
        codes.AgentKind.BODY,
        codes.AgentKind.PUBLICATION,
    }
)

#: The lists whose members are individuals of the ontology (the others name classes).
CODE_LISTS: Final[tuple[type[StrEnum], ...]] = (
    codes.Role,
    codes.AttributionBasis,
    codes.Polarity,
    codes.Modality,
    codes.Quantifier,
    codes.Hedge,
    codes.Unit,
    codes.CountedAs,
    codes.CountKind,
    codes.TimeBasis,
    codes.ReadingStatus,
    codes.ReadingBasis,
    codes.StateCode,
    codes.TrendDirection,
    codes.Fidelity,
    codes.Holding,
)


def agent_classes(kind: codes.AgentKind) -> tuple[str, ...]:
    """The classes an agent of this kind is given, the narrowest first."""
    narrow = CG + kind.value
    if kind in _SUB_INSTITUTIONS:
        return narrow, INSTITUTION, AGENT
    return narrow, AGENT


def case_classes(kind: codes.CaseKind) -> tuple[str, ...]:
    """The classes of a case, the narrowest first."""
    return CASE_CLASSES[kind], CASE


def claim_classes(kind: codes.ClaimKind) -> tuple[str, ...]:
    """The classes of what a finding claims, the narrowest first."""
    return CG + kind.value, VIOLATION if kind.is_violation else STATE_CHANGE


def finding_classes(kind: codes.FindingKind) -> tuple[str, ...]:
    """The classes of a finding, the narrowest first."""
    return CG + kind.value, FINDING


def revision_classes(kind: codes.RevisionKind) -> tuple[str, ...]:
    """The classes of a revision, the narrowest first."""
    return CG + kind.value, REVISION


def graph_name(base_iri: str, name: str) -> str:
    """The IRI of one of the three graphs: ``asserted``, ``inferred`` or ``vocabulary``."""
    return f"{base_iri}graph/{name}"

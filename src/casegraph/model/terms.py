"""The closed lists of casegraph: every code that a finding may carry.

Each member's value is the local name of its individual in the ontology
(``https://w3id.org/casegraph/ns#``), so the lists here and the code lists in
``ontology/casegraph.ttl`` name the same things; a test compares them.
"""

from __future__ import annotations

from enum import StrEnum


class FindingKind(StrEnum):
    """What sort of proposition a finding is; the value is its OWL class."""

    COUNT = "CountFinding"
    STATE = "StateFinding"
    CONDUCT = "ConductFinding"
    TREND = "TrendFinding"
    ABSENCE = "AbsenceFinding"
    CHARACTERISATION = "CharacterisationFinding"
    ATTESTATION = "AttestationFinding"
    IDENTITY = "IdentityFinding"


class AgentKind(StrEnum):
    """What an agent is; the value is its OWL class."""

    PERSON = "Person"
    GROUP = "Group"
    INSTITUTION = "Institution"
    FACILITY = "Facility"
    COURT = "Court"
    BODY = "Body"
    UNIDENTIFIED = "UnidentifiedAgent"
    PUBLICATION = "Publication"


class CaseKind(StrEnum):
    """The branch of law a case belongs to."""

    CRIMINAL = "criminal"
    ADMINISTRATIVE = "administrative"
    CIVIL = "civil"
    INTERNATIONAL = "international"


class ClaimKind(StrEnum):
    """What a finding claims to have been the case; the value is its OWL class."""

    ACT = "SpecificAct"
    PRACTICE = "Practice"
    OMISSION = "Omission"
    MEASURE = "Measure"
    RECOGNITION = "Recognition"
    SENTENCE = "Sentence"
    DETENTION = "Detention"
    RELEASE_FROM_CUSTODY = "ReleaseFromCustody"
    DEATH = "Death"

    @property
    def is_violation(self) -> bool:
        """Whether this is a kind of alleged violation, not a change of state."""
        return self in {
            ClaimKind.ACT,
            ClaimKind.PRACTICE,
            ClaimKind.OMISSION,
            ClaimKind.MEASURE,
        }


class Role(StrEnum):
    """The part an agent or population plays in what is claimed, or in a case."""

    AFFECTED = "affected"
    ACTOR = "actor"
    PLACE_OF_DETENTION = "placeOfDetention"
    RECOGNISING_BODY = "recognisingBody"
    SEARCHING_BODY = "searchingBody"
    COURT = "decidingCourt"
    PARTY = "party"


class AttributionBasis(StrEnum):
    """How the text shows whose words these are."""

    EXPLICIT = "explicit"
    QUOTATION_MARKS = "quotationMarks"
    INHERITED = "inherited"
    OWN_VOICE = "ownVoice"
    INFERRED = "inferred"


class Polarity(StrEnum):
    """Whether the source affirms or denies; zero is an affirmed zero."""

    AFFIRMED = "affirmed"
    DENIED = "denied"


class Modality(StrEnum):
    """How firmly the source says it."""

    ASSERTED = "asserted"
    ALLEGED = "alleged"
    CONDITIONAL = "conditional"
    PREDICTED = "predicted"


class Quantifier(StrEnum):
    """Of how many it is said; a bare plural is ``some``, never ``all``."""

    ALL = "all"
    MOST = "most"
    MANY = "many"
    SOME = "some"
    GENERIC = "generic"
    NONE = "none"


class Hedge(StrEnum):
    """The comparator the source puts before a number."""

    EXACT = "exactly"
    AT_LEAST = "atLeast"
    MORE_THAN = "moreThan"
    AT_MOST = "atMost"
    LESS_THAN = "lessThan"
    UP_TO = "upTo"
    ABOUT = "approximately"
    ALMOST = "almost"
    ROUNDED = "rounded"
    VAGUE = "vague"


class Unit(StrEnum):
    """What one of the counted things is."""

    PERSONS = "persons"
    CASES = "cases"
    ACTS = "acts"
    TRIALS = "trials"
    SENTENCES = "sentences"
    RULINGS = "rulings"
    FACTS = "facts"
    RATIO = "ratio"
    UNSTATED = "unitUnstated"


class CountedAs(StrEnum):
    """Stock, flow, running total, or not said."""

    ON_DATE = "onDate"
    DURING_PERIOD = "duringPeriod"
    TOTAL_SINCE = "totalSince"
    UNSTATED = "unstated"


class CountKind(StrEnum):
    """How the counter came by the number."""

    DOCUMENTED = "documented"
    ESTIMATED = "estimated"
    OFFICIAL = "official"
    DERIVED = "derived"


class TimeBasis(StrEnum):
    """Where the time of a finding comes from."""

    EXPLICIT = "explicitTime"
    CARRIED = "carriedTime"
    RELATIVE = "relativeTime"
    PUBLICATION = "publicationTime"
    INFERRED = "inferredTime"
    NONE = "noTime"


class ReadingStatus(StrEnum):
    """What became of one reading of a passage; ``plain`` where there is only one."""

    PLAIN = "plain"
    OPEN = "open"
    ADOPTED = "adopted"
    REFUTED = "refuted"
    SET_ASIDE = "setAside"

    @property
    def is_rejected(self) -> bool:
        """Refuted and set-aside readings are both rejected, for different reasons."""
        return self in {ReadingStatus.REFUTED, ReadingStatus.SET_ASIDE}


class ReadingBasis(StrEnum):
    """Why a reading was adopted or rejected."""

    PRIMARY_SAYS_SO = "primarySaysSo"
    INDEPENDENT_ORIGIN = "independentOrigin"
    RULE_REFUTES_OTHERS = "ruleRefutesOthers"
    EDITOR_DECISION = "editorDecision"
    FOLLOWS_WHOLE = "followsWhole"


class StateCode(StrEnum):
    """The state a StateFinding says someone is in."""

    IN_CUSTODY = "inCustody"
    AT_LIBERTY = "atLiberty"
    DECEASED = "deceased"
    RECOGNISED = "recognisedAsPoliticalPrisoner"
    AWARD_HOLDER = "awardHolder"


class TrendDirection(StrEnum):
    """Which way a trend is said to go."""

    RISING = "rising"
    FALLING = "falling"
    UNCHANGED = "unchanged"


class Fidelity(StrEnum):
    """How quoted words relate to their own origin."""

    VERBATIM = "verbatim"
    TRANSLATION = "translation"
    PARAPHRASE_IN_QUOTES = "paraphraseInQuotes"
    UNVERIFIED = "unverified"


class Holding(StrEnum):
    """How much of a source is held and may be shown."""

    FULL = "fullText"
    QUOTATIONS = "quotationsOnly"
    CITED = "citedOnly"


class RevisionKind(StrEnum):
    """What a revision does to a published finding; the value is its OWL class."""

    RETRACTION = "Retraction"
    SUPERSESSION = "Supersession"
    CORRECTION = "Correction"
    DISPUTE = "Dispute"
    CONSENT_WITHDRAWAL = "ConsentWithdrawal"


class DisclosureLevel(StrEnum):
    """Who may see a record, widest first (kept in the workspace; a release is all public)."""

    PUBLIC = "public"
    PUBLIC_PSEUDONYM = "public-pseudonym"
    AGGREGATE_ONLY = "aggregate-only"
    SEALED_UNTIL = "sealed-until"
    RESTRICTED = "restricted"


class ConsentBasis(StrEnum):
    """Why a disclosure decision could be taken."""

    GIVEN = "given"
    GUARDIAN = "guardian"
    PUBLIC_FIGURE = "public-figure"
    DECEASED = "deceased"
    ALREADY_PUBLIC_SOURCE = "already-public-source"
    NONE = "none"

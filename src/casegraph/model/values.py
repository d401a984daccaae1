"""The plain values that the graph is made from: frozen, without RDF and without I/O.

Everything refers to everything else by **key**, the readable name a workspace
uses; random ids and content hashes become IRIs only in ``graph``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casegraph.model.terms import (
    AgentKind,
    AttributionBasis,
    CaseKind,
    ClaimKind,
    ConsentBasis,
    CountedAs,
    CountKind,
    DisclosureLevel,
    Fidelity,
    FindingKind,
    Hedge,
    Holding,
    Modality,
    Polarity,
    Quantifier,
    ReadingBasis,
    ReadingStatus,
    RevisionKind,
    Role,
    StateCode,
    TimeBasis,
    TrendDirection,
    Unit,
)

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from casegraph.errors import Where
    from casegraph.model.interval import Interval


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """Words in a language; ``lang`` is a lower-case BCP 47 tag."""

    value: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A dated, named decision about who may see a record.

    ``until`` is the first public day of a ``sealed-until`` record.
    ``second`` is the second person, required for sensitive kinds.
    """

    level: DisclosureLevel
    by: str
    on: date
    basis: ConsentBasis
    until: date | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """When something was so: four day bounds, each may be unknown, beside the words.

    ``expression`` holds the source's own words, ``edtf`` the resolved value
    (Extended Date/Time Format, ISO 8601-2, levels 0 and 1).  ``anchor`` is the day
    or year that deictic words were resolved against, ``anchor_reason`` why it was
    inferred where the source does not bear it, ``resolution_basis`` the key of the
    source that tells how the time was resolved.
    """

    begin_earliest: date | None = None
    begin_latest: date | None = None
    end_earliest: date | None = None
    end_latest: date | None = None
    expression: str = ""
    edtf: str = ""
    basis: TimeBasis = TimeBasis.NONE
    anchor: str | None = None
    anchor_reason: str | None = None
    resolution_basis: str | None = None

    @property
    def is_resolved(self) -> bool:
        """Whether at least one bound is known."""
        return any((self.begin_earliest, self.begin_latest, self.end_earliest, self.end_latest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as its source gives it, with everything that decides what it counts.

    ``stated`` is the printed number, ``interval`` what the words allow,
    ``expression`` the words themselves.  More than one unit means that the unit is
    disputed.  ``counts`` and ``share_of`` are population keys; ``policy`` names the
    rounding policy of a verbal fraction.
    """

    stated: Decimal | None
    interval: Interval | None
    hedge: Hedge
    expression: str
    units: tuple[Unit, ...]
    counted_as: CountedAs
    count_kind: CountKind
    counts: str
    share_of: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """The exact words of one source, shared by all findings that rest on them.

    Offsets count code points and UTF-8 bytes of the decoded, un-normalised text;
    they are ``None`` until the words were found there.  ``near`` are further words of
    the text that single the place out where the quotation occurs more than once.
    """

    source: str
    exact: str
    near: str | None = None
    fidelity: Fidelity = Fidelity.VERBATIM
    start: int | None = None
    end: int | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    prefix: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A locator in a source that is not held: never any of its words."""

    source: str
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class Involvement:
    """An agent, population or facility (by key) in a role."""

    who: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a finding claims to have been the case: a violation or a change of state."""

    kind: ClaimKind
    types: tuple[str, ...] = ()
    involvements: tuple[Involvement, ...] = ()
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who says it: a chain from the speaker outwards (``witness``, ``viasna``, ``outlet``)."""

    chain: tuple[str, ...]
    basis: AttributionBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The status of one reading of a passage and the reason for it.

    ``alternatives`` are the keys of the other readings; ``see`` is the key of the
    source or finding that decided.
    """

    status: ReadingStatus = ReadingStatus.PLAIN
    basis: ReadingBasis | None = None
    reason: str | None = None
    see: str | None = None
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Keys of other findings (``origin``: of a source or finding).  Never hashed."""

    whole: str | None = None
    supports: tuple[str, ...] = ()
    qualifies: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One attributed proposition, tied to the words or the place it was read.

    ``about`` are keys of agents, populations, cases or institutions.  ``stance``
    keeps a source's distancing word ("so-called"); ``scope`` and ``baseline``
    belong to absences and trends (``None`` = not stated).
    """

    key: str
    kind: FindingKind
    evidence: tuple[Quotation | Citation, ...]
    attribution: Attribution
    about: tuple[str, ...]
    statements: tuple[Text, ...]
    valid: TimeSpan
    recorded: date
    disclosure: Disclosure
    where: Where = field(compare=False)
    claims: tuple[Claim, ...] = ()
    polarity: Polarity = Polarity.AFFIRMED
    modality: Modality = Modality.ASSERTED
    quantifier: Quantifier | None = None
    quantity: Quantity | None = None
    state: StateCode | None = None
    trend: TrendDirection | None = None
    baseline: str | None = None
    scope: str | None = None
    stance: str | None = None
    name_forms: tuple[Text, ...] = ()
    attested_by: str | None = None
    reading: Reading = Reading()
    links: Links = Links()
    template_statement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person, group, institution, publication, or somebody a text leaves unnamed."""

    key: str
    id: str
    kind: AgentKind
    labels: tuple[Text, ...]
    recorded: date
    disclosure: Disclosure
    where: Where = field(compare=False)
    names: tuple[Text, ...] = ()
    part_of: tuple[str, ...] = ()
    pseudonym: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A described set of persons or things; never a list of them."""

    key: str
    id: str
    labels: tuple[Text, ...]
    recorded: date
    disclosure: Disclosure
    where: Where = field(compare=False)
    criteria: tuple[Text, ...] = ()
    sex: str | None = None
    recorded_by: str | None = None
    subset_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Proceedings of one branch of law, with the parties in their roles."""

    key: str
    id: str
    kind: CaseKind
    labels: tuple[Text, ...]
    recorded: date
    disclosure: Disclosure
    where: Where = field(compare=False)
    identifiers: tuple[str, ...] = ()
    involvements: tuple[Involvement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The bytes of a held source: hash and size of bytes and of the extracted text."""

    sha256: str
    byte_size: int
    media_type: str
    captured: date
    text_sha256: str
    extractor: str
    extractor_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A work: report, article, page.  ``uttered`` is when it spoke; bounds may be unknown.

    ``publisher`` is the key of a Publication or Institution; ``checked`` the day the
    quotations were last found in the held text; ``extent`` what of a cited page was
    read (``excerpt``) and ``read_on`` when.  Only a ``full`` source shows its text.
    """

    key: str
    id: str
    titles: tuple[Text, ...]
    publisher: str
    language: str
    holding: Holding
    uttered: TimeSpan
    rights: str
    recorded: date
    disclosure: Disclosure
    where: Where = field(compare=False)
    url: str | None = None
    origin: str | None = None
    capture: Capture | None = None
    checked: date | None = None
    extent: str | None = None
    read_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Why a published finding is gone or changed.

    ``finding`` is the opaque id (the last IRI segment) of the published finding,
    ``replacement`` the key of the finding that takes its place.
    """

    id: str
    kind: RevisionKind
    finding: str
    reason: str
    by: str
    on: date
    where: Where = field(compare=False)
    replacement: str | None = None

"""Every field of every workspace file, in one table each: name, shape, words about it.

The reader refuses what is not here; the JSON Schema for editors, the CSV columns and
the reference page are made from the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from casegraph.model import terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

Shape = Literal[
    "text",  # words
    "texts",  # words, or {language: words}
    "names",  # {language: [words]}
    "key",  # the key of something else
    "keys",  # one key, a list of keys, or keys with commas
    "words",  # one word or a list of words
    "code",  # one word of a closed list
    "codes",  # one or more words of a closed list
    "day",  # 2024-12-31
    "date",  # 2024, 2024-12, 2024-12-31
    "period",  # a date or 2020/2024-12
    "flag",  # yes or no
    "disclosure",  # {level, by, on, basis, until, second}
    "roles",  # {role: keys}
    "readings",  # a list of overrides
    "sentences",  # {name: words, or {language: words}}
]

ALIASES: dict[type[StrEnum], dict[str, StrEnum]] = {
    terms.AttributionBasis: {"carried": terms.AttributionBasis.INHERITED},
    terms.ReadingBasis: {
        "primary": terms.ReadingBasis.PRIMARY_SAYS_SO,
        "independent": terms.ReadingBasis.INDEPENDENT_ORIGIN,
        "rule": terms.ReadingBasis.RULE_REFUTES_OTHERS,
        "editor": terms.ReadingBasis.EDITOR_DECISION,
    },
}
"""Shorter words that files may use for a code."""


def written(member: StrEnum) -> str:
    """How a code is written in files: ``IN_CUSTODY`` is ``in-custody``."""
    for word, aliased in ALIASES.get(type(member), {}).items():
        if aliased is member:
            return word
    return member.name.lower().replace("_", "-")


@cache
def codes(enum: type[StrEnum]) -> Mapping[str, StrEnum]:
    """Every way to write a code of this list."""
    names: dict[str, StrEnum] = {m.name.lower().replace("_", "-"): m for m in enum}
    return names | ALIASES.get(enum, {})


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, the shape of its value, a sentence for people."""

    name: str
    shape: Shape
    doc: str
    enum: type[StrEnum] | None = None
    required: bool = False


def _table(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_RECORD = (
    Field("recorded", "day", "The day this was entered; later releases carry it."),
    Field("disclosure", "disclosure", "Who may see it, decided by whom, when and why."),
)

TIME_FIELDS = ("on", "during", "since", "until", "total-until", "total-since", "time")
"""Fields that say when; a reading that gives one replaces all of its passage's."""

KIND_FIELDS = (
    "count",
    "share",
    "state",
    "conduct",
    "trend",
    "absence",
    "characterisation",
    "attestation",
    "identity",
)
"""A statement has exactly one of these: it decides what kind of finding it is."""

STATEMENT = _table(
    Field("key", "key", "A readable name, needed where something else points here."),
    Field("source", "key", "The source these words stand in (usually given once for the file)."),
    Field("by", "words", "Who says it, then how the text shows that: `viasna, carried`."),
    Field("quote", "text", "The exact words of the source, as few as decide the matter."),
    Field("near", "text", "More words of the source, where the quotation occurs twice."),
    Field("fidelity", "code", "How the quoted words relate to their origin.", terms.Fidelity),
    Field("cite", "text", "Instead of a quotation, where the source is not held: `yes`, or where."),
    Field("statement", "texts", "The finding in our own words; made from a template if missing."),
    Field(
        "statement-for",
        "sentences",
        "A sentence for each type of a list, or for each reading of the whole (a, b, …).",
    ),
    Field("count", "text", "How many: `1721`, `at least 8,895`, `more than 10`, `none`, `many`."),
    Field("share", "text", "What part: `a quarter`, `29 %`."),
    Field("of", "keys", "Whom or what it is about: a population for numbers, else agents."),
    Field("share-of", "key", "The population a share is a share of."),
    Field(
        "unit",
        "codes",
        "What is counted; two units mean that the source leaves it open.",
        terms.Unit,
    ),
    Field("counted", "code", "How the counter came by the number.", terms.CountKind),
    Field(
        "counted-as",
        "code",
        "Stock, flow or running total, where the time does not tell.",
        terms.CountedAs,
    ),
    Field("words", "text", "The words that hold the number, where it is not written in digits."),
    Field("part-of", "key", "The statement whose number this one is a part of."),
    Field("state", "code", "The state someone is said to be in.", terms.StateCode),
    Field("at", "key", "The facility or place of a state."),
    Field("change", "code", "The dated act behind a state.", terms.ClaimKind),
    Field("conduct", "words", "Types of violation; one finding is made for each."),
    Field("types", "words", "Types of violation that a number or trend implies."),
    Field("against", "keys", "Who is affected."),
    Field("actor", "keys", "Who acts."),
    Field("form", "code", "Act, practice, omission or measure.", terms.ClaimKind),
    Field("case", "key", "The proceedings it belongs to."),
    Field("trend", "code", "Which way it goes.", terms.TrendDirection),
    Field("baseline", "text", "What a trend is compared with, or `unstated`."),
    Field("absence", "words", "The type of what is said not to have happened."),
    Field("scope", "text", "How far an absence reaches: level, place, what was searched."),
    Field("population", "key", "The set of things of which there were none."),
    Field("searched-by", "key", "Who looked for what was not found."),
    Field("characterisation", "words", "The type a source applies as a judgement."),
    Field("attestation", "words", "The type somebody else is said to have found."),
    Field("attested-by", "key", "Who is said to have found it."),
    Field("identity", "key", "The person or institution whose names these are."),
    Field("names", "names", "Name forms by language tag."),
    Field("on", "date", "The day of a stock: held on that day."),
    Field("during", "period", "The period of a flow: counted in that time."),
    Field("since", "date", "When it begins."),
    Field("until", "date", "When it ends."),
    Field("total-until", "date", "The day up to which a running total counts."),
    Field("total-since", "date", "The day from which a running total counts."),
    Field("time", "text", "`now` for the time of the source, `none` where no time is said."),
    Field("time-words", "text", "The source's own words for the time."),
    Field("time-basis", "code", "Where the time comes from.", terms.TimeBasis),
    Field("anchor", "date", "What relative words such as `last year` were counted from."),
    Field("anchor-because", "text", "Why the anchor was inferred, where the source bears no date."),
    Field("resolved-by", "key", "The source that tells which time the words mean."),
    Field("denied", "flag", "`yes` where the source denies it."),
    Field("modality", "code", "How firmly the source says it.", terms.Modality),
    Field("quantifier", "code", "Of how many it is said.", terms.Quantifier),
    Field("stance", "text", "A word by which the source keeps its distance (`so-called`)."),
    Field("supports", "keys", "Findings this one supports."),
    Field("qualifies", "keys", "Findings this one narrows."),
    Field("contradicts", "keys", "Findings this one contradicts."),
    Field("derived-from", "keys", "Findings this one was derived from, or repeats."),
    Field("origin", "key", "The earliest known source of the same information."),
    Field("readings", "readings", "The meanings the words may have, one entry each."),
    Field("open", "text", "Why it is not settled, where nobody can say what else is meant."),
    *_RECORD,
)

_NUMBERS = ("count", "share", "absence")
_TYPED = ("count", "share", "trend", "state")

ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "of": tuple(name for name in KIND_FIELDS if name not in {"conduct", "identity"}),
    "share-of": ("share",),
    "unit": _NUMBERS,
    "counted": _NUMBERS,
    "counted-as": _NUMBERS,
    "part-of": _NUMBERS,
    "words": _NUMBERS,
    "at": ("state", "conduct"),
    "change": ("state",),
    "types": _TYPED,
    "against": ("conduct",),
    "actor": ("conduct",),
    "form": tuple(name for name in KIND_FIELDS if name != "identity"),
    "case": tuple(name for name in KIND_FIELDS if name != "identity"),
    "baseline": ("trend",),
    "scope": ("absence",),
    "population": ("absence",),
    "searched-by": ("absence",),
    "attested-by": ("attestation",),
    "names": ("identity",),
}
"""Fields that mean nothing in a statement of another kind, so they are refused there."""

REQUIRED_FOR: Mapping[str, str] = {
    "attestation": "attested-by",
    "identity": "names",
    "absence": "scope",
}
"""What a kind cannot do without."""

READING_STATUS = {
    "adopted": terms.ReadingStatus.ADOPTED,
    "open": terms.ReadingStatus.OPEN,
    "refuted": terms.ReadingStatus.REFUTED,
    "rejected": terms.ReadingStatus.REFUTED,
    "set-aside": terms.ReadingStatus.SET_ASIDE,
}
"""Each reading has one of these, with the reason as its value."""

READING = STATEMENT | _table(
    *(
        Field(name, "text", "The status of this reading; its value is the reason.")
        for name in READING_STATUS
    ),
    Field("basis", "code", "What the status rests on.", terms.ReadingBasis),
    Field("see", "key", "The source or finding that decided this reading."),
)

STATEMENTS_FILE = _table(
    Field("source", "key", "The source of all statements of this file."),
    Field("by", "words", "Who says them, where a statement does not name somebody else."),
    *_RECORD,
    Field("statements", "readings", "The statements, one for each passage.", required=True),
)

_NAMED = (
    Field("key", "key", "The readable name that everything else uses.", required=True),
    Field("id", "text", "The random id; `casegraph new` mints it.", required=True),
    Field("label", "texts", "The name to show, by language.", required=True),
)

PERSON = _table(
    *_NAMED,
    Field("names", "names", "Other forms of the name, by language tag."),
    Field("pseudonym", "text", "The name to show under `public-pseudonym`."),
    Field("note", "text", "For the workspace only; never published."),
    *_RECORD,
)
AGENT = _table(
    *_NAMED,
    Field("kind", "code", "What it is.", terms.AgentKind, required=True),
    Field("names", "names", "Other forms of the name, by language tag."),
    Field("part-of", "keys", "The institution it belongs to."),
    Field("note", "text", "For the workspace only; never published."),
    *_RECORD,
)
POPULATION = _table(
    *_NAMED,
    Field("criteria", "texts", "Who belongs to it, in words."),
    Field("sex", "text", "`women` or `men`, where the set is limited to them."),
    Field("recorded-by", "key", "Whose count defines the set."),
    Field("subset-of", "keys", "The populations it lies within; `a/b` lies within `a`."),
    *_RECORD,
)
CASE = _table(
    *_NAMED,
    Field("kind", "code", "The branch of law.", terms.CaseKind, required=True),
    Field("identifiers", "words", "Numbers of the case, ECLI where there is one."),
    Field("parties", "roles", "Who takes part, by role."),
    *_RECORD,
)
SOURCE = _table(
    Field("key", "key", "The readable name that findings use.", required=True),
    Field("id", "text", "The random id; `casegraph new` mints it.", required=True),
    Field("title", "texts", "The title as printed, by language.", required=True),
    Field("publisher", "key", "Who published it.", required=True),
    Field("language", "text", "The language of its text (BCP 47).", required=True),
    Field(
        "holding", "code", "How much of it is held and may be shown.", terms.Holding, required=True
    ),
    Field("rights", "text", "Who holds the rights, under which licence.", required=True),
    Field("url", "text", "Its address."),
    Field("uttered", "period", "When it spoke; left out where unknown."),
    Field("anchor", "date", "Where it bears no date: the year that its words are taken to be of."),
    Field("anchor-because", "text", "Why that anchor was inferred."),
    Field("origin", "key", "The source it repeats."),
    Field("extent", "text", "What of a cited page was read, such as `excerpt`."),
    Field("read-on", "day", "When a cited page was read."),
    *_RECORD,
)
REVISION = _table(
    Field("id", "text", "The random id; `casegraph revise` mints it.", required=True),
    Field("kind", "code", "What it does.", terms.RevisionKind, required=True),
    Field("finding", "text", "The id of the published finding.", required=True),
    Field("because", "text", "Why.", required=True),
    Field("by", "key", "Who decided.", required=True),
    Field("on", "day", "When.", required=True),
    Field("replacement", "key", "The finding that takes its place."),
)
DISCLOSURE = _table(
    Field("level", "code", "Who may see it.", terms.DisclosureLevel, required=True),
    Field("by", "text", "Who decided.", required=True),
    Field("on", "day", "When it was decided.", required=True),
    Field("basis", "code", "Why it could be decided so.", terms.ConsentBasis, required=True),
    Field("until", "day", "The first public day of a `sealed-until` record."),
    Field("second", "text", "The second person, for sensitive records."),
)

RECORD_FILES: dict[str, tuple[str, Mapping[str, Field]]] = {
    "people.yaml": ("people", PERSON),
    "agents.yaml": ("agents", AGENT),
    "populations.yaml": ("populations", POPULATION),
    "cases.yaml": ("cases", CASE),
    "revisions.yaml": ("revisions", REVISION),
}
"""Files of records: the name of their list and the fields of one record."""

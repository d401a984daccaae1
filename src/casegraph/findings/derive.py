"""Drafts into findings: everything that follows from the few fields that were written.

Ids, offsets and hashes are not made here; a finding still refers to all else by key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from casegraph.findings.fields import KIND_FIELDS, ONLY_FOR, REQUIRED_FOR, STATEMENT, codes
from casegraph.findings.form import Form, read_flag
from casegraph.findings.quantities import read_quantity
from casegraph.findings.records import require_record
from casegraph.findings.sentences import read_sentences, sentence_of
from casegraph.findings.times import read_time, when_spoken
from casegraph.findings.tree import nearest, shown
from casegraph.model.terms import (
    AttributionBasis,
    ClaimKind,
    ConsentBasis,
    DisclosureLevel,
    Fidelity,
    FindingKind,
    Holding,
    Modality,
    Polarity,
    Quantifier,
    Role,
    StateCode,
    TrendDirection,
    Unit,
)
from casegraph.model.values import (
    Attribution,
    Citation,
    Claim,
    Disclosure,
    Finding,
    Involvement,
    Links,
    Quotation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casegraph.errors import Problem
    from casegraph.findings.passages import Draft
    from casegraph.model.values import Quantity, Source, TimeSpan

_KINDS = {
    "count": FindingKind.COUNT,
    "share": FindingKind.COUNT,
    "state": FindingKind.STATE,
    "conduct": FindingKind.CONDUCT,
    "trend": FindingKind.TREND,
    "absence": FindingKind.ABSENCE,
    "characterisation": FindingKind.CHARACTERISATION,
    "attestation": FindingKind.ATTESTATION,
    "identity": FindingKind.IDENTITY,
}
_VIOLATION_FORMS = {kind for kind in ClaimKind if kind.is_violation}
_TYPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_TYPED_BY_KIND = frozenset({"conduct", "absence", "characterisation", "attestation"})


# Stands where a decision is missing, in a finding that is never returned.
_UNDECIDED = Disclosure(
    level=DisclosureLevel.RESTRICTED, by="", on=date.min, basis=ConsentBasis.NONE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What was read of a draft, all of it, so that every problem is found in one run."""

    kind_field: str | None
    source: str | None
    evidence: Quotation | Citation | None
    recorded: date | None
    disclosure: Disclosure | None
    about: tuple[str, ...]
    quantity: Quantity | None
    valid: TimeSpan
    claims: tuple[Claim, ...]


def derive(draft: Draft, sources: Mapping[str, Source], problems: list[Problem]) -> list[Finding]:
    """The findings of a draft: one, or one for each type of a conduct.

    Nothing is returned where a required field is missing; ``problems`` says which.
    """
    form = Form(draft.node, STATEMENT, problems)
    finding = _finding(draft, form, _parts(draft, form, sources), sources)
    types = tuple(dict.fromkeys(form.words("conduct")))
    listed = types if len(types) > 1 else ()
    letter = (draft.key.rpartition("/")[2],) if draft.reading.alternatives else ()
    sentences = read_sentences(
        form, listed, readings=len(draft.reading.alternatives) + 1 if letter else 0
    )
    if finding is None:
        return []
    if draft.whole and letter:
        finding = replace(finding, statements=sentence_of(finding, letter[0], sentences))
    return [
        replace(
            finding,
            key=f"{finding.key}/{name}",
            statements=sentence_of(finding, name, sentences),
            claims=tuple(replace(claim, types=(name,)) for claim in finding.claims),
        )
        for name in listed
    ] or [finding]


def _parts(draft: Draft, form: Form, sources: Mapping[str, Source]) -> _Parts:
    kind_field = _kind_field(form)
    if kind_field is not None:
        _refuse_strangers(form, kind_field)
    source = _source(draft, form)
    evidence = _evidence(form, source, sources)
    quotation = evidence if isinstance(evidence, Quotation) else None
    valid, counted_as = read_time(form, quotation)
    valid = when_spoken(valid, sources.get(source or ""))
    recorded = form.day("recorded") or draft.header.recorded
    disclosure = form.disclosure() or draft.header.disclosure
    require_record(form, recorded, disclosure, draft.header.given)
    return _Parts(
        kind_field=kind_field,
        source=source,
        evidence=evidence,
        recorded=recorded,
        disclosure=disclosure,
        about=_about(form, kind_field) if kind_field else (),
        quantity=read_quantity(form, quotation, counted_as),
        valid=valid,
        claims=_claims(form, kind_field) if kind_field else (),
    )


def _kind_field(form: Form) -> str | None:
    given = [name for name in KIND_FIELDS if form.node.get(name) is not None]
    if len(given) == 1:
        return given[0]
    if given:
        form.wrong(
            "two-kinds",
            f"{' and '.join(f'`{name}`' for name in given)} in one statement",
            form.place(given[1]),
            "Make two statements of it, with the same quotation.",
        )
    elif not _misspelt(form):
        form.wrong(
            "no-kind",
            "the statement does not say what it is",
            form.where,
            f"Add one of: {', '.join(KIND_FIELDS)}.",
        )
    return None


def _misspelt(form: Form) -> bool:
    """Whether an unknown field, which was told, seems to be meant as one of the kinds."""
    unknown = (name for name in form.node.names() if name not in form.table)
    return any(nearest(name, form.table) in KIND_FIELDS for name in unknown)


def _refuse_strangers(form: Form, kind_field: str) -> None:
    """Fields that mean nothing beside this kind, and fields that it cannot do without."""
    for key, _ in form.node.items:
        kinds = ONLY_FOR.get(key.text)
        if kinds is not None and kind_field not in kinds:
            form.wrong(
                "field-of-another-kind",
                f"`{key.text}` says nothing beside `{kind_field}`",
                key.where,
                f"Delete it; it goes with {', '.join(f'`{kind}`' for kind in kinds)}.",
            )
    needed = REQUIRED_FOR.get(kind_field)
    if needed and form.node.get(needed) is None:
        form.wrong(
            "missing-field",
            f"`{needed}` is missing: `{kind_field}` needs it",
            form.where,
            f"Add {needed}: {STATEMENT[needed].doc}",
        )
    if kind_field in {"count", "share"} and read_flag(form, "denied"):
        form.wrong(
            "denied-number",
            "a number is not denied: a source that denies gives none",
            form.place("denied"),
            "Record what is denied as `conduct` with denied: yes; for zero write count: none.",
        )


def _source(draft: Draft, form: Form) -> str | None:
    source = form.key("source") or draft.header.source
    told = form.node.get("source") is not None or "source" in draft.header.given
    if source is None and not told:
        form.wrong(
            "missing-field",
            "`source` is missing",
            form.where,
            "Add `source: KEY` here or at the top of the file.",
        )
    return source


def _evidence(
    form: Form, source: str | None, sources: Mapping[str, Source]
) -> Quotation | Citation | None:
    exact, cite = form.text("quote"), form.text("cite")
    near, fidelity = form.text("near"), form.code("fidelity", Fidelity)
    given = [name for name in ("quote", "cite") if form.node.get(name) is not None]
    if len(given) != 1:
        form.wrong(
            "two-evidences" if given else "no-evidence",
            "a statement needs either a quotation, or a citation where the source is not held",
            form.place("cite") if given else form.where,
            'Add quote: "the exact words", or cite: yes.',
        )
        return None
    if source is None or (exact is None and cite is None):
        return None
    if exact is None:
        return Citation(source=source, locator=None if cite == "yes" else cite)
    known = sources.get(source)
    if known and known.holding is Holding.CITED:
        form.wrong(
            "quote-of-cited-source",
            f"{shown(source)} is only cited, so none of its words stand here",
            form.place("quote"),
            "Write cite: yes, or where in the source it stands, instead of `quote`.",
        )
    return Quotation(
        source=source, exact=exact.strip(), near=near, fidelity=fidelity or Fidelity.VERBATIM
    )


def _finding(
    draft: Draft, form: Form, parts: _Parts, sources: Mapping[str, Source]
) -> Finding | None:
    source = sources.get(parts.source) if parts.source else None
    finding = Finding(
        key=draft.key,
        kind=_KINDS[parts.kind_field or "count"],
        evidence=(parts.evidence,) if parts.evidence else (),
        attribution=_attribution(draft, form, source),
        about=parts.about,
        statements=form.texts("statement"),
        valid=parts.valid,
        recorded=parts.recorded or date.min,
        disclosure=parts.disclosure or _UNDECIDED,
        where=draft.node.where,
        claims=parts.claims,
        polarity=Polarity.DENIED if read_flag(form, "denied") else Polarity.AFFIRMED,
        modality=form.code("modality", Modality) or Modality.ASSERTED,
        quantifier=form.code("quantifier", Quantifier),
        quantity=parts.quantity,
        reading=draft.reading,
        links=_links(draft, form),
    )
    finding = _with_kind_fields(finding, form)
    needed = (parts.kind_field, parts.evidence, parts.recorded, parts.disclosure, parts.about)
    number_is_missing = parts.kind_field in {"count", "share"} and parts.quantity is None
    return finding if all(needed) and not number_is_missing else None


def _with_kind_fields(finding: Finding, form: Form) -> Finding:
    """Fields that only some kinds have."""
    return replace(
        finding,
        state=form.code("state", StateCode),
        trend=form.code("trend", TrendDirection),
        baseline=form.text("baseline"),
        scope=form.text("scope"),
        stance=form.text("stance"),
        name_forms=form.names("names"),
        attested_by=form.key("attested-by"),
    )


def _attribution(draft: Draft, form: Form, source: Source | None) -> Attribution:
    words = form.words("by") or draft.header.by
    known = codes(AttributionBasis)
    basis = known.get(words[-1]) if words else None
    chain = words[:-1] if basis else words
    if not chain:
        chain = (source.publisher,) if source else ()
        basis = basis or AttributionBasis.OWN_VOICE
    return Attribution(
        chain=tuple(chain),
        basis=AttributionBasis(basis) if basis else AttributionBasis.EXPLICIT,
    )


def _about(form: Form, kind_field: str) -> tuple[str, ...]:
    if kind_field == "identity":
        identity = form.key("identity")
        return (identity,) if identity else ()
    names = ("against", "actor") if kind_field == "conduct" else ("of",)
    about = tuple(dict.fromkeys(key for name in names for key in form.keys(name)))
    told = kind_field in {"count", "share"} or any(form.node.get(name) for name in names)
    if not about and not told:
        form.wrong(
            "missing-field",
            f"`{names[0]}` is missing: whom is it about?",
            form.where,
            f"Add {names[0]}: with the key of a person, institution or population.",
        )
    return about


def _claims(form: Form, kind_field: str) -> tuple[Claim, ...]:
    types = form.words(kind_field) if kind_field in _TYPED_BY_KIND else form.words("types")
    change = form.code("change", ClaimKind)
    form_kind = form.code("form", ClaimKind)
    if form_kind is not None and form_kind not in _VIOLATION_FORMS:
        form.wrong(
            "unknown-code",
            f"`form` cannot be '{form.text('form')}'",
            form.place("form"),
            "Known: act, practice, omission, measure.",
        )
    if change is not None and change.is_violation:
        form.wrong(
            "unknown-code",
            f"`change` cannot be '{form.text('change')}'",
            form.place("change"),
            "Known: recognition, sentence, detention, release-from-custody, death.",
        )
    for name in types:
        if not _TYPE.match(name):
            slug = "-".join(name.lower().replace("_", " ").split())
            plain = _TYPE.match(slug) and not name.isupper()  # TYPE is to be filled in
            form.wrong(
                "unknown-type",
                f"{shown(name)} is not a type of violation",
                form.place("types" if kind_field not in _TYPED_BY_KIND else kind_field),
                "Types are written in lower case with hyphens, such as"
                f" {slug if plain else 'denial-of-fair-trial'}.",
            )
    default = ClaimKind.OMISSION if kind_field == "absence" else ClaimKind.PRACTICE
    claims = []
    involvements, case = _involvements(form, kind_field), form.key("case")
    if types:
        claims.append(
            Claim(kind=form_kind or default, types=types, involvements=involvements, case=case)
        )
    if change is not None:
        claims.append(Claim(kind=change, involvements=involvements, case=case))
    return tuple(claims)


def _involvements(form: Form, kind_field: str) -> tuple[Involvement, ...]:
    affected = form.keys("against")
    actors = form.keys("actor")
    subject = form.keys("of")
    if kind_field in {"absence", "characterisation", "attestation"}:
        actors += subject
    elif _counts_people(form, kind_field):
        affected += subject
    place, searcher = form.key("at"), form.key("searched-by")
    return (
        *(Involvement(who, Role.AFFECTED) for who in dict.fromkeys(affected)),
        *(Involvement(who, Role.ACTOR) for who in dict.fromkeys(actors)),
        *((Involvement(place, Role.PLACE_OF_DETENTION),) if place else ()),
        *((Involvement(searcher, Role.SEARCHING_BODY),) if searcher else ()),
    )


def _counts_people(form: Form, kind_field: str) -> bool:
    """Whether the subject can be affected: rulings and trials are counted, but suffer nothing."""
    units = form.codes("unit", Unit) or (Unit.PERSONS,)
    return kind_field not in {"count", "share"} or Unit.PERSONS in units


def _links(draft: Draft, form: Form) -> Links:
    return Links(
        whole=draft.whole or form.key("part-of"),
        supports=form.keys("supports"),
        qualifies=form.keys("qualifies"),
        contradicts=form.keys("contradicts"),
        derived_from=form.keys("derived-from"),
        origin=form.key("origin"),
    )

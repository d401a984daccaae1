"""Drafts into findings: everything that follows from the few fields that were written.

Ids, offsets and hashes are not made here; a finding still refers to all else by key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.findings.fields import KIND_FIELDS, STATEMENT, codes
from casegraph.findings.form import Form
from casegraph.findings.quantities import read_quantity
from casegraph.findings.times import read_time
from casegraph.model.terms import (
    AttributionBasis,
    ClaimKind,
    FindingKind,
    Fidelity,
    Modality,
    Polarity,
    Quantifier,
    Role,
    StateCode,
    TrendDirection,
)
from casegraph.model.values import (
    Attribution,
    Citation,
    Claim,
    Finding,
    Involvement,
    Links,
    Quotation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casegraph.errors import Problem
    from casegraph.findings.passages import Draft
    from casegraph.model.values import Source

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


def derive(draft: Draft, sources: Mapping[str, Source], problems: list[Problem]) -> list[Finding]:
    """The findings of a draft: one, or one for each type of a conduct.

    Nothing is returned where a required field is missing; ``problems`` says which.
    """
    form = Form(draft.node, STATEMENT, problems)
    kind_field = _kind_field(form)
    source = _source(draft, form)
    evidence = _evidence(form, source)
    if kind_field is None or source is None or evidence is None:
        return []
    finding = _finding(draft, form, kind_field, source, evidence, sources)
    if finding is None:
        return []
    types = form.words("conduct")
    if len(types) < 2:  # noqa: PLR2004 - one type, one finding
        return [finding]
    return [
        replace(
            finding,
            key=f"{finding.key}/{name}",
            claims=tuple(replace(claim, types=(name,)) for claim in finding.claims),
        )
        for name in types
    ]


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
    else:
        form.wrong(
            "no-kind",
            "the statement does not say what it is",
            form.where,
            f"Add one of: {', '.join(KIND_FIELDS)}.",
        )
    return None


def _source(draft: Draft, form: Form) -> str | None:
    source = form.key("source") or draft.header.source
    if source is None:
        form.wrong(
            "missing-field",
            "`source` is missing",
            form.where,
            "Add `source: KEY` here or at the top of the file.",
        )
    return source


def _evidence(form: Form, source: str | None) -> Quotation | Citation | None:
    exact, cite = form.text("quote"), form.text("cite")
    if (exact is None) == (cite is None):
        if form.node.get("quote") is None or cite is not None:
            form.wrong(
                "no-evidence" if exact is None else "two-evidences",
                "a statement needs a quotation, or a citation where the source is not held",
                form.where,
                'Add quote: "the exact words", or cite: yes.',
            )
        return None
    if source is None:
        return None
    if exact is None:
        return Citation(source=source, locator=None if cite == "yes" else cite)
    return Quotation(
        source=source,
        exact=exact,
        near=form.text("near"),
        fidelity=form.code("fidelity", Fidelity) or Fidelity.VERBATIM,
    )


def _finding(  # noqa: PLR0913 - one argument for each part already read
    draft: Draft,
    form: Form,
    kind_field: str,
    source: str,
    evidence: Quotation | Citation,
    sources: Mapping[str, Source],
) -> Finding | None:
    quotation = evidence if isinstance(evidence, Quotation) else None
    valid, counted_as = read_time(form, quotation)
    if draft.reading.see and valid.resolution_basis not in sources:
        # What decided this reading is a finding; only a source resolves a time.
        valid = replace(valid, resolution_basis=None)
    quantity = read_quantity(form, quotation, counted_as)
    recorded = form.day("recorded") or draft.header.recorded
    disclosure = form.disclosure() or draft.header.disclosure
    attribution = _attribution(draft, form, sources.get(source))
    about = _about(form, kind_field)
    _require_record(form, recorded is not None, disclosure is not None)
    if recorded is None or disclosure is None or not about:
        return None
    if kind_field in {"count", "share"} and quantity is None:
        return None
    finding = Finding(
        key=draft.key,
        kind=_KINDS[kind_field],
        evidence=(evidence,),
        attribution=attribution,
        about=about,
        statements=form.texts("statement"),
        valid=valid,
        recorded=recorded,
        disclosure=disclosure,
        where=draft.node.where,
        claims=_claims(form, kind_field),
        polarity=Polarity.DENIED if form.flag("denied") else Polarity.AFFIRMED,
        modality=form.code("modality", Modality) or Modality.ASSERTED,
        quantifier=form.code("quantifier", Quantifier),
        quantity=quantity,
        reading=draft.reading,
        links=_links(draft, form),
    )
    return _with_kind_fields(finding, form)


def _with_kind_fields(finding: Finding, form: Form) -> Finding:
    """Fields that only some kinds have."""
    baseline = form.text("baseline")
    return replace(
        finding,
        state=form.code("state", StateCode),
        trend=form.code("trend", TrendDirection),
        baseline=None if baseline == "unstated" else baseline,
        scope=form.text("scope"),
        stance=form.text("stance"),
        name_forms=form.names("names"),
        attested_by=form.key("attested-by"),
    )


def _require_record(form: Form, has_date: bool, has_disclosure: bool) -> None:  # noqa: FBT001
    if not has_date and form.node.get("recorded") is None:
        form.wrong(
            "missing-field",
            "`recorded` is missing",
            form.where,
            "Add recorded: with the day of entry, here or at the top of the file.",
        )
    if not has_disclosure and form.node.get("disclosure") is None:
        form.wrong(
            "undecided-disclosure",
            "nobody has decided who may see this",
            form.where,
            "Add disclosure: {level: restricted, by: YOUR-KEY, on: DATE, basis: none} here or"
            " at the top of the file; until then it stays private.",
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
    if not about and not any(form.node.get(name) for name in names):
        form.wrong(
            "missing-field",
            f"`{names[0]}` is missing: whom is it about?",
            form.where,
            f"Add {names[0]}: with the key of a person, institution or population.",
        )
    return about


def _claims(form: Form, kind_field: str) -> tuple[Claim, ...]:
    types = (
        form.words(kind_field)
        if kind_field in {"conduct", "absence", "characterisation", "attestation"}
        else form.words("types")
    )
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
    else:
        affected += subject
    place, searcher = form.key("at"), form.key("searched-by")
    return (
        *(Involvement(who, Role.AFFECTED) for who in dict.fromkeys(affected)),
        *(Involvement(who, Role.ACTOR) for who in dict.fromkeys(actors)),
        *((Involvement(place, Role.PLACE_OF_DETENTION),) if place else ()),
        *((Involvement(searcher, Role.SEARCHING_BODY),) if searcher else ()),
    )


def _links(draft: Draft, form: Form) -> Links:
    return Links(
        whole=draft.whole or form.key("part-of"),
        supports=form.keys("supports"),
        qualifies=form.keys("qualifies"),
        contradicts=form.keys("contradicts"),
        derived_from=form.keys("derived-from"),
        origin=form.key("origin"),
    )

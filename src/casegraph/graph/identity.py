"""The content that gives a finding its address: what it says, not what became of it.

Hashed: class, about, claims, attribution, polarity, modality, quantifier, quantity, state,
trend, scope, stance, name forms, attested body, valid time and evidence, all by public ids.
Not hashed: dates of recording, the status of a reading, disclosure, the written statement and
every link to another finding, and why an anchor was inferred; these may change without making it
another finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.graph import literal, mint

if TYPE_CHECKING:
    from decimal import Decimal

    from casegraph.graph.context import MintingContext
    from casegraph.model.values import Claim, Finding, Involvement, Quantity, TimeSpan

Content = dict[str, object]


def finding_id(finding: Finding, context: MintingContext) -> str:
    """The 26 characters that name a finding in every release of this workspace."""
    content = mint.canonical_json(finding_content(finding, context))
    return mint.keyed_id(context.salt, "finding", content)


def finding_content(finding: Finding, context: MintingContext) -> Content:
    """What is hashed, as JSON values; what is absent is left out."""
    claims = [claim_content(claim, context) for claim in finding.claims]
    return _present(
        {
            "class": finding.kind.value,
            "about": sorted(map(context.entity_path, finding.about)),
            "attribution": [context.entity_path(key) for key in finding.attribution.chain],
            "attributionBasis": finding.attribution.basis.value,
            "claims": sorted(claims, key=mint.canonical_json),
            "evidence": sorted(map(context.evidence_path, finding.evidence)),
            "polarity": finding.polarity.value,
            "modality": finding.modality.value,
            "quantifier": finding.quantifier and finding.quantifier.value,
            "quantity": finding.quantity and _quantity(finding.quantity, context),
            "state": finding.state and finding.state.value,
            "trend": finding.trend and finding.trend.value,
            "baseline": finding.baseline,
            "scope": finding.scope,
            "stance": finding.stance,
            "names": sorted([text.value, text.lang] for text in finding.name_forms),
            "attestedBy": finding.attested_by and context.entity_path(finding.attested_by),
            "time": _time(finding.valid, context),
        }
    )


def claim_content(claim: Claim, context: MintingContext) -> Content:
    """The part of a finding's content that one of its claims is."""
    return _present(
        {
            "class": claim.kind.value,
            "types": sorted(claim.types),
            "involved": sorted(_involvement(i, context) for i in claim.involvements),
            "case": claim.case and context.entity_path(claim.case),
        }
    )


def _involvement(involvement: Involvement, context: MintingContext) -> list[str]:
    return [involvement.role.value, context.entity_path(involvement.who)]


def _quantity(quantity: Quantity, context: MintingContext) -> Content:
    interval = quantity.interval
    return _present(
        {
            "stated": _number(quantity.stated),
            "lower": interval and _number(interval.lower),
            "upper": interval and _number(interval.upper),
            "lowerOpen": interval and interval.lower is not None and interval.lower_open,
            "upperOpen": interval and interval.upper is not None and interval.upper_open,
            "hedge": quantity.hedge.value,
            "expression": quantity.expression,
            "units": sorted(unit.value for unit in quantity.units),
            "countedAs": quantity.counted_as.value,
            "countKind": quantity.count_kind.value,
            "counts": context.entity_path(quantity.counts),
            "shareOf": quantity.share_of and context.entity_path(quantity.share_of),
            "policy": quantity.policy,
        }
    )


def _time(span: TimeSpan, context: MintingContext) -> Content:
    bounds = (span.begin_earliest, span.begin_latest, span.end_earliest, span.end_latest)
    return _present(
        {
            "bounds": [bound.isoformat() if bound else "" for bound in bounds],
            "expression": span.expression,
            "edtf": span.edtf,
            "basis": span.basis.value,
            "anchor": span.anchor,
            "resolved": span.resolution_basis and context.source_facts(span.resolution_basis).path,
        }
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else literal.number(value).lexical


def _present(content: Content) -> Content:
    """Only what is there: a field added to the model later changes no address without it."""
    return {name: value for name, value in content.items() if value not in (None, "", [], False)}

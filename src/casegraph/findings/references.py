"""Every key by which one record names another, and what it may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casegraph.findings.fields import codes
from casegraph.model.terms import AttributionBasis, FindingKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.errors import Where
    from casegraph.findings.book import Book
    from casegraph.model.values import Claim, Finding, Population

_ABOUT = ("of", "against", "actor", "identity", "population")
_ROLE_FIELDS = {
    Role.PLACE_OF_DETENTION: ("at",),
    Role.SEARCHING_BODY: ("searched-by",),
    Role.AFFECTED: ("against", "of"),
    Role.ACTOR: ("actor", "of"),
}
_ANYTHING = ("agents", "populations", "cases", "sources")
_ABOUT_KINDS = {FindingKind.COUNT: ("populations",), FindingKind.IDENTITY: ("agents",)}


@dataclass(frozen=True, slots=True)
class Reference:
    """A key, the kinds of record it may name, and the fields in which it may stand.

    ``or_finding``: it may also be the key of a finding.  ``also`` are words that somebody
    who mistyped it may have meant.
    """

    key: str
    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    or_finding: bool = False
    also: tuple[str, ...] = ()


def references(book: Book) -> Iterator[tuple[Where, Reference]]:
    """Every reference of every record, with the place of the record."""
    for finding in book.findings.values():
        for reference in _of_finding(finding):
            yield finding.where, reference
    for population in book.populations.values():
        for reference in _of_population(population):
            yield population.where, reference
    for agent in book.agents.values():
        for key in agent.part_of:
            yield agent.where, Reference(key, ("agents",), ("part-of",))
    yield from _of_others(book)


def _of_population(population: Population) -> Iterator[Reference]:
    for key in population.subset_of:
        yield Reference(key, ("populations",), ("subset-of", "key"))
    if population.recorded_by:
        yield Reference(population.recorded_by, ("agents",), ("recorded-by",))


def _of_others(book: Book) -> Iterator[tuple[Where, Reference]]:
    for case in book.cases.values():
        for party in case.involvements:
            yield case.where, Reference(party.who, ("agents", "populations"), ("parties",))
    for source in book.sources.values():
        yield source.where, Reference(source.publisher, ("agents",), ("publisher",))
        if source.origin:
            yield source.where, Reference(source.origin, ("sources",), ("origin",))
    for revision in book.revisions:
        yield revision.where, Reference(revision.by, ("agents",), ("by",))


def _of_finding(finding: Finding) -> Iterator[Reference]:
    for evidence in finding.evidence:
        yield Reference(evidence.source, ("sources",), ("source",))
    bases = tuple(codes(AttributionBasis))
    for key in finding.attribution.chain:
        yield Reference(key, ("agents",), ("by",), also=bases)
    kinds = _ABOUT_KINDS.get(finding.kind, _ANYTHING)
    for key in finding.about:
        yield Reference(key, kinds, _ABOUT)
    if finding.attested_by:
        yield Reference(finding.attested_by, ("agents",), ("attested-by",))
    if finding.reading.see:
        yield Reference(finding.reading.see, ("sources",), ("see",), or_finding=True)
    if finding.valid.resolution_basis:
        yield Reference(finding.valid.resolution_basis, ("sources",), ("resolved-by",))
    quantity = finding.quantity
    if quantity:
        yield Reference(quantity.counts, ("populations",), ("population", "of"))
    if quantity and quantity.share_of:
        yield Reference(quantity.share_of, ("populations",), ("share-of",))
    for claim in finding.claims:
        yield from _of_claim(claim)


def _of_claim(claim: Claim) -> Iterator[Reference]:
    for involved in claim.involvements:
        known = involved.role in {Role.PLACE_OF_DETENTION, Role.SEARCHING_BODY}
        kinds = ("agents",) if known else _ANYTHING
        yield Reference(involved.who, kinds, _ROLE_FIELDS.get(involved.role, _ABOUT))
    if claim.case:
        yield Reference(claim.case, ("cases",), ("case",))

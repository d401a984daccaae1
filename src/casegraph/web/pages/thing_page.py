"""The page of anything findings speak of: people, institutions, populations, cases, types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.graph import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.graph.literal import Literal
    from casegraph.web.pages.listing import ListedFinding, Listing
    from casegraph.web.releases.nodes import Nodes
    from casegraph.web.releases.places import Places, Ref

REVIEWED: Final = terms.CG + "reviewed"
_INSTRUMENT: Final = terms.CG + "instrument"
_ROOTS: Final = frozenset({"Agent", "Institution", "Case", "Evidence", "Revision"})
#: One state ends another only among these; a prize is held for good.
EXCLUSIVE: Final = frozenset({"inCustody", "atLiberty", "deceased"})
_FACTS: Final = (
    ("Part of", terms.PART_OF),
    ("Within", terms.SUBSET_OF),
    ("Counted by", terms.RECORDED_BY),
    ("Broader type", terms.SKOS_BROADER),
    ("Would be examined under", terms.MAPS_TO_PROVISION),
    ("Stands in", _INSTRUMENT),
    ("Source", terms.FROM_SOURCE),
    ("Revises", terms.REVISES),
    ("Replaced by", terms.REPLACEMENT),
)
_INCOMING: Final = (
    ("Its parts", terms.PART_OF),
    ("Smaller populations within it", terms.SUBSET_OF),
    ("Populations it counts", terms.RECORDED_BY),
    ("Publishes", terms.PUBLISHER),
    ("Narrower types", terms.SKOS_BROADER),
    ("Types that map here", terms.MAPS_TO_PROVISION),
)
_WORDS: Final = (
    ("Definition", terms.SKOS_DEFINITION),
    ("Who belongs", terms.CRITERIA),
    ("Sex", terms.SEX),
    ("Number", terms.CASE_IDENTIFIER),
    ("Words", terms.EXACT),
    ("Place", terms.LOCATOR),
    ("Article", terms.CG + "article"),
    ("Reason", terms.REASON),
    ("On", terms.REVISED_ON),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingPage:
    """Everything that the template shows."""

    iri: str
    label: Literal
    labels: list[Literal]
    names: list[Literal]
    kind: str
    words: list[tuple[str, list[Literal]]]
    facts: list[tuple[str, list[Ref]]]
    reviewed: str
    since: str
    newest: list[ListedFinding]
    stale: bool
    earlier: list[ListedFinding]
    statements: Listing
    rejected: Listing
    says: Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What findings say of a thing, and what it says itself, each as one page of a list."""

    states: Sequence[ListedFinding]
    statements: Listing
    rejected: Listing
    says: Listing


def thing_page(nodes: Nodes, places: Places, iri: str, *, said: Said, old_before: str) -> ThingPage:
    """The page of ``iri``: newest state first, others under "earlier".

    A state whose day lies before ``old_before`` (an ISO date) is marked as perhaps outdated.
    """
    label = nodes.label(iri)
    kinds = [kind for kind in nodes.types(iri) if kind not in _ROOTS] or nodes.types(iri)
    newest, earlier = states_of(said.states)
    return ThingPage(
        iri=iri,
        label=label,
        labels=sorted(
            (text for text in nodes.texts(iri, terms.RDFS_LABEL) if text != label),
            key=lambda text: text.lang,
        ),
        names=sorted(nodes.texts(iri, terms.NAME_FORM), key=lambda n: (n.lang, n.lexical)),
        kind=nodes.label(terms.CG + kinds[0]).lexical if kinds else _kind_of_term(iri),
        words=[(name, texts) for name, prop in _WORDS if (texts := nodes.texts(iri, prop))],
        facts=_facts(nodes, places, iri),
        reviewed=nodes.text(iri, REVIEWED),
        since=nodes.text(iri, terms.RECORDED_AT)[:10],
        newest=newest,
        stale=bool(newest) and newest[0].day < old_before,
        earlier=earlier,
        statements=said.statements,
        rejected=said.rejected,
        says=said.says,
    )


def states_of(
    found: Sequence[ListedFinding],
) -> tuple[list[ListedFinding], list[ListedFinding]]:
    """The newest of states that stand newest first, and the ones before them."""
    newest = [one for one in found if _same_state(one, found[0])]
    return newest, [one for one in found if one not in newest]


def _kind_of_term(iri: str) -> str:
    return "type of alleged violation" if iri.startswith(terms.VT) else ""


def _same_state(one: ListedFinding, other: ListedFinding) -> bool:
    return (one.state, one.begin, one.until) == (other.state, other.begin, other.until)


def _facts(nodes: Nodes, places: Places, iri: str) -> list[tuple[str, list[Ref]]]:
    facts = [(name, places.refs(iri, prop)) for name, prop in _FACTS]
    for involvement in sorted(nodes.links(iri, terms.INVOLVEMENT)):
        role = nodes.link(involvement, terms.ROLE)
        name = nodes.label(role).lexical.capitalize() if role else "Takes part"
        facts.append((name, places.refs(involvement, terms.AGENT_OF)))
    for name, prop in _INCOMING:
        coming = sorted(set(nodes.subjects(prop, iri)) - {iri})
        facts.append((name, [places.ref(one) for one in coming]))
    return [(name, refs) for name, refs in facts if refs]

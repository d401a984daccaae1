"""The projection: what of a book is public on a day.  Project first, reason after.

Nothing is filtered out of a finished graph; a record enters only if a positive decision
lets it in, and with it everything it is about.  Links and attributes that would point to a
record that stays inside are left out, so nothing public hints that it exists.

Rules, each broken once on purpose in the tests:

P1  a record needs its own public decision, and to be recorded by the day of the release;
P2  ``sealed-until`` opens on its day, ``aggregate-only`` and ``restricted`` never;
P3  the strictest level among everything a finding involves wins (people, sources, cases);
P4  a finding derived from one that stays inside, a part of one, or another reading of the
    same passage stays inside as well;
P5  links to what stays inside vanish without a trace;
P6  under a pseudonym there is another id and no name, note or form of name;
P7  who recorded or decided appears only as the organisation;
P8  the date of recording is that of the first release that carried the record;
P9  what was withdrawn never comes back, under no name; of a source whose text was withdrawn
    only what is quoted is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from casegraph.errors import Problem
from casegraph.graph import mint
from casegraph.model.terms import AgentKind, DisclosureLevel, Holding
from casegraph.model.values import Agent, Case, Finding, Population, Source, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from casegraph.findings.book import Book
    from casegraph.model.values import Disclosure, Revision

    Named = Agent | Population | Case | Source

_Record = TypeVar("_Record", Agent, Population, Case, Source, Finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The public records of one release, by key.

    Every value is as it will be published; nothing refers to a key that is not here.
    """

    agents: dict[str, Agent]
    populations: dict[str, Population]
    cases: dict[str, Case]
    sources: dict[str, Source]
    findings: dict[str, Finding]
    revisions: tuple[Revision, ...]

    def records(self) -> Iterator[Agent | Population | Case | Source | Finding | Revision]:
        """Everything, in no particular order."""
        yield from self.agents.values()
        yield from self.populations.values()
        yield from self.cases.values()
        yield from self.sources.values()
        yield from self.findings.values()
        yield from self.revisions


def is_public(disclosure: Disclosure, on: date) -> bool:
    """Rules P1 and P2 for one decision."""
    if disclosure.level is DisclosureLevel.SEALED_UNTIL:
        return disclosure.until is not None and disclosure.until <= on
    return disclosure.level in {DisclosureLevel.PUBLIC, DisclosureLevel.PUBLIC_PSEUDONYM}


def project(  # noqa: PLR0913 - the facts of a release
    book: Book,
    *,
    on: date,
    salt: bytes,
    organisation: str,
    withdrawn: frozenset[str] = frozenset(),
    published: frozenset[str] = frozenset(),
    without: frozenset[str] = frozenset(),
) -> Projection:
    """The public part of ``book`` on a day.

    ``organisation`` is the key of the agent that stands for everybody who decided.
    ``withdrawn`` holds ``segment/id`` of withdrawn records, ``published`` the ids of findings
    that some release carried: only their revisions are public.  ``without`` are the keys of
    findings that were withdrawn (their addresses follow from a first projection).
    """
    gate = _Gate(on, withdrawn, salt)
    agents = gate.let_in(book.agents, gate.agent_paths)
    agents = {key: gate.disguised(agent) for key, agent in agents.items()}
    populations = gate.let_in(book.populations, lambda p: (f"population/{p.id}",))
    sources = gate.let_in(book.sources, lambda source: (f"source/{source.id}",))
    sources = {key: gate.without_text(s) for key, s in sources.items() if s.publisher in agents}
    cases = gate.let_in(book.cases, lambda case: (f"case/{case.id}",))
    parties = agents.keys() | populations.keys()
    cases = {
        key: case for key, case in cases.items()
        if all(party.who in parties for party in case.involvements)
    }  # fmt: skip
    known = parties | sources.keys() | cases.keys()
    findings = _public_findings(book, gate, known, without)
    return Projection(
        agents={key: _cut_agent(agent, agents) for key, agent in agents.items()},
        populations={k: _cut_population(p, populations, agents) for k, p in populations.items()},
        cases=cases,
        sources={key: _cut_source(source, sources) for key, source in sources.items()},
        findings={key: _cut_finding(f, findings, sources) for key, f in findings.items()},
        revisions=tuple(
            _decided_by(organisation, revision, findings)
            for revision in book.revisions
            if revision.finding in published
            and organisation in agents
            and revision.on <= on
            and f"finding/{revision.finding}" not in withdrawn
        ),
    )


class _Gate:
    """Rules P1, P2, P6, P8 and P9 for one record at a time."""

    def __init__(self, on: date, withdrawn: frozenset[str], salt: bytes) -> None:
        self.on = on
        self.withdrawn = withdrawn
        self.salt = salt

    def let_in(
        self, records: Mapping[str, _Record], paths: Callable[[_Record], Iterable[str]]
    ) -> dict[str, _Record]:
        return {
            key: self.opened(record)
            for key, record in records.items()
            if self.admits(record) and self.withdrawn.isdisjoint(paths(record))
        }

    def admits(self, record: Named | Finding) -> bool:
        return record.recorded <= self.on and is_public(record.disclosure, self.on)

    def agent_paths(self, agent: Agent) -> Iterator[str]:
        """Every address that an agent can have had: under its name and under a pseudonym."""
        yield mint.agent_path(agent.kind, agent.id)
        yield mint.agent_path(agent.kind, self.other_id(agent))

    def other_id(self, agent: Agent) -> str:
        return mint.keyed_id(self.salt, "pseudonym", agent.id)[: len(agent.id)]

    def opened(self, record: _Record) -> _Record:
        """As published: recorded on the release's day, an opened seal is plainly public."""
        disclosure = record.disclosure
        if disclosure.level is DisclosureLevel.SEALED_UNTIL:
            disclosure = replace(disclosure, level=DisclosureLevel.PUBLIC, until=None)
        return replace(record, recorded=self.on, disclosure=disclosure)

    def without_text(self, source: Source) -> Source:
        """Rule P9 for the text of a source, which a withdrawal names by its rendition."""
        if f"source/{source.id}/rendition" in self.withdrawn:
            return replace(source, holding=Holding.QUOTATIONS)
        return source

    def disguised(self, agent: Agent) -> Agent:
        """Rule P6."""
        agent = replace(agent, note=None)
        if agent.disclosure.level is not DisclosureLevel.PUBLIC_PSEUDONYM:
            return agent
        shown = (Text(agent.pseudonym, "en"),) if agent.pseudonym else ()
        return replace(agent, id=self.other_id(agent), labels=shown, names=(), part_of=())


def _public_findings(
    book: Book, gate: _Gate, known: Iterable[str], without: frozenset[str]
) -> dict[str, Finding]:
    """Rules P3 and P4."""
    inside = frozenset(known)
    findings = {
        key: gate.opened(finding)
        for key, finding in book.findings.items()
        if gate.admits(finding) and references(finding) <= inside and key not in without
    }
    while True:
        here = findings.keys()
        resting = {key: one for key, one in findings.items() if here >= _rests_on(one)}
        if len(resting) == len(findings):
            return findings
        findings = resting


def _rests_on(finding: Finding) -> set[str]:
    """The findings that rule P4 is about; a part takes over the readings of its whole."""
    links = finding.links
    wholes = (links.whole,) if links.whole else ()
    return {*links.derived_from, *wholes, *finding.reading.alternatives}


def references(finding: Finding) -> set[str]:
    """The keys of everything a finding involves, other findings left aside."""
    keys = {evidence.source for evidence in finding.evidence}
    keys.update(finding.attribution.chain, finding.about)
    if finding.quantity is not None:
        keys.add(finding.quantity.counts)
        keys.update((finding.quantity.share_of,) if finding.quantity.share_of else ())
    if finding.attested_by is not None:
        keys.add(finding.attested_by)
    for claim in finding.claims:
        keys.update(involvement.who for involvement in claim.involvements)
        keys.update((claim.case,) if claim.case else ())
    return keys


def _cut_agent(agent: Agent, agents: Mapping[str, Agent]) -> Agent:
    return replace(agent, part_of=tuple(key for key in agent.part_of if key in agents))


def _cut_population(
    population: Population, populations: Mapping[str, Population], agents: Mapping[str, Agent]
) -> Population:
    counter = population.recorded_by
    return replace(
        population,
        subset_of=tuple(key for key in population.subset_of if key in populations),
        recorded_by=counter if counter in agents else None,
    )


def _cut_source(source: Source, sources: Mapping[str, Source]) -> Source:
    """Rule P5; of a source whose text is not public no capture goes out either."""
    return replace(
        source,
        origin=source.origin if source.origin in sources else None,
        capture=source.capture if source.holding is Holding.FULL else None,
    )


def _decided_by(organisation: str, revision: Revision, findings: Mapping[str, Finding]) -> Revision:
    """Rule P7, and rule P5 for what takes the place of the finding."""
    replacement = revision.replacement if revision.replacement in findings else None
    return replace(revision, by=organisation, replacement=replacement)


def _cut_finding(
    finding: Finding, findings: Mapping[str, Finding], sources: Mapping[str, Source]
) -> Finding:
    """Rule P5 for a finding's links, readings and the sources that resolved its time."""
    links, reading = finding.links, finding.reading

    def public(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if key in findings)

    def either(key: str | None) -> str | None:
        return key if key in findings or key in sources else None

    resolved_by = finding.valid.resolution_basis
    return replace(
        finding,
        valid=replace(
            finding.valid, resolution_basis=resolved_by if resolved_by in sources else None
        ),
        links=replace(
            links,
            whole=links.whole if links.whole in findings else None,
            supports=public(links.supports),
            qualifies=public(links.qualifies),
            contradicts=public(links.contradicts),
            derived_from=public(links.derived_from),
            origin=either(links.origin),
        ),
        reading=replace(
            reading, alternatives=public(reading.alternatives), see=either(reading.see)
        ),
    )


def protected_agents(book: Book, projection: Projection) -> Iterator[Agent]:
    """All whose names must not appear anywhere in a release: everybody whom it does not name."""
    named = {
        key for key, agent in projection.agents.items()
        if agent.disclosure.level is not DisclosureLevel.PUBLIC_PSEUDONYM
    }  # fmt: skip
    yield from (agent for key, agent in book.agents.items() if key not in named)


def misplaced_pseudonyms(book: Book) -> Iterator[Problem]:
    """Records that should appear under a pseudonym but are of a kind that has none."""
    for record in book.everything_named():
        if record.disclosure.level is DisclosureLevel.PUBLIC_PSEUDONYM and not (
            isinstance(record, Agent) and record.kind is AgentKind.PERSON
        ):
            yield Problem(
                "no-pseudonym-here",
                f"'{record.key}' cannot appear under a pseudonym: only people can",
                record.where,
                "Decide public, aggregate-only or restricted.",
            )

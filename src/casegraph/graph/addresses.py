"""Give every record of a build its address, and notice when two would share one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.errors import FixInput, InvalidRecords, Problem
from casegraph.graph import mint
from casegraph.graph.context import MintingContext, SourceFacts
from casegraph.graph.identity import finding_id
from casegraph.graph.iri import iri
from casegraph.model.terms import DisclosureLevel, Holding
from casegraph.model.values import Quotation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from casegraph.model.values import (
        Agent,
        Case,
        Citation,
        Finding,
        Population,
        Source,
        Text,
    )


def minting_context(  # noqa: PLR0913 - one iterable for each sort of record
    *,
    base_iri: str,
    salt: bytes,
    agents: Iterable[Agent] = (),
    populations: Iterable[Population] = (),
    cases: Iterable[Case] = (),
    sources: Iterable[Source] = (),
    findings: Iterable[Finding] = (),
    recorded: Mapping[str, date] | None = None,
) -> MintingContext:
    """Give every record its address.

    Raises ``FixInput`` for an unusable base address or salt, and ``InvalidRecords`` naming
    both places where two records would share an address.
    """
    if not iri(base_iri).endswith("/"):
        raise FixInput(f"{base_iri} does not end with a slash", hint="Add / to base_iri.")
    if len(salt) < 16:  # noqa: PLR2004
        raise FixInput("the salt is shorter than 16 bytes", hint="Restore the file that init made.")
    table = _EntityTable()
    table.add_agents(agents)
    for population in populations:
        path = mint.entity_path("population", population.id, where=population.where)
        table.add(population, path, _english(population.labels))
    for case in cases:
        path = mint.entity_path("case", case.id, where=case.where)
        table.add(case, path, _english(case.labels))
    for source in sources:
        table.add_source(source)
    context = MintingContext(
        base_iri=base_iri,
        salt=salt,
        entities=table.entities,
        sources=table.sources,
        labels=table.labels,
        pseudonyms=frozenset(table.pseudonyms),
        recorded=recorded or {},
    )
    ids = table.finding_ids(findings, context)
    if table.problems:
        raise InvalidRecords(table.problems)
    return replace(context, findings=ids, places=table.places())


class _EntityTable:
    """Collects addresses and notices when two records claim the same one."""

    def __init__(self) -> None:
        self.entities: dict[str, str] = {}
        self.sources: dict[str, SourceFacts] = {}
        self.labels: dict[str, str] = {}
        self.pseudonyms: set[str] = set()
        self.problems: list[Problem] = []
        self._owners: dict[str, str] = {}
        self._stands: dict[str, tuple[int, str]] = {}

    def add_agents(self, agents: Iterable[Agent]) -> None:
        for agent in agents:
            path = mint.agent_path(agent.kind, agent.id, where=agent.where)
            hidden = agent.disclosure.level is DisclosureLevel.PUBLIC_PSEUDONYM
            if hidden:
                self.pseudonyms.add(agent.key)
            self.add(agent, path, (agent.pseudonym or "") if hidden else _english(agent.labels))

    def add(self, record: Agent | Population | Case, path: str, label: str) -> None:
        self._own(path, record)
        self.entities[record.key] = path
        self.labels[record.key] = label

    def add_source(self, source: Source) -> None:
        path = mint.entity_path("source", source.id, where=source.where)
        self._own(path, source)
        self.sources[source.key] = SourceFacts(
            path=path,
            language=source.language,
            title=_english(source.titles),
            shows_text=source.holding is Holding.FULL,
            has_capture=source.capture is not None,
            rank=_source_rank(source),
            is_excerpt=source.extent == "excerpt",
        )

    def finding_ids(self, findings: Iterable[Finding], context: MintingContext) -> dict[str, str]:
        ids: dict[str, str] = {}
        for finding in findings:
            identifier = finding_id(finding, context)
            self._own(f"finding/{identifier}", finding)
            ids[finding.key] = identifier
            for evidence in finding.evidence:
                path, place = context.evidence_path(evidence), _place(evidence, finding)
                self._stands[path] = min(self._stands.get(path, place), place)
        return ids

    def places(self) -> dict[str, int]:
        """The rank of each piece of evidence in the order of its text, else of its time."""
        ordered = sorted(self._stands, key=lambda path: (self._stands[path], path))
        return {path: rank for rank, path in enumerate(ordered)}

    def _own(self, path: str, record: Agent | Population | Case | Source | Finding) -> None:
        owner = self._owners.setdefault(path, f"{record.key} ({record.where})")
        if owner != f"{record.key} ({record.where})":
            same = "says the same as" if path.startswith("finding/") else "has the same id as"
            self.problems.append(
                Problem(
                    "duplicate-id",
                    f"{record.key} {same} {owner}",
                    record.where,
                    "Remove one of the two, or change what makes them differ.",
                )
            )


def _english(texts: tuple[Text, ...]) -> str:
    """The English text, else the first."""
    for text in texts:
        if text.lang == "en" or text.lang.startswith("en-"):
            return text.value
    return texts[0].value if texts else ""


_HOLDING_RANK = {Holding.FULL: 0, Holding.QUOTATIONS: 1, Holding.CITED: 2}


def _source_rank(source: Source) -> str:
    spoke = source.uttered.begin_earliest or source.uttered.begin_latest
    return f"{_HOLDING_RANK[source.holding]}{spoke or '9999-12-31'}{source.id}"


# Behind every offset there can be: texts are read whole into memory.
_NO_OFFSET = 10**10


def _place(evidence: Quotation | Citation, finding: Finding) -> tuple[int, str]:
    """Where evidence stands for a reader: by offset in its text, a citation by when it was so.

    Both are in the workspace whether or not the text is at hand, and neither depends on the
    order in which somebody wrote the entries.
    """
    start = evidence.start if isinstance(evidence, Quotation) else None
    day = finding.valid.begin_earliest or finding.valid.end_latest
    return (_NO_OFFSET if start is None else start, str(day or "9999"))

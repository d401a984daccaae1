"""The book: everything a workspace records, by key, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casegraph.model.values import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casegraph.errors import Where
    from casegraph.model.values import Agent, Case, Finding, Population, Revision

    Named = Agent | Population | Case | Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All records by key, in the order of the files.

    ``passages`` leads from the key of an entry to the keys of its findings: one for each
    reading or type.  ``places`` leads from the place of a record to those of its fields,
    for files that people write by hand.
    """

    agents: dict[str, Agent] = field(default_factory=dict)
    populations: dict[str, Population] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    revisions: tuple[Revision, ...] = ()
    passages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[Where, Mapping[str, Where]] = field(default_factory=dict, compare=False)

    @property
    def statements(self) -> int:
        """How many things sources say: readings of one count once, members of a list each."""
        return len({min([key, *one.reading.alternatives]) for key, one in self.findings.items()})

    def named(self, key: str) -> Named | None:
        """The agent, population, case or source of this key."""
        return (
            self.agents.get(key)
            or self.populations.get(key)
            or self.cases.get(key)
            or self.sources.get(key)
        )

    def everything_named(self) -> Iterator[Named]:
        """All agents, populations, cases and sources."""
        yield from self.agents.values()
        yield from self.populations.values()
        yield from self.cases.values()
        yield from self.sources.values()

    def place(self, where: Where, *names: str) -> Where:
        """Where the first of these fields of the record at ``where`` stands, else the record."""
        fields = self.places.get(where, {})
        return next((fields[name] for name in names if name in fields), where)

    def label(self, key: str, language: str = "en") -> str:
        """The label of something named, in ``language`` where it has one, else in any."""
        named = self.named(key)
        if named is None:
            return key
        texts = named.titles if isinstance(named, Source) else named.labels
        for text in texts:
            if text.lang == language:
                return text.value
        return texts[0].value if texts else key

"""What turns the keys of a workspace into addresses: one frozen table for a whole build."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casegraph.errors import FixInput
from casegraph.graph import mint
from casegraph.model.values import Quotation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casegraph.model.values import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What other records need of a source: its address, its language, what of it is shown.

    ``rank`` orders sources for a reader: those shown in full first, then by what is known
    of when they spoke.  ``is_excerpt``: nobody has read the page itself yet.
    """

    path: str
    language: str
    title: str
    shows_text: bool
    has_capture: bool
    rank: str
    is_excerpt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MintingContext:
    """Keys to addresses, for one set of records that is published together.

    ``entities`` (agents, populations, cases) and ``sources`` give ``segment/id`` by key,
    ``findings`` the hashed id by key, ``labels`` the public English name of an entity by key,
    ``recorded`` the date of the first release that carried a record, by ``segment/id``, and
    ``places`` the rank of evidence (``quotation/id``) in the order of its text, else of its time.
    """

    base_iri: str
    salt: bytes
    entities: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, SourceFacts] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    pseudonyms: frozenset[str] = frozenset()
    recorded: Mapping[str, date] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def id_iri(self, path: str) -> str:
        """The address of ``segment/id``."""
        return mint.id_iri(self.base_iri, path)

    def entity(self, key: str) -> str:
        """The address of an agent, population or case; ``FixInput`` if it is not published."""
        return self.id_iri(self.entity_path(key))

    def entity_path(self, key: str) -> str:
        """``segment/id`` of an agent, population or case."""
        path = self.entities.get(key)
        if path is None:
            raise _unknown("agent, population or case", key)
        return path

    def source(self, key: str) -> str:
        """The address of a source."""
        return self.id_iri(self.source_facts(key).path)

    def source_facts(self, key: str) -> SourceFacts:
        """What is known of a source; ``FixInput`` if it is not published."""
        facts = self.sources.get(key)
        if facts is None:
            raise _unknown("source", key)
        return facts

    def finding(self, key: str) -> str:
        """The address of a finding; ``FixInput`` if it is not published."""
        identifier = self.findings.get(key)
        if identifier is None:
            raise _unknown("finding", key)
        return self.id_iri(f"finding/{identifier}")

    def source_or_finding(self, key: str) -> str:
        """The address behind ``see`` or ``origin``: a source, else a finding."""
        return self.source(key) if key in self.sources else self.finding(key)

    def evidence_path(self, evidence: Quotation | Citation) -> str:
        """``quotation/id`` or ``citation/id`` of a piece of evidence."""
        source = self.source_facts(evidence.source).path
        if isinstance(evidence, Quotation):
            content = f"{source}\n{evidence.exact}\n{evidence.near or ''}"
            return f"quotation/{mint.keyed_id(self.salt, 'quotation', content)}"
        content = f"{source}\n{evidence.locator or ''}"
        return f"citation/{mint.keyed_id(self.salt, 'citation', content)}"

    def label(self, key: str) -> str:
        """The public English name of an entity; never its key, which may be a name."""
        found = self.labels.get(key)
        if found is None:
            raise _unknown("agent, population or case", key)
        return found

    def recorded_on(self, path: str, given: date) -> date:
        """The date of the first release that carried the record, else the one given."""
        return self.recorded.get(path, given)

    def keys(self) -> dict[str, str]:
        """Addresses back to keys, for reading a graph as the values it was made from."""
        return {
            **{self.id_iri(path): key for key, path in self.entities.items()},
            **{self.id_iri(facts.path): key for key, facts in self.sources.items()},
            **{self.id_iri(f"finding/{name}"): key for key, name in self.findings.items()},
        }


def _unknown(what: str, key: str) -> FixInput:
    return FixInput(
        f"“{key}” names no {what} that is published here",
        hint="Publish that record too, or take the reference away.",
    )

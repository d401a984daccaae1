"""Records of people, agents, populations, cases, sources and revisions, read from their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casegraph.findings import fields
from casegraph.findings.form import Form
from casegraph.findings.tree import Mapping
from casegraph.model.terms import AgentKind, CaseKind, Holding, RevisionKind, Role, TimeBasis
from casegraph.model.values import (
    Agent,
    Case,
    Disclosure,
    Involvement,
    Population,
    Revision,
    Source,
    TimeSpan,
)

if TYPE_CHECKING:
    from datetime import date

    from casegraph.errors import Problem

_ID = re.compile(r"[0-9a-z]{16}\Z")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x1f]+\Z")


class RecordReader:
    """Reads the records of one file; the file's own ``recorded`` and ``disclosure`` are defaults."""

    def __init__(
        self,
        recorded: date | None,
        disclosure: Disclosure | None,
        problems: list[Problem],
    ) -> None:
        self.recorded = recorded
        self.disclosure = disclosure
        self.problems = problems

    def _record(self, form: Form) -> tuple[date | None, Disclosure | None]:
        recorded = form.day("recorded") or self.recorded
        disclosure = form.disclosure() or self.disclosure
        if recorded is None and form.node.get("recorded") is None:
            form.wrong(
                "missing-field",
                "`recorded` is missing",
                form.where,
                "Add recorded: with the day of entry, here or at the top of the file.",
            )
        if disclosure is None and form.node.get("disclosure") is None:
            form.wrong(
                "undecided-disclosure",
                "nobody has decided who may see this",
                form.where,
                "Add disclosure: {level: restricted, by: YOUR-KEY, on: DATE, basis: none}"
                " here or at the top of the file; until then it stays private.",
            )
        return recorded, disclosure

    def _identity(self, form: Form) -> tuple[str, str] | None:
        key, identifier = form.key("key"), form.text("id")
        if identifier is not None and not _ID.match(identifier):
            form.wrong(
                "bad-id",
                f"'{identifier}' is not an id",
                form.place("id"),
                "An id is 16 letters and digits; `casegraph new` mints one.",
            )
            return None
        return (key, identifier) if key and identifier else None

    def agent(self, node: Mapping, *, person: bool = False) -> Agent | None:
        """A person, or any other agent."""
        form = Form(node, fields.PERSON if person else fields.AGENT, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        kind = AgentKind.PERSON if person else form.code("kind", AgentKind)
        if kind is AgentKind.PERSON and not person:
            form.wrong(
                "person-elsewhere",
                "a person stands among the agents",
                form.place("kind"),
                "Move it to people.yaml, which is kept apart for safety.",
            )
        labels = form.texts("label")
        if identity is None or recorded is None or disclosure is None or kind is None:
            return None
        return Agent(
            key=identity[0],
            id=identity[1],
            kind=kind,
            labels=labels,
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            names=form.names("names"),
            part_of=() if person else form.keys("part-of"),
            pseudonym=form.text("pseudonym") if person else None,
            note=form.text("note"),
        )

    def population(self, node: Mapping) -> Population | None:
        """A described set; ``a/b`` lies within ``a``."""
        form = Form(node, fields.POPULATION, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        if identity is None or recorded is None or disclosure is None:
            return None
        parent = identity[0].rpartition("/")[0]
        wider = form.keys("subset-of")
        return Population(
            key=identity[0],
            id=identity[1],
            labels=form.texts("label"),
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            criteria=form.texts("criteria"),
            sex=form.text("sex"),
            recorded_by=form.key("recorded-by"),
            subset_of=tuple(dict.fromkeys(((parent,) if parent else ()) + wider)),
        )

    def case(self, node: Mapping) -> Case | None:
        """Proceedings with their parties."""
        form = Form(node, fields.CASE, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        kind = form.code("kind", CaseKind)
        if identity is None or recorded is None or disclosure is None or kind is None:
            return None
        return Case(
            key=identity[0],
            id=identity[1],
            kind=kind,
            labels=form.texts("label"),
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            identifiers=form.words("identifiers"),
            involvements=tuple(self._parties(form)),
        )

    def _parties(self, form: Form) -> list[Involvement]:
        node = form.node.get("parties")
        if node is None:
            return []
        known = {fields.written(role): role for role in Role}
        table = {name: fields.Field(name, "keys", "Who has this role.") for name in known}
        if not isinstance(node, Mapping):
            form.wrong(
                "wrong-shape",
                "`parties` is not a mapping",
                node.where,
                "Write parties: {affected: [KEY], deciding-court: KEY}.",
            )
            return []
        parties = Form(node, table, self.problems)
        return [
            Involvement(who, role) for name, role in known.items() for who in parties.keys(name)
        ]

    def source(self, node: Mapping) -> Source | None:
        """A work, without its capture (that is read from beside it)."""
        form = Form(node, fields.SOURCE, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        publisher, language = form.key("publisher"), form.text("language")
        holding, rights = form.code("holding", Holding), form.text("rights")
        url, uttered = form.text("url"), form.period("uttered")
        if url is not None and not _ADDRESS.match(url):
            form.wrong(
                "bad-address",
                f"'{url}' is not an address that may be published",
                form.place("url"),
                "Use https:// or http://, without spaces.",
            )
        if identity is None or recorded is None or disclosure is None:
            return None
        if not (publisher and language and holding and rights):
            return None
        begin, end = (uttered.begin, uttered.end) if uttered else (None, None)
        return Source(
            key=identity[0],
            id=identity[1],
            titles=form.texts("title", default_language=language.lower()),
            publisher=publisher,
            language=language.lower(),
            holding=holding,
            uttered=TimeSpan(
                begin_earliest=begin and begin.first,
                end_latest=end and end.last,
                edtf=form.text("uttered") or "",
                basis=TimeBasis.EXPLICIT if uttered else TimeBasis.NONE,
            ),
            rights=rights,
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            url=url,
            origin=form.key("origin"),
            extent=form.text("extent"),
            read_on=form.day("read-on"),
        )

    def revision(self, node: Mapping) -> Revision | None:
        """Why a published finding is gone or changed."""
        form = Form(node, fields.REVISION, self.problems)
        kind, on = form.code("kind", RevisionKind), form.day("on")
        values = [form.text(name) for name in ("id", "finding", "because", "by")]
        if kind is None or on is None or None in values:
            return None
        identifier, finding, because, by = (value or "" for value in values)
        return Revision(
            id=identifier,
            kind=kind,
            finding=finding,
            reason=because,
            by=by,
            on=on,
            where=form.where,
            replacement=form.key("replacement"),
        )

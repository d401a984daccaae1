"""Records of people, agents, populations, cases, sources and revisions, read from their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casegraph.findings import fields
from casegraph.findings.address import address_fault
from casegraph.findings.form import LANGUAGE, Form
from casegraph.findings.tree import Mapping, shown
from casegraph.model.terms import (
    AgentKind,
    CaseKind,
    ConsentBasis,
    DisclosureLevel,
    Holding,
    RevisionKind,
    Role,
    TimeBasis,
)
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
_FINDING_ID = re.compile(r"[0-9a-z]{26}\Z")
_SEXES = ("women", "men")


def require_record(
    form: Form,
    recorded: date | None,
    disclosure: Disclosure | None,
    given_above: frozenset[str],
) -> None:
    """Refuse a record without a day of entry or without a decision who may see it.

    A field that was given, here or at the top of the file, but could not be read is not
    missed again: what is wrong with it was told at its own place.
    """
    given = {*form.node.names(), *given_above}
    if recorded is None and "recorded" not in given:
        form.wrong(
            "missing-field",
            "`recorded` is missing",
            form.where,
            "Add recorded: with the day of entry, here or at the top of the file.",
        )
    if disclosure is None and "disclosure" not in given:
        form.wrong(
            "undecided-disclosure",
            "nobody has decided who may see this",
            form.where,
            "Add disclosure: {level: restricted, by: YOUR-KEY, on: DATE, basis: none} here or"
            " at the top of the file; until then it stays private.",
        )


class RecordReader:
    """Reads the records of one file, whose own ``recorded`` and ``disclosure`` are defaults."""

    def __init__(
        self,
        recorded: date | None,
        disclosure: Disclosure | None,
        given: frozenset[str],
        problems: list[Problem],
    ) -> None:
        self.recorded = recorded
        self.given = given
        self.disclosure = disclosure
        self.problems = problems

    def _record(self, form: Form) -> tuple[date | None, Disclosure | None]:
        recorded = form.day("recorded") or self.recorded
        disclosure = form.disclosure() or self.disclosure
        require_record(form, recorded, disclosure, self.given)
        return recorded, disclosure

    def _identity(self, form: Form) -> tuple[str, str] | None:
        key, identifier = form.key("key"), form.text("id")
        if identifier is not None and not _ID.match(identifier):
            form.wrong(
                "bad-id",
                f"{shown(identifier)} is not an id",
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
        names, part_of = form.names("names"), () if person else form.keys("part-of")
        pseudonym = form.text("pseudonym") if person else None
        note = form.text("note")
        level = disclosure.level if disclosure else None
        if person and level is DisclosureLevel.PUBLIC_PSEUDONYM and not pseudonym:
            form.wrong(
                "missing-field",
                "`pseudonym` is missing, but the disclosure is `public-pseudonym`",
                form.where,
                "Add the name that may be shown, or restrict the record.",
            )
        if person and disclosure is not None:
            _require_own_decision(form, disclosure)
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
            names=names,
            part_of=part_of,
            pseudonym=pseudonym,
            note=note,
        )

    def population(self, node: Mapping) -> Population | None:
        """A described set; ``a/b`` lies within ``a``."""
        form = Form(node, fields.POPULATION, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        labels, criteria, wider = (
            form.texts("label"),
            form.texts("criteria"),
            form.keys("subset-of"),
        )
        sex, recorded_by = form.text("sex"), form.key("recorded-by")
        if sex not in {None, *_SEXES}:
            form.wrong(
                "unknown-code",
                f"`sex` is {shown(sex or '')}",
                form.place("sex"),
                "Write women or men, or leave it out.",
            )
        if identity is None or recorded is None or disclosure is None:
            return None
        parent = identity[0].rpartition("/")[0]
        return Population(
            key=identity[0],
            id=identity[1],
            labels=labels,
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            criteria=criteria,
            sex=sex,
            recorded_by=recorded_by,
            subset_of=tuple(dict.fromkeys(((parent,) if parent else ()) + wider)),
        )

    def case(self, node: Mapping) -> Case | None:
        """Proceedings with their parties."""
        form = Form(node, fields.CASE, self.problems)
        identity, (recorded, disclosure) = self._identity(form), self._record(form)
        kind, labels = form.code("kind", CaseKind), form.texts("label")
        identifiers, involvements = form.words("identifiers"), tuple(self._parties(form))
        if identity is None or recorded is None or disclosure is None or kind is None:
            return None
        return Case(
            key=identity[0],
            id=identity[1],
            kind=kind,
            labels=labels,
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            identifiers=identifiers,
            involvements=involvements,
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
        publisher, language = form.key("publisher"), _language(form)
        holding, rights = form.code("holding", Holding), form.text("rights")
        url, origin, extent = _address(form), form.key("origin"), form.text("extent")
        titles = form.texts("title", default_language=language or "en")
        uttered, read_on = _uttered(form), form.day("read-on")
        if identity is None or recorded is None or disclosure is None:
            return None
        if not (publisher and language and holding and rights):
            return None
        return Source(
            key=identity[0],
            id=identity[1],
            titles=titles,
            publisher=publisher,
            language=language,
            holding=holding,
            uttered=uttered,
            rights=rights,
            recorded=recorded,
            disclosure=disclosure,
            where=form.where,
            url=url,
            origin=origin,
            extent=extent,
            read_on=read_on,
        )

    def revision(self, node: Mapping) -> Revision | None:
        """Why a published finding is gone or changed."""
        form = Form(node, fields.REVISION, self.problems)
        kind, on = form.code("kind", RevisionKind), form.day("on")
        values = [form.text(name) for name in ("id", "finding", "because", "by")]
        replacement = form.key("replacement")
        for name, pattern, size in (("id", _ID, 16), ("finding", _FINDING_ID, 26)):
            text = form.text(name)
            if text is not None and not pattern.match(text):
                form.wrong(
                    "bad-id",
                    f"{shown(text)} is not an id",
                    form.place(name),
                    f"It is {size} letters and digits; `casegraph revise` writes it.",
                )
                return None
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
            replacement=replacement,
        )


def _language(form: Form) -> str | None:
    language = form.text("language")
    if language is not None and not LANGUAGE.match(language.lower()):
        form.wrong(
            "bad-language",
            f"{shown(language)} is not a language tag",
            form.place("language"),
            "Write en, be, ru, be-tarask and the like.",
        )
        return None
    return language.lower() if language else None


def _address(form: Form) -> str | None:
    url = form.text("url")
    reason = address_fault(url) if url is not None else None
    if reason:
        form.wrong(
            "bad-address",
            f"{shown(url or '')} is not an address that may be published: {reason}",
            form.place("url"),
            "Use https:// or http://; write %20 for a space.",
        )
        return None
    return url


def _uttered(form: Form) -> TimeSpan:
    period = form.period("uttered")
    return TimeSpan(
        begin_earliest=period.begin.first if period and period.begin else None,
        end_latest=period.end.last if period and period.end else None,
        edtf=form.text("uttered") or "",
        basis=TimeBasis.EXPLICIT if period else TimeBasis.NONE,
        anchor=form.text("anchor") if form.days("anchor") else None,
        anchor_reason=form.text("anchor-because"),
    )


def _require_own_decision(form: Form, disclosure: Disclosure) -> None:
    """A person becomes public by a decision about this person, with a reason; never by default."""
    if disclosure.level in {DisclosureLevel.RESTRICTED, DisclosureLevel.AGGREGATE_ONLY}:
        return
    if form.node.get("disclosure") is None:
        form.wrong(
            "person-by-default",
            "this person would become public by a decision about the whole file",
            form.where,
            "Give the person a `disclosure` line of their own; let the file's say restricted.",
        )
    elif disclosure.basis is ConsentBasis.NONE:
        form.wrong(
            "person-without-basis",
            "this person would become public without a basis",
            form.place("disclosure"),
            "Say why: given, guardian, public-figure, deceased or already-public-source.",
        )

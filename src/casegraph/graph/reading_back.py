"""Quads of the asserted graph back to values: the table read from right to left.

What a release does not carry cannot come back: workspace paths, notes, who decided a
disclosure, ``near``, and the place of words whose source is not public.  Everything published
does; a property test holds both directions together.  Many-valued attributes come back sorted,
because a graph keeps no order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from casegraph.errors import FixInput, Where
from casegraph.graph import table, terms
from casegraph.graph.literal import Literal
from casegraph.model import terms as codes
from casegraph.model.interval import Interval
from casegraph.model.values import (
    Agent,
    Attribution,
    Capture,
    Case,
    Citation,
    Claim,
    Disclosure,
    Finding,
    Involvement,
    Links,
    Population,
    Quantity,
    Quotation,
    Reading,
    Revision,
    Source,
    TimeSpan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from casegraph.graph.mapping import Record
    from casegraph.graph.nquads import Object, Quad
    from casegraph.graph.table import Field

#: Stands where a workspace would name a file.
RELEASE: Final = Where("release")

Rows = dict[str, list["Object"]]


def from_quads(quads: Iterable[Quad], keys: Mapping[str, str] | None = None) -> Iterator[Record]:
    """Give the records described by asserted quads, in the order of their addresses.

    ``keys`` gives keys by address (``MintingContext.keys``); other addresses stand for
    themselves.  All quads are held in memory.  Raises ``FixInput`` where a required row is
    missing or an object is of the wrong sort.
    """
    reader = _Reader(quads, keys or {})
    return reader.records()


class _Reader:
    """All quads by subject, and how each kind of record is put together from them."""

    def __init__(self, quads: Iterable[Quad], keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._subjects: dict[str, Rows] = {}
        self._captures: dict[str, str] = {}
        self._renditions: dict[str, str] = {}
        for quad in quads:
            rows = self._subjects.setdefault(quad.subject, {})
            rows.setdefault(quad.predicate, []).append(quad.object)
            if quad.predicate == terms.CAPTURE_OF:
                self._captures[str(quad.object)] = quad.subject
            elif quad.predicate == terms.RENDITION_OF:
                self._renditions[str(quad.object)] = quad.subject

    def records(self) -> Iterator[Record]:
        makers: dict[str, Callable[[str], Record]] = {
            terms.AGENT: self._agent,
            terms.POPULATION: self._population,
            terms.CASE: self._case,
            terms.SOURCE: self._source,
            terms.FINDING: self._finding,
            terms.REVISION: self._revision,
        }
        for subject in sorted(self._subjects):
            for name in self._classes(subject):
                if name in makers:
                    yield makers[name](subject)

    # ------------------------------------------------------------------ records
    def _agent(self, subject: str) -> Agent:
        found = self._decoded(subject, table.AGENT)
        record = self._record(subject)
        if record["disclosure"].level is codes.DisclosureLevel.PUBLIC_PSEUDONYM:
            record["pseudonym"] = found["labels"][0].value
        kind = self._narrow(subject, codes.AgentKind)
        return Agent(kind=kind, **record, **found)

    def _population(self, subject: str) -> Population:
        return Population(**self._record(subject), **self._decoded(subject, table.POPULATION))

    def _case(self, subject: str) -> Case:
        kinds = {iri: kind for kind, iri in terms.CASE_CLASSES.items()}
        kind = next(kinds[name] for name in self._classes(subject) if name in kinds)
        return Case(
            kind=kind,
            involvements=self._involvements(subject),
            **self._record(subject),
            **self._decoded(subject, table.CASE),
        )

    def _source(self, subject: str) -> Source:
        return Source(
            uttered=self._time(self._one(subject, terms.UTTERED)),
            capture=self._capture(subject),
            **self._record(subject),
            **self._decoded(subject, table.SOURCE),
        )

    def _revision(self, subject: str) -> Revision:
        kind = self._narrow(subject, codes.RevisionKind)
        found = self._decoded(subject, table.REVISION)
        return Revision(id=_last(subject), kind=kind, where=RELEASE, **found)

    def _finding(self, subject: str) -> Finding:
        found = _grouped(self._decoded(subject, table.FINDING))
        basis = found.pop("attribution")["basis"]
        quantity = self._objects(subject, terms.QUANTITY)
        record = self._record(subject)
        del record["id"]
        return Finding(
            kind=self._narrow(subject, codes.FindingKind),
            evidence=tuple(
                self._evidence(str(iri))
                for iri in sorted(self._objects(subject, terms.EVIDENCED_BY), key=str)
            ),
            attribution=Attribution(chain=self._chain(subject), basis=basis),
            valid=self._time(self._one(subject, terms.VALID_TIME)),
            claims=tuple(
                self._claim(str(iri))
                for iri in sorted(self._objects(subject, terms.CLAIMS), key=str)
            ),
            quantity=self._quantity(str(quantity[0])) if quantity else None,
            reading=Reading(**found.pop("reading")),
            links=Links(**found.pop("links")),
            **record,
            **found,
        )

    # ------------------------------------------------------------------ parts of records
    def _record(self, subject: str) -> dict[str, Any]:
        """What an editor's record has: key, id, date, disclosure, place."""
        found = self._decoded(subject, table.RECORD)
        disclosure = Disclosure(
            level=found["disclosure.level"],
            by="",
            on=found["recorded"],
            basis=codes.ConsentBasis.NONE,
        )
        return {
            "key": self._keys.get(subject, subject),
            "id": _last(subject),
            "recorded": found["recorded"],
            "disclosure": disclosure,
            "where": RELEASE,
        }

    def _chain(self, subject: str) -> tuple[str, ...]:
        links = [str(iri) for iri in self._objects(subject, terms.ATTRIBUTION)]
        if not links:
            speaker = self._one(subject, terms.ATTRIBUTED_TO)
            return (self._keys.get(speaker, speaker),)
        ordered = sorted(links, key=lambda link: int(self._literal(link, terms.POSITION)))
        agents = [self._one(link, terms.AGENT_OF) for link in ordered]
        return tuple(self._keys.get(agent, agent) for agent in agents)

    def _evidence(self, subject: str) -> Quotation | Citation:
        if terms.QUOTATION not in self._classes(subject):
            return Citation(**self._decoded(subject, table.CITATION))
        found = self._decoded(subject, table.QUOTATION + table.PLACE)
        return Quotation(exact=self._literal(subject, terms.EXACT), **found)

    def _claim(self, subject: str) -> Claim:
        return Claim(
            kind=self._narrow(subject, codes.ClaimKind),
            involvements=self._involvements(subject),
            **self._decoded(subject, table.CLAIM),
        )

    def _involvements(self, subject: str) -> tuple[Involvement, ...]:
        nodes = [str(iri) for iri in self._objects(subject, terms.INVOLVEMENT)]
        found = [Involvement(**self._decoded(node, table.INVOLVEMENT)) for node in nodes]
        return tuple(sorted(found, key=lambda each: (each.role.value, each.who)))

    def _quantity(self, subject: str) -> Quantity:
        found = _grouped(self._decoded(subject, table.QUANTITY))
        interval = Interval(**{k: v for k, v in found.pop("interval").items() if v is not None})
        found["expression"] = found["expression"] or ""
        bounded = interval.lower is not None or interval.upper is not None
        return Quantity(interval=interval if bounded else None, **found)

    def _time(self, subject: str) -> TimeSpan:
        found = self._decoded(subject, table.TIME_SPAN)
        for words in ("expression", "edtf"):
            found[words] = found[words] or ""
        return TimeSpan(**found)

    def _capture(self, subject: str) -> Capture | None:
        capture = self._captures.get(subject)
        if capture is None:
            return None
        rendition = self._decoded(self._renditions[capture], table.RENDITION)
        return Capture(**self._decoded(capture, table.CAPTURE), **rendition)

    # ------------------------------------------------------------------ rows
    def _decoded(self, subject: str, fields: tuple[Field, ...]) -> dict[str, Any]:
        """The attributes of one node; ``None`` or ``()`` where there is no row."""
        found: dict[str, Any] = {}
        for row in fields:
            objects = self._objects(subject, row.property)
            values = [row.codec.decode(value, self._keys) for value in objects]
            if row.required and not values:
                raise FixInput(
                    f"<{subject}> has no {row.property}", hint="Build the release again."
                )
            if row.many:
                found[row.attribute] = tuple(sorted(values))
            else:
                found[row.attribute] = values[0] if values else None
        return found

    def _objects(self, subject: str, predicate: str) -> list[Object]:
        return self._subjects.get(subject, {}).get(predicate, [])

    def _one(self, subject: str, predicate: str) -> str:
        for value in self._objects(subject, predicate):
            if isinstance(value, str):
                return value
        raise FixInput(f"<{subject}> has no {predicate}", hint="Build the release again.")

    def _literal(self, subject: str, predicate: str) -> str:
        for value in self._objects(subject, predicate):
            if isinstance(value, Literal):
                return value.lexical
        raise FixInput(f"<{subject}> has no {predicate}", hint="Build the release again.")

    def _classes(self, subject: str) -> list[str]:
        return [str(name) for name in self._objects(subject, terms.RDF_TYPE)]

    def _narrow(self, subject: str, kinds: type[Any]) -> Any:  # noqa: ANN401 - the list decides
        """The narrowest class that names a member of ``kinds``."""
        present = {name.removeprefix(terms.CG) for name in self._classes(subject)}
        # An institution that is a court is both; the more special kind comes later in the list.
        members = [member for member in kinds if member.value in present]
        narrow = [m for m in members if m is not codes.AgentKind.INSTITUTION] or members
        if not narrow:
            raise FixInput(f"<{subject}> has no class", hint="Build the release again.")
        return narrow[0]


def _grouped(found: dict[str, Any]) -> dict[str, Any]:
    """Dotted attributes as dictionaries of their own."""
    result: dict[str, Any] = {}
    for name, value in found.items():
        head, _, rest = name.partition(".")
        if rest:
            result.setdefault(head, {})[rest] = value
        else:
            result[head] = value
    return result


def _last(address: str) -> str:
    return address.rpartition("/")[2]

"""Keys followed: links to nothing, links to passages with readings, circles.

Runs over the whole book once all files are read, so the order of files does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.findings.references import references
from casegraph.findings.tree import nearest, shown
from casegraph.model.terms import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casegraph.errors import Where
    from casegraph.findings.book import Book
    from casegraph.model.values import Finding, Links


_TYPE_FIELDS = ("conduct", "absence", "characterisation", "attestation", "types")
_SHOWN_KINDS = {
    "agents": "a person or institution",
    "populations": "a population",
    "sources": "a source",
    "cases": "a case",
}


def resolve(
    book: Book, violation_types: frozenset[str], lost: frozenset[str] = frozenset()
) -> tuple[Book, list[Problem]]:
    """The book with links between findings resolved, and every link to nothing.

    ``lost`` are keys of records that exist but are broken: their own problem was told.
    """
    links = _Links(book, lost)
    findings = {
        key: replace(finding, links=links.resolved(finding))
        for key, finding in book.findings.items()
    }
    resolved = replace(book, findings=findings)
    links = replace(links, book=resolved)
    links.check_references()
    problems = links.problems
    problems += _unknown_types(resolved, violation_types)
    problems += _supports_itself(resolved)
    problems += _circles(resolved)
    return resolved, problems


@dataclass(frozen=True, slots=True)
class _Links:
    """Follows keys; problems are gathered."""

    book: Book
    lost: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def resolved(self, finding: Finding) -> Links:
        """Links by passage key into links by finding key: the adopted reading, else all."""
        links = finding.links
        whole = self.follow(finding, "part-of", [links.whole]) if links.whole else ()
        origin = links.origin
        if origin is not None and origin not in self.book.sources:
            targets = self.follow(finding, "origin", [origin])
            origin = targets[0] if targets else None
        return replace(
            links,
            whole=whole[0] if whole else None,
            supports=self.follow(finding, "supports", links.supports),
            qualifies=self.follow(finding, "qualifies", links.qualifies),
            contradicts=self.follow(finding, "contradicts", links.contradicts),
            derived_from=self.follow(finding, "derived-from", links.derived_from),
            origin=origin,
        )

    def follow(self, finding: Finding, name: str, keys: Iterable[str]) -> tuple[str, ...]:
        """The findings that the field ``name`` of a finding points to."""
        found: dict[str, None] = {}
        for key in keys:
            targets = self.targets(key)
            if not targets:
                self.nothing(key, self.book.place(finding.where, name), self.finding_keys())
            elif finding.key in targets or finding.key.rpartition("/")[0] == key:
                if name != "part-of":  # told when the readings of wholes were followed
                    self.itself(key, self.book.place(finding.where, name))
            else:
                found |= dict.fromkeys(targets)
        return tuple(found)

    def targets(self, key: str) -> tuple[str, ...]:
        """The findings of a key: itself, or the adopted reading of a passage, or all."""
        findings = self.book.findings
        if key in findings:
            return (key,)
        keys = [k for k in self.book.passages.get(key, ()) if k in findings]
        adopted = [k for k in keys if findings[k].reading.status is ReadingStatus.ADOPTED]
        return tuple(adopted or keys)

    def finding_keys(self) -> list[str]:
        """Every key that a link between findings may use."""
        return [*self.book.findings, *self.book.passages]

    def nothing(self, key: str, where: Where, known: Iterable[str]) -> None:
        """Tell of a link to nothing, unless the record is there but broken."""
        if key in self.lost or key.rpartition("/")[0] in self.lost:
            return
        near = nearest(key, known)
        hint = f"Did you mean `{near}`?" if near else "Check the spelling, or add the record."
        message = f"{shown(key)} is not the key of anything here"
        self.problems.append(Problem("link-to-nothing", message, where, hint))

    def itself(self, key: str, where: Where) -> None:
        """Tell of a finding that is linked to itself."""
        message = f"{shown(key)} is linked to itself"
        self.problems.append(Problem("cycle", message, where, "Delete the link."))

    def check_references(self) -> None:
        """Every key of a record that must name something of the right kind."""
        book = self.book
        known: dict[str, Mapping[str, object]] = {
            "agents": book.agents,
            "populations": book.populations,
            "sources": book.sources,
            "cases": book.cases,
        }
        for where, reference in references(book):
            key, kinds = reference.key, reference.kinds
            if any(key in known[kind] for kind in kinds):
                continue
            place = book.place(where, *reference.fields)
            if any(key in records for records in known.values()):
                wanted = " or ".join(_SHOWN_KINDS[kind] for kind in kinds)
                message = f"{shown(key)} is not {wanted}"
                hint = "Point to a record of the right kind."
                self.problems.append(Problem("wrong-kind", message, place, hint))
            elif not (reference.or_finding and self.targets(key)):
                names = [name for kind in kinds for name in known[kind]]
                self.nothing(key, place, [*names, *reference.also])
        for revision in book.revisions:
            if revision.replacement and not self.targets(revision.replacement):
                place = book.place(revision.where, "replacement")
                self.nothing(revision.replacement, place, self.finding_keys())


def _unknown_types(book: Book, known: frozenset[str]) -> Iterator[Problem]:
    if not known:
        return
    for finding in book.findings.values():
        for claim in finding.claims:
            for name in claim.types:
                if name not in known:
                    near = nearest(name, known)
                    hint = (
                        f"Did you mean `{near}`?"
                        if near
                        else "The types are listed in the reference, under violation types."
                    )
                    place = book.place(finding.where, *_TYPE_FIELDS)
                    message = f"{shown(name)} is not a type of violation"
                    yield Problem("unknown-type", message, place, hint)


def _supports_itself(book: Book) -> Iterator[Problem]:
    """Support between outlets of one origin: a figure is not more certain for being repeated."""
    for finding in book.findings.values():
        for key in finding.links.supports:
            other = book.findings[key]
            same = _roots(finding, book) & _roots(other, book)
            if same:
                yield Problem(
                    "supports-same-origin",
                    f"'{finding.key}' supports '{key}', but both go back to {shown(min(same))}",
                    book.place(finding.where, "supports"),
                    "Write `derived-from` or `origin` instead: only another origin makes it"
                    " more credible.",
                    severity="warning",
                )


def _roots(finding: Finding, book: Book) -> set[str]:
    """The first speaker of a finding and the earliest known source of it."""
    source = book.sources.get(finding.evidence[0].source) if finding.evidence else None
    origin = finding.links.origin or (source.origin if source else None)
    return {*finding.attribution.chain[:1], *([origin] if origin else [])}


def _circles(book: Book) -> Iterator[Problem]:
    graphs: dict[str, Mapping[str, tuple[str, ...]]] = {
        "subset-of": {k: p.subset_of for k, p in book.populations.items()},
        "part-of": {k: a.part_of for k, a in book.agents.items()},
        "origin": {k: (s.origin,) if s.origin else () for k, s in book.sources.items()},
        "derived-from": {k: f.links.derived_from for k, f in book.findings.items()},
    }
    for name, graph in graphs.items():
        for key in _in_circle(graph):
            record = book.named(key) or book.findings[key]
            yield Problem(
                "cycle",
                f"'{key}' leads back to itself through `{name}`",
                book.place(record.where, name),
                f"Delete one of the `{name}` lines of the circle.",
            )


def _in_circle(graph: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One key of each circle, found without recursion (Tarjan's would be more than is needed)."""
    state: dict[str, int] = {}
    found = []
    for root in graph:
        stack = [(root, iter(graph.get(root, ())))] if root not in state else []
        if stack:
            state[root] = 1
        while stack:
            key, following = stack[-1]
            step = next(following, None)
            if step is None:
                state[key] = 2
                stack.pop()
            elif state.get(step) == 1:
                found.append(step)
            elif step not in state:
                state[step] = 1
                stack.append((step, iter(graph.get(step, ()))))
    return found

"""Keys followed: links to nothing, links to passages with readings, circles.

Runs over the whole book once all files are read, so the order of files does not matter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.findings.tree import nearest
from casegraph.model.terms import AgentKind, FindingKind, ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casegraph.errors import Where
    from casegraph.findings.book import Book
    from casegraph.model.values import Finding, Links


def resolve(book: Book, violation_types: frozenset[str]) -> tuple[Book, list[Problem]]:
    """The book with links between findings resolved, and every link to nothing."""
    problems: list[Problem] = []
    findings = {
        key: replace(finding, links=_resolved(finding, book, problems))
        for key, finding in book.findings.items()
    }
    resolved = replace(book, findings=findings)
    problems += _dangling(resolved)
    problems += _unknown_types(resolved, violation_types)
    problems += _circles(resolved)
    return resolved, problems


def _resolved(finding: Finding, book: Book, problems: list[Problem]) -> Links:
    """Links by passage key into links by finding key: the adopted reading, else all."""
    links = finding.links

    def follow(keys: Iterable[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for key in keys:
            targets = _targets(key, book)
            if not targets:
                problems.append(_link_to_nothing(key, finding.where, _finding_keys(book)))
            found |= dict.fromkeys(target for target in targets if target != finding.key)
        return tuple(found)

    whole = follow([links.whole]) if links.whole else ()
    origin = links.origin
    if origin is not None and origin not in book.sources:
        targets = follow([origin])
        origin = targets[0] if targets else None
    return replace(
        links,
        whole=whole[0] if whole else None,
        supports=follow(links.supports),
        qualifies=follow(links.qualifies),
        contradicts=follow(links.contradicts),
        derived_from=follow(links.derived_from),
        origin=origin,
    )


def _targets(key: str, book: Book) -> tuple[str, ...]:
    if key in book.findings:
        return (key,)
    keys = [k for k in book.passages.get(key, ()) if k in book.findings]
    adopted = [k for k in keys if book.findings[k].reading.status is ReadingStatus.ADOPTED]
    return tuple(adopted or keys)


def _finding_keys(book: Book) -> list[str]:
    return [*book.findings, *book.passages]


def _link_to_nothing(key: str, where: Where, known: Iterable[str]) -> Problem:
    near = nearest(key, known)
    hint = f"Did you mean `{near}`?" if near else "Check the spelling, or add the record."
    return Problem("link-to-nothing", f"'{key}' is not the key of anything here", where, hint)


def _dangling(book: Book) -> Iterator[Problem]:
    keys_of = {
        "agents": book.agents,
        "populations": book.populations,
        "sources": book.sources,
        "cases": book.cases,
    }
    anything = {**book.agents, **book.populations, **book.cases, **book.sources}
    for key, where, kinds in _references(book):
        known: Mapping[str, object] = (
            anything
            if kinds == "any"
            else {k: v for kind in kinds.split() for k, v in keys_of[kind].items()}
        )
        if key in known:
            continue
        if key in anything:
            wanted = kinds.replace(" ", " or ")
            yield Problem(
                "wrong-kind",
                f"'{key}' is not among the {wanted}",
                where,
                "Point to a record of the right kind.",
            )
        else:
            yield _link_to_nothing(key, where, known)


def _references(book: Book) -> Iterator[tuple[str, Where, str]]:
    """Every key that must name something: the key, where it stands, what it may name."""
    for finding in book.findings.values():
        yield from ((key, finding.where, kinds) for key, kinds in _finding_references(finding))
        see = finding.reading.see or finding.valid.resolution_basis
        if see and see not in book.sources and not _targets(see, book):
            yield see, finding.where, "sources"
    for agent in book.agents.values():
        yield from ((key, agent.where, "agents") for key in agent.part_of)
    for population in book.populations.values():
        yield from ((key, population.where, "populations") for key in population.subset_of)
        if population.recorded_by:
            yield population.recorded_by, population.where, "agents"
    for case in book.cases.values():
        yield from ((i.who, case.where, "agents populations") for i in case.involvements)
    for source in book.sources.values():
        yield source.publisher, source.where, "agents"
        if source.origin:
            yield source.origin, source.where, "sources"
    for revision in book.revisions:
        yield revision.by, revision.where, "agents"


def _finding_references(finding: Finding) -> Iterator[tuple[str, str]]:
    numbers = finding.kind is FindingKind.COUNT
    yield from ((evidence.source, "sources") for evidence in finding.evidence)
    yield from ((key, "agents") for key in finding.attribution.chain)
    yield from ((key, "populations" if numbers else "any") for key in finding.about)
    if finding.quantity:
        yield finding.quantity.counts, "populations"
        if finding.quantity.share_of:
            yield finding.quantity.share_of, "populations"
    if finding.attested_by:
        yield finding.attested_by, "agents"
    for claim in finding.claims:
        yield from ((i.who, "any") for i in claim.involvements)
        if claim.case:
            yield claim.case, "cases"


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
                        else ("The types are listed in the reference, under violation types.")
                    )
                    yield Problem(
                        "unknown-type", f"'{name}' is not a type of violation", finding.where, hint
                    )


def _circles(book: Book) -> Iterator[Problem]:
    graphs = {
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
                record.where,
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


def unnamed_agents(book: Book) -> frozenset[str]:
    """Keys of agents that a text leaves unnamed."""
    return frozenset(
        key for key, agent in book.agents.items() if agent.kind is AgentKind.UNIDENTIFIED
    )

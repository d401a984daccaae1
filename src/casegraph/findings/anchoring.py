"""Quotations found in the texts that are held: offsets for those that are there.

A text that is not at hand (it may not be shown, so it is not committed) is stood in for by
the places that were recorded when it was last checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.findings.marks import copyable, not_found, what_differs
from casegraph.findings.tree import shown
from casegraph.model.values import Quotation
from casegraph.sources.captures import quotation_mark
from casegraph.sources.text import Missing, Place, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from casegraph.errors import Where
    from casegraph.findings.book import Book
    from casegraph.model.values import Finding
    from casegraph.sources.captures import RecordedPlace

    Texts = Mapping[str, str]
    RecordedPlaces = Mapping[str, Mapping[str, RecordedPlace]]


def anchor(book: Book, texts: Texts, recorded_places: RecordedPlaces) -> tuple[Book, list[Problem]]:
    """The book with the offsets of its quotations, and each quotation that has no place.

    ``texts`` are the held texts by source key; ``recorded_places`` are, by source key and
    ``quotation_mark``, the places found when the text was last at hand.  A folded match
    keeps the characters of the source and gives a warning.
    """
    run = _Anchoring(book, texts, recorded_places)
    findings = {key: run.finding(finding) for key, finding in book.findings.items()}
    problems = [*run.problems, *run.unchecked()]
    return replace(book, findings=findings), list(dict.fromkeys(problems))


def quoted_share(book: Book, texts: Texts) -> dict[str, Fraction]:
    """For each held text the share of its characters that quotations reproduce.

    Call it with an anchored book.  Characters that several quotations cover count once.
    """
    spans: dict[str, set[tuple[int, int]]] = {}
    for _, quotation in _quotations(book):
        if quotation.start is not None and quotation.end is not None:
            spans.setdefault(quotation.source, set()).add((quotation.start, quotation.end))
    return {
        source: Fraction(_covered(spans.get(source, set())), len(text))
        for source, text in texts.items()
        if text
    }


def places_of(book: Book) -> dict[str, dict[str, tuple[int, int, int, int]]]:
    """By source and ``quotation_mark``: start, end, byte start, byte end of what has a place."""
    places: dict[str, dict[str, tuple[int, int, int, int]]] = {}
    for _, quotation in _quotations(book):
        numbers = (quotation.start, quotation.end, quotation.byte_start, quotation.byte_end)
        start, end, byte_start, byte_end = numbers
        if start is None or end is None or byte_start is None or byte_end is None:
            continue
        mark = quotation_mark(quotation.exact, quotation.near)
        places.setdefault(quotation.source, {})[mark] = (start, end, byte_start, byte_end)
    return places


def _quotations(book: Book) -> Iterator[tuple[Finding, Quotation]]:
    for finding in book.findings.values():
        for evidence in finding.evidence:
            if isinstance(evidence, Quotation):
                yield finding, evidence


def _covered(spans: set[tuple[int, int]]) -> int:
    covered, reached = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


@dataclass(frozen=True, slots=True)
class _Anchoring:
    """One run; ``found`` keeps what was searched, since readings share their quotation."""

    book: Book
    texts: Texts
    recorded: RecordedPlaces
    problems: list[Problem] = field(default_factory=list)
    missing: dict[str, list[Where]] = field(default_factory=dict)
    found: dict[tuple[str, str, str | None], Place | Missing] = field(default_factory=dict)

    def finding(self, finding: Finding) -> Finding:
        """The finding with its quotations at their places."""
        evidence = tuple(
            self.quotation(one, finding) if isinstance(one, Quotation) else one
            for one in finding.evidence
        )
        return replace(finding, evidence=evidence) if evidence != finding.evidence else finding

    def quotation(self, quotation: Quotation, finding: Finding) -> Quotation:
        """The quotation at its place, or as it was where it has none."""
        where = self.book.place(finding.where, "quote")
        text = self.texts.get(quotation.source)
        if text is None:
            return self._from_record(quotation, where)
        name = (quotation.source, quotation.exact, quotation.near)
        if name not in self.found:
            self.found[name] = find(text, quotation.exact, near=quotation.near)
        place = self.found[name]
        if isinstance(place, Missing):
            near = self.book.place(finding.where, "near", "quote")
            self.problems.append(_problem(place, quotation, text, (where, near)))
            return quotation
        self._look_closely(place, quotation, text, where)
        return replace(
            quotation,
            exact=place.exact,
            start=place.start,
            end=place.end,
            byte_start=place.byte_start,
            byte_end=place.byte_end,
            prefix=place.prefix,
            suffix=place.suffix,
        )

    def _from_record(self, quotation: Quotation, where: Where) -> Quotation:
        places = self.recorded.get(quotation.source, {})
        place = places.get(quotation_mark(quotation.exact, quotation.near))
        if place is None:
            if quotation.source in self.book.sources:
                self.missing.setdefault(quotation.source, []).append(where)
            return quotation
        return replace(
            quotation,
            start=place.start,
            end=place.end,
            byte_start=place.byte_start,
            byte_end=place.byte_end,
        )

    def unchecked(self) -> Iterator[Problem]:
        """A warning for each source whose quotations could not be looked for."""
        for source, places in self.missing.items():
            count = len(set(places))
            what = "1 quotation was" if count == 1 else f"{count} quotations were"
            yield Problem(
                "quote-unchecked",
                f"the text of {shown(source)} is not at hand, so {what} not checked",
                places[0],
                f"Run `casegraph source attach {source} FILE` with the text as you read it.",
                "warning",
            )

    def _look_closely(self, place: Place, quotation: Quotation, text: str, where: Where) -> None:
        if place.folded:
            line = copyable(place.exact)
            self.problems.append(
                Problem(
                    "quote-folded",
                    "the quotation differs from the source in"
                    f" {what_differs(quotation.exact, place.exact)}",
                    where,
                    "Give the source's own characters, so that it can be checked without the text"
                    + (f": {line}" if line else "."),
                    "warning",
                )
            )
        if _cuts_number(text, place):
            self.problems.append(
                Problem(
                    "quote-cuts-number",
                    f"the quotation {shown(quotation.exact)} begins or ends inside a number",
                    where,
                    "Quote the whole number: a part of it means something else.",
                )
            )


def _problem(
    missing: Missing, quotation: Quotation, text: str, places: tuple[Where, Where]
) -> Problem:
    """The problem of a quotation without a place; ``places`` are those of it and of ``near``."""
    where, near = places
    source, exact = shown(quotation.source), shown(quotation.exact)
    if missing.reason == "quote-not-found":
        told = not_found(
            text,
            quotation.exact,
            quotation.source,
            excerpt=missing.excerpt,
            hint="Copy it from the source letter by letter.",
        )
        return Problem(missing.reason, told[0], where, told[1])
    if missing.reason == "quote-ambiguous":
        return Problem(
            missing.reason,
            f"{exact} stands {missing.count} times in {source}",
            where,
            "Quote more words, or add near: with words that stand beside the right one and"
            " nowhere else.",
        )
    words = shown(quotation.near or "")
    if missing.reason == "near-not-found":
        message = f"the words of `near`, {words}, do not stand in {source}"
        return Problem(missing.reason, message, near, "Copy them from the source.")
    message = f"the words of `near`, {words}, stand {missing.count} times in {source}"
    return Problem(missing.reason, message, near, "Give words that stand there once.")


def _cuts_number(text: str, place: Place) -> bool:
    """Whether a digit of the quotation goes on outside it, past one grouping mark at most."""
    before, after = text[max(0, place.start - 2) : place.start], text[place.end : place.end + 2]
    cut_before = place.exact[0].isdigit() and (
        before[-1:].isdigit() or (before[-1:] in {",", "."} and before[:1].isdigit())
    )
    cut_after = place.exact[-1].isdigit() and (
        after[:1].isdigit() or (after[:1] in {",", "."} and after[1:].isdigit())
    )
    return cut_before or cut_after

"""Findings that were decided public and yet stay inside, each with the reason.

The strictest level among everything a finding involves wins (rule P3 of the projection).
An editor should hear of it while writing, not wonder afterwards where a finding went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.release.projection import is_public, references

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from casegraph.findings.book import Book
    from casegraph.model.values import Finding
    from casegraph.release.projection import Projection


def held_back(book: Book, projection: Projection, on: date) -> Iterator[Problem]:
    """Information about each finding that its own decision would let out, and others keep in.

    Never part of a release or of its report: it names what is restricted.
    """
    for key, finding in book.findings.items():
        wanted = finding.recorded <= on and is_public(finding.disclosure, on)
        if wanted and key not in projection.findings:
            yield Problem(
                "held-back",
                f"'{key}' is decided public but stays inside: {_reason(finding, book, on)}",
                finding.where,
                "That is as it should be unless you meant to publish both.",
                severity="info",
            )


def _reason(finding: Finding, book: Book, on: date) -> str:
    for key in sorted(references(finding)):
        record = book.named(key)
        if record is not None and not is_public(record.disclosure, on):
            return f"'{key}' is {record.disclosure.level.value}"
        if record is not None and record.recorded > on:
            return f"'{key}' is recorded on {record.recorded}"
    return "something it rests on, or is a part or a reading of, stays inside"

"""Quotations that a release would call checked although nobody found them as they are written.

A capture record keeps the place of each quotation under a hash of the source's own words.  An
entry whose words differ from these in spaces, quotation marks or dashes is found only while
the text is at hand; without it the words of the entry would be published, under another
address, as if they were the source's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from casegraph.errors import Problem
from casegraph.findings.tree import shown
from casegraph.model.values import Quotation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casegraph.findings.book import Book
    from casegraph.release.projection import Projection


def unplaced_problems(book: Book, projection: Projection) -> Iterator[Problem]:
    """One problem for each public quotation without a place in a text that was checked."""
    told: set[Quotation] = set()
    for finding in projection.findings.values():
        for quotation in finding.evidence:
            if not isinstance(quotation, Quotation) or quotation.start is not None:
                continue
            checked = book.sources[quotation.source].checked
            if checked is None or quotation in told:
                continue
            told.add(quotation)
            yield Problem(
                "quote-without-place",
                f"the quotation {shown(quotation.exact)} is not among those that were found in"
                f" {shown(quotation.source)} on {checked}, and the text is not at hand",
                book.place(finding.where, "quote"),
                f"Bring the text back with `casegraph source attach {quotation.source} FILE`,"
                " run `casegraph check`, and copy the words of the source that it shows into the"
                " entry.",
            )

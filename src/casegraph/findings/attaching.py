"""A text taken in for a source, and its quotations looked for in it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from casegraph.errors import NotFound
from casegraph.findings.anchoring import anchor, places_of, quoted_share
from casegraph.findings.tree import nearest, shown
from casegraph.model.values import Quotation
from casegraph.sources import captures
from casegraph.sources.captures import RecordedPlace
from casegraph.sources.text import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction
    from pathlib import Path

    from casegraph.errors import Problem
    from casegraph.findings.book import Book
    from casegraph.model.values import Source
    from casegraph.sources.captures import CaptureRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What came of it: the record, quotations found and not found, the share quoted."""

    path: Path
    record: CaptureRecord
    found: int
    share: Fraction | None
    problems: tuple[Problem, ...]


def source_of(book: Book, key: str) -> Source:
    """The source of this key; raises ``NotFound`` naming the nearest."""
    if key in book.sources:
        return book.sources[key]
    near = nearest(key, book.sources)
    known = ", ".join(list(book.sources)[:10]) or "none yet"
    raise NotFound(
        f"there is no source {shown(key)}",
        hint=f"Did you mean `{near}`?"
        if near
        else f"Sources here: {known}. Add it to a file in sources/ first.",
    )


def attach_text(
    root: Path,
    book: Book,
    known: Mapping[str, CaptureRecord],
    key: str,
    file: Path | None,
    *,
    on: date,
) -> Attached:
    """Take ``file`` in as the text of a source and record where its quotations stand.

    Without a file the text that is held is looked through again.  The day is recorded as
    the day of checking only where every quotation was found.  Raises what
    ``captures.attach`` raises.
    """
    source = source_of(book, key)
    path = captures.text_path(root, source)
    if file is None and not path.is_file():
        raise NotFound(
            f"no text of {shown(key)} is held",
            hint=f"Name the file: casegraph source attach {key} FILE",
        )
    record = captures.attach(
        root, source, file or path, captured=on, known=known.get(key), shown=str(file or path)
    )
    text = decode(path.read_bytes(), path=path.name)
    anchored, problems = anchor(_about(book, key), {key: text}, {})
    places = {
        mark: RecordedPlace(*numbers) for mark, numbers in places_of(anchored).get(key, {}).items()
    }
    whole = not any(problem.severity == "error" for problem in problems)
    record = replace(record, places=places, checked=on if whole else record.checked)
    captures.write_capture(root, key, record)
    return Attached(
        path=path,
        record=record,
        found=len(places),
        share=quoted_share(anchored, {key: text}).get(key),
        problems=tuple(problems),
    )


def _about(book: Book, key: str) -> Book:
    """The book with the findings that rest on one source."""
    findings = {
        name: finding
        for name, finding in book.findings.items()
        if any(isinstance(e, Quotation) and e.source == key for e in finding.evidence)
    }
    return replace(book, findings=findings)

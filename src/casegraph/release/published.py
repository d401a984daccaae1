"""From a key of the workspace to the address under which a finding was published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from casegraph.errors import NotFound
from casegraph.graph.addresses import minting_context
from casegraph.release.delta import dataset_lines
from casegraph.release.projection import project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from casegraph.findings.book import Book
    from casegraph.release.inputs import Shelf

_IDENTIFIER: Final = re.compile(r"[0-9a-z]{26}\Z")
_FINDING: Final = re.compile(rb"<[^>]*/id/finding/([0-9a-z]{26})> ")


def published_id(  # noqa: PLR0913 - what an address is made from
    shelf: Shelf,
    book: Book,
    finding: str,
    *,
    base_iri: str,
    salt: bytes,
    organisation: str,
    on: date,
) -> str:
    """The opaque id of a finding of the current release, given by that id or by its key.

    A key leads to what the finding says now; where that is no longer what was published,
    the id is needed.  Raises ``NotFound`` for a finding that is not published.
    """
    ids = _published(shelf)
    if finding in ids:
        return finding
    if _IDENTIFIER.match(finding):
        raise NotFound(
            f"the current release has no finding {finding}",
            hint="Only what is published needs a revision; drafts change freely.",
        )
    keys = dict.fromkeys((finding, *book.passages.get(finding, ())))
    named = [key for key in keys if key in book.findings]
    if not named:
        raise NotFound(f"there is no finding '{finding}'", hint="Give its key, or its id.")
    addresses = _addresses(
        book, published=ids, base_iri=base_iri, salt=salt, organisation=organisation, on=on
    )
    found = [addresses[key] for key in named if addresses.get(key) in ids]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            f"'{finding}' stands for {len(found)} published findings",
            hint=f"Name one of: {', '.join(key for key in named if key in addresses)}.",
        )
    raise NotFound(
        f"'{finding}' is not published as it stands now",
        hint="Drafts change freely. If it was published and changed since, `casegraph build`"
        " names the id to revise.",
    )


def _addresses(
    book: Book,
    *,
    published: frozenset[str],
    base_iri: str,
    salt: bytes,
    organisation: str,
    on: date,
) -> Mapping[str, str]:
    """The ids of all findings that may be public as they stand, by key."""
    projection = project(book, on=on, salt=salt, organisation=organisation, published=published)
    context = minting_context(
        base_iri=base_iri,
        salt=salt,
        agents=projection.agents.values(),
        populations=projection.populations.values(),
        cases=projection.cases.values(),
        sources=projection.sources.values(),
        findings=projection.findings.values(),
        recorded={},
    )
    return context.findings


def _published(shelf: Shelf) -> frozenset[str]:
    current = shelf.current_directory()
    if current is None:
        return frozenset()
    matches = (_FINDING.match(line) for line in dataset_lines(current))
    return frozenset(match[1].decode() for match in matches if match)

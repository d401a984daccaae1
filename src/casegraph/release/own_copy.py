"""Look for the words that a release quotes in a reader's own copy of the source.

The text of a source is often not ours to publish.  Whoever has it can still check every
quotation: the words must stand in the copy, character for character or under the declared
fold of ``sources.text``; never approximately.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casegraph.errors import NotFound, Problem, Where
from casegraph.graph import terms
from casegraph.release.falling import asserted
from casegraph.release.tables import Subject, subjects
from casegraph.sources.text import Place, decode, find, fold

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCopy:
    """The result for one source: its title, how many quotations were found, what is missing.

    ``same_file`` tells whether the copy is byte for byte the file that was captured; ``None``
    where the release does not say (the text is not public).
    """

    source: str
    title: str
    found: int
    problems: tuple[Problem, ...]
    same_file: bool | None

    @property
    def ok(self) -> bool:
        """Every quotation of the source stands in the copy."""
        return not self.problems


def check_own_copy(directory: Path, copy: Path) -> OwnCopy:
    """Look for the quotations of a release in a text file.

    The source is the one most of whose quotations stand in the file.  Raises ``NotFound``
    where the file holds none of any source, ``FixInput`` where it is not UTF-8.
    """
    data = copy.read_bytes()
    text = decode(data, path=copy.name)
    sources, quotations, hashes = _sources(directory)
    results = [
        _result(source, quotations.get(source.iri, []), text, copy.name)
        for source in sources
        if quotations.get(source.iri)
    ]
    best = max(results, key=lambda result: result.found, default=None)
    if best is None or best.found == 0:
        raise NotFound(
            f"{copy.name} holds no quotation of any source of this release",
            hint="Give the plain text of a source, saved as UTF-8.",
        )
    digest = hashes.get(best.source)
    same = None if digest is None else digest == hashlib.sha256(data).hexdigest()
    return OwnCopy(
        source=best.source, title=best.title, found=best.found, problems=best.problems,
        same_file=same,
    )  # fmt: skip


def _sources(directory: Path) -> tuple[list[Subject], dict[str, list[Subject]], dict[str, str]]:
    """The sources, their quotations, and the published hashes of their files."""
    sources: list[Subject] = []
    quotations: dict[str, list[Subject]] = {}
    hashes: dict[str, str] = {}
    for subject in subjects(asserted(directory)):
        if subject.is_a(terms.SOURCE):
            sources.append(subject)
        elif subject.is_a(terms.QUOTATION):
            quotations.setdefault(subject.one(terms.FROM_SOURCE), []).append(subject)
        elif subject.is_a(terms.CAPTURE):
            hashes[subject.one(terms.CAPTURE_OF)] = subject.one(terms.SHA256)
    return sources, quotations, hashes


def _result(source: Subject, quotations: list[Subject], text: str, name: str) -> OwnCopy:
    missing = []
    for quotation in quotations:
        exact = quotation.english(terms.EXACT)
        # Near words are not published, so a quotation may stand in the copy more than once.
        if not isinstance(find(text, exact), Place) and fold(exact)[0] not in fold(text)[0]:
            missing.append(
                Problem(
                    "quote-not-found",
                    f"“{exact}” does not stand in the copy",
                    Where(name),
                    f"It is quoted as {quotation.iri}",
                )
            )
    return OwnCopy(
        source=source.iri,
        title=source.english(terms.RDFS_LABEL),
        found=len(quotations) - len(missing),
        problems=tuple(missing),
        same_file=None,
    )

"""Protected names looked for in every public text, in all scripts and forms, before a build.

A word of a public text that may be a form of a protected name stops the build at the line
of the record that holds it.  Words that public people are called by, too, raise no alarm;
other false alarms are released one by one, with a reason, in ``released-names.yaml``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from casegraph.errors import Problem, Where
from casegraph.model.fold import fold_word, folds, may_be_form, words
from casegraph.model.terms import AgentKind, DisclosureLevel
from casegraph.model.values import Disclosure, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from casegraph.model.values import Agent
    from casegraph.release.projection import Projection

_UNSPOKEN: Final = frozenset({"key", "id", "where", "near", "prefix", "suffix"})
"""Fields that no release carries, or that hold no words."""


_SOFT_HYPHEN: Final = "\u00ad"
_HYPHENS: Final = ("-", "\u2010", _SOFT_HYPHEN)
_START: Final = 2
"""Letters by which names are filed: no form of a name changes the first two."""


@dataclass(frozen=True, slots=True)
class ProtectedNames:
    """Words of protected names, filed under the first letters of their fold."""

    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, protected: Iterable[Agent], public: Iterable[Agent]) -> ProtectedNames:
        """The names of the protected people, without words that public people share.

        A pseudonym is no name of its owner: what it shares with a protected one is told.
        """
        shown = (
            agent for agent in public
            if agent.kind is AgentKind.PERSON
            and agent.disclosure.level is not DisclosureLevel.PUBLIC_PSEUDONYM
        )  # fmt: skip
        return cls.of_texts(
            (text for agent in protected for text in _names(agent)),
            (text for agent in shown for text in _names(agent)),
        )

    @classmethod
    def of_texts(cls, protected: Iterable[str], public: Iterable[str]) -> ProtectedNames:
        """The same from the names as texts."""
        shared = {fold_word(word) for text in public for _, word in words(text)}
        filed: dict[str, dict[str, str]] = {}
        for text in protected:
            for _, word in words(text):
                if fold_word(word) in shared:
                    continue
                for folded in folds(word):
                    if len(folded) >= _START:
                        filed.setdefault(folded[:_START], {}).setdefault(folded, word)
        return cls({start: frozenset(group.values()) for start, group in filed.items()})

    def hits(self, text: str) -> Iterator[tuple[int, str]]:
        """Offset and word of every possible form of a protected name.

        Percent-encoded addresses are read as a browser shows them.
        """
        for offset, word in words(unquote(text) if "%" in text else text):
            starts = {folded[:_START] for folded in folds(word)}
            names = (name for start in starts for name in self.words.get(start, ()))
            if any(may_be_form(word, name) for name in names):
                yield offset, word


def scan(
    projection: Projection,
    protected: ProtectedNames,
    *,
    released: Mapping[str, str],
    files: Mapping[str, str],
    texts: Mapping[str, str],
) -> list[Problem]:
    """A problem for every public text that may hold a protected name.

    ``files`` are further public texts by file name (example queries), ``texts`` the texts of
    sources that are shown in full, by a file name that is not published.  The message does not
    repeat whose name it is: reports are shown and copied.
    """
    allowed = {fold_word(word) for word in released}
    problems = []
    for where, text in _texts(projection, files, texts):
        for _, word in protected.hits(text):
            if fold_word(word) not in allowed:
                problems.append(
                    Problem(
                        "protected-name",
                        f"'{word}' may be a form of a protected name, in a public record",
                        where,
                        "Reword it or restrict the record. If it is a false alarm, add the"
                        " word to released-names.yaml with the reason.",
                    )
                )
    return list(dict.fromkeys(problems))


def _names(agent: Agent) -> Iterator[str]:
    for text in (*agent.labels, *agent.names):
        yield text.value


def lines_as_read(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, by number, with whole words where the writing breaks them up.

    Soft hyphens, stress marks and other loose accents are left out, and a word parted at the
    end of a line comes once more in one piece.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        yield number, _unbroken(line)
        if number < len(lines) and line.rstrip().endswith(_HYPHENS):
            yield number, _unbroken(line.rstrip()[:-1] + lines[number].lstrip())


def _unbroken(line: str) -> str:
    composed = unicodedata.normalize("NFC", line)
    return "".join(c for c in composed if c != _SOFT_HYPHEN and not unicodedata.combining(c))


def _texts(
    projection: Projection, files: Mapping[str, str], texts: Mapping[str, str]
) -> Iterator[tuple[Where, str]]:
    for record in projection.records():
        for text in _strings(record):
            yield record.where, text
    for name in files:
        yield Where(name), name
    for name, text in (*files.items(), *texts.items()):
        for number, line in lines_as_read(text):
            yield Where(name, None if name == "casegraph.toml" else number), line


def _strings(value: object) -> Iterator[str]:
    """Every text inside a value that a release would carry."""
    if isinstance(value, StrEnum):
        return  # a code of ours, which no editor wrote
    if isinstance(value, str):
        yield value
    elif isinstance(value, Text):
        yield value.value
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(item)
    elif is_dataclass(value) and not isinstance(value, Disclosure):
        for field in fields(value):
            if field.name not in _UNSPOKEN:
                yield from _strings(getattr(value, field.name))

"""Protected names looked for in every public text, in all scripts and forms, before a build.

A word of a public text that may be a form of a protected person's name stops the build at the
line of the record that holds it, and so does the whole name of a protected group or
institution.  What somebody public is called by, too, raises no alarm; other false alarms are
released one by one, with a reason, in ``released-names.yaml``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from casegraph.errors import Problem, Where
from casegraph.model.fold import fold_word, folds, may_be_form, words
from casegraph.model.terms import AgentKind, DisclosureLevel
from casegraph.model.values import Disclosure, Text
from casegraph.release.whole_names import Token, WholeNames, folded_words, tokens

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
    """Words of people's names, filed under the first letters of their fold, and whole names.

    ``wholes`` are the names of groups and institutions.
    """

    words: Mapping[str, frozenset[str]]
    wholes: WholeNames = field(default_factory=WholeNames)

    @classmethod
    def of(cls, protected: Iterable[Agent], public: Iterable[Agent]) -> ProtectedNames:
        """The names of those who are protected, without what somebody public is called, too.

        A pseudonym is no name of its owner: what it shares with a protected one is told.
        Somebody whom a source leaves unnamed has a description and no name.
        """
        inside = [agent for agent in protected if agent.kind is not AgentKind.UNIDENTIFIED]
        shown = [
            agent for agent in public
            if agent.disclosure.level is not DisclosureLevel.PUBLIC_PSEUDONYM
        ]  # fmt: skip
        return cls.of_texts(
            _names(inside, people=True),
            _names(shown, people=True),
            wholes=_names(inside, people=False),
            shown_wholes=_names(shown, people=False),
        )

    @classmethod
    def of_texts(
        cls,
        protected: Iterable[str],
        public: Iterable[str],
        *,
        wholes: Iterable[str] = (),
        shown_wholes: Iterable[str] = (),
    ) -> ProtectedNames:
        """The same from names as texts: of people, and whole names of groups and institutions."""
        shared = {fold_word(word) for text in public for _, word in words(text)}
        filed: dict[str, dict[str, str]] = {}
        for text in protected:
            for _, word in words(text):
                if fold_word(word) in shared:
                    continue
                for folded in folds(word):
                    if len(folded) >= _START:
                        filed.setdefault(folded[:_START], {}).setdefault(folded, word)
        return cls(
            {start: frozenset(group.values()) for start, group in filed.items()},
            WholeNames.of_texts(wholes, shown_wholes),
        )

    def hits(self, text: str) -> Iterator[tuple[int, str]]:
        """Offset and words of every possible form of a protected name.

        Percent-encoded addresses are read as a browser shows them.
        """
        plain = unquote(text) if "%" in text else text
        yield from self._word_hits(plain)
        if self.wholes.filed:
            yield from self.wholes.hits(tokens(plain))

    def hits_by_line(self, text: str) -> Iterator[tuple[int, str]]:
        """The same in a long text, with the number of the line instead of the offset."""
        for number, line in lines_as_read(text):
            for _, word in self._word_hits(unquote(line) if "%" in line else line):
                yield number, word
        readings = _readings(text) if self.wholes.filed else ()
        yield from dict.fromkeys(hit for read in readings for hit in self.wholes.hits(read))

    def _word_hits(self, text: str) -> Iterator[tuple[int, str]]:
        for offset, word in words(text):
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
    allowed = {folded_words(word) for word in released}
    problems = []
    for where, word in _hits(protected, projection, files, texts):
        if folded_words(word) not in allowed:
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


def _names(agents: Iterable[Agent], *, people: bool) -> Iterator[str]:
    for agent in agents:
        if (agent.kind is AgentKind.PERSON) is people:
            yield from (text.value for text in (*agent.labels, *agent.names))


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


def _readings(text: str) -> Iterator[list[Token]]:
    """The words of a text by line, and once more with those joined that a line end parts."""
    lines = text.split("\n")
    plain = [tokens(_unbroken(line)) for line in lines]
    numbered = [
        [Token(number, token.word) for token in line] for number, line in enumerate(plain, 1)
    ]
    yield [token for line in numbered for token in line]
    joined: list[Token] = []
    parted = False
    for raw, line in zip(lines, numbered, strict=True):
        rest = line
        if parted and joined and line:
            joined[-1] = Token(joined[-1].place, joined[-1].word + line[0].word)
            rest = line[1:]
        joined += rest
        parted = raw.rstrip().endswith(_HYPHENS)
    if any(line.rstrip().endswith(_HYPHENS) for line in lines):
        yield joined


def _hits(
    protected: ProtectedNames,
    projection: Projection,
    files: Mapping[str, str],
    texts: Mapping[str, str],
) -> Iterator[tuple[Where, str]]:
    for record in projection.records():
        for text in _strings(record):
            yield from ((record.where, word) for _, word in protected.hits(text))
    for name in files:
        yield from ((Where(name), word) for _, word in protected.hits(name))
    for name, text in (*files.items(), *texts.items()):
        for number, word in protected.hits_by_line(text):
            yield Where(name, None if name == "casegraph.toml" else number), word


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

"""Names of groups and institutions, which give nobody away word by word.

Such a name is made of ordinary words (``Colony No. 4``, ``Mothers of the Harbour``), so only
the whole of it counts: its words and numbers one after another, each in any of its forms,
whatever marks and line ends stand between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from casegraph.model.fold import fold_word, folds, forms, may_be_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*|\d+")
_START: Final = 2
"""Letters by which names are filed: no form of a name changes the first two."""
_ARTICLES: Final = frozenset({"a", "an", "the"})

Words = tuple[str, ...]


class Token(NamedTuple):
    """A word or number of a text, and its place there: an offset or the number of a line."""

    place: int
    word: str


def tokens(text: str) -> list[Token]:
    """The words and numbers of a text with their offsets; hyphens part words."""
    return [Token(match.start(), match[0]) for match in _TOKEN.finditer(text)]


def folded_words(text: str) -> Words:
    """A whole name as it is compared with another."""
    return tuple(map(_folded, _words(text)))


@dataclass(frozen=True, slots=True)
class WholeNames:
    """Protected names by the beginning of their first word, and longer public names.

    ``around`` holds the public names that contain a protected one: within them it is no alarm.
    """

    filed: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    around: tuple[Words, ...] = ()

    @classmethod
    def of_texts(cls, protected: Iterable[str], public: Iterable[str]) -> WholeNames:
        """From the names as texts, without those that somebody public has as well."""
        shown = {folded_words(text): _words(text) for text in public}
        names = {folded_words(text): _words(text) for text in protected}
        kept = {
            words for folded, words in names.items()
            if folded not in shown and any(not word.isdigit() for word in words)
        }  # fmt: skip
        filed: dict[str, list[Words]] = {}
        for words in sorted(kept):
            for start in _starts(words[0]):
                filed.setdefault(start, []).append(words)
        around = sorted(
            public for public in shown.values()
            if any(len(public) > len(name) and _within(name, public) for name in kept)
        )  # fmt: skip
        return cls({start: tuple(found) for start, found in filed.items()}, tuple(around))

    def hits(self, text: Sequence[Token]) -> Iterator[Token]:
        """Each place where a protected name may stand, with the words as they are there."""
        for index, token in enumerate(text if self.filed else ()):
            names = (name for start in _starts(token.word) for name in self.filed.get(start, ()))
            for name in names:
                if _stands(name, text, index) and not self._inside(text, index, len(name)):
                    words = " ".join(one.word for one in text[index : index + len(name)])
                    yield Token(token.place, words)
                    break

    def _inside(self, text: Sequence[Token], index: int, length: int) -> bool:
        """Whether the words there are part of a longer name that is public."""
        return any(
            _stands(name, text, begin)
            for name in self.around
            for begin in range(max(0, index + length - len(name)), index + 1)
        )


def _words(text: str) -> Words:
    found = tuple(token.word for token in tokens(text))
    return found[1:] if len(found) > 1 and found[0].casefold() in _ARTICLES else found


def _folded(word: str) -> str:
    return word if word.isdigit() else fold_word(word)


def _starts(word: str) -> set[str]:
    return {word} if word.isdigit() else {folded[:_START] for folded in folds(word)}


def _stands(name: Words, text: Sequence[Token], index: int) -> bool:
    found = [token.word for token in text[index : index + len(name)]]
    if len(found) != len(name):
        return False
    if len(name) == 1:
        return may_be_form(found[0], name[0])
    return all(map(_may_be, found, name))


def _may_be(word: str, name: str) -> bool:
    """As for a name of one word, but short words need no capital letter."""
    if word.isdigit() or name.isdigit():
        return word == name
    spelt = folds(word)
    return any(
        forms(one).fullmatch(other) or one == other for one in folds(name) for other in spelt
    )


def _within(name: Words, longer: Words) -> bool:
    text = [Token(0, word) for word in longer]
    return any(_stands(name, text, index) for index in range(len(longer)))

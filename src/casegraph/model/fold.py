"""One spelling for names that are written in several scripts, so that they can be compared.

The fold is deliberately coarse: Belarusian, Russian and Ukrainian Cyrillic, the Belarusian
Latin script and the usual transliterations of one name fall together (``Бяляцкі``,
``Bialacki``, ``Bialiatski``).  It proposes and warns; it never decides who somebody is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CYRILLIC = {
    "а": "a",
    "б": "b",
    "в": "v",
    "г": "h",
    "ґ": "h",
    "д": "d",
    "е": "e",
    "ё": "e",
    "є": "e",
    "ж": "z",
    "з": "z",
    "и": "i",
    "і": "i",
    "ї": "i",
    "й": "i",
    "к": "k",
    "л": "l",
    "м": "m",
    "н": "n",
    "о": "o",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "u",
    "ў": "v",
    "ф": "f",
    "х": "h",
    "ц": "c",
    "ч": "c",
    "ш": "s",
    "щ": "s",
    "ъ": "",
    "ы": "i",
    "ь": "",
    "э": "e",
    "ю": "iu",
    "я": "ia",
    "’": "",
    "ʼ": "",
    "'": "",
    "`": "",
}
_LATIN = (
    ("shch", "s"), ("sch", "s"), ("tch", "c"), ("tsch", "c"),
    ("kh", "h"), ("ch", "c"), ("sh", "s"), ("zh", "z"), ("ts", "c"), ("tz", "c"),
    ("x", "ks"), ("w", "v"), ("g", "h"), ("y", "i"), ("j", "i"), ("q", "k"), ("ph", "f"),
)  # fmt: skip
_DOUBLE = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"i(?=[aeou])")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*")

MIN_STEM = 4
_ENDING = 2


@lru_cache(maxsize=65536)
def fold_word(word: str) -> str:
    """The coarse Latin form of one word: ``Бяляцкі`` and ``Bialiatski`` give ``belecki``."""
    lowered = unicodedata.normalize("NFC", word).casefold()
    latin = "".join(_CYRILLIC.get(character, character) for character in lowered)
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", latin.replace("ł", "l"))
        if character.isalpha() and not unicodedata.combining(character)
    )
    for written, folded in _LATIN:
        plain = plain.replace(written, folded)
    softened = _VOWELS.sub("", plain).replace("a", "e")
    return _DOUBLE.sub(r"\1", softened)


def words(text: str) -> list[tuple[int, str]]:
    """The words of a text with their offsets; a hyphenated name is also its parts."""
    found = []
    for match in _LETTERS.finditer(text):
        found.append((match.start(), match[0]))
        parts = match[0].split("-")
        if len(parts) > 1:
            found.extend((match.start(), part) for part in parts)
    return found


def stem(word: str) -> str:
    """The fold without the ending that a case puts there, but never under four letters."""
    folded = fold_word(word)
    return folded[: max(MIN_STEM, len(folded) - _ENDING)]


def same_stem(word: str, other_stem: str) -> bool:
    """Whether a word may be a form of the name that ``other_stem`` was taken from."""
    folded = fold_word(word)
    return folded.startswith(other_stem) and len(folded) <= len(other_stem) + 2 * _ENDING + 1

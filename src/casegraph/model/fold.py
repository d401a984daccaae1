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
_SHORT_U = re.compile(r"(?<=[eio])u(?=[^eiou]|$)")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*")

MIN_STEM = 4
_SHORTEST_BODY = 2
_ENDINGS = (
    "|e|i|o|u|em|eh|emi|im|ih|imi|om|ei|oi|ou|eu|iu|oiu|eiu|ie|oe|ee|ue|ov|ev|ovi|evi|ovu"
    "|eho|ehe|oho|emu|omu|s|es|is|in|ine|ini|inu|inoi|inei"
)
"""What the cases of nouns and adjectives, the possessive and the plural leave after the fold."""
_SOFTENED = {"k": "c", "h": "[zs]", "t": "c", "d": "dz"}
"""Consonants as they become before an ending in e or i (``Марта``, ``Марце``)."""
_SOFT_ENDINGS = "e|i|ei|iu"
_FLEETING = re.compile(r"(.+)[eo]([^eiou])$")


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
    softened = _SHORT_U.sub("v", _VOWELS.sub("", plain).replace("a", "e"))
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


def folds(word: str) -> tuple[str, ...]:
    """The fold, and a second one where the Belarusian Latin script may mean another sound.

    There ``ch`` is the sound that others write ``kh``.
    """
    spelt = unicodedata.normalize("NFC", word).casefold()
    other = (fold_word(spelt.replace("ch", "kh")),) if "ch" in spelt else ()
    return tuple(dict.fromkeys((fold_word(word), *other)))


@lru_cache(maxsize=65536)
def forms(folded: str) -> re.Pattern[str]:
    """A pattern for the folds of all forms that a name with this fold may take in a text.

    It knows the endings of Belarusian, Russian and English, consonants that change before
    them (``Зварутка``, ``Зварутцы``) and vowels that vanish (``Павел``, ``Паўла``).
    """
    body = folded.rstrip("eiou")
    if len(body) < _SHORTEST_BODY:
        body = folded
    ends = _ENDINGS if body == folded or len(body) >= MIN_STEM else _ENDINGS.removeprefix("|")
    shapes = [f"{body}(?:{ends})"]
    if body[-1:] in _SOFTENED:
        shapes.append(f"{body[:-1]}{_SOFTENED[body[-1]]}(?:{_SOFT_ENDINGS})")
    fleeting = _FLEETING.match(body) if len(body) > MIN_STEM else None
    if fleeting:
        before = f"{fleeting[1][:-1]}[vu]" if fleeting[1][-1] == "v" else fleeting[1]
        shapes.append(f"{before}{fleeting[2]}(?:{_ENDINGS})")
    return re.compile("|".join(shapes))


def may_be_form(word: str, name: str) -> bool:
    """Whether a word of a text may be a form of one word of a name.

    Names of up to three letters are looked for only where the word has a capital letter:
    too many short words are spelt like them.
    """
    if len(fold_word(name)) < MIN_STEM and not word[:1].isupper():
        return False
    return any(forms(one).fullmatch(other) for one in folds(name) for other in folds(word))

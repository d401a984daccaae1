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
_ENDINGS = (
    "|e|i|o|u|em|eh|emi|im|ih|imi|om|ei|oi|ou|eu|iu|oiu|eiu|ie|oe|ee|ue|ov|ev|ovi|evi|ovu"
    "|eho|oho|emu|omu|s|es|is|in|ine|ini|inu|inoi|inei"
)
"""What the cases of nouns and adjectives, the possessive and the plural leave after the fold."""
_SOFTENED = {"k": "[kc]", "h": "[hzs]", "t": "[tc]", "d": "d[z]?", "r": "r[i]?", "v": "[vu]?"}
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


@lru_cache(maxsize=65536)
def forms(word: str) -> re.Pattern[str]:
    """A pattern for the folds of all forms that a name may take in a text.

    It knows the endings of Belarusian, Russian and English, consonants that change before
    them (``Зварутка``, ``Зварутцы``) and vowels that vanish (``Павел``, ``Паўла``).
    """
    folded = fold_word(word)
    body = folded.rstrip("eiou") if len(folded) > MIN_STEM else folded
    body = body if len(body) >= MIN_STEM - 1 else folded
    shapes = {re.escape(body[:-1]) + _SOFTENED.get(body[-1:], re.escape(body[-1:]))}
    fleeting = _FLEETING.match(body)
    if fleeting and len(body) > MIN_STEM:
        before, last = fleeting[1], _SOFTENED.get(fleeting[2], re.escape(fleeting[2]))
        shapes.add(f"{re.escape(before[:-1])}{_SOFTENED.get(before[-1], re.escape(before[-1]))}{last}")
    return re.compile(f"(?:{'|'.join(sorted(shapes))})(?:{_ENDINGS})")


def may_be_form(word: str, name: str) -> bool:
    """Whether a word of a text may be a form of one word of a name.

    Names of up to three letters are looked for only where the word has a capital letter:
    too many short words are spelt like them.
    """
    folded = fold_word(word)
    if len(fold_word(name)) < MIN_STEM and not word[:1].isupper():
        return False
    return forms(name).fullmatch(folded) is not None

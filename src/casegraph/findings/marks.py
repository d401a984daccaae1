"""What people are told of words that differ from a source only in marks nobody sees well."""

from __future__ import annotations

from collections import Counter
from typing import Final

from casegraph.findings.tree import shown
from casegraph.sources.text import differing_only_in_marks

MAX_COPIED: Final = 400
_KINDS: Final = (
    ("no-break spaces", "\u00a0\u202f\u2007\u2009"),
    ("line breaks", "\n\r\u2028\u2029"),
    ("spaces", " \t"),
    ("quotation marks", '"“”„‟«»″'),
    ("apostrophes or single quotation marks", "'‘’‚‛′ʼ`´"),
    ("dashes or hyphens", "-‐‑‒–—―−"),
    ("soft hyphens", "\u00ad"),
    ("ellipses", "…."),
    ("invisible characters", "\u200b\u200c\u200d\u2060\ufeff"),
)


def what_differs(one: str, other: str) -> str:
    """The kinds of characters of which two wordings have not the same, in words."""
    first, second = Counter(one), Counter(other)
    odd = {*(first - second), *(second - first)}
    kinds = [name for name, characters in _KINDS if odd.intersection(characters)]
    if {"no-break spaces", "line breaks"}.intersection(kinds):
        kinds = [name for name in kinds if name != "spaces"]
    if odd - set("".join(characters for _, characters in _KINDS)):
        kinds.append("accents that are composed otherwise")
    if not kinds:
        return "the order of its marks"
    return "its " + (" and ".join([", ".join(kinds[:-1]), kinds[-1]]) if kinds[1:] else kinds[0])


def copyable(words: str) -> str | None:
    """Words as a line ``quote: "…"`` to copy; what is invisible is written as an escape.

    ``None`` where they are too long to be shown.
    """
    if len(words) > MAX_COPIED:
        return None
    plain = words.replace("\\", "\\\\").replace('"', '\\"')
    seen = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in plain
    )
    return f'quote: "{seen}"'


def not_found(
    text: str, words: str, source: str, *, excerpt: str | None, hint: str
) -> tuple[str, str]:
    """Message and hint for words that are not in the text of a source.

    ``excerpt`` is their longest beginning that is; ``hint`` stands where nothing is known.
    """
    message = f"{shown(words)} does not stand in {shown(source)}"
    exact = differing_only_in_marks(text, words)
    line = copyable(exact) if exact else None
    if exact and line:
        differs = what_differs(words, exact)
        return f"{message}: it differs in {differs}", f"Copy the source's own words: {line}"
    if excerpt:
        hint = f"The source has its beginning, {shown(excerpt)}; compare what follows."
    return message, hint

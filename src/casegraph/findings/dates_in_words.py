"""Dates in quoted words, in English, Belarusian and Russian: their numbers count nothing."""

from __future__ import annotations

import re
from typing import Final

_ENGLISH: Final = (
    "Jan(?:uary|\\.)?|Feb(?:ruary|\\.)?|Mar(?:ch|\\.)?|Apr(?:il|\\.)?|May|June?|July?|"
    "Aug(?:ust|\\.)?|Sept?(?:ember|\\.)?|Oct(?:ober|\\.)?|Nov(?:ember|\\.)?|Dec(?:ember|\\.)?"
)
_RUSSIAN: Final = (
    "(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)[яьею]|(?:март|август)[аеу]?|"
    "ма[яйею]|(?:янв|фев|февр|мар|апр|авг|сент?|окт|нояб?|дек)\\."
)
_BELARUSIAN: Final = (
    "студзен[ьяі]|лют(?:ы|ага|ым)|(?:сакавік|красавік|кастрычнік|лістапад)[ау]?|"
    "трав(?:ень|ня)|траўня|чэрвен[ьяі]|ліпен[ьяі]|жні(?:вень|ўня|ўні)|верас(?:ень|ня|ні)|"
    "снеж(?:ань|ня|ні)"
)
_DAY: Final = r"(?<![\w.,])(?:0?[1-9]|[12]\d|3[01])(?!\d)(?:-?(?:st|nd|rd|th|го|га|е|ае))?"
_DAYS: Final = (
    rf"{_DAY}(?:(?:\s?[-–—]\s?|\s?,\s?|\s(?:and|to|or|и|по|до|или|і|па|да|або)\s){_DAY})*"
)
_MONTH: Final = rf"(?:{_ENGLISH}|(?i:{_RUSSIAN}|{_BELARUSIAN}))(?!\w)"
_DATE: Final = re.compile(
    "|".join(
        (
            rf"{_DAYS}\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}}(?!\w))?",
            # "In August 12 people": there the number counts; "on August 12" it does not.
            rf"(?<![\w])(?<![Ii]n\s)(?<!during\s)(?:{_ENGLISH})\s{_DAYS}(?!\w)(?:,?\s\d{{4}}(?!\w))?",
            r"(?<![\w.])\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?!\w)",
            r"(?<![\w.])(?:19|20)\d\d(?:[-./]\d{1,2}){1,2}(?!\w)",
            r"(?<![\w.])(?:19|20)\d\d\s?[-–—/]\s?\d{2}(?:\d{2})?(?!\w)",
            r"(?<![\w.])\d{1,2}:\d{2}(?!\w)",
        )
    )
)


def without_dates(words: str) -> str:
    """The words with each date, and each time of day, covered by as many middle dots."""
    return _DATE.sub(lambda match: "·" * len(match[0]), words)

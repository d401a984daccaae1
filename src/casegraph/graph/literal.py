"""Literals in the one lexical form that every engine keeps as it is.

Oxigraph rewrites ``007``, ``1.50``, ``1`` as a boolean and several datatypes; rdflib rewrites
others.  Only eight datatypes are allowed, each in its canonical form (XSD 1.1 part 2,
section 2.3.1), so that file, store and dump agree byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixInput
from casegraph.graph import terms
from casegraph.graph.iri import iri

if TYPE_CHECKING:
    from collections.abc import Callable

# The integers of Oxigraph have 64 bits, its decimals 18 fraction digits; outside these the
# store would keep the text and compare nothing.
_INTEGER_LIMIT = 2**63
_DECIMAL_LIMIT = 10**18
_FRACTION_DIGITS = 18

# What is not a Char of XML 1.0 section 2.2 cannot be written as RDF/XML or XML results.
_XML_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """A lexical form with its datatype; ``lang`` is set for language strings only."""

    lexical: str
    datatype: str = terms.XSD_STRING
    lang: str = ""


def string(value: str) -> Literal:
    """A plain string, without characters that XML cannot carry."""
    return Literal(legal_text(value))


def lang_string(value: str, lang: str) -> Literal:
    """Words in a language; the tag must be lower case (BCP 47 in shape)."""
    if not _LANGUAGE.fullmatch(lang):
        raise FixInput(
            f"“{lang}” is no language tag in lower case",
            hint="Write it like en, be, ru or sr-latn.",
        )
    return Literal(legal_text(value), terms.RDF_LANG_STRING, lang)


def integer(value: int) -> Literal:
    """A whole number of at most 64 bits."""
    if not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        raise FixInput(f"{value} is too large a number", hint="Whole numbers have 64 bits.")
    return Literal(str(value), terms.XSD_INTEGER)


def number(value: Decimal) -> Literal:
    """A number: ``xsd:integer`` if it is whole, else ``xsd:decimal``."""
    if not value.is_finite():
        raise FixInput(f"{value} is not a number", hint="Write digits, with a point for fractions.")
    if value == value.to_integral_value():
        return integer(int(value))
    text = format(value, "f").rstrip("0")
    if abs(value) >= _DECIMAL_LIMIT or len(text.partition(".")[2]) > _FRACTION_DIGITS:
        raise FixInput(
            f"{value} has too many digits",
            hint=f"At most {_FRACTION_DIGITS} digits may stand after the point.",
        )
    return Literal(text, terms.XSD_DECIMAL)


def day(value: date) -> Literal:
    """A calendar day, without a time zone."""
    return Literal(date(value.year, value.month, value.day).isoformat(), terms.XSD_DATE)


def moment(value: datetime) -> Literal:
    """A moment, in UTC, without trailing zeros in the fraction of a second."""
    if value.tzinfo is None:
        raise FixInput(f"{value} has no time zone", hint="Give the moment in UTC.")
    utc = value.astimezone(UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return Literal(f"{text}{fraction}Z", terms.XSD_DATE_TIME)


def midnight(value: date) -> Literal:
    """The first moment of a day in UTC, as ``recordedAt`` gives release dates."""
    return Literal(f"{value.isoformat()}T00:00:00Z", terms.XSD_DATE_TIME)


def boolean(*, value: bool) -> Literal:
    """``true`` or ``false``."""
    return Literal("true" if value else "false", terms.XSD_BOOLEAN)


def any_uri(value: str) -> Literal:
    """An address as data (not as a name), under the same rules as an IRI."""
    return Literal(iri(value), terms.XSD_ANY_URI)


def legal_text(value: str) -> str:
    """Give text back if XML can carry it; raise ``FixInput`` naming the character if not."""
    bad = _XML_ILLEGAL.search(value)
    if bad:
        raise FixInput(
            f"the text holds the control character U+{ord(bad[0]):04X} at position {bad.start()}",
            hint="Remove it; it cannot be written in every published format.",
        )
    return value


def checked(literal: Literal) -> Literal:
    """Give a literal back if it is one that this module would make.

    Raises ``FixInput`` for another datatype or a lexical form that an engine would rewrite.
    """
    try:
        remade = _remade(literal)
    except (FixInput, ValueError, ArithmeticError):
        remade = None
    if remade != literal:
        raise FixInput(
            f"“{literal.lexical}” is not the canonical form of {literal.datatype}",
            hint="Allowed are integer, decimal, date, dateTime, boolean, anyURI, string and "
            "language strings, each in its canonical form.",
        )
    return literal


def _remade(literal: Literal) -> Literal | None:
    if literal.lang or literal.datatype == terms.RDF_LANG_STRING:
        return lang_string(literal.lexical, literal.lang)
    remake = _REMAKE.get(literal.datatype)
    return remake(literal.lexical) if remake else None


def _moment_of(lexical: str) -> Literal:
    return moment(datetime.fromisoformat(lexical))


_REMAKE: Final[dict[str, Callable[[str], Literal]]] = {
    terms.XSD_STRING: string,
    terms.XSD_INTEGER: lambda text: integer(int(text)),
    terms.XSD_DECIMAL: lambda text: number(Decimal(text)),
    terms.XSD_DATE: lambda text: day(date.fromisoformat(text)),
    terms.XSD_DATE_TIME: _moment_of,
    terms.XSD_BOOLEAN: lambda text: boolean(value=text == "true"),
    terms.XSD_ANY_URI: any_uri,
}

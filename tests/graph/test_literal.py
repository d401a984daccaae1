from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyoxigraph as ox
import pytest

from casegraph.errors import FixInput
from casegraph.graph import literal, terms
from casegraph.graph.literal import Literal

MADE = [
    literal.string("a\tb\n"),
    literal.lang_string("е́", "be-tarask"),
    literal.integer(-7),
    literal.number(Decimal(1721)),
    literal.number(Decimal("0.2500")),
    literal.number(Decimal("1E+3")),
    literal.day(date(2024, 2, 29)),
    literal.midnight(date(2024, 2, 29)),
    literal.moment(datetime(2024, 1, 2, 3, 4, 5, 600, tzinfo=UTC)),
    literal.boolean(value=False),
    literal.any_uri("https://example.org/a"),
]


@pytest.mark.parametrize("made", MADE)
def test_every_literal_made_here_is_a_fixpoint_of_the_store(made: Literal) -> None:
    store = ox.Store()
    kind = ox.NamedNode(made.datatype)
    given = (
        ox.Literal(made.lexical, language=made.lang)
        if made.lang
        else ox.Literal(made.lexical, datatype=kind)
    )
    subject = ox.NamedNode("https://example.org/s")
    store.add(ox.Quad(subject, subject, given))
    (back,) = store
    assert isinstance(back.object, ox.Literal)
    assert (back.object.value, back.object.datatype) == (made.lexical, kind)


@pytest.mark.parametrize("made", MADE)
def test_what_is_made_here_passes_the_check(made: Literal) -> None:
    assert literal.checked(made) == made


@pytest.mark.parametrize(
    ("lexical", "datatype"),
    [
        ("007", terms.XSD_INTEGER),
        ("+7", terms.XSD_INTEGER),
        ("1.50", terms.XSD_DECIMAL),
        ("2.0", terms.XSD_DECIMAL),
        (".5", terms.XSD_DECIMAL),
        ("1", terms.XSD_BOOLEAN),
        ("2024-02-30", terms.XSD_DATE),
        ("2024-01-01Z", terms.XSD_DATE),
        ("2024-01-01T00:00:00.000Z", terms.XSD_DATE_TIME),
        ("2024-01-01T00:00:00", terms.XSD_DATE_TIME),
        ("7", terms.XSD + "int"),
        ("2024", terms.XSD + "gYear"),
        ("words", terms.XSD_INTEGER),
    ],
)
def test_a_form_that_an_engine_would_rewrite_is_refused(lexical: str, datatype: str) -> None:
    with pytest.raises(FixInput, match="canonical form"):
        literal.checked(Literal(lexical, datatype))


@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_carry_is_named(bad: str) -> None:
    with pytest.raises(FixInput, match=rf"U\+{ord(bad):04X} at position 3"):
        literal.string(f"abc{bad}")


@pytest.mark.parametrize("tag", ["EN", "en_GB", "", "e n", "abcdefghi"])
def test_a_language_tag_is_lower_case_and_well_formed(tag: str) -> None:
    with pytest.raises(FixInput, match="language tag"):
        literal.lang_string("x", tag)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e40", "1e-30"])
def test_a_number_outside_the_engines_range_is_refused(number: str) -> None:
    with pytest.raises(FixInput):
        literal.number(Decimal(number))


def test_a_moment_is_given_in_utc() -> None:
    east = datetime(2024, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=3)))
    assert literal.moment(east).lexical == "2023-12-31T23:00:00Z"
    with pytest.raises(FixInput, match="time zone"):
        literal.moment(datetime(2024, 1, 1, 2, 0))  # noqa: DTZ001 - on purpose

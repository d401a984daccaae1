from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from casegraph.model.statement_templates import (
    claim_phrase,
    number_phrase,
    quantity_phrase,
    statement_text,
    time_phrase,
)
from casegraph.model.terms import (
    CountedAs,
    FindingKind,
    Hedge,
    Modality,
    Polarity,
    Quantifier,
    StateCode,
    TimeBasis,
    TrendDirection,
    Unit,
)
from casegraph.model.values import Quantity, Text, TimeSpan
from tests.graph import sample_records as sample

COUNT, _, STATE = sample.FINDINGS
NAMES = {
    "rights-watch": "Rights Watch",
    "mira": "Mira",
    "observer": "The Observer",
    "sentenced": "people sentenced",
    "sentenced/women": "women sentenced",
}


def _name(key: str) -> str:
    return NAMES[key]


def _quantity(**changes: object) -> Quantity:
    assert COUNT.quantity is not None
    return replace(COUNT.quantity, **changes)  # type: ignore[arg-type]  # fields of a test


@pytest.mark.parametrize(
    ("number", "words"),
    [("8895", "8,895"), ("0.2500", "0.25"), ("1E+6", "1,000,000"), ("0", "0"), ("2.0", "2")],
)
def test_numbers_are_grouped_and_have_no_trailing_zeros(number: str, words: str) -> None:
    assert number_phrase(Decimal(number)) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (TimeSpan(), "time not stated"),
        (TimeSpan(edtf="2024"), "2024"),
        (TimeSpan(expression="Last year", edtf="2024"), "“Last year”, read as 2024"),
        (TimeSpan(expression="recently"), "“recently”, not resolved"),
        (TimeSpan(edtf="2024", basis=TimeBasis.INFERRED), "2024, inferred"),
        (TimeSpan(begin_earliest=sample.DAY), "2026-01-15 to .."),
    ],
)
def test_a_time_is_named_by_its_value_and_its_words(span: TimeSpan, words: str) -> None:
    assert time_phrase(span) == words


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (_quantity(hedge=Hedge.AT_LEAST), "at least 1,721 persons, during 2024"),
        (_quantity(counted_as=CountedAs.ON_DATE), "1,721 persons, on 2024"),
        (_quantity(counted_as=CountedAs.TOTAL_SINCE), "1,721 persons, in total, 2024"),
        (_quantity(counted_as=CountedAs.UNSTATED), "1,721 persons, for 2024"),
        (_quantity(units=(Unit.CASES, Unit.PERSONS)), "1,721 cases or persons, during 2024"),
        (_quantity(units=(Unit.UNSTATED,)), "1,721 (unit not stated), during 2024"),
        (
            _quantity(units=(Unit.RATIO,), stated=Decimal("0.25"), hedge=Hedge.ROUNDED),
            "a share of about 0.25, during 2024",
        ),
        (_quantity(stated=None, expression="dozens"), "“dozens” (persons), during 2024"),
        (_quantity(stated=None, expression=""), "an unstated number (persons), during 2024"),
    ],
)
def test_a_figure_says_what_it_counts_and_when(quantity: Quantity, words: str) -> None:
    assert quantity_phrase(quantity, sample.YEAR) == words


def test_a_figure_without_a_time_names_none() -> None:
    assert quantity_phrase(_quantity(), TimeSpan()) == "1,721 persons"


BASE = replace(COUNT, quantity=None, claims=COUNT.claims, about=("sentenced",))


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (COUNT, "Rights Watch says: “people sentenced”: 1,721 persons, during 2024."),
        (
            replace(COUNT, quantity=_quantity(share_of="sentenced", counts="sentenced/women")),
            (
                "Rights Watch says: “women sentenced” of “people sentenced”: "
                "1,721 persons, during 2024."
            ),
        ),
        (
            replace(STATE, state=StateCode.IN_CUSTODY),
            "Mira says: “Mira”: in custody (“remains”, not resolved).",
        ),
        (
            replace(BASE, kind=FindingKind.CONDUCT, quantifier=Quantifier.SOME),
            (
                "Rights Watch says: politically motivated conviction: some of “people sentenced” "
                "(“Last year”, read as 2024)."
            ),
        ),
        (
            replace(BASE, kind=FindingKind.TREND, trend=TrendDirection.RISING),
            (
                "Rights Watch says: “people sentenced”: rising, compared with a baseline that is "
                "not stated (“Last year”, read as 2024)."
            ),
        ),
        (
            replace(BASE, kind=FindingKind.ABSENCE, scope="national level"),
            (
                "Rights Watch says: none found in national level: politically motivated conviction "
                "(“Last year”, read as 2024)."
            ),
        ),
        (
            replace(BASE, kind=FindingKind.CHARACTERISATION, modality=Modality.ALLEGED),
            (
                "Rights Watch alleges: “people sentenced” characterised as: politically motivated "
                "conviction (“Last year”, read as 2024)."
            ),
        ),
        (
            replace(BASE, kind=FindingKind.ATTESTATION, attested_by="observer"),
            (
                "Rights Watch says: The Observer found politically motivated conviction: “people "
                "sentenced” (“Last year”, read as 2024)."
            ),
        ),
        (
            replace(
                BASE,
                kind=FindingKind.IDENTITY,
                about=("mira",),
                name_forms=(Text("A", "en"), Text("Б", "ru"), Text("C", "en")),
                valid=TimeSpan(edtf="2024"),
            ),
            "Rights Watch says: “Mira” is called “A”, “Б” and “C” (2024).",
        ),
        (
            replace(BASE, kind=FindingKind.CONDUCT, polarity=Polarity.DENIED, valid=TimeSpan()),
            (
                "Rights Watch denies: politically motivated conviction: “people sentenced” "
                "(time not stated)."
            ),
        ),
    ],
)
def test_each_kind_of_finding_has_a_plain_sentence(finding: object, words: str) -> None:
    assert statement_text(finding, _name) == Text(words, "en")  # type: ignore[arg-type]


def test_a_claim_is_named_as_alleged_with_who_is_affected() -> None:
    assert claim_phrase(COUNT.claims[0], _name) == (
        "alleged practice: politically motivated conviction; affected: people sentenced"
    )
    assert claim_phrase(STATE.claims[0], _name) == "claimed detention; affected: Mira"

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from casegraph.errors import FixInput, InvalidRecords
from casegraph.graph import mint
from casegraph.graph.addresses import minting_context
from casegraph.graph.identity import finding_id
from casegraph.model.terms import CountedAs, Polarity, ReadingStatus, StateCode
from casegraph.model.values import Finding, Links, Reading, Text
from tests.graph import sample_records as sample

CONTEXT = sample.sample_context()
COUNT, _, STATE = sample.FINDINGS


def test_random_ids_have_eighty_bits_in_an_alphabet_without_lookalikes() -> None:
    ids = {mint.random_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(each) == 16 and set(each) <= set(mint.ALPHABET) for each in ids)
    assert not set("ilou") & set(mint.ALPHABET)


def test_a_keyed_id_is_the_first_130_bits_of_the_hmac() -> None:
    # HMAC-SHA256 of b"finding\nx" under b"k", first 130 bits, by an independent reckoning.
    import base64
    import hashlib
    import hmac

    digest = hmac.new(b"k", b"finding\nx", hashlib.sha256).digest()
    standard = base64.b32encode(digest).decode()[:26]
    translated = standard.translate(
        str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", mint.ALPHABET)
    )
    assert mint.keyed_id(b"k", "finding", "x") == translated


NOT_HASHED = {
    "recorded": replace(COUNT, recorded=date(2030, 1, 1)),
    "reading": replace(COUNT, reading=Reading(status=ReadingStatus.OPEN)),
    "statement": replace(COUNT, statements=(Text("Other words.", "en"),), template_statement=False),
    "links": replace(COUNT, links=Links(supports=("women",))),
    "key": replace(COUNT, key="another-key"),
    "where": replace(COUNT, where=replace(sample.WHERE, line=99)),
}
HASHED = {
    "polarity": replace(COUNT, polarity=Polarity.DENIED),
    "evidence": replace(COUNT, evidence=(sample.SHOWN,)),
    "about": replace(COUNT, about=("mira",)),
    "claims": replace(COUNT, claims=()),
    "time": replace(COUNT, valid=replace(COUNT.valid, edtf="2023")),
    "state": replace(STATE, state=StateCode.DECEASED),
    "attribution": replace(COUNT, attribution=replace(COUNT.attribution, chain=("mira",))),
}


@pytest.mark.parametrize("changed", NOT_HASHED.values(), ids=NOT_HASHED)
def test_what_became_of_a_finding_does_not_change_its_id(changed: Finding) -> None:
    assert finding_id(changed, CONTEXT) == CONTEXT.findings["last-year"]


@pytest.mark.parametrize("changed", HASHED.values(), ids=HASHED)
def test_what_a_finding_says_changes_its_id(changed: Finding) -> None:
    assert finding_id(changed, CONTEXT) not in CONTEXT.findings.values()


def test_each_axis_of_a_quantity_counts() -> None:
    assert COUNT.quantity is not None
    other = replace(COUNT, quantity=replace(COUNT.quantity, counted_as=CountedAs.TOTAL_SINCE))
    assert finding_id(other, CONTEXT) != CONTEXT.findings["last-year"]


def test_another_salt_gives_other_ids_throughout() -> None:
    other = replace(CONTEXT, salt=b"another salt, of another workspace")
    assert finding_id(COUNT, other) != CONTEXT.findings["last-year"]
    assert other.evidence_path(sample.SHOWN) != CONTEXT.evidence_path(sample.SHOWN)


def test_two_records_with_one_address_are_reported_with_both_places() -> None:
    twin = replace(COUNT, key="twin", where=replace(sample.WHERE, line=40))
    with pytest.raises(InvalidRecords) as caught:
        minting_context(
            base_iri=sample.BASE,
            salt=sample.SALT,
            agents=(*sample.AGENTS, replace(sample.AGENTS[0], key="second")),
            populations=sample.POPULATIONS,
            cases=sample.CASES,
            sources=sample.SOURCES,
            findings=(COUNT, twin),
        )
    messages = [problem.message for problem in caught.value.problems]
    assert messages == [
        "second has the same id as rights-watch (findings/report.yaml:3)",
        "twin says the same as last-year (findings/report.yaml:3)",
    ]


@pytest.mark.parametrize("bad", ["", "A", "a b", "a/b", "-a", "../x", "ж"])
def test_an_id_that_is_no_id_is_refused(bad: str) -> None:
    with pytest.raises(FixInput, match="is no id"):
        mint.entity_path("person", bad)


def test_a_base_address_ends_in_a_slash_and_a_salt_is_long() -> None:
    with pytest.raises(FixInput, match="slash"):
        minting_context(base_iri="https://example.org", salt=sample.SALT)
    with pytest.raises(FixInput, match="salt"):
        minting_context(base_iri=sample.BASE, salt=b"short")


def test_a_violation_type_is_a_slug() -> None:
    assert mint.violation_iri("torture").endswith("violations#torture")
    with pytest.raises(FixInput, match="violation type"):
        mint.violation_iri("Torture in prison")

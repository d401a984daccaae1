"""The table, the code lists and the ontology name exactly the same things."""

from __future__ import annotations

import pytest

from casegraph import assets
from casegraph.graph import table, terms
from casegraph.graph.vocabulary import load_vocabulary

QUADS = load_vocabulary("https://example.org/").quads

#: What only the vocabulary itself says, or the reasoner derives.
NOT_IN_DATA = {
    "Code", "CurrentFinding", "Instrument", "Provision", "TreatyStatus",
    "article", "bindingForce", "claimedIn", "codeFor", "engagesProvision", "evidences",
    "forceFrom", "forceUntil", "instrument", "mapsToProvision", "reviewed", "stateParty",
    "statusOf", "translationReviewed", "violationTypeOrBroader",
}  # fmt: skip


def _declared(suffix: str) -> set[str]:
    return {
        quad.subject
        for quad in QUADS
        if quad.predicate == terms.RDF_TYPE
        and isinstance(quad.object, str)
        and quad.object.startswith(terms.OWL)
        and quad.object.endswith(suffix)
        and quad.subject.startswith(terms.CG)
    }


def test_every_class_and_property_of_the_ontology_is_in_the_table_or_derived() -> None:
    declared = _declared("Class") | _declared("Property")
    used = table.classes() | table.properties()
    assert {term.removeprefix(terms.CG) for term in declared - used} == NOT_IN_DATA


def test_every_class_and_property_of_the_table_is_declared() -> None:
    assert table.classes() <= _declared("Class")
    assert table.properties() <= _declared("Property")


def test_codes_and_individuals_are_the_same() -> None:
    declared = {
        quad.subject
        for quad in QUADS
        if quad.predicate == terms.RDF_TYPE and quad.object == f"{terms.CG}Code"
    }
    assert declared == {terms.CG + each.value for codes in terms.CODE_LISTS for each in codes}


def test_every_constant_of_ours_is_declared() -> None:
    constants = {
        value
        for name, value in vars(terms).items()
        if name.isupper() and isinstance(value, str) and value.startswith(terms.CG)
    } - {terms.CG}
    assert constants <= _declared("Class") | _declared("Property")


@pytest.mark.parametrize("name", sorted(table.TABLES))
def test_no_attribute_or_property_stands_twice_in_a_table(name: str) -> None:
    rows = table.TABLES[name]
    for column in ("attribute", "property"):
        values = [getattr(row, column) for row in rows]
        assert len(values) == len(set(values))


def test_the_context_for_json_ld_knows_every_term_of_the_table() -> None:
    text = (assets.root("ontology") / "context.jsonld").read_text(encoding="utf-8")
    for term in table.classes() | table.properties():
        assert f'"cg:{term.removeprefix(terms.CG)}"' in text

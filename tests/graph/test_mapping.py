from __future__ import annotations

from dataclasses import replace

import pytest

from casegraph.errors import FixInput, NotAllowed
from casegraph.graph import terms
from casegraph.graph.addresses import minting_context
from casegraph.graph.literal import lang_string
from casegraph.graph.mapping import keyed_lines, to_nodes, to_quads
from casegraph.graph.nquads import Quad, to_line
from casegraph.model.terms import DisclosureLevel, Holding
from casegraph.model.values import Claim, Links, Text
from tests.graph import sample_records as sample

CONTEXT = sample.sample_context()
COUNT, WOMEN, STATE = sample.FINDINGS
ARTICLE, REVIEW = sample.SOURCES
MIRA = sample.AGENTS[2]


def _all_quads() -> list[Quad]:
    return [quad for record in sample.RECORDS for quad in to_quads(record, CONTEXT)]


def _text(quads: list[Quad]) -> str:
    return "\n".join(map(to_line, quads))


def test_every_node_has_a_class_and_a_label() -> None:
    quads = _all_quads()
    subjects = {quad.subject for quad in quads}
    for predicate in (terms.RDF_TYPE, terms.RDFS_LABEL):
        assert {quad.subject for quad in quads if quad.predicate == predicate} == subjects


def test_everything_lies_in_the_asserted_graph_below_the_base() -> None:
    quads = _all_quads()
    assert {quad.graph for quad in quads} == {"https://example.org/graph/asserted"}
    assert all(quad.subject.startswith("https://example.org/id/") for quad in quads)


def test_every_address_that_is_referred_to_exists() -> None:
    quads = _all_quads()
    subjects = {quad.subject for quad in quads}
    targets = {
        quad.object
        for quad in quads
        if isinstance(quad.object, str) and quad.object.startswith(sample.BASE)
    }
    # The finding that the revision is about is gone; that is what the revision says.
    assert targets - subjects == {f"{sample.BASE}id/finding/{'k' * 26}"}


def test_a_source_without_public_text_shows_no_place_context_or_hash() -> None:
    text = _text([*to_quads(ARTICLE, CONTEXT), *to_quads(COUNT, CONTEXT)])
    assert "secret context" not in text
    assert "a" * 64 not in text
    assert "b" * 64 not in text
    for term in (terms.START, terms.BYTE_END, terms.PREFIX, terms.QUOTED_FROM, terms.CAPTURE_OF):
        assert term not in text


def test_a_source_with_public_text_shows_all_of_them() -> None:
    text = _text([*to_quads(REVIEW, CONTEXT), *to_quads(WOMEN, CONTEXT)])
    assert f'{terms.PREFIX}> ""' in text
    assert f'{terms.START}> "0"' in text
    assert "c" * 64 in text
    assert terms.QUOTED_FROM in text


def test_notes_of_the_workspace_stay_there() -> None:
    assert "not for anybody" not in _text(_all_quads())


@pytest.mark.parametrize(
    "level",
    [DisclosureLevel.RESTRICTED, DisclosureLevel.AGGREGATE_ONLY, DisclosureLevel.SEALED_UNTIL],
)
def test_a_record_that_is_not_public_is_refused(level: DisclosureLevel) -> None:
    hidden = replace(MIRA, disclosure=replace(sample.PUBLIC, level=level))
    with pytest.raises(NotAllowed, match="cannot enter a release"):
        list(to_nodes(hidden, CONTEXT))


def test_a_pseudonym_takes_the_place_of_every_name() -> None:
    level = replace(sample.PUBLIC, level=DisclosureLevel.PUBLIC_PSEUDONYM)
    hidden = replace(MIRA, disclosure=level, pseudonym="Teacher A.")
    context = minting_context(
        base_iri=sample.BASE,
        salt=sample.SALT,
        agents=(*sample.AGENTS[:2], hidden),
        populations=sample.POPULATIONS,
        cases=sample.CASES,
        sources=sample.SOURCES,
        findings=sample.FINDINGS,
    )
    template = replace(STATE, template_statement=True)
    text = _text([*to_quads(hidden, context), *to_quads(template, context)])
    assert "Teacher A." in text
    assert "Tolvane" not in text
    assert "Міра" not in text
    with pytest.raises(NotAllowed, match="has none"):
        list(to_quads(replace(hidden, pseudonym=None), context))
    named = replace(STATE, name_forms=(Text("Mira", "en"),))
    with pytest.raises(NotAllowed, match="under a pseudonym"):
        list(to_quads(named, context))


def test_a_reference_to_what_is_not_published_is_an_error() -> None:
    with pytest.raises(FixInput, match="“nobody” names no agent"):
        list(to_quads(replace(MIRA, part_of=("nobody",)), CONTEXT))
    with pytest.raises(FixInput, match="“lost” names no finding"):
        list(to_quads(replace(COUNT, links=replace(COUNT.links, supports=("lost",))), CONTEXT))


def test_an_address_with_a_foreign_scheme_is_refused() -> None:
    with pytest.raises(FixInput, match="javascript"):
        list(to_quads(replace(ARTICLE, url="javascript:alert(1)"), CONTEXT))


def test_the_date_of_the_first_release_replaces_the_date_of_recording() -> None:
    path = f"finding/{CONTEXT.findings['women']}"
    context = replace(CONTEXT, recorded={path: ARTICLE.recorded.replace(year=2020)})
    rows = [q for q in to_quads(WOMEN, context) if q.predicate == terms.RECORDED_AT]
    assert '"2020-01-15T00:00:00Z"' in to_line(rows[0])


def test_several_claims_are_numbered_by_content_not_by_order_in_the_file() -> None:
    one, two = (Claim(kind=COUNT.claims[0].kind, types=(t,)) for t in ("torture", "ill-treatment"))
    ahead = replace(COUNT, claims=(one, two))
    behind = replace(COUNT, claims=(two, one))
    assert set(to_quads(ahead, CONTEXT)) == set(to_quads(behind, CONTEXT))
    assert any(quad.subject.endswith("/claim-2") for quad in to_quads(ahead, CONTEXT))


def test_a_chain_of_speakers_is_kept_in_order_and_attributed_to_the_first() -> None:
    quads = list(to_quads(STATE, CONTEXT))
    spoken = [q.object for q in quads if q.predicate == terms.ATTRIBUTED_TO]
    assert spoken == [CONTEXT.entity("mira")]
    links = {q.subject[-1]: q.object for q in quads if "/attribution/" in q.subject
             and q.predicate == terms.AGENT_OF}  # fmt: skip
    assert links == {"1": CONTEXT.entity("mira"), "2": CONTEXT.entity("observer")}


def test_sorted_keys_put_a_source_before_its_words_and_these_before_their_findings() -> None:
    """And before all of them what they speak of, so that a reader meets no unknown address."""
    lines = sorted(keyed_lines(reversed(sample.RECORDS), CONTEXT))
    seen = list(dict.fromkeys(line.partition("\t")[2].split(" ")[0] for line in lines))
    kinds = [subject.split("/")[4] for subject in seen]
    first_source = kinds.index("source")
    assert {"population", "person", "institution"} <= set(kinds[:first_source])
    assert set(kinds[first_source:]) <= {"source", "quotation", "citation", "finding", "revision"}
    first_quotation = kinds.index("quotation")
    assert kinds[first_quotation + 1] == "finding"
    assert kinds.index("finding") > first_quotation
    assert kinds[-1] == "revision>"[:-1]


def test_words_stand_in_the_order_of_the_text_wherever_they_are_written() -> None:
    """By offset, not by the line of the entry, so the order of entries changes no byte."""
    findings = [
        replace(
            STATE,
            key=f"k{start}",
            evidence=(replace(sample.HIDDEN, exact=f"words {start}", start=start),),
            links=Links(),
            where=replace(sample.WHERE, line=200 - start),
        )
        for start in (100, 3, 20)
    ]
    context = minting_context(
        base_iri=sample.BASE,
        salt=sample.SALT,
        agents=sample.AGENTS,
        populations=sample.POPULATIONS,
        cases=sample.CASES,
        sources=sample.SOURCES,
        findings=findings,
    )
    ranked = sorted(
        findings, key=lambda finding: context.places[context.evidence_path(finding.evidence[0])]
    )
    assert [finding.key for finding in ranked] == ["k3", "k20", "k100"]


def test_the_order_of_records_does_not_change_the_sorted_lines() -> None:
    one = set(keyed_lines(sample.RECORDS, CONTEXT))
    assert one == set(keyed_lines(reversed(sample.RECORDS), CONTEXT))


def test_a_cited_source_never_counts_as_shown() -> None:
    context = minting_context(
        base_iri=sample.BASE,
        salt=sample.SALT,
        sources=(replace(REVIEW, holding=Holding.CITED),),
    )
    assert not context.sources["review"].shows_text


def test_a_quotation_is_called_by_its_words() -> None:
    """On one line, cut where a label has no room, in the language of the source."""
    quads = to_quads(replace(COUNT, evidence=(sample.SHOWN, sample.HIDDEN)), CONTEXT)
    labels = [
        q.object for q in quads if q.predicate == terms.RDFS_LABEL and "/quotation/" in q.subject
    ]
    assert lang_string("“at least 480 women”", "en") in labels
    assert lang_string('“Last year, this number was 1,721 of "them"”', "en") in labels
    long = replace(sample.SHOWN, exact="women " * 30)
    (label,) = (
        q.object for q in to_quads(replace(COUNT, evidence=(long,)), CONTEXT)
        if q.predicate == terms.RDFS_LABEL and "/quotation/" in q.subject
    )  # fmt: skip
    assert label == lang_string(f"“{'women ' * 13}w…”", "en")

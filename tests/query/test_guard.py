"""The guard: what it refuses, what it must not refuse, and what it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.errors import CasegraphError, InvalidQuery, NotAllowed
from casegraph.query import guard
from casegraph.query.guard import check
from casegraph.query.limits import GuardLimits
from tests.conformance.sparql11_cases import SUITE, Case, cases

if TYPE_CHECKING:
    from casegraph.query.reading import Reading

LEGAL = cases("PositiveSyntaxTest11", "PositiveSyntaxTest", "QueryEvaluationTest")


@pytest.mark.skipif(not LEGAL, reason=f"no SPARQL 1.1 suite in {SUITE}; set CASEGRAPH_SHARED")
@pytest.mark.parametrize("case", LEGAL, ids=str)
def test_no_legal_query_of_the_suite_is_refused(case: Case) -> None:
    check(case.text(case.query))


@pytest.mark.parametrize("space", ["", " ", "\n", "#'\n"])
@pytest.mark.parametrize(
    ("parts", "error"),
    [
        (("SELECT*{", "SERVICE", "<http://example.org/>", "{}", "}"), NotAllowed),
        (("SELECT*{?s ?p true", "SERVICE", ":x", "{}", "}"), NotAllowed),
        (("SELECT*{?s ?p 1e1", "SeRvIcE", "?x", "{", "}", "}"), NotAllowed),
        (("ASK{FILTER(1<2)", "SERVICE", "<http://example.org/>", "{}", "}"), NotAllowed),
        (("ASK{FILTER(1<", "(" * 70, "2>1", ")" * 70, ")}"), InvalidQuery),
    ],
)
def test_blanks_and_comments_change_nothing(
    parts: tuple[str, ...], error: type[CasegraphError], space: str
) -> None:
    with pytest.raises(error):
        check(space.join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s :SERVICE ?o }",
        "SELECT * { ?s ex:service ?o . ?o ex:load ?service }",
        "SELECT * { ?s service:x ?o . GRAPH service:g { ?a ?b ?c } }",
        "SELECT * { <http://example.org/SERVICE> ?p 'SERVICE <x> {' } # SERVICE <x> {",
        "SELECT * { (?x <http://example.org/SERVICE?load>) ?p ?o }",
        'SELECT * { ?s ?p "a\\u0022 SERVICE <x> {" }',
        "SELECT * { FILTER(?a<?b&&?c>?d) }",
        "SELECT * { FILTER(?a<'>'||'<'>?d) }",
        "SELECT * { FILTER EXISTS { ?s ?p ?o } FILTER(NOT EXISTS { ?s ?p ?o }) }",
        "SELECT (GROUP_CONCAT(?x; SEPARATOR=', ') AS ?y) { ?x ?p ?o }",
        "SELECT * { VALUES (?x ?y) { (UNDEF -1) ('a'@en 1.5e3) () } }",
        "SELECT * { VALUES ?x { <http://example.org/a#b> ex:a true } }",
        "SELECT * { ?s (ex:a|^ex:b)/ex:c*/!(ex:d|^ex:e) ?o }",
        "SELECT * { [ ex:a ( 1 2 [ ex:b 'x' ] ) ; ex:c ?y ] }",
        "SELECT * { ?s ex:a\\,b ?o ; ex:%41.b.c _:x.y , ''''''' }".replace("'''''''", "'''x'y'''"),
        "PREFIX : <#> BASE <http://example.org/> ASK FROM :a FROM NAMED <b> { }",
        "DESCRIBE <http://example.org/x>",
        "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (COUNT(*) > 1) ORDER BY DESC(?s) LIMIT 3",
    ],
)
def test_legal_text_passes(text: str) -> None:
    check(text)


def test_says_where_in_code_points() -> None:
    with pytest.raises(InvalidQuery) as caught:
        check("# Вельданія\nSELECT * { 'Імя' ?p ` }")
    assert (caught.value.line, caught.value.column) == (2, 21)
    assert "(line 2, column 21)" in str(caught.value)


def test_names_the_bracket_that_stays_open() -> None:
    with pytest.raises(InvalidQuery, match=r"'\{' is never closed \(line 1, column 10\)"):
        check("SELECT * { ?s ?p ?o")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK { ?s ?p 1, 2, 3, 4 }", "more than 3 patterns in one group"),
        ("ASK { { { { } } } }", "more than 3 levels of brackets"),
        ("ASK { FILTER(1+1+1+1) }", "more than 3 operands in one chain"),
        ("ASK { FILTER(!!!!1) }", "more than 3 operators in a row"),
        ("ASK { VALUES ?x { 1 2 3 4 } }", "more than 3 rows of VALUES"),
        ("ASK { VALUES (?x) { (1) (2) (3) (4) } }", "more than 3 rows of VALUES"),
    ],
)
def test_each_limit_is_named(text: str, message: str) -> None:
    limits = GuardLimits(
        max_patterns=3, max_nesting=3, max_operands=3, max_prefix_run=3, max_values_rows=3
    )
    with pytest.raises(InvalidQuery, match=message):
        check(text, limits=limits)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("ASK { ?s ?p 1, 2, 3 }", GuardLimits(max_patterns=3)),
        ("ASK { ?s ?p 1 ; ?q 2 . ?a ?b ?c . }", GuardLimits(max_patterns=3)),
        ("ASK { FILTER((1)) }", GuardLimits(max_nesting=3)),
        ("ASK { FILTER(1+1+1) }", GuardLimits(max_operands=3)),
        ("ASK { FILTER(!!!1) }", GuardLimits(max_prefix_run=3)),
        ("ASK { VALUES ?x { 1 2 3 } }", GuardLimits(max_values_rows=3, max_tokens=6)),
    ],
)
def test_a_limit_can_be_reached(text: str, limits: GuardLimits) -> None:
    check(text, limits=limits)


def test_size_counts_bytes_outside_values_data() -> None:
    limits = GuardLimits(max_query_bytes=100)
    check("ASK { VALUES ?x { " + "1 " * 200 + "} }", limits=limits)
    with pytest.raises(InvalidQuery, match="outside VALUES data; 100 are allowed"):
        check("ASK { } # " + "я" * 60, limits=limits)
    with pytest.raises(InvalidQuery, match="bytes; 10 are allowed"):
        check("ASK { VALUES ?x { 1 } }", limits=GuardLimits(max_body_bytes=10))


@pytest.mark.parametrize(
    "text",
    [
        "1<(2>" * 60 + "1" + ")" * 60,
        "1<(2>" * 12 + "1" + "+1" * 4000 + ")" * 12,
        "1<'2>3'" * 2000,
        "?a<?b&&?c>?d||" * 3000,
    ],
    ids=["depths", "long", "quotes", "chain"],
)
def test_the_guard_bounds_its_own_work(text: str) -> None:
    """Its reading of ambiguous text costs a bounded number of steps, counted, not timed."""
    steps = 0
    real = guard._token

    def counted(reading: Reading) -> None:
        nonlocal steps
        steps += 1
        real(reading)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_token", counted)
        with pytest.raises(InvalidQuery):
            check("ASK { FILTER(" + text + ") }")
    assert steps < 40_000


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="half a character"):
        check("ASK { ?s ?p '\ud800' }")


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT", None),
        ("PREFIX select: <x:> ASK { }", "ASK", None),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT", None),
        ("describe <x:y>", "DESCRIBE", None),
        ("SELECT * { } LIMIT 5", "SELECT", "LIMIT or OFFSET without ORDER BY"),
        ("SELECT * { } ORDER BY ?s LIMIT 5", "SELECT", None),
        ("SELECT * { { SELECT * { } OFFSET 5 } } ORDER BY ?s LIMIT 1", "SELECT", "LIMIT or OFF"),
        ("SELECT (now() AS ?x) { }", "SELECT", "NOW"),
        ("SELECT * { BIND(STRUUID () AS ?x) }", "SELECT", "STRUUID"),
        ("SELECT (SAMPLE(?x) AS ?y) { ?x ?p ?o }", "SELECT", "SAMPLE"),
        ("SELECT (GROUP_CONCAT(?x) AS ?y) { ?x ?p ?o }", "SELECT", "GROUP_CONCAT"),
        ("SELECT (RAND() AS ?x) (BNODE() AS ?y) (UUID() AS ?z) { }", "SELECT", "RAND"),
        ("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }", "CONSTRUCT", "blank nodes"),
        ("SELECT * { ?now ex:rand 'NOW()' }", "SELECT", None),
    ],
)
def test_form_and_whether_it_can_be_cited(text: str, form: str, reason: str | None) -> None:
    found = check(text)
    assert found.form == form
    assert found.citable == (reason is None)
    assert reason is None or (found.reason or "").startswith(reason)


def test_learns_prefixes_and_graphs() -> None:
    found = check("PREFIX e: <http://e/> ASK FROM <a> FROM NAMED e:b FROM e:c { }")
    assert found.prefixes == (("e", "http://e/"),)
    assert found.default_graphs == ("<a>", "e:c")
    assert found.named_graphs == ("e:b",)


PIECES = st.sampled_from(
    [
        *("<", ">", "'", '"', "#", "\n", " ", "(", ")", "{", "}", "[", "]", "=", "!", "|", "&"),
        *("?x", "1", "true", "SELECT", "ASK", "FILTER", "VALUES", "EXISTS", "ex:a", ":", "\\"),
        *(".", ",", ";", "<http://example.org/>", "'''", "UNION", "a", "@en", "^^", "я", "-"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_ends_in_a_form_or_a_placed_refusal(text: str) -> None:
    assert _end("ASK {" + text) in {"ASK", "placed"}


def _end(query: str) -> str:
    try:
        return check(query).form
    except InvalidQuery as error:
        return "lost" if error.line is None or error.column is None else "placed"
    except NotAllowed as error:
        return "placed" if "line" in error.message else "lost"


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["", " "]))
def test_service_is_found_whatever_stands_in_a_filter_before_it(text: str, space: str) -> None:
    """Where the text before it can be read at all, SERVICE in the group is seen."""
    before = f"ASK {{ FILTER(1{text}1){space}"
    try:
        check(before + "}")
    except CasegraphError:
        return
    with pytest.raises(CasegraphError):
        check(before + "SERVICE<http://example.org/>{ ?s ?p ?o } }")

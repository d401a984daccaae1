"""YAML that cannot be read: what the person did, where it begins, how to mend it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from casegraph.findings.yaml_faults import syntax_problem
from casegraph.findings.yaml_tree import parse_yaml

TAB = (
    "begins with a tab, which YAML does not take as indentation\n"
    "    Replace the tab by spaces, two for each level; most editors can insert spaces whenever"
    " you press Tab."
)
COLUMN = "where no entry or field begins\n    Begin it in column"
SPACES = "indent with spaces only."
OR_QUOTED = " If it goes on with the value above, put that value whole into double quotes."
OPEN = 'a double quotation mark opens here and is not closed before the next field\n    Put "'

CASES = {
    "a tab before a field": ("- key: b\n\tquote: c\n", f"4:1: error: line 4 {TAB}"),
    "a tab before an entry": ("\t- key: b\n", f"3:1: error: line 3 {TAB}"),
    "a tab behind a dash": ("-\tkey: b\n\tquote: c\n", f"3:2: error: line 3 {TAB}"),
    "a tab behind spaces": ("- key: b\n  \tquote: c\n", f"4:3: error: line 4 {TAB}"),
    "a field that stands in too far": (
        "- key: b\n   quote: c\n",
        f"4:4: error: line 4 begins in column 4, {COLUMN} 3, like line 3; {SPACES}{OR_QUOTED}",
    ),
    "a field that does not stand in far enough": (
        "- key: b\n quote: c\n",
        f"4:2: error: line 4 begins in column 2, {COLUMN} 3, like line 3; {SPACES}",
    ),
    "fields in the column of their entry, which only the next entry shows": (
        "- key: b\nquote: c\nof: d\n- key: e\n",
        f"4:1: error: line 4 begins in column 1, {COLUMN} 3, like line 3; {SPACES}",
    ),
    "a field below the dash of its entry": (
        "  - key: b\n  quote: c\n",
        f"4:3: error: line 4 begins in column 3, {COLUMN} 5, like line 3; {SPACES}",
    ),
    "an entry that is not in line with the others": (
        "  - key: b\n    quote: c\n # a note\n - key: d\n",
        f"6:2: error: line 6 begins in column 2, {COLUMN} 3, like line 3; {SPACES}",
    ),
    "a quotation mark that nothing closes": (
        '- key: b\n  quote: "c d\n  of: e\n- key: f\n',
        f'4:10: error: {OPEN} behind the last word of the value: "c d"',
    ),
    "a quotation mark that the next value closes": (
        '- key: b\n  quote: "c d\n  of: e\n- key: f\n  quote: "g"\n',
        f'4:10: error: {OPEN} behind the last word of the value: "c d"',
    ),
    "a single quotation mark that nothing closes": (
        "- key: b\n  quote: 'c d\n",
        (
            "4:10: error: a single quotation mark opens here and is not closed before the next"
            " field\n    Put ' behind the last word of the value: 'c d'"
        ),
    ),
    "a quotation mark that nothing closes within braces": (
        '- {key: b, quote: "c d, of: e}\n- key: f\n',
        f"3:19: error: {OPEN} behind the last word of the value.",
    ),
    "a quotation mark inside a quoted value": (
        '- key: b\n  quote: "he said "yes" to"\n',
        (
            "4:20: error: the value ends at the quotation mark before this, but the line goes on\n"
            '    Write line 4 so: quote: "he said \\"yes\\" to"'
        ),
    ),
    "a brace that nothing closes": (
        "- {key: b, quote: c\n- key: f\n",
        (
            "3:3: error: '{' opens here and is not closed\n"
            "    Put } behind the last value, as a rule at the end of the line."
        ),
    ),
    "a bracket that nothing closes": (
        "- key: b\n  against: [x, y\n- key: f\n  quote: e\n",
        (
            "4:12: error: '[' opens here and is not closed\n"
            "    Put ] behind the last value, as a rule at the end of the line."
        ),
    ),
    "a colon without its space": (
        "- key: b\n  quote:c\n  of: d\n",
        (
            "4:3: error: there is no space behind the colon\n"
            "    Write name, colon, space, value: quote: c"
        ),
    ),
    "a name without its colon": (
        "- key b\n  quote: c\n",
        ("3:3: error: there is no colon behind 'key'\n    Write name, colon, space, value: key: b"),
    ),
    "a colon within a value": (
        "- key: b\n  quote: the report: 480 women\n",
        (
            "4:20: error: the value holds a colon with a space behind it, as if another field"
            ' began here\n    Write line 4 so: quote: "the report: 480 women"'
        ),
    ),
    "a value that begins with a sign of YAML": (
        "- key: b\n  quote: @c\n",
        (
            "4:10: error: a value cannot begin with '@' unless it is quoted\n"
            '    Write line 4 so: quote: "@c"'
        ),
    ),
}


@pytest.mark.parametrize(("entries", "message"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", None)])
def test_the_slip_is_named_where_it_begins(
    entries: str, message: str, loader: type[yaml.SafeLoader] | None
) -> None:
    """The same with the parser in C and without it, which word their errors otherwise."""
    text = f"source: a\nstatements:\n{entries}"
    with pytest.raises(yaml.YAMLError) as raised:
        list(yaml.parse(text, Loader=loader or yaml.SafeLoader))
    problem = syntax_problem(raised.value, text, "f.yaml", loader=loader or yaml.SafeLoader)
    assert str(problem) == f"f.yaml:{message}"


def test_the_first_line_that_stands_in() -> None:
    _, problems = parse_yaml("# a note\n  source: a\nby: b\n", "f.yaml")
    assert list(map(str, problems)) == [
        (
            "f.yaml:2:3: error: line 2 begins in column 3, where no entry or field begins\n"
            "    Begin it in column 1, like the lines below it; indent with spaces only."
        )
    ]


SLIPS = ['"', "'", "\t", " ", "\n", "- ", ": ", "{", "[", "}", "\u2028", "\x01", "@", "\r"]


@given(st.lists(st.tuples(st.integers(0, 70), st.sampled_from(SLIPS)), min_size=1, max_size=6))
def test_any_slip_has_a_place_in_the_file_and_a_mend(slips: list[tuple[int, str]]) -> None:
    text = 'source: a\nstatements:\n- key: b\n  quote: "c d"\n  of: [e, f]\n'
    for place, slip in slips:
        text = text[:place] + slip + text[place:]
    for problem in parse_yaml(text, "f.yaml")[1]:
        assert problem.where is not None
        if problem.code == "broken-yaml":
            assert problem.where.line is not None
            assert problem.hint
            assert str(problem).replace("\n", "").isprintable()

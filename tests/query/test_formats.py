"""The table of formats."""

from __future__ import annotations

import pytest

from casegraph.errors import FixInput
from casegraph.query.formats import FORMATS, format_for, formats_for
from casegraph.query.limits import QueryLimits


def test_names_media_types_and_suffixes_are_unique() -> None:
    for values in (
        [row.name for row in FORMATS.values()],
        [row.media_type for row in FORMATS.values()],
        [row.suffix for row in FORMATS.values()],
    ):
        assert len(set(values)) == len(values) == 10


def test_each_form_has_its_formats_default_first() -> None:
    assert [row.name for row in formats_for("SELECT")] == ["json", "xml", "csv", "tsv"]
    assert [row.name for row in formats_for("ASK")] == ["json", "xml"]
    graphs = ["ttl", "nt", "nq", "trig", "rdfxml", "jsonld"]
    assert [row.name for row in formats_for("CONSTRUCT")] == graphs
    assert [row.name for row in formats_for("DESCRIBE")] == graphs


def test_a_format_that_does_not_fit_is_refused_with_those_that_do() -> None:
    with pytest.raises(FixInput) as caught:
        format_for("ttl", "SELECT")
    assert caught.value.hint == "Formats for SELECT: json, xml, csv, tsv."


def test_deadlines_stay_within_a_minute() -> None:
    with pytest.raises(ValueError, match="deadline_query_s is 61 s"):
        QueryLimits(deadline_query_s=61)
    assert QueryLimits().deadline_s("page") == 2
    assert QueryLimits().deadline_s("query") == 30

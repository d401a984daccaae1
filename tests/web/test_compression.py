"""Content codings: which is chosen, and that bytes survive them."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casegraph.web.http.compression import (
    CODINGS,
    acceptable,
    choose_coding,
    coded_tag,
    is_compressible,
    plain_tag,
    weights,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0, *", None),
        ("*;q=0", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=2", None),
        ("gzip;q=NaN", None),
        ("gzip;q=-1", None),
        ("br, deflate", None),
        (", ,;q=1,gzip", "gzip"),
        ("a," * 10_000 + "gzip", None),
    ],
)
def test_the_coding_that_the_client_prefers(header: str | None, expected: str | None) -> None:
    chosen = choose_coding(header)
    found = None if chosen is None else chosen.name
    # An interpreter that has zstd prefers it where anything is taken.
    assert found == ("zstd" if header == "*" and "zstd" in CODINGS else expected)


def test_a_weight_that_is_no_weight_counts_as_none() -> None:
    assert weights("gzip;q=1e3, br;q=0.5;x=1, zstd; q = 0.25") == {
        "gzip": 0.0,
        "br": 0.5,
        "zstd": 0.25,
    }
    assert acceptable("gzip;q=0") == frozenset()
    assert acceptable("gzip") == {"gzip"}


@given(st.text(max_size=200))
def test_no_header_breaks_the_choice(header: str) -> None:
    assert choose_coding(header) in {None, *CODINGS.values()}


@given(st.binary(max_size=100_000))
def test_coding_loses_nothing_and_is_reproducible(data: bytes) -> None:
    coding = CODINGS["gzip"]
    assert gzip.decompress(coding.small(data)) == data
    assert coding.small(data) == coding.small(data)
    sink = io.BytesIO()
    coding.large(io.BytesIO(data), sink)
    assert gzip.decompress(sink.getvalue()) == data


def test_each_coding_has_a_tag_of_its_own() -> None:
    tag = coded_tag('"x-1"', CODINGS["gzip"])
    assert tag == '"x-1-gzip"'
    assert plain_tag(tag) == ('"x-1"', "gzip")
    assert plain_tag('"x-1"') == ('"x-1"', "")


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/html; charset=utf-8", True),
        ("TEXT/turtle", True),
        ("application/sparql-results+json", True),
        ("application/gzip", False),
        ("application/zip", False),
        ("application/vnd.sqlite3", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_what_is_packed_already_stays_as_it_is(media_type: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_compressible(media_type) is expected

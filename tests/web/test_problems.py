"""Errors as status codes and problem documents."""

from __future__ import annotations

import json

import pytest

from casegraph.errors import CasegraphError, Gone, InvalidQuery, NotAllowed, TryLater
from casegraph.web.http.problems import STATUS, from_error, status_of


def test_a_kind_of_error_without_a_row_takes_that_of_its_parent() -> None:
    kind = type("Unlisted", (NotAllowed,), {})
    try:
        assert status_of(kind("x")) == STATUS[NotAllowed]
    finally:
        del kind


@pytest.mark.parametrize("kind", list(STATUS))
def test_status_codes_are_those_of_errors(kind: type[CasegraphError]) -> None:
    assert 400 <= STATUS[kind] <= 599


def test_a_gone_record_is_not_named() -> None:
    document = from_error(Gone("finding of Ana Veld", hint="ask Ana"))
    assert b"Ana" not in document.to_json()


def test_place_and_hint_of_a_query_error_are_members() -> None:
    error = InvalidQuery("No.", line=3, column=7, hint="Mend it.")
    told = json.loads(from_error(error).to_json())
    assert (told["line"], told["column"], told["hint"]) == (3, 7, "Mend it.")


def test_retry_after_is_whole_seconds_of_at_least_one() -> None:
    document = from_error(TryLater("Busy.", limit="load", retry_after=0.2))
    assert document.headers == {"Retry-After": "1"}

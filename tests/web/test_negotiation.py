"""Accept headers, with weights and wildcards (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest

from casegraph.web.http.negotiation import Offer, choose, prefers_html

OFFERS = [
    Offer("json", "application/sparql-results+json"),
    Offer("csv", "text/csv"),
    Offer("html", "text/html"),
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/*", "csv"),
        ("text/csv;q=0.5, text/html;q=0.9", "html"),
        ("text/html;q=0.5, text/csv;q=0.5", "csv"),
        ("*/*;q=0.1, text/html", "html"),
        ("text/*, text/csv;q=0", "html"),
        ("TEXT/CSV", "csv"),
        ("text/csv; version=1.2; charset=utf-8", "csv"),
        ("garbage, text/csv", "csv"),
        (BROWSER, "html"),
    ],
)
def test_the_heaviest_offer_wins_and_the_first_of_equals(accept: str | None, expected: str) -> None:
    chosen = choose(accept, OFFERS)
    assert chosen is not None
    assert chosen.name == expected


@pytest.mark.parametrize(
    "accept", ["image/png", "text/csv;q=0", "*/*;q=0", "text/csv;q=2, image/*", "nonsense"]
)
def test_nothing_is_chosen_where_nothing_is_acceptable(accept: str) -> None:
    assert choose(accept, OFFERS) is None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("*/*", False),
        (None, False),
        ("text/turtle, text/html;q=0.5", False),
        ("text/html;q=0", False),
    ],
)
def test_only_who_names_html_first_is_taken_for_a_browser(
    accept: str | None, *, expected: bool
) -> None:
    assert prefers_html(accept) is expected

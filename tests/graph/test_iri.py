from __future__ import annotations

import pytest

from casegraph.errors import FixInput, Where
from casegraph.graph.iri import iri

GOOD = [
    "https://example.org/",
    "https://example.org/a?b=c#d",
    "http://example.org:8080/x/%D0%B0",
    "https://example.org/вясна",
    "https://пример.example.org/",
    "https://[2001:db8::1]/x",
    "urn:isbn:9780306406157",
]
BAD = {
    "javascript:alert(1)": "scheme javascript:",
    "mailto:a@example.org": "scheme mailto:",
    "data:text/html,x": "scheme data:",
    "example.org/x": "does not begin with a scheme",
    "https://example.org/a b": "U+0020",
    "https://example.org/a\nb": "U+000A",
    "https://example.org/\u202etxt": "U+202E",
    "https://example.org/\u200bx": "U+200B",
    "https://example.org/<x>": "U+003C",
    'https://example.org/"x': "U+0022",
    "https://example.org/e\u0301": "normal form C",
    "https://example.org/%zz": "percent sign",
    "https://": "no host",
    "https:///x": "no host",
    "https:example.org": "no host",
    "https://user@example.org/": "user name",
    "https://-bad-.example.org/": "no host name",
    "https://a..example.org/": "no host name",
    "https://example.org:99999/": "cannot be read",
    "urn:x": "urn",
    "https://example.org/" + "x" * 5000: "longer than",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_good_address_comes_back_unchanged(text: str) -> None:
    assert iri(text) == text


@pytest.mark.parametrize(("text", "reason"), BAD.items())
def test_a_bad_address_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(FixInput) as caught:
        iri(text, where=Where("sources/a.yaml", 4))
    assert reason in caught.value.message
    assert caught.value.hint
    assert caught.value.where == Where("sources/a.yaml", 4)


def test_a_message_never_contains_the_invisible_character_it_complains_of() -> None:
    with pytest.raises(FixInput) as caught:
        iri("https://example.org/\u202egnp")
    assert "\u202e" not in str(caught.value)

"""The numbers of a date count nothing."""

from __future__ import annotations

import pytest

from casegraph.findings.dates_in_words import without_dates
from casegraph.findings.write import new_entry


@pytest.mark.parametrize(
    "words",
    [
        "on 9 August", "on 9 August 2020", "the 9th of August", "on August 9, 2020", "9 Aug.",
        "on August 9 and 10", "from 9 to 11 August", "9–11 August", "in 2020", "12.08.2020",
        "12/08/20", "2020-08-09", "2020-08", "in 2020–2024", "in 2023/24", "at 10:30",
        "9 августа", "9-го августа 2020 года", "с 9 по 11 августа", "31 дек. 2020", "в 2020 году",
        "9 жніўня", "9 жніўня 2020 года", "з 9 па 11 жніўня", "9 і 10 траўня", "у 2020 годзе",
        "1 мая", "2 лютага", "3 сакавіка", "4 красавіка", "5 чэрвеня", "6 ліпеня", "7 верасня",
        "8 кастрычніка", "10 лістапада", "11 снежня", "12 студзеня",
    ],
)  # fmt: skip
def test_a_date_is_no_count(words: str) -> None:
    entry = new_entry("s", f"Text. {words}. End.", words, taken=())
    assert "  count:" not in entry
    assert f'quote: "{words}"' in entry


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("On 9 August 12 people were held", "12             # exactly"),
        ("In August 12 people were held", "12             # exactly"),
        ("9 августа задержали не менее 25 человек", "25             # exactly"),
        ("у 2020 годзе затрымалі 1 500 чалавек", "1500             # exactly"),
        ("12.08.2020: at least 7 people", "7             # atLeast, as the quotation says"),
        ("480 may be held", "480             # exactly"),
        ("В августе 30 человек", "30             # exactly"),
        ("1,721 people by 3 March", "1721             # exactly"),
        ("40 August prisoners", "40             # exactly"),
    ],
)
def test_the_count_beside_a_date_is_taken(words: str, count: str) -> None:
    assert f"\n  count: {count}\n" in new_entry("s", words, words, taken=())


def test_what_stands_beside_a_date_keeps_its_place() -> None:
    assert without_dates("by 9 August 12 men") == "by ········ 12 men"

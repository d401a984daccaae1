"""One spelling for names in several scripts, and the forms that a name takes."""

from __future__ import annotations

import pytest

from casegraph.model.fold import fold_word, may_be_form, words


@pytest.mark.parametrize(
    "spellings",
    [
        ("Бяляцкі", "Беляцкий", "Bialiatski", "Bialacki", "Bialatsky"),
        ("Ціханоўская", "Tsikhanouskaya", "Cichanoŭskaja"),
        ("Працюк", "Pratsiuk", "Praciuk"),
        ("Зварутка", "Zvarutka"),
    ],
)
def test_spellings_of_one_name_may_be_forms_of_each_other(spellings: tuple[str, ...]) -> None:
    for name in spellings:
        for word in spellings:
            assert may_be_form(word, name), (word, name)


def test_composed_and_decomposed_letters_are_one() -> None:
    assert fold_word("Ціханоўская") == fold_word("Ціханоўская")


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Бяляцкі", "Бяляцкага Бяляцкаму Бяляцкім Бяляцкая Бяляцкую Бяляцкай"),
        ("Павел", "Паўла Паўлу Паўлам Павла Павлом"),
        ("Зварутка", "Зваруткі Зварутцы Зварутку Зваруткай"),
        ("Алесь", "Алеся Алесю Алесем"),
        ("Валдавец", "Валдаўца Валдаўцу Валдавца"),
        ("Вольга", "Вольгі Вользе Вольгу Вольгай"),
        ("Drevin", "Drevin's Drevins Drevina"),
    ],
)
def test_cases_of_a_name(name: str, forms: str) -> None:
    for word in forms.split():
        assert may_be_form(word, name), word


def test_a_hyphenated_name_is_also_its_parts() -> None:
    assert [word for _, word in words("Anna-Maria came")] == ["Anna-Maria", "Anna", "Maria", "came"]


def test_digits_and_underscores_part_words() -> None:
    assert [word for _, word in words("pratsiuk_2024.pdf")] == ["pratsiuk", "pdf"]

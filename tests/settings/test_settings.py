"""One table of settings, four places a value may come from, and errors that mend."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

from casegraph import settings
from casegraph.errors import FixEnvironment, FixInput
from casegraph.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.setting import Setting, Value

UNITS = (
    *("_seconds", "_per_minute", "_bytes", "_rows", "_days", "_percent"),
    *("_workers", "_errors", "_open", "port"),
)


def toml(folder: Path, text: str) -> Path:
    file = folder / "casegraph.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(
    *,
    file: Path | None = None,
    environment: dict[str, str] | None = None,
    flags: dict[str, Value | None] | None = None,
) -> FixInput:
    with pytest.raises(FixInput) as caught:
        settings.read(file=file, environment=environment or {}, flags=flags)
    return caught.value


def test_without_anything_every_value_is_its_default() -> None:
    found = settings.read(environment={})
    assert found == Settings()
    assert {name: getattr(found, name) for name in SETTINGS} == {
        name: row.default for name, row in SETTINGS.items()
    }
    assert found.origin("port") == "default"


def test_the_nearer_place_wins_and_is_named(tmp_path: Path) -> None:
    file = toml(tmp_path, "[settings]\nport = 1\nquery_workers = 11\nshelf_life_days = 21\n")
    found = settings.read(
        file=file,
        environment={"CASEGRAPH_PORT": "2", "CASEGRAPH_QUERY_WORKERS": "12"},
        flags={"port": 3, "query_workers": None},
    )
    assert (found.port, found.query_workers, found.shelf_life_days) == (3, 12, 21)
    assert found.origin("port") == "--port"
    assert found.origin("query_workers") == "CASEGRAPH_QUERY_WORKERS"
    assert found.origin("shelf_life_days") == str(file)
    assert found.origin("host") == "default"


def test_other_tables_of_the_file_are_not_ours(tmp_path: Path) -> None:
    file = toml(tmp_path, '[workspace]\ntitle = "A"\nport = "x"\n')
    assert settings.read(file=file, environment={}) == Settings()


def test_the_environment_of_the_process_is_read_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASEGRAPH_PORT", "8123")
    assert settings.read().port == 8123


def test_variables_that_are_no_settings_are_left_alone() -> None:
    environment = {"PORT": "x", **dict.fromkeys(settings.OTHER_VARIABLES, "x")}
    assert settings.read(environment=environment) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("row", SETTINGS.values(), ids=list(SETTINGS))
def test_each_row_is_documented_has_its_unit_and_a_valid_default(row: Setting) -> None:
    assert re.fullmatch(r"[A-Z].*\.", row.doc, re.DOTALL)
    assert row.complain(row.default) is None
    assert row.variable == f"CASEGRAPH_{row.name.upper()}"
    assert row.flag == f"--{row.name.replace('_', '-')}"
    if row.type is not str:
        assert row.name.endswith(UNITS) or row.name.startswith("max_result_")


@pytest.mark.parametrize("row", SETTINGS.values(), ids=list(SETTINGS))
def test_each_row_can_be_set_from_every_place(row: Setting, tmp_path: Path) -> None:
    """The default, written out, is read back with its type from file, variable and flag."""
    shown = f'"{row.default}"' if row.type is str else str(row.default)
    file = toml(tmp_path, f"[settings]\n{row.name} = {shown}\n")
    for found in (
        settings.read(file=file, environment={}),
        settings.read(environment={row.variable: str(row.default)}),
        settings.read(environment={}, flags={row.name: str(row.default)}),
        settings.read(environment={}, flags={row.name: row.default}),
    ):
        assert found == Settings()
        assert type(getattr(found, row.name)) is row.type
        assert found.origin(row.name) != "default"


def test_an_unknown_key_is_answered_with_the_nearest_and_the_line(tmp_path: Path) -> None:
    error = refusal(file=toml(tmp_path, "[a]\nprot = 1\n[settings]\n\nprot = 8000\n"))
    assert error.message == "there is no setting prot"
    assert error.hint == "Did you mean port?"
    assert str(error.where) == f"{tmp_path / 'casegraph.toml'}:5"


def test_an_unknown_variable_is_answered_with_the_nearest() -> None:
    error = refusal(environment={"CASEGRAPH_BASEIRI": "x"})
    assert error.message == "there is no setting CASEGRAPH_BASEIRI"
    assert error.hint == "Did you mean CASEGRAPH_BASE_IRI?"


def test_an_unknown_key_like_no_other_is_answered_with_all() -> None:
    error = refusal(flags={"zzz": 1})
    assert error.hint is not None
    assert error.hint.startswith("Known are: base_iri, public_url, ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('port = "80"', "port must be a whole number, not '80'"),
        ("port = true", "port must be a whole number, not True"),
        ("port = 80.0", "port must be a whole number, not 80.0"),
        ("port = 65536", "port must be from 0 to 65535, not 65536"),
        ("host = 1", "host must be text in quotation marks, not 1"),
        ("query_deadline_seconds = nan", "query_deadline_seconds must be a number, not nan"),
        ("query_deadline_seconds = 61", "query_deadline_seconds must be from 0 to 60, not 61"),
        ("shelf_life_days = 1979-05-27", "shelf_life_days must be a whole number, not date"),
    ],
)
def test_a_wrong_value_is_refused_at_its_line(tmp_path: Path, line: str, message: str) -> None:
    error = refusal(file=toml(tmp_path, f"[settings]\n{line}\n"))
    assert error.message.startswith(message.removesuffix("date"))
    assert error.where is not None
    assert error.where.line == 2
    assert error.hint == SETTINGS[line.split(" ", maxsplit=1)[0]].doc


@pytest.mark.parametrize("text", ["", "1_000", "١٢", "0x10", "80.5", " 80", "1e3", "nan", "--80"])
def test_a_number_from_outside_is_written_plainly(text: str) -> None:
    error = refusal(environment={"CASEGRAPH_PORT": text})
    assert error.message == f"CASEGRAPH_PORT must be a whole number, not {text!r}"


def test_a_flag_is_named_as_it_is_typed() -> None:
    error = refusal(flags={"query_workers": 0})
    assert error.message == "--query-workers must be from 1 to 256, not 0"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "https:///x/",
        "javascript:alert(1)/",
        "ftp://example.org/",
        "https://example.org/a b/",
        "https://example.org/?x=/",
        "https://example.org/#/",
        "https://user@example.org/",
        "https://example.org:x/",
        "https://[::1/",
        "https://exämple.org/",
        "https://example.org/\n/",
        "",
    ],
)
def test_names_are_made_only_below_a_plain_address(address: str) -> None:
    error = refusal(flags={"base_iri": address})
    assert error.message.startswith("--base-iri must be an http or https address")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "https://example.org/graph/"])
def test_plain_addresses_are_taken(address: str) -> None:
    found = settings.read(environment={}, flags={"base_iri": address, "public_url": address})
    assert (found.base_iri, found.public_url) == (address, address)


def test_a_file_that_is_not_toml_is_refused_at_its_place(tmp_path: Path) -> None:
    error = refusal(file=toml(tmp_path, "[settings]\nhost = here\n"))
    assert error.message.startswith("this is not TOML: ")
    assert error.where is not None
    assert (error.where.line, error.where.column is not None) == (2, True)


def test_a_file_that_ends_too_soon_is_refused(tmp_path: Path) -> None:
    error = refusal(file=toml(tmp_path, '[settings]\nhost = "'))
    assert error.message.startswith("this is not TOML: ")


def test_settings_that_are_no_table_are_refused(tmp_path: Path) -> None:
    error = refusal(file=toml(tmp_path, "title = 1\nsettings = 8000\n"))
    assert error.message == "settings must be a table"
    assert str(error.where).endswith(":2")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "casegraph.toml"
    file.write_bytes('[settings]\nhost = "ü"\n'.encode("latin-1"))
    error = refusal(file=file)
    assert error.message == "the file is not UTF-8 (byte 19)"


def test_a_missing_file_is_a_matter_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(FixEnvironment, match="cannot be read: No such file"):
        settings.read(file=tmp_path / "casegraph.toml", environment={})

"""Opening and reading a workspace: what is wrong is told, word for word."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from casegraph.errors import CasegraphError, Conflict, FixInput, InvalidRecords, NotFound
from casegraph.sources.captures import attach, read_captures, write_capture
from casegraph.workspace import open_workspace, read_workspace, release_inputs
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return veldania.write(tmp_path / "workspace", veldania.files())


def refusal(root: Path, kind: type[CasegraphError]) -> str:
    with pytest.raises(kind) as error:
        open_workspace(root)
    return str(error.value).replace(str(root), "W")


def problems(root: Path) -> list[str]:
    return [str(problem) for problem in read_workspace(open_workspace(root)).problems]


def test_a_folder_without_casegraph_toml_is_no_workspace(tmp_path: Path) -> None:
    assert refusal(tmp_path, NotFound) == (
        "W is not a workspace: it has no casegraph.toml\n"
        "    Go to your workspace, name it with --workspace, or make one with"
        " `casegraph init FOLDER`."
    )


def test_a_missing_salt(root: Path) -> None:
    (root / "salt").unlink()
    assert refusal(root, NotFound) == (
        "W/salt is missing: without it every finding would get another address\n"
        "    Restore it from your backup. Do not make a new one if anything is published."
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('titel = "x"', ("W/casegraph.toml: 'titel' is not known in [workspace]\n"
                        "    Did you mean title?")),
        ('colour = "x"', ("W/casegraph.toml: 'colour' is not known in [workspace]\n"
                         "    Known: name, title, base_iri, organisation, languages, licence,"
                         " banner.")),
    ],
)  # fmt: skip
def test_an_unknown_key(root: Path, line: str, told: str) -> None:
    with (root / "casegraph.toml").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert refusal(root, FixInput) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('title = "Songs of Veldania"', "",
         'W/casegraph.toml: title is missing in [workspace]\n    Add a line title = "…".'),
        ("[workspace]", "[works]",
         ("W/casegraph.toml: the table [workspace] is missing\n"
         "    `casegraph init` shows how it looks.")),
    ],
)  # fmt: skip
def test_what_is_missing(root: Path, before: str, after: str, told: str) -> None:
    file = root / "casegraph.toml"
    file.write_text(file.read_text("utf-8").replace(before, after), encoding="utf-8")
    assert refusal(root, FixInput) == told


def test_broken_toml(root: Path) -> None:
    (root / "casegraph.toml").write_text("[workspace\n", encoding="utf-8")
    told = refusal(root, FixInput)
    assert told.startswith("W/casegraph.toml: the file cannot be read: ")
    assert told.endswith('\n    Put values in double quotes, as in title = "…".')


def test_an_organisation_that_is_no_agent(root: Path) -> None:
    file = root / "casegraph.toml"
    file.write_text(file.read_text("utf-8").replace('"desk"', '"dask"'), encoding="utf-8")
    assert problems(root) == [
        (
            "casegraph.toml: error: organisation is 'dask', which is no key of an agent\n"
            "    Did you mean desk?"
        )
    ]


def test_all_errors_are_told_together(root: Path) -> None:
    people = json.loads((root / "people.yaml").read_text("utf-8"))
    people["people"][0]["id"] = "short"
    (root / "people.yaml").write_text(json.dumps(people), encoding="utf-8")
    (root / "texts" / "report.txt").write_text("other\n", encoding="utf-8")
    (root / "released-names.yaml").write_text("word:\n", encoding="utf-8")
    workspace = open_workspace(root)
    with pytest.raises(InvalidRecords) as error:
        release_inputs(workspace, read_workspace(workspace))
    codes = {problem.code for problem in error.value.problems}
    assert {"bad-id", "text-changed", "missing-reason"} <= codes


def test_a_text_that_changed_since_its_capture(root: Path) -> None:
    text = root / "texts" / "report.txt"
    text.write_bytes(text.read_bytes() + b"more\n")
    assert problems(root) == [
        (
            "texts/report.txt: error: the text of 'report' is not the one that was captured\n"
            "    Put the captured text back; a new version of a page is a new source."
        )
    ]


def test_another_file_than_the_one_captured(root: Path, tmp_path: Path) -> None:
    reading = read_workspace(open_workspace(root))
    other = tmp_path / "other.txt"
    other.write_text("another text\n", encoding="utf-8")
    with pytest.raises(Conflict) as error:
        attach(root, reading.book.sources["report"], other, captured=date(2031, 2, 2),
               known=reading.captures["report"])  # fmt: skip
    assert str(error.value) == (
        "the file is not the one that was captured as 'report' on 2031-01-02\n"
        "    A new version of a page is a new source: add it to the catalogue under another key."
        " If the first capture was a mistake, delete sources/report.capture.json first."
    )
    assert (root / "texts/report.txt").read_text("utf-8") == veldania.TEXT


def test_a_source_that_is_only_cited_has_no_text(root: Path, tmp_path: Path) -> None:
    page = read_workspace(open_workspace(root)).book.sources["page"]
    file = tmp_path / "page.txt"
    file.write_text("text\n", encoding="utf-8")
    with pytest.raises(FixInput, match=r"'page' is only cited, so no text is kept of it"):
        attach(root, page, file, captured=date(2031, 2, 2), known=None)
    with pytest.raises(NotFound, match=r"^there is no file nowhere.txt"):
        attach(root, page, tmp_path / "nowhere.txt", captured=date(2031, 2, 2), known=None,
               shown="nowhere.txt")  # fmt: skip


def test_a_text_without_a_record_and_a_record_that_is_broken(root: Path) -> None:
    record = root / "sources" / "report.capture.json"
    record.write_text("{}", encoding="utf-8")
    (told,) = (line for line in problems(root) if "record" in line and "cannot" in line)
    assert told == (
        "sources/report.capture.json: error: the capture record cannot be read: 'sha256'\n"
        "    Delete it and run `casegraph source attach report FILE` again."
    )
    record.unlink()
    assert problems(root) == [
        (
            "texts/report.txt: error: the text of 'report' has no capture record\n"
            "    Run `casegraph source attach report FILE`."
        )
    ]


def test_a_full_source_needs_its_text(root: Path) -> None:
    sources = json.loads((root / "sources/monitor.yaml").read_text("utf-8"))
    sources["sources"][0]["holding"] = "full"
    (root / "sources/monitor.yaml").write_text(json.dumps(sources), encoding="utf-8")
    told = problems(root)[0]
    assert "the text of 'report' should be in sources/texts/report.txt, but is not" in told
    assert told.endswith("    Run `casegraph source attach report FILE`.")


def test_a_capture_record_is_read_as_it_was_written(root: Path) -> None:
    sources = read_workspace(open_workspace(root)).book.sources
    records, _ = read_captures(root, sources)
    before = (root / "sources/report.capture.json").read_bytes()
    write_capture(root, "report", records["report"])
    assert (root / "sources/report.capture.json").read_bytes() == before
    assert b"412" not in before, "it tells none of the words"


def test_a_release_is_the_same_without_the_text_at_hand(root: Path) -> None:
    """The places were recorded when it was checked; a clone has no texts."""
    with_text = read_workspace(open_workspace(root)).book
    (root / "texts" / "report.txt").unlink()
    assert set(read_workspace(open_workspace(root)).book.findings) == set(with_text.findings)

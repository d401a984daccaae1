"""new, revise, source, export: what writes into the workspace, and what reads it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from casegraph.findings.reader import read_book
from tests.findings.small_workspace import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

    Casegraph = Callable[..., Ran]


def test_new_prints_an_entry_filled_in(attached: Path, casegraph: Casegraph) -> None:
    printed = casegraph("-w", attached, "new", "report", "including 480 women")
    assert printed.code == 0
    assert printed.out.splitlines()[:4] == [
        "- key: report-1",
        '  quote: "including 480 women"',
        "  count: 480             # exactly",
        "  of: POPULATION",
    ]


def test_new_adds_an_entry_that_is_read_again(attached: Path, casegraph: Casegraph) -> None:
    file = "findings/more.yaml"
    assert casegraph("-w", attached, "new", "report", "guards shouted", "--add", file).code == 0
    added = casegraph("-w", attached, "new", "report", "guards beat prisoners", "--add", file)
    assert "Added at findings/more.yaml:12." in added.err
    text = (attached / "findings" / "more.yaml").read_text()
    assert "level: restricted" in text
    near = 'near: "guards shouted.'
    assert near in text
    text = text.replace("TYPE", "torture").replace("[KEY]", "[sentenced]")
    (attached / "findings" / "more.yaml").write_text(text)
    checked = casegraph("-w", attached, "check")
    assert checked.code == 0, checked.err
    book, _ = read_book(attached, TYPES)
    assert {"report-1", "report-2"} <= book.findings.keys()


def test_new_adds_to_a_file_as_it_is_written(attached: Path, casegraph: Casegraph) -> None:
    """A list that stands in, without an end of line, of another source."""
    path = attached / "findings" / "other.yaml"
    path.write_text("source: elsewhere\nstatements:\n  # a remark\n  - {quote: x, count: 1}")
    added = casegraph("-w", attached, "new", "report", "guards shouted", "--add", path)
    assert added.code == 0, added.err
    assert "\n  - key: report-1\n    source: report\n    quote:" in path.read_text()


def test_new_adds_a_source_that_check_asks_to_fill_in(attached: Path, casegraph: Casegraph) -> None:
    """The id is drawn, a title in quotation marks is kept, and nothing empty is taken for said."""
    added = casegraph("-w", attached, "new", "yearbook", 'The "Year"', "--record", "source")
    assert added.code == 0, added.err
    assert added.err == (
        "Added at sources/sources.yaml:5. Fill in what is empty, then: casegraph check\n"
    )
    path = attached / "sources" / "sources.yaml"
    asked = casegraph("-w", attached, "check").err
    for name in ("publisher", "language", "uttered", "url", "rights"):
        assert f"error: `{name}` is empty" in asked
    text = path.read_text()
    for name, value in (("publisher", "lantern"), ("language", "en"), ("rights", "its own")):
        text = text.replace(f"  {name}: ", f"  {name}: {value} ")
    kept = [line for line in text.splitlines() if not line.startswith(("  uttered:", "  url:"))]
    path.write_text("\n".join(kept) + "\n")
    checked = casegraph("-w", attached, "check")
    assert checked.code == 0, checked.err
    source = read_book(attached, TYPES)[0].sources["yearbook"]
    assert source.titles[0].value == 'The "Year"'
    assert len(source.id) == 16
    assert source.disclosure.level == "restricted"


def test_check_tells_of_a_published_finding_that_was_changed(
    attached: Path, casegraph: Casegraph, tmp_path: Path
) -> None:
    """Before the build refuses: the words that were published, and where the change stands."""
    for arguments in (
        ("key", tmp_path / "keys", "--no-passphrase"),
        ("-w", attached, "build"),
        ("-w", attached, "preview"),
        ("-w", attached, "publish", "--key", tmp_path / "keys" / "minisign.key",
         "--by", "A", "--because", "b"),
    ):  # fmt: skip
        done = casegraph(*arguments)
        assert done.code == 0, done.err
    assert "warning" not in casegraph("-w", attached, "check").err
    path = attached / "findings" / "report.yaml"
    path.write_text(path.read_text().replace("torture", "ill-treatment"))
    told = casegraph("-w", attached, "check")
    assert told.code == 0
    assert "findings/report.yaml:" in told.err
    assert " warning: the published finding " in told.err
    assert " is gone or says something else now: “" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("report", "guards laughed"), 1, "error: 'guards laughed' does not stand in 'report'"),
        (
            ("report", '1,721 "people" were'),
            1,
            (
                "error: '1,721 \"people\" were' does not stand in 'report': it differs in its"
                ' quotation marks\n    Copy the source\'s own words: quote: "1,721 people were"\n'
            ),
        ),
        (("raport", "guards"), 1, "error: there is no source 'raport'\n    Did you mean `report`?"),
        (("report", "guards beat", "--add", "../out.yaml"), 1, "error: ../out.yaml is no .yaml"),
        (("report",), 2, "Usage: casegraph new"),
    ],
)
def test_new_refuses(
    attached: Path, casegraph: Casegraph, arguments: tuple[str, ...], code: int, message: str
) -> None:
    refused = casegraph("-w", attached, "new", *arguments)
    assert (refused.code, refused.out) == (code, "")
    assert refused.err.startswith(message)


def test_new_leaves_a_file_alone_that_does_not_end_with_its_list(
    attached: Path, casegraph: Casegraph
) -> None:
    path = attached / "findings" / "odd.yaml"
    path.write_text("statements:\n- {quote: x}\nsource: report\n")
    before = path.read_bytes()
    refused = casegraph("-w", attached, "new", "report", "guards shouted", "--add", path)
    assert refused.code == 1
    assert path.read_bytes() == before


def test_new_needs_the_text(workspace: Path, casegraph: Casegraph) -> None:
    refused = casegraph("-w", workspace, "new", "report", "guards")
    assert refused.code == 1
    assert "Run `casegraph source attach report FILE` first." in refused.err


def test_attach_records_places_and_the_day(attached: Path, casegraph: Casegraph) -> None:
    record = json.loads((attached / "sources" / "report.capture.json").read_text())
    assert record["checked"] == "2026-01-16"
    assert len(record["places"]) == 3
    listed = json.loads(casegraph("-w", attached, "source", "list", "--json").out)
    assert [(row["key"], row["textAtHand"], row["checked"]) for row in listed] == [
        ("report", True, "2026-01-16")
    ]


def test_attach_before_anything_is_quoted(workspace: Path, casegraph: Casegraph) -> None:
    (workspace / "findings" / "report.yaml").unlink()
    done = casegraph("-w", workspace, "source", "attach", "report", workspace / "report.txt")
    assert (done.code, done.out, done.err) == (
        0,
        "The text of 'report' is held now. Nothing is quoted from it yet.\n",
        'Next: casegraph new report "words", or casegraph check\n',
    )


def test_attach_counts_one_quotation_as_one(workspace: Path, casegraph: Casegraph) -> None:
    path = workspace / "findings" / "report.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("- key: women")])
    done = casegraph("-w", workspace, "source", "attach", "report", workspace / "report.txt")
    assert done.out == (
        "1 quotation of 'report' found, 0 not found; it reproduces 14.7% of the text.\n"
    )


def test_attach_again_looks_through_the_text_that_is_held(
    attached: Path, casegraph: Casegraph
) -> None:
    path = attached / "findings" / "report.yaml"
    path.write_text(path.read_text().replace("guards beat prisoners", "guards beat nobody"))
    again = casegraph("-w", attached, "source", "attach", "report", "--date", "2026-02-01")
    assert again.code == 1
    assert again.out.startswith("2 quotations of 'report' found, 1 not found; they reproduce 25.0%")
    record = json.loads((attached / "sources" / "report.capture.json").read_text())
    assert record["checked"] == "2026-01-16"


def test_attach_refuses_what_is_no_text(attached: Path, casegraph: Casegraph) -> None:
    missing = casegraph("-w", attached, "source", "attach", "report", "nowhere.txt")
    assert (missing.code, missing.err) == (
        1, "error: there is no file nowhere.txt\n    Check the path.\n")  # fmt: skip
    (attached / "bad.txt").write_bytes(b"line\nbad \xff")
    bad = casegraph("-w", attached, "source", "attach", "report", attached / "bad.txt")
    assert bad.code == 1
    assert bad.err.startswith(f"{attached / 'bad.txt'}:2:5: error: the file is not UTF-8")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\nplain enough", "a PDF"),
        (b"PK\x03\x04 word/document.xml", "a Word document (.docx)"),
        (b"PK\x03\x04 xl/workbook.xml", "a spreadsheet (.xlsx)"),
        (b"PK\x03\x04 other", "a ZIP archive"),
        (b"{\\rtf1 words}", "an RTF document"),
        (b"words\x00words", "binary data (it holds NUL bytes)"),
        ("words".encode("utf-16"), "text in UTF-16"),
    ],
)
def test_attach_names_what_is_no_plain_text(
    workspace: Path, casegraph: Casegraph, data: bytes, kind: str
) -> None:
    file = workspace / "download"
    file.write_bytes(data)
    refused = casegraph("-w", workspace, "source", "attach", "report", file)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"{file}: error: the file is {kind}, not plain text\n"
        "    Save its words as plain text in UTF-8, look through them, and give that file.\n"
    )
    assert not (workspace / "sources" / "report.capture.json").exists()


def test_export_gives_tables_that_are_read_back(attached: Path, casegraph: Casegraph) -> None:
    before, _ = read_book(attached, TYPES)
    (attached / "more").mkdir()
    wrote = casegraph("-w", attached, "export", "csv", "--to", attached / "more" / "report.csv")
    assert wrote.code == 0
    assert "restricted records too" in wrote.err
    (attached / "findings" / "report.yaml").unlink()
    (attached / "more" / "report.csv").rename(attached / "findings" / "report.csv")
    assert read_book(attached, TYPES)[0] == before
    lines = casegraph("-w", attached, "export", "jsonl").out.splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["total", "women", "report-3"]


def test_export_writes_schemas(tmp_path: Path, casegraph: Casegraph) -> None:
    assert casegraph("-w", tmp_path, "export", "schema", "--to", tmp_path / "s").code == 0
    assert len(list((tmp_path / "s").iterdir())) == 7


def test_a_release_can_be_revised_and_exported(
    attached: Path, casegraph: Casegraph, tmp_path: Path
) -> None:
    """From the workspace to a release, a revision of one of its findings, and other formats."""

    def step(*arguments: object) -> Ran:
        done = casegraph("-w", attached, *arguments)
        assert done.code == 0, done.err
        return done

    draft = casegraph("-w", attached, "revise", "women", "--because", "misread")
    assert (draft.code, draft.err.splitlines()[0]) == (
        1, "error: 'women' is not published as it stands now")  # fmt: skip
    assert casegraph("-w", attached, "export", "ttl").code == 1
    step("key", tmp_path / "key", "--no-passphrase")
    step("build", "--date", "2026-01-20")
    step("preview")
    key = tmp_path / "key" / "minisign.key"
    step("publish", "--by", "me", "--because", "ready", "--key", key, "--date", "2026-01-20")
    finding = json.loads(
        step("revise", "women", "--because", 'a "typing" error', "--kind", "retraction",
             "--date", "2026-01-21", "--json").out
    )["finding"]  # fmt: skip
    book, problems = read_book(attached, TYPES)
    assert problems == []
    assert [(r.finding, r.kind, r.reason) for r in book.revisions] == [
        (finding, "Retraction", 'a "typing" error')
    ]
    assert f"finding/{finding}" in step("export", "nt").out
    assert step("export", "rdfxml").out.startswith("<?xml")
    assert json.loads(step("export", "jsonld").out)["@graph"]
    unknown = casegraph("-w", attached, "revise", "z" * 26, "--because", "x")
    assert unknown.err.startswith(f"error: the current release has no finding {'z' * 26}")


@pytest.fixture
def published(attached: Path, casegraph: Casegraph, tmp_path: Path) -> Path:
    """The workspace with a release of 2026-01-20."""
    day = ("--date", "2026-01-20")
    for arguments in (
        ("key", tmp_path / "keys", "--no-passphrase"),
        ("build", *day),
        ("preview",),
        ("publish", "--key", tmp_path / "keys" / "minisign.key", "--by", "A", "--because", "b",
         *day),
    ):  # fmt: skip
        done = casegraph("-w", attached, *arguments)
        assert done.code == 0, done.err
        if arguments[0] == "build":
            assert done.out.splitlines()[1:] == [
                "The shapes found no violation and left 0 warnings."
            ]
    return attached


def test_verify_speaks_of_the_texts_that_a_release_carries(
    published: Path, casegraph: Casegraph
) -> None:
    sentence = "The text of 1 source is as captured, and every quotation stands at its place there."
    release = published / "releases" / "2026-01-20.1"
    for name in (release, release.with_name("2026-01-20.1.zip")):
        verified = casegraph("verify", name)
        assert verified.code == 0, verified.err
        assert verified.out.splitlines()[-2] == sentence


def _revise(casegraph: Casegraph, root: Path, *arguments: str) -> Ran:
    return casegraph("-w", root, "revise", *arguments, "--date", "2026-01-21")


def test_revise_shows_what_it_is_about(published: Path, casegraph: Casegraph) -> None:
    """A label that was given by position may have come to mean another entry."""
    done = _revise(casegraph, published, "report-3", "--because", "x", "--json")
    answer = json.loads(done.out)
    sentence = "The Lantern says: torture: “people sentenced in Veldania” (as of 2025-02-01)."
    assert answer["statement"] == sentence
    assert done.err.splitlines() == [
        f"This is about {answer['finding']}:",
        f"    “{sentence}”",
        "    findings/report.yaml:16:3 quotes “guards beat prisoners”",
        (
            "Added at revisions.yaml:3; delete it there if another finding was meant. Next:"
            " casegraph check, casegraph build"
        ),
    ]
    by_id = _revise(casegraph, published, answer["finding"], "--because", "x", "--kind", "dispute")
    assert by_id.err.startswith(f"This is about {answer['finding']}:\n    “{sentence}”\nAdded at")


def test_the_same_revision_is_not_recorded_twice(published: Path, casegraph: Casegraph) -> None:
    assert _revise(casegraph, published, "women", "--because", "x").code == 0
    before = (published / "revisions.yaml").read_bytes()
    again = _revise(casegraph, published, "women", "--because", "said otherwise")
    assert (again.code, again.out) == (1, "")
    assert "".join(again.err.splitlines(keepends=True)[3:]) == (
        "revisions.yaml:3:3: error: this revision is recorded already: retraction on 2026-01-21"
        " because “x”\n"
        "    Nothing was added. Edit that entry to change its words; use --kind or --replacement"
        " for another revision of this finding.\n"
    )
    assert (published / "revisions.yaml").read_bytes() == before
    assert (
        _revise(casegraph, published, "women", "--because", "x", "--replacement", "total").code == 0
    )
    disputes = [
        ("--because", "a"),
        ("--because", "b"),
        ("--because", "b"),
        ("--because", "b", "--by", "ministry"),
    ]
    codes = [
        _revise(casegraph, published, "women", "--kind", "dispute", *words).code
        for words in disputes
    ]
    assert codes == [0, 0, 1, 0]


def test_new_adds_records_with_new_ids(attached: Path, casegraph: Casegraph) -> None:
    for kind, key in (("court", "city-court"), ("person", "somebody"), ("population", "held")):
        added = casegraph("-w", attached, "new", key, f'The "{key}"', "--record", kind)
        assert added.code == 0, added.err
    book, problems = read_book(attached, TYPES)
    assert problems == []
    assert book.agents["city-court"].kind == "Court"
    assert book.agents["somebody"].disclosure.level == "restricted"
    assert book.populations["held"].labels[0].value == 'The "held"'
    taken = casegraph("-w", attached, "new", "held", "x", "--record", "population")
    assert (taken.code, taken.err) == (
        1,
        "error: the key 'held' is in use\n    Choose another one.\n",
    )
    bad = casegraph("-w", attached, "new", "a b", "x", "--record", "case")
    assert bad.err.startswith("error: 'a b' is not a key")

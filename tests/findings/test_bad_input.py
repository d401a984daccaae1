"""Every bad input of a workspace: one clear message with place and mend, and no second one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.findings.small_workspace import FILES, TOP, changed, read, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

F = "findings/report.yaml"
TAKE_AWAY = (
    "Records are YAML, JSON Lines or CSV in UTF-8. Take this file away from here; the text of a"
    " source comes in by `casegraph source attach`."
)


def told(tmp_path: Path, changes: dict[str, str | bytes | None]) -> list[str]:
    return [str(problem) for problem in read(write_workspace(tmp_path, changes))[1]]


def test_the_small_workspace_has_no_problem(tmp_path: Path) -> None:
    book, problems = read(write_workspace(tmp_path))
    assert problems == []
    assert list(book.findings) == ["total", "women", "report-3"]


CASES = {
    "a wrong quotation": (
        changed(F, "guards beat prisoners", "guards beat detainees"),
        (
            "findings/report.yaml:16:10: error: 'guards beat detainees' does not stand in"
            " 'report'\n"
            "    The source has its beginning, 'guards beat'; compare what follows."
        ),
    ),
    "a quotation that occurs twice": (
        changed(F, "guards beat prisoners", "guards shouted"),
        (
            "findings/report.yaml:16:10: error: 'guards shouted' stands 2 times in 'report'\n"
            "    Quote more words, or add near: with words that stand beside the right one and"
            " nowhere else."
        ),
    ),
    "words of near that are not there": (
        changed(F, 'guards beat prisoners"', 'guards shouted"\n  near: In winter'),
        (
            "findings/report.yaml:17:9: error: the words of `near`, 'In winter', do not stand in"
            " 'report'\n    Copy them from the source."
        ),
    ),
    "a quotation that cuts a number": (
        changed(
            F, '"1,721 people were sentenced"\n  count: 1721', '"721 people were"\n  count: 721'
        ),
        (
            "findings/report.yaml:7:10: error: the quotation '721 people were' begins or"
            " ends inside"
            " a number\n    Quote the whole number: a part of it means something else."
        ),
    ),
    "a date that does not exist": (
        changed(F, "during: 2024", "during: 2023-02-29"),
        (
            "findings/report.yaml:10:11: error: `during`: '2023-02-29' does not exist:"
            " February 2023"
            " has 28 days\n    Write 2024, 2024-12, 2024-12-31 or 2020/2024-12."
        ),
    ),
    "an unknown field": (
        changed(F, "  count: 1721", "  cuont: 1721\n  count: 1721"),
        "findings/report.yaml:8:3: error: 'cuont' is not a field here\n    Did you mean `count`?",
    ),
    "a misspelt field without which a statement says nothing": (
        changed(F, "  conduct: torture", "  Conduct: torture"),
        (
            "findings/report.yaml:17:3: error: 'Conduct' is not a field here\n"
            "    Did you mean `conduct`?"
        ),
    ),
    "a type of violation in plain words": (
        changed(F, "conduct: torture", "conduct: Arbitrary detention"),
        (
            "findings/report.yaml:17:12: error: 'Arbitrary detention' is not a type of violation\n"
            "    Types are written in lower case with hyphens, such as arbitrary-detention."
        ),
    ),
    "an unknown code": (
        changed(F, "  count: 480", "  unit: persns\n  count: 480"),
        (
            "findings/report.yaml:13:9: error: 'persns' is not a unit that is known\n"
            "    Did you mean `persons`? Known: persons, cases, acts, trials, sentences, rulings,"
            " facts, ratio, unstated."
        ),
    ),
    "a duplicate id": (
        changed("agents.yaml", "aaaaaaaaaaaaaaa2", "aaaaaaaaaaaaaaa1"),
        (
            "agents.yaml:5:23: error: the id 'aaaaaaaaaaaaaaa1' is used twice; first at"
            " agents.yaml:4:22\n    Give one of the two another id."
        ),
    ),
    "a duplicate key": (
        changed("agents.yaml", "key: ministry", "key: lantern"),
        (
            "agents.yaml:5:9: error: the key 'lantern' is used twice; first at agents.yaml:4:9\n"
            "    Give one of the two another key."
        ),
    ),
    "a duplicate key of a statement": (
        changed(F, '- quote: "guards', '- key: total\n  quote: "guards'),
        (
            "findings/report.yaml:16:8: error: the key 'total' is used twice; first at"
            " findings/report.yaml:6:8\n    Give one of the two another key."
        ),
    ),
    "a field given twice": (
        changed(F, "  count: 1721", "  count: 1721\n  count: 1722"),
        (
            "findings/report.yaml:9:3: error: 'count' is given twice; the first is in line 8\n"
            "    Keep one of the two."
        ),
    ),
    "a lower bound above its upper": (
        changed(F, "count: 1721", "count: between 20 and 10"),
        (
            "findings/report.yaml:8:10: error: the lower bound 20 is above the upper bound 10\n"
            "    Exchange the two numbers, or correct one."
        ),
    ),
    "a number that does not stand in its quotation": (
        changed(F, "count: 1721", "count: 1712"),
        (
            "findings/report.yaml:8:10: error: '1712' does not stand in the quotation\n"
            "    Quote the words that hold the number; if it is written in words, give them in"
            " `words`."
        ),
    ),
    "a comparator that the source does not have": (
        changed(F, "count: 1721", "count: at least 1721"),
        (
            "findings/report.yaml:8:10: error: `count` says 'at least 1721', but the quotation says"
            " '1,721'\n    Write the number alone: its comparator is taken from the"
            " quotation. Where"
            " the comparator stands elsewhere in it, give the words of both in `words`."
        ),
    ),
    "a comparator before a range": (
        changed(F, "count: 1721", "count: at least 10 to 15"),
        (
            "findings/report.yaml:8:10: error: 'at least 10 to 15' puts 'at least' before a range,"
            " which has two ends\n"
            "    A comparator before a range can be read in several ways: write it with the one"
            " number that the source means in `count`, and the words of both in `words`."
        ),
    ),
    "a PDF among the findings": (
        {"findings/report.pdf.yaml": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"},
        f"findings/report.pdf.yaml: error: the file is a PDF, not plain text\n    {TAKE_AWAY}",
    ),
    "a Word document among the records of a list": (
        {"findings/bulk.jsonl": b"PK\x03\x04\x14\x00\x00\x00\n\n word/document.xml\n\n"},
        (
            "findings/bulk.jsonl: error: the file is a Word document (.docx), not plain text\n"
            f"    {TAKE_AWAY}"
        ),
    ),
    "an archive instead of a table": (
        {"findings/table.csv": b"PK\x03\x04\x14\x00"},
        f"findings/table.csv: error: the file is a ZIP archive, not plain text\n    {TAKE_AWAY}",
    ),
    "NUL bytes": (
        {"people.yaml": b"people:\n\x00\x00\x00"},
        (
            "people.yaml: error: the file is binary data (it holds NUL bytes), not plain text\n"
            f"    {TAKE_AWAY}"
        ),
    ),
    "a table in UTF-16": (
        {"findings/table.csv": "source,quote".encode("utf-16")},
        f"findings/table.csv: error: the file is text in UTF-16, not plain text\n    {TAKE_AWAY}",
    ),
    "a time that ends before it begins": (
        changed(F, "during: 2024", "since: 2024\n  until: 2023"),
        (
            "findings/report.yaml:11:10: error: '2024/2023' ends before it begins\n"
            "    Exchange the two dates."
        ),
    ),
    "a link to nothing": (
        changed(F, "part-of: total", "part-of: totl"),
        (
            "findings/report.yaml:15:12: error: 'totl' is not the key of anything here\n"
            "    Did you mean `total`?"
        ),
    ),
    "a population that is missing": (
        changed(F, "of: sentenced\n", "of: sentencd\n"),
        (
            "findings/report.yaml:9:7: error: 'sentencd' is not the key of anything here\n"
            "    Did you mean `sentenced`?"
        ),
    ),
    "a link to something of the wrong kind": (
        changed(F, "of: sentenced\n", "of: lantern\n"),
        (
            "findings/report.yaml:9:7: error: 'lantern' is not a population\n"
            "    Point to a record of the right kind."
        ),
    ),
    "a missing source": (
        changed(F, "source: report", "source: raport"),
        (
            "findings/report.yaml:3:9: error: 'raport' is not the key of anything here\n"
            "    Did you mean `report`?"
        ),
    ),
    "a type of violation that does not exist": (
        changed(F, "conduct: torture", "conduct: tortur"),
        (
            "findings/report.yaml:17:12: error: 'tortur' is not a type of violation\n"
            "    Did you mean `torture`?"
        ),
    ),
    "an anchor": (
        changed(F, "of: sentenced\n", "of: &population sentenced\n"),
        (
            "findings/report.yaml:9:7: error: '&population' is a YAML anchor or alias, which"
            " casegraph does not read\n"
            "    Write the value out, or quote it if it is text that begins with & or *."
        ),
    ),
    "an alias bomb": (
        {F: "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\n"},
        (
            "findings/report.yaml:1:4: error: '&a' is a YAML anchor or alias, which casegraph does"
            " not read\n"
            "    Write the value out, or quote it if it is text that begins with & or *."
        ),
    ),
    "a YAML tag": (
        changed(F, "of: sentenced\n", "of: !!python/name:os.system sentenced\n"),
        (
            "findings/report.yaml:9:7: error: 'tag:yaml.org,2002:python/name:os.system' is a YAML"
            " tag, which casegraph does not read\n"
            "    Delete it, or quote the value if it is text that begins with !."
        ),
    ),
    "broken YAML": (
        changed(F, 'quote: "including 480 women"', "quote: the report: 480 women"),
        (
            "findings/report.yaml:12:20: error: the value holds a colon with a space behind it, as"
            " if another field began here\n"
            '    Write line 12 so: quote: "the report: 480 women"'
        ),
    ),
    "nesting without end": (
        {F: "statements: " + "[" * 5000},
        (
            "findings/report.yaml:1:21: error: more than 8 levels lie inside each other\n"
            "    Check the indentation; a statement needs three levels at most."
        ),
    ),
    "a second document": (
        {F: FILES[F] + "---\nmore: yes\n"},
        (
            "findings/report.yaml:20:1: error: a second document begins here\n"
            "    Delete the line `---`; one file holds one document."
        ),
    ),
    "a file that is not UTF-8": (
        {"agents.yaml": FILES["agents.yaml"].encode() + "# Вельдания".encode("cp1251")},
        (
            "agents.yaml:6:3: error: the file is not UTF-8: byte 0xc2 cannot be read\n"
            "    Save it as UTF-8 (in most editors: Save as, Encoding UTF-8) and try again."
        ),
    ),
    "a control character": (
        changed("agents.yaml", "The Lantern", "The\x07 Lantern"),
        (
            "agents.yaml:4:69: error: the file holds the control character U+0007\n"
            "    Delete the invisible character; it often comes with text pasted from a PDF."
        ),
    ),
    "a control character that is spelt out": (
        changed("agents.yaml", "The Lantern", '"The \\x1b[2J Lantern"'),
        (
            "agents.yaml:4:66: error: the text holds the control character U+001B at its"
            " character 5\n"
            "    Delete the invisible character; it often comes with text pasted from a PDF."
        ),
    ),
    "text that runs backwards": (
        changed("agents.yaml", "The Lantern", "The \u202e Lantern"),
        (
            "agents.yaml:4:70: error: the file holds the control character U+202E\n"
            "    Delete the invisible character; it often comes with text pasted from a PDF."
        ),
    ),
    "an address with a space": (
        changed("sources/report.yaml", "example.org/report", "example.org/a report"),
        (
            "sources/report.yaml:9:8: error: 'https://example.org/a report' is not an address that"
            " may be published: it holds a space\n"
            "    Use https:// or http://; write %20 for a space."
        ),
    ),
    "an address that is a script": (
        changed("sources/report.yaml", "https://example.org/report", "javascript:alert(1)"),
        (
            "sources/report.yaml:9:8: error: 'javascript:alert(1)' is not an address that may be"
            " published: it begins with javascript:\n"
            "    Use https:// or http://; write %20 for a space."
        ),
    ),
    "an undecided disclosure": (
        {
            F: FILES[F]
            .replace(TOP, "recorded: 2026-01-15\n")
            .replace(
                "- key: women",
                "- key: women\n  disclosure: {level: restricted, by: editors,"
                " on: 2026-01-15, basis: none}",
            )
            .replace(
                "- key: total\n  quote",
                "- key: total\n"
                "  disclosure: {level: restricted, by: editors, on: 2026-01-15, basis: none}\n"
                "  quote",
            )
        },
        (
            "findings/report.yaml:17:3: error: nobody has decided who may see this\n"
            "    Add disclosure: {level: restricted, by: YOUR-KEY, on: DATE, basis: none}"
            " here or at"
            " the top of the file; until then it stays private."
        ),
    ),
    "a disclosure by nobody": (
        changed("agents.yaml", "by: editors, ", ""),
        "agents.yaml:2:13: error: `by` is missing\n    Add a line `by: …`: Who decided.",
    ),
    "a key that leads out of the workspace": (
        changed("agents.yaml", "key: ministry", "key: a/../../b"),
        (
            "agents.yaml:5:9: error: `key` is 'a/../../b', which is not a key\n"
            "    A key is letters, digits, - and . without spaces, such as last-year."
        ),
    ),
    "a file under a name that is not read": (
        {"findings/more.yml": "statements: []"},
        "findings/more.yml: error: this file is not read\n    Name it .yaml.",
    ),
    "a field of another kind": (
        changed(F, "  conduct: torture", "  conduct: torture\n  baseline: 2023"),
        (
            "findings/report.yaml:18:3: error: `baseline` says nothing beside `conduct`\n"
            "    Delete it; it goes with `trend`."
        ),
    ),
    "a number that is denied": (
        changed(F, "  count: 480", "  denied: yes\n  count: 480"),
        (
            "findings/report.yaml:13:11: error: a number is not denied: a source that denies gives"
            " none\n    Record what is denied as `conduct` with denied: yes; for zero write count:"
            " none."
        ),
    ),
    "a statement that is a part of itself": (
        changed(F, "part-of: total", "part-of: women"),
        (
            "findings/report.yaml:15:12: error: 'women' is, through `part-of`, a part of itself\n"
            "    Delete one of the `part-of` lines of the circle."
        ),
    ),
    "words of a source that is only cited": (
        changed("sources/report.yaml", "holding: full", "holding: cited"),
        (
            "findings/report.yaml:7:10: error: 'report' is only cited, so none of its words stand"
            " here\n    Write cite: yes, or where in the source it stands, instead of `quote`."
        ),
    ),
}


@pytest.mark.parametrize(("changes", "message"), CASES.values(), ids=CASES)
def test_one_clear_message(
    tmp_path: Path, changes: dict[str, str | bytes | None], message: str
) -> None:
    told_problems = told(tmp_path, changes)
    assert told_problems[0] == message
    if "only cited" not in message:
        assert len(told_problems) == 1


def test_a_long_line_is_refused_without_being_kept(tmp_path: Path) -> None:
    """200 MB in one line of JSON Lines (a hole in the file: nothing is written to disk)."""
    path = write_workspace(tmp_path) / "findings" / "bulk.jsonl"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert [str(p) for p in read(tmp_path)[1]] == [
        (
            "findings/bulk.jsonl:1:1: error: the line is 209,715,200 bytes long; 1,048,576"
            " are allowed"
            "\n    One record is one line; check that line breaks were not lost."
        )
    ]


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            200 * 1024 * 1024,
            (
                "findings/bulk.yaml: error: the file has 209,715,200 bytes; 67,108,864 are the most"
                " that is read at once\n    Split it into several files, or use JSON Lines for bulk"
                " data."
            ),
        ),
        (
            3 * 1024 * 1024,
            (
                "findings/bulk.yaml:1:1: error: the line is 3,145,728 bytes long; 1,048,576 are"
                " allowed\n    Break the line; a quotation needs only the deciding words."
            ),
        ),
    ],
)
def test_a_long_line_of_yaml_is_refused(tmp_path: Path, size: int, message: str) -> None:
    with (write_workspace(tmp_path) / "findings" / "bulk.yaml").open("wb") as file:
        file.truncate(size)
    assert [str(p) for p in read(tmp_path)[1]] == [message]


def test_a_folder_named_like_a_file_and_a_file_without_permission(tmp_path: Path) -> None:
    root = write_workspace(tmp_path, {"findings/nothing.jsonl": None})
    (root / "people.yaml").mkdir()
    assert [str(p) for p in read(root)[1]] == [
        (
            "people.yaml: error: the file cannot be read: Is a directory\n"
            "    Check that it is a file and that you may read it."
        )
    ]


def test_all_problems_of_all_files_are_told_in_one_run(tmp_path: Path) -> None:
    changes = {
        **changed("agents.yaml", "aaaaaaaaaaaaaaa2", "short"),
        **changed("sources/report.yaml", "uttered: 2025-02-01", "uttered: 2025-13-01"),
        F: FILES[F]
        .replace("during: 2024", "during: 2024-02-30\n  unit: persns\n  anchor: soon")
        .replace("against: [sentenced]", "against: [nobody-known]"),
    }
    problems = read(write_workspace(tmp_path, changes))[1]
    assert [(str(p.where), p.code) for p in problems] == [
        ("agents.yaml:5:23", "bad-id"),
        ("findings/report.yaml:10:11", "bad-date"),
        ("findings/report.yaml:11:9", "unknown-code"),
        ("findings/report.yaml:12:11", "bad-date"),
        ("findings/report.yaml:20:12", "link-to-nothing"),
        ("sources/report.yaml:10:12", "bad-date"),
    ]


@pytest.mark.parametrize("name", ["agents.yaml", "populations.yaml", "sources/report.yaml"])
def test_a_broken_file_causes_no_links_to_nothing(tmp_path: Path, name: str) -> None:
    problems = read(write_workspace(tmp_path, {name: FILES[name] + "  x: {\n"}))[1]
    assert [p.code for p in problems] == ["broken-yaml"]


def test_a_broken_record_causes_no_links_to_nothing(tmp_path: Path) -> None:
    changes = changed("populations.yaml", "bbbbbbbbbbbbbbb1", "b")
    assert [p.code for p in read(write_workspace(tmp_path, changes))[1]] == ["bad-id"]


def test_a_broken_statement_causes_no_links_to_nothing(tmp_path: Path) -> None:
    changes = changed(F, "count: 1721", "count: a lot")
    assert [p.code for p in read(write_workspace(tmp_path, changes))[1]] == ["not-a-count"]


def test_a_wrong_head_of_a_file_is_told_once(tmp_path: Path) -> None:
    changes = changed(F, "recorded: 2026-01-15", "recorded: yesterday")
    assert [p.code for p in read(write_workspace(tmp_path, changes))[1]] == ["bad-date"]


def test_what_readings_share_is_told_once(tmp_path: Path) -> None:
    readings = """
  unit: persns
  readings:
  - {during: 2024, open: "may be"}
  - {during: 2023, open: "may be as well"}"""
    changes = changed(F, "  during: 2024", readings.strip("\n"))
    assert [p.code for p in read(write_workspace(tmp_path, changes))[1]] == ["unknown-code"]


def test_every_control_character_of_a_file_is_told(tmp_path: Path) -> None:
    changes = {"agents.yaml": FILES["agents.yaml"].replace("The", "\x01").replace("Min", "\x02")}
    codes = [p.code for p in read(write_workspace(tmp_path, changes))[1]]
    assert codes == ["control-character", "control-character"]


def test_a_message_never_carries_a_control_character_or_a_page_of_text(tmp_path: Path) -> None:
    name = "\\e[2J" + "x" * 900
    changes = changed(F, "  count: 1721", f'  "{name}": 1\n  count: 1721')
    problems = read(write_workspace(tmp_path, changes))[1]
    assert {p.code for p in problems} == {"control-character", "unknown-field"}
    assert all(str(p).replace("\n", "").isprintable() for p in problems)
    assert all(len(p.message) < 200 for p in problems)


def test_problems_of_json_lines_have_line_and_pointer(tmp_path: Path) -> None:
    lines = [
        (
            b'{"source": "report", "quote": "guards beat prisoners", "conduct": "torture",'
            b' "against": ["sentenced"], "time": "soon"}'
        ),
        b"{not json}",
        b'{"quote": "a", "quote": "b"}',
        b"\xff",
        b"[1]",
        b'{"readings": ' + b"[" * 20 + b"]" * 20 + b"}",
    ]
    problems = read(write_workspace(tmp_path, {"findings/bulk.jsonl": b"\n".join(lines)}))[1]
    assert [(p.code, str(p.where)) for p in problems] == [
        ("unknown-code", "findings/bulk.jsonl:1 at /time"),
        ("missing-field", "findings/bulk.jsonl:1"),
        ("undecided-disclosure", "findings/bulk.jsonl:1"),
        ("broken-json", "findings/bulk.jsonl:2:2"),
        ("duplicate-field", "findings/bulk.jsonl:3:1"),
        ("unreadable-file", "findings/bulk.jsonl:4:1"),
        ("not-a-mapping", "findings/bulk.jsonl:5:1"),
        ("too-deep", "findings/bulk.jsonl:6:1"),
    ]


def test_problems_of_a_table_have_row_and_column(tmp_path: Path) -> None:
    table = "source,quote,cuont\nreport,guards beat prisoners,3\nreport\n"
    problems = read(write_workspace(tmp_path, {"findings/table.csv": table}))[1]
    assert [(p.code, str(p.where)) for p in problems][:2] == [
        ("unknown-field", "findings/table.csv:1:3"),
        ("no-kind", "findings/table.csv:2:1"),
    ]
    assert ("broken-csv", "findings/table.csv:3:1") in [(p.code, str(p.where)) for p in problems]


def test_a_key_that_collides_with_a_reading_is_told(tmp_path: Path) -> None:
    entry = """- key: total/a
  quote: "guards beat prisoners"
  conduct: torture
  against: [sentenced]
- key: women"""
    readings = "readings:\n  - {during: 2024, open: x}\n  - {during: 2023, open: y}"
    text = FILES[F].replace("- key: women", entry).replace("during: 2024", readings)
    problems = read(write_workspace(tmp_path, {F: text}))[1]
    assert [p.code for p in problems] == ["duplicate-key"]

"""A protected name in a public text stops the build at its line; shared words do not."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from casegraph.errors import InvalidRecords
from casegraph.release.build import build
from casegraph.release.name_scan import ProtectedNames
from casegraph.workspace import open_workspace, read_workspace, release_inputs
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

HINT = (
    "\n    Reword it or restrict the record. If it is a false alarm, add the word to"
    " released-names.yaml with the reason.\n    1 error; nothing was written."
)


@pytest.fixture
def contents() -> veldania.Files:
    """A workspace with a restricted person."""
    found = veldania.files()
    found["people.yaml"]["people"].append({
        "key": "hidden", "id": veldania.number("pe", 9), "disclosure": veldania.RESTRICTED,
        "label": {"en": "Leanid Pratsiuk", "be": "Леанід Працюк", "ru": "Леонид Працюк"},
        "names": {"be-latn": ["Leanid Praciuk"], "en": ["Marta Valdavets"]},
    })  # fmt: skip
    return found


def refusal(folder: Path, contents: veldania.Files) -> str:
    root = veldania.write(folder / "workspace", contents)
    with pytest.raises(InvalidRecords) as error:
        build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    return str(error.value)


def page(contents: veldania.Files) -> dict[str, Any]:
    found: dict[str, Any] = contents["findings/page.yaml"]["statements"][0]
    return found


@pytest.mark.parametrize(
    "word",
    ["Pratsiuk", "Praciuk", "Pratsiuk’s", "PRATSIUK", "Працюк", "Працюка", "Працюку", "Працюком",
     "Працюке", "Працюки", "Leanida", "Леаніда", "Леонидом", "Valdavets", "Валдаўца", "Валдавцу",
     "Марты", "Марце", "Марту", "Ganna", "Ганне", "Анной", "Звіркі", "Звирко", "Zvirka"],
)  # fmt: skip
def test_each_form_of_a_protected_name_stops_the_build(
    tmp_path: Path, contents: veldania.Files, word: str
) -> None:
    page(contents)["statement"] = f"It names {word} in passing."
    told = refusal(tmp_path, contents)
    where, _, rest = told.partition(": ")
    assert where.startswith("findings/page.yaml:")
    assert rest == (f"error: '{word}' may be a form of a protected name, in a public record{HINT}")


def test_the_place_is_the_line_of_the_record(tmp_path: Path, contents: veldania.Files) -> None:
    page(contents)["statement"] = "It names Pratsiuk."
    told = refusal(tmp_path, contents)
    lines = (tmp_path / "workspace/findings/page.yaml").read_text("utf-8").splitlines()
    number = int(told.split(":")[1])
    record = json.dumps(lines[number - 1 : number + 2])
    assert "free" in record


@pytest.mark.parametrize("field", ["cite", "stance", "time-words"])
def test_texts_of_findings_are_scanned(
    tmp_path: Path, contents: veldania.Files, field: str
) -> None:
    page(contents)[field] = "said of Pratsiuk"
    assert "'Pratsiuk' may be a form" in refusal(tmp_path, contents)


@pytest.mark.parametrize(
    ("file", "name", "number", "fields"),
    [
        ("agents.yaml", "agents", 2, {"label": {"en": "Mill of Pratsiuk"}}),
        ("agents.yaml", "agents", 2, {"names": {"be": ["Млын Працюка"]}}),
        ("populations.yaml", "populations", 2, {"label": {"be": "Сям’я Працюка"}}),
        ("populations.yaml", "populations", 2, {"criteria": {"en": "Held with Pratsiuk"}}),
        ("cases.yaml", "cases", 0, {"label": {"en": "Against Pratsiuk"}}),
        ("cases.yaml", "cases", 0, {"identifiers": ["Pratsiuk 7/2030"]}),
        ("sources/monitor.yaml", "sources", 1, {"title": {"en": "A talk with Pratsiuk"}}),
        ("sources/monitor.yaml", "sources", 1, {"url": "https://example.org/leanid-pratsiuk.html"}),
        ("sources/monitor.yaml", "sources", 1,
         {"url": "https://example.org/%D0%9F%D1%80%D0%B0%D1%86%D1%8E%D0%BA"}),
        ("sources/monitor.yaml", "sources", 1, {"rights": "Leanid Pratsiuk"}),
        ("sources/monitor.yaml", "sources", 1, {"extent": "the part on Pratsiuk"}),
        ("people.yaml", "people", 1, {"pseudonym": "Witness Pratsiuk"}),
    ],
)  # fmt: skip
def test_every_other_public_text_is_scanned(
    tmp_path: Path, contents: veldania.Files, file: str, name: str, number: int, fields: Any
) -> None:
    contents[file][name][number].update(fields)
    told = refusal(tmp_path, contents)
    assert told.startswith(f"{file}:")
    assert "may be a form of a protected name" in told


def test_quotations_queries_their_names_and_the_title_are_scanned(
    tmp_path: Path, contents: veldania.Files
) -> None:
    contents["queries/pratsiuk.rq"] = "# one\nSELECT ?s WHERE { ?s ?p 'Працюк' }\n"
    contents["casegraph.toml"] = contents["casegraph.toml"].replace("Songs", "Pratsiuk")
    contents["findings/report.yaml"]["statements"][3]["quote"] = "Pratsiuk saw two"
    contents["texts/report.txt"] += "Pratsiuk saw two.\n"
    told = refusal(tmp_path, contents)
    assert "queries/pratsiuk.rq: error: 'pratsiuk' may be" in told
    assert "queries/pratsiuk.rq:2: error: 'Працюк' may be" in told
    assert "casegraph.toml: error: 'Pratsiuk' may be" in told
    assert "findings/report.yaml:" in told


def test_words_that_public_people_share_raise_no_alarm(
    tmp_path: Path, contents: veldania.Files
) -> None:
    """Ilva Torban is public, so another Ilva is not given away by that word."""
    contents["people.yaml"]["people"][2]["label"]["en"] = "Ilva Pratsiuk"
    root = veldania.write(tmp_path / "workspace", contents)
    build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    page(contents)["statement"] = "Ilva Pratsiuk"
    shutil.rmtree(root)
    assert "'Pratsiuk' may be" in refusal(tmp_path, contents)


def test_a_false_alarm_is_released_with_a_reason(tmp_path: Path, contents: veldania.Files) -> None:
    page(contents)["statement"] = "A street called Pratsiuka."
    contents["released-names.yaml"] = "Pratsiuka: the name of a street\n"
    root = veldania.write(tmp_path / "workspace", contents)
    build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    (root / "released-names.yaml").write_text("Pratsiuka:\n", encoding="utf-8")
    workspace = open_workspace(root)
    with pytest.raises(InvalidRecords) as error:
        release_inputs(workspace, read_workspace(workspace))
    assert str(error.value) == (
        "released-names.yaml:1:1: error: 'Pratsiuka' is released without a reason\n"
        "    Write WORD: why it is not the protected name.\n"
        "    1 error; nothing was written."
    )


def test_a_withdrawn_or_not_yet_public_name_is_protected(
    tmp_path: Path, contents: veldania.Files
) -> None:
    contents["people.yaml"]["people"][2].update(disclosure=veldania.PUBLIC, recorded="2032-01-01")
    page(contents)["statement"] = "It names Pratsiuk."
    assert "'Pratsiuk' may be a form" in refusal(tmp_path, contents)


@pytest.mark.parametrize(
    "text",
    ["The practice of the courts was precise.", "A practical martial order in March.",
     "price precaution pratfall", "Левы лён і леанардаўскі", "leaned on valid values"],
)  # fmt: skip
def test_words_that_only_begin_alike_are_no_alarm(text: str) -> None:
    names = ProtectedNames.of_texts(["Leanid Pratsiuk", "Леанід Працюк", "Marta Valdavets"], [])
    assert [word for _, word in names.hits(text)] == []


def test_short_names_count_only_with_a_capital_letter() -> None:
    names = ProtectedNames.of_texts(["Yan Li"], [])
    assert [word for _, word in names.hits("Li came; li is a word; Яна saw Yan")] == [
        "Li", "Яна", "Yan",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["belarus-2024", "invented"])
def test_the_demo_workspaces_raise_no_false_alarm(
    tmp_path: Path, repository: Path, name: str
) -> None:
    root = shutil.copytree(repository / "data" / name, tmp_path / name)
    workspace = open_workspace(root)
    given = release_inputs(workspace, read_workspace(workspace))
    assert given.released_names == {}
    build(given, on=date(2031, 1, 1), engines=veldania.FAST)


@pytest.fixture
def group() -> veldania.Files:
    """A workspace with a restricted group, a restricted colony and a restricted paper."""
    found = veldania.files()
    inside = {"disclosure": veldania.RESTRICTED}
    found["agents.yaml"]["agents"] += [
        {"key": "mothers", "id": veldania.number("ag", 7), "kind": "group", **inside,
         "label": {"en": "The Mothers of the Harbour", "be": "Маці гавані", "ru": "Матери гавани"},
         "names": {"en": ["Lantern Circle"]}},
        {"key": "colony", "id": veldania.number("ag", 8), "kind": "facility", **inside,
         "label": {"en": "Colony No. 4", "be": "Калонія №4"}},
        {"key": "paper", "id": veldania.number("ag", 9), "kind": "publication", **inside,
         "label": {"en": "Zarnitsa"}},
    ]  # fmt: skip
    return found


@pytest.mark.parametrize(
    "words",
    ["Mothers of the Harbour", "mothers of the harbour", "the Mother’s of the Harbour",
     "MOTHERS-OF-THE-HARBOUR", "Маці гавані", "Матерям гавани", "Lantern Circles", "Colony No. 4",
     "colony no 4", "Калоніі № 4", "Zarnitsa", "Зарницей", "zarnitsa"],
)  # fmt: skip
def test_the_whole_name_of_a_protected_group_or_institution_stops_the_build(
    tmp_path: Path, group: veldania.Files, words: str
) -> None:
    page(group)["statement"] = f"It names {words} in passing."
    told = refusal(tmp_path, group)
    assert told.startswith("findings/page.yaml:")
    assert told.count("may be a form of a protected name, in a public record") == 1


@pytest.mark.parametrize(
    "words",
    ["The mothers waited at the harbour.", "A mother of the harbour guard.", "A circle of lantern",
     "Colony No. 5", "Colony No. 40", "a lantern; the circle"],
)  # fmt: skip
def test_a_part_of_such_a_name_is_no_alarm(words: str) -> None:
    names = ProtectedNames.of_texts(
        [], [], wholes=["The Mothers of the Harbour", "Lantern Circle", "Colony No. 4"]
    )
    assert [word for _, word in names.hits(words)] == []


def test_somebody_whom_a_source_leaves_unnamed_has_no_name_to_look_for(
    tmp_path: Path, group: veldania.Files
) -> None:
    group["agents.yaml"]["agents"].append(
        {"key": "guard", "id": veldania.number("ag", 6), "kind": "unidentified",
         "label": {"en": "Guards"}, "disclosure": veldania.RESTRICTED}
    )  # fmt: skip
    root = veldania.write(tmp_path / "workspace", group)
    page(group)["statement"] = "Guards came."
    build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)


def test_a_name_that_is_public_or_within_a_public_one_is_no_alarm() -> None:
    names = ProtectedNames.of_texts(
        [], [], wholes=["Supreme Court", "Old Mill"],
        shown_wholes=["Supreme Court of Veldania", "Old  mill"],
    )  # fmt: skip
    assert [*names.hits("The Supreme Court of Veldania and the Old Mill")] == []
    assert [*names.hits("The Supreme Court met.")] == [(4, "Supreme Court")]


def test_a_whole_name_is_found_across_the_ends_of_lines() -> None:
    names = ProtectedNames.of_texts([], [], wholes=["Lantern Circle"])
    text = "One\nthe Lantern\nCircle; the Lan-\ntern Cir\u00adcle,\n\nLan\u00ad\ntern Circle"
    assert sorted(names.hits_by_line(text)) == [
        (2, "Lantern Circle"), (3, "Lantern Circle"), (6, "Lantern Circle"),
    ]  # fmt: skip


def test_a_whole_name_that_is_a_false_alarm_is_released(
    tmp_path: Path, group: veldania.Files
) -> None:
    page(group)["statement"] = "A play about Colony No. 4."
    group["released-names.yaml"] = "Colony No. 5: another colony\n"
    assert "'Colony No 4' may be" in refusal(tmp_path, group)
    shutil.rmtree(tmp_path / "workspace")
    group["released-names.yaml"] = "Colony No. 4: the title of a play\n"
    build(
        veldania.inputs(veldania.write(tmp_path / "workspace", group)),
        on=veldania.DAY, engines=veldania.FAST,
    )  # fmt: skip

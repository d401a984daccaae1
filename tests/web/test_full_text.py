"""The text of a source on its page: nothing lost, nothing nested, each quotation in its place."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.pages import full_text
from casegraph.web.pages.full_text import Span, marked
from casegraph.web.server import service_factory
from tests.release import veldania
from tests.release.test_texts import OTHER_TEXT, full_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPORT, RADIO, PAGE = (f"/doc/source/{veldania.number('so', n)}.html" for n in (1, 3, 2))


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(st.text(st.sampled_from("ab \n\r\t🎵\u0301"), max_size=60))
    bounds = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(bounds, bounds), max_size=6))
    return text, [
        Span(number, f"quotation-{number}", min(pair), max(pair))
        for number, pair in enumerate(pairs, 1)
    ]


@given(texts_with_spans())
def test_pieces_give_the_text_back_and_each_span_its_words(given: tuple[str, list[Span]]) -> None:
    text, spans = given
    paragraphs = marked(text, spans)
    pieces = [piece for paragraph in paragraphs for piece in paragraph]
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
    for paragraph in paragraphs:
        assert "".join(piece.text for piece in paragraph) in text
    for span in spans:
        own = [piece for piece in pieces if span in piece.within]
        words = "".join("".join(piece.text for piece in own).split())
        assert words == "".join(text[span.start : span.end].split())
        assert [piece for piece in pieces if span in piece.begins] == own[:1]
        assert [piece for piece in pieces if span in piece.ends] == own[-1:]


def test_paragraphs_are_parted_by_blank_lines_only() -> None:
    found = marked("\n One\ntwo \n \t\n\n three\r\n\r\nfour", [])
    assert [piece.text for (piece,) in found] == [" One\ntwo", " three", "four"]


def test_a_span_outside_of_the_text_is_left_out() -> None:
    spans = [Span(1, "a", 2, 9), Span(2, "b", -1, 2), Span(3, "c", 2, 2)]
    assert [piece.within for (piece,) in marked("words", spans)] == [()]


class _Page(HTMLParser):
    """What a reader sees of ``.sheet``, the marks with their text, and ids and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sheet, self.in_sheet, self.open_marks, self.deepest = "", False, 0, 0
        self.in_note = False
        self.ids: list[str] = []
        self.links: list[str] = []
        self.by_number: dict[str, str] = {}
        self.numbers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.in_sheet = self.in_sheet or given.get("class") == "sheet"
        if tag == "mark":
            self.open_marks += 1
            self.deepest = max(self.deepest, self.open_marks)
            self.numbers = given["data-quotations"].split()
        self.in_note = self.in_note or tag == "sup"

    def handle_endtag(self, tag: str) -> None:
        self.open_marks -= tag == "mark"
        self.numbers = [] if tag == "mark" else self.numbers
        self.in_note = self.in_note and tag != "sup"
        self.in_sheet = self.in_sheet and tag != "div"

    def handle_data(self, data: str) -> None:
        if self.in_sheet and not self.in_note:
            self.sheet += data
            for number in self.numbers:
                self.by_number[number] = self.by_number.get(number, "") + data


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A site with a report in which quotations overlap, and letters that HTML escapes."""
    changed = full_files()
    report = changed["findings/report.yaml"]["statements"]
    for words in ("kept the singer", "singer Ilva Torban in a cold cell.\nA witness", "412 people"):
        report.append({"quote": words, "trend": "rising", "of": "sentenced", "baseline": "unstated",
                       "time": "none", "statement": f"It says {words.split()[0]}."})  # fmt: skip
    changed["sources/texts/radio.txt"] = f"{OTHER_TEXT}\n<script>alert(1)</script> & so on\n"
    root = veldania.write(tmp_path_factory.mktemp("site") / "workspace", changed)
    veldania.release(root, engines=veldania.FAST)
    settings = Settings(query_workers=1)
    app = create_app(
        root / "releases",
        settings=settings,
        service_factory=service_factory(settings, root / "var" / "store"),
    )
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


def test_the_page_shows_the_whole_text_with_every_quotation_marked(visitor: TestClient) -> None:
    page = _Page(visitor.get(REPORT).text)
    assert page.sheet.split() == veldania.TEXT.split()
    assert "\n" in page.sheet.strip()
    assert set(page.by_number.values()) == {
        "sentenced 412 people for songs", "412 people", "97 of them were women",
        "kept the singer Ilva Torban in a cold cell", "kept the singer",
        "singer Ilva Torban in a cold cell.\nA witness", "two prisoners carried out",
        "The number of trials is rising",
    }  # fmt: skip
    assert page.deepest == 1, "marks do not nest"
    assert len(page.ids) == len(set(page.ids))


def test_marks_and_findings_lead_to_each_other(visitor: TestClient) -> None:
    page = _Page(visitor.get(REPORT).text)
    marks = {name for name in page.ids if name.startswith("quotation-")}
    assert len(marks) == 8
    for name in marks:
        assert f"findings-{name}" in page.ids
        assert f"#findings-{name}" in page.links
        assert f"#{name}" in page.links


def test_the_page_of_a_finding_leads_to_the_words_in_the_text(visitor: TestClient) -> None:
    source = visitor.get(REPORT).text
    finding = re.findall(r'href="\.\./\.\./(doc/finding/\w+)">[^<]*<bdi>Of them 97', source)[0]
    page = visitor.get(f"/{finding}.html").text
    target = re.search(r'href="\.\./\.\./(doc/source/\w+)#([\w-]+)">You can check this here', page)
    assert target
    followed = _Page(visitor.get(f"/{target[1]}.html").text)
    assert target[2] in followed.ids
    assert visitor.get(f"/{target[1]}", headers={"accept": "text/html"}).text == source


def test_the_text_can_be_downloaded_byte_for_byte(visitor: TestClient) -> None:
    page = _Page(visitor.get(REPORT).text)
    link = next(one for one in page.links if "/texts/" in one)
    got = visitor.get(link.removeprefix("../.."))
    assert got.content == veldania.TEXT.encode()
    assert got.headers["content-type"] == "text/plain; charset=utf-8"


def test_what_a_text_holds_is_never_markup(visitor: TestClient) -> None:
    got = visitor.get(RADIO).text
    assert got.count("<script") == got.count('<script type="application/ld+json">') == 1
    assert html.escape("<script>alert(1)</script> & so on") in got
    assert _Page(got).by_number == {"1": "Songs\u0301 are sung"}


def test_a_source_without_text_is_shown_as_before(visitor: TestClient) -> None:
    got = visitor.get(PAGE).text
    assert "The whole text" not in got
    assert "<mark" not in got
    assert "Cited, not stored" in got


def test_a_text_that_is_too_long_for_a_page_can_still_be_downloaded(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "LARGEST_SHOWN", 10)
    got = visitor.get(REPORT).text
    assert "too long to be shown here" in got
    assert "/texts/" in got
    assert "<mark" not in got
    assert "In the text" not in got


def test_no_text_is_shown_where_an_edition_without_it_has_come(tmp_path: Path) -> None:
    """Between the manifest that was read and the file, a takedown may have happened."""
    changed = full_files()
    root = veldania.write(tmp_path / "w", changed)
    veldania.release(root, engines=veldania.FAST)
    settings = Settings(query_workers=1)
    start = service_factory(settings, root / "var" / "store")
    app = create_app(root / "releases", settings=settings, service_factory=start)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert "The whole text" in client.get(REPORT).text
        (root / f"releases/2031-05-17.1/texts/{veldania.number('so', 1)}.txt").unlink()
        got = client.get(REPORT)
        assert got.status_code == 200
        assert "The whole text" not in got.text

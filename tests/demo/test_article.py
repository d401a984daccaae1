"""The article, sentence by sentence, held against its text and a second, independent annotation."""

from __future__ import annotations

import gzip
import json
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from casegraph.cli.main import run
from casegraph.findings.reader import read_book
from casegraph.graph import terms
from casegraph.model.terms import CountedAs, FindingKind, ReadingStatus, TimeBasis, Unit
from casegraph.model.values import Finding, Quotation
from casegraph.workspace import open_workspace, read_workspace
from tests.published import copy_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.findings.book import Book

MAX_LINES = 400
MAX_PASSAGE_LINES = 20
MAX_SHARE = Decimal("0.40")
CONTEXT = 32
"""Code points on either side of a quotation, as far as context is kept in the workspace."""


@pytest.fixture(scope="module")
def attached(repository: Path, shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with the article's text attached, as an editor would."""
    root = copy_workspace(
        repository / "data" / "belarus-2024", tmp_path_factory.mktemp("attached") / "demo"
    )
    file = shared_dir / "seed" / "article.txt"
    assert run(["--workspace", str(root), "source", "attach", "article", str(file)]) == 0
    return root


@pytest.fixture(scope="module")
def text(shared_dir: Path) -> str:
    return (shared_dir / "seed" / "article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def gold(shared_dir: Path) -> list[dict[str, Any]]:
    lines = (shared_dir / "seed" / "findings_gold.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


@pytest.fixture(scope="module")
def findings(attached: Path) -> list[Finding]:
    """The findings of the article, with the places of their quotations."""
    reading = read_workspace(open_workspace(attached))
    assert reading.errors == ()
    return [f for f in reading.book.findings.values() if f.evidence[0].source == "article"]


def words(finding: Finding) -> Quotation:
    evidence = finding.evidence[0]
    assert isinstance(evidence, Quotation)
    return evidence


def test_every_quotation_stands_at_its_place(findings: list[Finding], text: str) -> None:
    for finding in findings:
        quotation = words(finding)
        assert text[quotation.start : quotation.end] == quotation.exact, finding.key
        data = text.encode()[quotation.byte_start : quotation.byte_end]
        assert data.decode() == quotation.exact, finding.key


def test_places_are_the_same_with_and_without_the_text(
    findings: list[Finding], demo_book: Book
) -> None:
    """The recorded places are those of the text, so a machine without it builds the same."""
    for finding in findings:
        recorded, found = words(demo_book.findings[finding.key]), words(finding)
        assert (recorded.start, recorded.end) == (found.start, found.end)
        assert (recorded.byte_start, recorded.byte_end) == (found.byte_start, found.byte_end)


def test_there_are_at_least_as_many_statements_as_gold_lines(
    findings: list[Finding], gold: list[dict[str, Any]], repository: Path
) -> None:
    book, _ = read_book(repository / "data" / "belarus-2024", frozenset())
    article = {finding.key for finding in findings}
    passages = [key for key, keys in book.passages.items() if article.intersection(keys)]
    one_a_type = sum(len(book.passages[key]) for key in passages if not _has_readings(book, key))
    with_readings = sum(1 for key in passages if _has_readings(book, key))
    assert one_a_type + with_readings >= len(gold) == 33


def _has_readings(book: Book, key: str) -> bool:
    first = book.findings[book.passages[key][0]]
    return first.reading.status is not ReadingStatus.PLAIN


def test_every_gold_finding_is_covered(findings: list[Finding], gold: list[dict[str, Any]]) -> None:
    """Some finding rests on words inside the span of each gold line; G13 is told by its types."""
    spans = [(words(f).start or 0, words(f).end or 0) for f in findings]
    missing = [
        item["id"] for item in gold
        if not any(item["start"] <= start and end <= item["end"] for start, end in spans)
    ]  # fmt: skip
    assert missing in ([], ["G13"])


def test_every_sentence_is_covered(findings: list[Finding], text: str) -> None:
    """All sentences but the one that only announces the report's words."""
    spans = [(words(f).start or 0, words(f).end or 0) for f in findings]
    for paragraph in text.split("\n\n"):
        start = text.index(paragraph)
        covered = any(start <= begin < start + len(paragraph) for begin, _ in spans)
        assert covered or paragraph.startswith("The report states"), paragraph[:40]


def test_every_number_of_the_gold_file_has_its_bounds(
    findings: list[Finding], gold: list[dict[str, Any]]
) -> None:
    for item in (line for line in gold if line["quantity"]):
        inside = [
            f for f in findings
            if f.quantity and item["start"] <= (words(f).start or 0) < item["end"]
        ]  # fmt: skip
        assert inside, item["id"]
        for finding in inside:
            assert finding.quantity
            assert finding.quantity.interval
            interval = finding.quantity.interval
            if item["kind"] == "ratio":
                # The gold file gives the fraction as a point; ours has the bounds of a
                # named rounding policy around it (GOLD.md).
                assert finding.quantity.stated == Decimal("0.25")
                assert (interval.lower, interval.upper) == (Decimal("0.225"), Decimal("0.2917"))
                assert interval.upper_open
                continue
            low, high = item["quantity"]["low"], item["quantity"]["high"]
            assert interval.lower == low, item["id"]
            assert interval.upper == high, item["id"]


def test_the_readings_of_1721(findings: list[Finding]) -> None:
    readings = {f.key[-1]: f for f in findings if f.key.startswith("last-year/")}
    told = {
        letter: (f.reading.status, f.quantity.counted_as if f.quantity else None, f.valid.edtf)
        for letter, f in readings.items()
    }
    assert told == {
        "a": (ReadingStatus.ADOPTED, CountedAs.DURING_PERIOD, "2024"),
        "b": (ReadingStatus.REFUTED, CountedAs.TOTAL_SINCE, "../2023-12"),
        "c": (ReadingStatus.SET_ASIDE, CountedAs.DURING_PERIOD, "2023"),
    }
    assert all(f.reading.reason for f in readings.values())


def test_last_year_has_an_anchor_that_fits_each_reading(findings: list[Finding]) -> None:
    """The year before the anchor is the year that the reading means; every anchor is inferred."""
    for finding in (f for f in findings if f.key.startswith(("last-year/", "last-year-women/"))):
        span = finding.valid
        assert span.expression == "Last year"
        assert span.end_latest
        assert int(span.anchor or "0") == span.end_latest.year + 1, finding.key
        assert (span.anchor_reason or "").startswith("inferred")
        whole = finding.key.startswith("last-year/")
        assert span.basis is (TimeBasis.RELATIVE if whole else TimeBasis.CARRIED)
        adopted = finding.reading.status is ReadingStatus.ADOPTED
        assert (span.resolution_basis == "viasna-2024-review") is adopted


def test_the_begin_of_6550_is_inferred_from_an_outlet(findings: list[Finding]) -> None:
    (adopted,) = (f for f in findings if f.key == "sentenced-total/a")
    assert adopted.valid.basis is TimeBasis.INFERRED
    assert adopted.valid.resolution_basis == "reform-review"


def test_no_two_findings_of_the_demonstration_bear_the_same_sentence(demo_book: Book) -> None:
    sentences = [text for f in demo_book.findings.values() for text in f.statements]
    assert len(sentences) == len(set(sentences))


def test_nobody_supports_a_figure_of_the_same_origin(attached: Path) -> None:
    problems = read_workspace(open_workspace(attached)).problems
    assert [p for p in problems if p.code == "supports-same-origin"] == []


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        ("sentenced-total", "sentenced-total-women"),
        ("last-year", "last-year-women"),
        ("repressed-total", "repressed-women"),
    ],
)
def test_a_part_has_the_readings_of_its_whole(
    findings: list[Finding], whole: str, part: str
) -> None:
    def told(key: str) -> list[tuple[object, ...]]:
        return [
            (f.reading.status, f.quantity.counted_as if f.quantity else None, f.valid.edtf)
            for f in findings
            if f.key.startswith(f"{key}/")
        ]

    assert told(part) == told(whole) != []


def test_6550_is_persons_or_cases(findings: list[Finding]) -> None:
    units = {f.key[-1]: f.quantity.units for f in findings
             if f.key.startswith("sentenced-total/") and f.quantity}  # fmt: skip
    assert units == {"a": (Unit.PERSONS,), "b": (Unit.CASES,)}


def test_the_last_sentence_is_an_open_absence(findings: list[Finding]) -> None:
    readings = [f for f in findings if f.key.startswith("impunity/")]
    assert [f.reading.status for f in readings] == [ReadingStatus.OPEN, ReadingStatus.OPEN]
    for finding in readings:
        assert finding.kind is FindingKind.ABSENCE
        assert finding.scope
        assert finding.quantity
        assert finding.quantity.interval
        assert finding.quantity.interval.upper == 0


def test_the_file_is_short(repository: Path) -> None:
    path = repository / "data" / "belarus-2024" / "findings" / "article.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES
    start = next(n for n, line in enumerate(lines) if "key: last-year\n" in f"{line}\n")
    rest = (n for n, line in enumerate(lines[start:], start) if n > start and not line.strip())
    assert next(rest) - start <= MAX_PASSAGE_LINES


def test_quotations_reproduce_at_most_forty_percent(findings: list[Finding], text: str) -> None:
    quoted = {
        offset for f in findings for offset in range(words(f).start or 0, words(f).end or 0)
    }  # fmt: skip
    assert Decimal(len(quoted)) / len(text) <= MAX_SHARE


def test_no_context_of_a_quotation_is_in_the_release(
    demo_release: Path, findings: list[Finding], text: str
) -> None:
    """Neither the words before or behind a quotation, nor where it stands, nor a hash."""
    release = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in sorted(demo_release.rglob("*"))
        if path.is_file()
    ).decode("utf-8", "replace")
    title_end = text.index("\n")
    quoted = {
        offset for f in findings for offset in range(words(f).start or 0, words(f).end or 0)
    }  # fmt: skip
    leaked: list[tuple[str, str]] = []
    for finding in findings:
        start, end = words(finding).start or 0, words(finding).end or 0
        if start < title_end:
            continue  # the headline is published as the title of the source
        for window in ((start - CONTEXT, end), (start, end + CONTEXT)):
            inside = range(max(0, window[0]), min(len(text), window[1]))
            if not quoted.issuperset(inside):
                window_text = text[inside.start : inside.stop]
                leaked += [(finding.key, window_text)] if window_text in release else []
    assert leaked == []
    for term in ("prefix", "suffix", "start", "end", "byteStart", "byteEnd", "sha256"):
        assert f"> <{terms.CG}{term}> " not in release, term


def test_the_wrong_file_is_refused(
    attached: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "demo"
    shutil.copytree(attached, root)
    other = tmp_path / "other.txt"
    other.write_text("Another page.\n", encoding="utf-8")
    assert run(["--workspace", str(root), "source", "attach", "article", str(other)]) == 1
    assert "is not the one that was captured" in capsys.readouterr().err

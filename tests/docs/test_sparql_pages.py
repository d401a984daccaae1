"""Every query in README and docs is asked over /sparql, and its answer is the one shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from casegraph import settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.docs.answers import as_table, difference, rows
from tests.docs.pages import Block, blocks, pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A query that is written to a file is asked by the commands of its page.
QUERIES = [
    block
    for page in pages()
    for block in blocks(page)
    if block.language == "sparql" and "file" not in block.options
]


@pytest.fixture(scope="module")
def service(demo_workspace: Path) -> Iterator[TestClient]:
    """The web service over the published demonstration, in this process."""
    table = settings.read(environment={})
    app = create_app(
        demo_workspace / "releases",
        settings=table,
        service_factory=service_factory(table, None),
    )
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize("block", QUERIES, ids=[block.place for block in QUERIES])
def test_the_answer_is_the_one_shown(block: Block, service: TestClient) -> None:
    """The table below a query names columns of its answer; ``…`` stands for what varies."""
    answer = service.post(
        "/sparql",
        data={"query": block.text},
        headers={"Accept": "application/sparql-results+json"},
    )
    assert answer.status_code == 200, f"{block.place}: {answer.text}"
    variables, found = rows(answer.content)
    assert block.table, f"{block.place}: a table with the answer must follow:\n" + as_table(
        variables, [[row.get(name, "") for name in variables] for row in found]
    )
    wrong = difference(block.table, variables, found)
    assert wrong is None, f"{block.place}: {wrong}"


def test_a_query_of_readme_that_is_a_file_is_that_file(demo_workspace: Path) -> None:
    """A block that names a file of the demonstration holds its text, comments left out."""
    for block in QUERIES:
        name = block.options.get("from")
        if name is not None:
            text = (demo_workspace / "queries" / name).read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if not line.startswith("#")]
            assert block.text.strip() == "\n".join(lines).strip(), block.place


def test_the_count_line_of_readme_is_that_of_the_release(
    demo_release: Path, repository: Path
) -> None:
    """Statements, readings, reports held and pages cited, as the release itself counts them."""
    counts = json.loads((demo_release / "manifest.json").read_bytes())["counts"]
    line = (
        f"> {counts['statements']} statements, {counts['readings']} readings, "
        f"{counts['reportsHeld']} report held, {counts['pagesCited']} pages cited"
    )
    assert line in (repository / "README.md").read_text(encoding="utf-8").splitlines()


def test_a_table_that_differs_is_refused() -> None:
    """A wrong cell, a missing row, a row too many and an unknown column are each named."""
    found = [{"number": "480", "words": "including 480 women"}, {"number": "1380"}]
    variables = ["number", "words"]

    def wrong(*lines: tuple[str, ...]) -> str | None:
        return difference(lines, variables, found)

    assert wrong(("number", "words"), ("480", "including 480 women"), ("1380", "")) is None
    assert wrong(("number",), ("480",), ("…",)) is None
    assert wrong(("words",), ("including … women",), ("",)) is None
    assert "row 2, number" in (wrong(("number",), ("480",), ("1381",)) or "")
    assert "1 rows are shown, 2 found" in (wrong(("number",), ("480",)) or "")
    assert "3 rows are shown" in (wrong(("number",), ("480",), ("1380",), ("7",)) or "")
    assert "no column share" in (wrong(("share",), ("480",)) or "")

"""Who installs the wheel has the whole demonstration: built, verified and served from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.running_site import run, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packaging.conftest import Installation


@pytest.fixture(scope="session")
def demo(installation: Installation) -> Path:
    """A workspace made by `casegraph demo` of the installed wheel, far from the checkout."""
    done = run(installation.program("casegraph"), "demo", "--no-serve", cwd=installation.folder)
    assert done.returncode == 0, done.stderr
    return installation.folder / "casegraph-demo"


def test_its_releases_verify(installation: Installation, demo: Path) -> None:
    archives = sorted((demo / "releases").glob("*.zip"))
    assert [archive.name for archive in archives] == ["2026-01-15.1.zip", "2026-11-01.1.zip"]
    for archive in archives:
        done = run(installation.program("casegraph"), "verify", archive, cwd=installation.folder)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_served_with_pages_style_and_answers(
    installation: Installation, demo: Path, tmp_path: Path
) -> None:
    casegraph = installation.program("casegraph")
    with serving(casegraph, "--workspace", demo, "serve", cwd=tmp_path) as site:
        page = site.client.get("/", headers={"Accept": "text/html"})
        assert page.status_code == 200
        style = page.text.partition('rel="stylesheet"')[2].partition('href="')[2].partition('"')[0]
        assert site.client.get(style).headers["content-type"].startswith("text/css")
        answer = site.client.get(
            "/sparql",
            params={"query": "SELECT (COUNT(*) AS ?n) { ?s a ?class }"},
            headers={"Accept": "application/sparql-results+json"},
        )
        (row,) = answer.json()["results"]["bindings"]
        assert int(row["n"]["value"]) > 1000


def test_the_program_is_the_installed_one(installation: Installation) -> None:
    """Else everything above would look at the checkout."""
    code = "import json, casegraph.cli.demo as one; print(json.dumps(one.__file__))"
    assert json.loads(installation.python(code)).startswith(str(installation.environment))

"""What the demonstration's release holds, held against golden files and other people's tools."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from casegraph.graph import terms
from casegraph.graph.nquads import from_line
from casegraph.release.delta import dataset_lines
from casegraph.release.minisign import SecretKey
from casegraph.workspace import open_workspace, read_workspace
from tests.conftest import require_tool
from tests.published import RELEASED, copy_workspace, publish_at

GOLDEN = Path(__file__).parent.parent / "golden"


def test_the_shapes_find_no_violation_and_the_known_warnings(demo_release: Path) -> None:
    """A warning that comes or goes is a decision; the golden list counts them by shape."""
    report = json.loads((demo_release / "validation.json").read_bytes())
    found: dict[str, int] = {}
    for result in report["results"]:
        name = f"{result['severity']} {result['shape'].rpartition('#')[2]}"
        found[name] = found.get(name, 0) + 1
    expected = json.loads((GOLDEN / "demo-warnings.json").read_bytes())
    assert not any(name.startswith("error") for name in found)
    assert dict(sorted(found.items())) == expected


def test_three_parsers_read_the_same_triples(demo_release: Path) -> None:
    path = demo_release / "casegraph.ttl"
    expected = sum(1 for line in dataset_lines(demo_release) if b"graph/asserted> ." in line)
    engine = {quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)}
    assert len(engine) == expected
    graph = rdflib.Graph().parse(path, format="turtle")
    assert len(graph) == expected
    assert not [node for triple in graph for node in triple if isinstance(node, rdflib.BNode)]
    rapper = require_tool("rapper", package="raptor2-utils")
    run = subprocess.run(
        [rapper, "-c", "-i", "turtle", str(path)], capture_output=True, text=True, check=True
    )
    assert f"returned {expected} triples" in run.stderr


def test_debian_tools_verify_the_zip(demo_workspace: Path, tmp_path: Path) -> None:
    """Unpacked with unzip's rules, then minisign and sha256sum alone."""
    minisign = require_tool("minisign", package="minisign")
    sha256sum = require_tool("sha256sum", package="coreutils")
    archive = demo_workspace / "releases" / f"{RELEASED}.1.zip"
    shutil.unpack_archive(archive, tmp_path)
    (folder,) = tmp_path.iterdir()
    subprocess.run(
        [minisign, "-Vm", "manifest.json", "-p", "minisign.pub"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    subprocess.run([sha256sum, "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)


def test_building_with_the_text_changes_no_byte(
    repository: Path, shared_dir: Path, demo_release: Path, tmp_path: Path
) -> None:
    root = copy_workspace(repository / "data" / "belarus-2024", tmp_path / "demo")
    (root / "texts").mkdir()
    shutil.copyfile(shared_dir / "seed" / "article.txt", root / "texts" / "article.txt")
    again = publish_at(root, RELEASED, SecretKey.generate())
    signed = {"manifest.json.minisig", "minisign.pub"}
    for path in demo_release.rglob("*"):
        if path.is_file() and path.name not in signed:
            name = path.relative_to(demo_release)
            assert (again / name).read_bytes() == path.read_bytes(), name


def test_no_blank_node_and_no_same_as(demo_release: Path) -> None:
    for line in dataset_lines(demo_release):
        assert b"_:" not in line.split(b'"')[0]
        assert f"<{terms.OWL_SAME_AS}>".encode() not in line


def test_the_graphs_are_disjoint(demo_release: Path) -> None:
    """One triple in two graphs would be counted twice by the engine."""
    triples = [line[: line.rindex(b" ", 0, -2)] for line in dataset_lines(demo_release)]
    assert len(set(triples)) == len(triples)


@pytest.mark.parametrize("name", ["findings.csv", "figures.csv", "casegraph.sqlite", "void.ttl"])
def test_the_files_are_there(demo_release: Path, name: str) -> None:
    assert (demo_release / name).stat().st_size > 0


def test_the_readme_names_every_file_and_says_what_nobody_has_confirmed(
    demo_release: Path,
) -> None:
    """Who finds the folder alone learns of each file, of excerpts, and what a statement is."""
    readme = (demo_release / "README.txt").read_text(encoding="utf-8")
    named = {path.name for path in demo_release.iterdir() if path.is_file()} - {"README.txt"}
    assert {name for name in named if f"\n{name} " not in readme} == set()
    words = " ".join(readme.split())
    assert "all readings of it count once, the members of a list one by one" in words
    assert "which no person has confirmed on the page itself" in words


def test_an_excerpt_is_told_in_labels_and_tables(demo_release: Path) -> None:
    """Not only on pages: the Turtle file and the CSV files say it of each place as well."""
    with (demo_release / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    excerpts = {row["evidence"] for row in rows if row["extent"] == "excerpt"}
    assert excerpts
    assert all(row["read_on"] for row in rows if row["extent"] == "excerpt")
    assert {row["evidence_kind"] for row in rows if row["evidence"] in excerpts} == {"citation"}
    unseen = {
        quad.subject
        for quad in map(from_line, (line.decode() for line in dataset_lines(demo_release)))
        if quad.predicate == terms.RDFS_LABEL
        and "read in an excerpt, not yet confirmed by a person" in str(quad.object)
    }
    assert excerpts <= unseen


def test_check_and_release_count_statements_alike(demo_release: Path, demo_workspace: Path) -> None:
    """Everything in the demonstration is public, so the two numbers are one."""
    book = read_workspace(open_workspace(demo_workspace)).book
    counts = json.loads((demo_release / "manifest.json").read_bytes())["counts"]
    with (demo_release / "findings.csv").open(encoding="utf-8", newline="") as file:
        groups = {row["reading_group"] for row in csv.DictReader(file)}
    assert counts["statements"] == book.statements == len(groups)


@pytest.mark.parametrize("name", ["belarus-2024", "invented"])
def test_each_answer_of_the_start_page_leads_to_a_finding(repository: Path, name: str) -> None:
    """A row that names a finding links to its page, where the words of the source stand."""
    found = []
    for path in sorted((repository / "data" / name / "queries").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        place = re.search(r"^# start page: (\d+)$", text, re.MULTILINE)
        found.append((int(place[1]) if place else 99, path.name, text))
    for _, query, text in sorted(found)[:3]:
        selected = text[text.index("SELECT") : text.index("WHERE")]
        assert re.search(r"SELECT \?finding |AS \?oneFinding\)", selected), query

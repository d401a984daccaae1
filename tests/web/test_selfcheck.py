"""The self-check: all is well on the demonstration, and what is broken is shown as failing."""

from __future__ import annotations

import json
import re
import shutil
import time
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from casegraph.release.manifest import checksums
from casegraph.release.seal import write_manifest
from casegraph.web.selfcheck.addresses import sample
from casegraph.web.selfcheck.links import Link, read_links, read_linkset
from casegraph.web.selfcheck.report import Check, Report, as_earl, as_json, as_junit, verdict
from casegraph.web.selfcheck.running import run_checks
from casegraph.web.selfcheck.visitor import Visitor
from tests.web.described_site import BASE, HOME, application, visiting
from tests.web.served import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient
    from starlette.types import Receive, Scope, Send

ID: Final = "2026-11-22.1"
EARL: Final = "http://www.w3.org/ns/earl#"
TOP: Final = f"{HOME}/"


def report_on(releases: Path, *, most: int, public_url: str = "") -> Report:
    app = application(releases, public_url=public_url)
    site, top = app.state.site, public_url or TOP
    try:
        return run_checks(app, site, site.shelf.current(), public_url=top, most=most)
    finally:
        site.live.close()


def failed(report: Report) -> set[str]:
    return {f"{one.group}: {one.name}" for one in report.checks if one.outcome == "failed"}


def test_everything_holds_on_the_demonstration_and_every_address_is_asked(
    demo_workspace: Path,
) -> None:
    report = report_on(demo_workspace / "releases", most=1_000_000)
    assert [check for check in report.checks if check.outcome != "passed"] == []
    assert set(report.groups()) == {
        "addresses", "numbers", "files", "protocol", "signposting", "memento", "caching",
    }  # fmt: skip
    (sitemap,) = (check for check in report.checks if check.name == "addresses in: sitemap")
    assert re.fullmatch(r"all \d{3} addresses of this site resolve", sitemap.detail)


def test_everything_holds_below_a_path_of_another_name(demo_workspace: Path) -> None:
    """As behind a proxy: identity by one address, service at another with a path."""
    top = "https://data.example.org/graph/"
    report = report_on(demo_workspace / "releases", most=20, public_url=top)
    assert [check for check in report.checks if check.outcome != "passed"] == []


@pytest.fixture(scope="module")
def broken(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A release with a wrong count, an address that is nowhere, and a changed file."""
    releases = tmp_path_factory.mktemp("broken") / "releases"
    shutil.copytree(demo_workspace / "releases", releases)
    folder = releases / ID
    text = (folder / "void.ttl").read_text(encoding="utf-8")
    text = re.sub(
        r"void:triples (\d+) ;\n    void:entities", r"void:triples 9\1 ;\n    void:entities", text
    )
    text = text.replace(f"<{BASE}release/#series> ;\n", f"<{BASE}release/lost> ;\n", 1)
    (folder / "void.ttl").write_text(text, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    facts = {key: value for key, value in manifest.items() if key in {"title", "counts", "licence"}}
    write_manifest(
        folder, release_id=ID, base_iri=BASE, dataset_sha256=manifest["datasetSha256"], facts=facts
    )
    (folder / "METHOD.md").write_text("Read it as you like.\n", encoding="utf-8")
    assert checksums((folder / "manifest.json").read_bytes())
    return report_on(releases, most=100)


def test_what_is_broken_fails_and_nothing_else_does(broken: Report) -> None:
    assert failed(broken) == {
        "numbers: void:triples",
        "addresses: addresses in: VoID and DCAT of the release",
        "files: digest = manifest",
        "files: headers = manifest",
        "files: signature over the manifest",
    }


def test_a_failing_check_says_what_is_wrong(broken: Report) -> None:
    details = {check.name: check.detail for check in broken.checks}
    assert details["void:triples"] == "910979, counted 10979"
    assert details["digest = manifest"] == "METHOD.md has another SHA-256 than the manifest says"
    assert f"{TOP}release/lost answers 404" in details["addresses in: VoID and DCAT of the release"]


def test_a_sample_says_that_it_is_one(broken: Report) -> None:
    (sitemap,) = (check for check in broken.checks if check.name == "addresses in: sitemap")
    assert re.fullmatch(r"a sample of 100 of \d{3} addresses resolves", sitemap.detail)


def test_the_same_in_every_form(broken: Report) -> None:
    number = len(failed(broken))
    assert json.loads(as_json(broken))["failed"] == number
    suites = ET.fromstring(as_junit(broken))  # noqa: S314 - written a moment ago
    assert len(list(suites.iter("failure"))) == number
    assert len(list(suites.iter("testcase"))) == len(broken.checks)
    assert sum(int(suite.attrib["failures"]) for suite in suites) == number
    store = ox.Store()
    store.load(as_earl(broken, TOP), format=ox.RdfFormat.TURTLE)
    outcome, wrong = ox.NamedNode(f"{EARL}outcome"), ox.NamedNode(f"{EARL}failed")
    assert len(list(store.quads_for_pattern(None, outcome, wrong))) == number
    assert len(list(store.quads_for_pattern(None, outcome, None))) == len(broken.checks)


@pytest.fixture(scope="module")
def visitor(demo_workspace: Path) -> Iterator[TestClient]:
    with visiting(demo_workspace / "releases") as found:
        yield found


def test_the_page_is_made_in_the_background_and_then_kept(visitor: TestClient) -> None:
    first = visitor.get("/conformance", headers={"Accept": "text/html"})
    if first.status_code == 202:
        assert first.headers["cache-control"] == "no-store"
        assert "is being checked" in first.text
    end = time.monotonic() + PATIENCE_SECONDS
    while (answer := visitor.get("/conformance.json")).status_code == 202:
        assert time.monotonic() < end
        assert answer.headers["retry-after"]
        time.sleep(0.2)
    assert [one for one in answer.json()["checks"] if one["outcome"] != "passed"] == []
    page = visitor.get("/conformance", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<strong>0 failed</strong>" in page.text
    assert visitor.get("/conformance.json").json()["begun"] == answer.json()["begun"]
    for suffix, media_type in {"ttl": "text/turtle", "xml": "application/xml"}.items():
        form = visitor.get(f"/conformance.{suffix}")
        assert form.headers["content-type"].partition(";")[0] == media_type
    assert visitor.get("/conformance.pdf").status_code == 406
    assert visitor.get("/conformance", headers={"Accept": "image/png"}).status_code == 406


def test_a_check_that_breaks_is_a_failure(demo_workspace: Path) -> None:
    """An application that answers nothing: no check may hide that, and none may raise."""

    async def silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("secret words")

    app = application(demo_workspace / "releases")
    site = app.state.site
    try:
        report = run_checks(silent, site, site.shelf.current(), public_url=TOP)
    finally:
        site.live.close()
    outcomes = {group: {one.outcome for one in checks} for group, checks in report.groups().items()}
    for group in ("addresses", "files", "protocol", "signposting"):
        assert "failed" in outcomes[group], group
    assert outcomes["numbers"] == {"passed"}, "numbers are counted without asking the application"
    assert "secret" not in as_json(report).decode()


def test_many_faults_are_named_in_part_and_counted() -> None:
    check = verdict("group", "name", [f"fault {number}" for number in range(9)])
    assert check == Check(
        group="group",
        name="name",
        outcome="failed",
        detail="fault 0; fault 1; fault 2; fault 3; fault 4; and 4 more",
    )


@pytest.mark.parametrize(("number", "most"), [(0, 5), (5, 5), (6, 5), (371, 200), (3, 2)])
def test_a_sample_holds_the_first_and_the_last_and_nothing_twice(number: int, most: int) -> None:
    found = [str(one) for one in range(number)]
    taken = sample(found, most)
    assert len(taken) == len(set(taken)) == min(number, most)
    assert not found or (taken[0], taken[-1]) == (found[0], found[-1])


def test_links_are_read_as_rfc_8288_writes_them() -> None:
    text = (
        '<a>; rel="item next"; type="text/csv", </b>;rel=describedby ; profile="x, \\"y\\"",'
        '<https://example.org/c,d>; rel="cite-as"; anchor="/e"'
    )
    base = "https://example.org/page/"
    assert list(read_links(text, base)) == [
        Link(base, "item", f"{base}a", "text/csv"),
        Link(base, "next", f"{base}a", "text/csv"),
        Link(base, "describedby", "https://example.org/b", "", 'x, "y"'),
        Link("https://example.org/e", "cite-as", "https://example.org/c,d"),
    ]


def test_linksets_are_read_as_rfc_9264_writes_them() -> None:
    value: dict[str, list[dict[str, object]]] = {
        "linkset": [
            {"anchor": "x", "item": [{"href": "a", "type": "text/csv"}, {"href": "b"}]},
            {"anchor": "a", "describes": [{"href": "x", "profile": ["p"]}]},
        ]
    }
    assert list(read_linkset(value)) == [
        Link("x", "item", "a", "text/csv"),
        Link("x", "item", "b"),
        Link("a", "describes", "x", "", "p"),
    ]


def test_the_visitor_knows_its_own_addresses_by_both_names() -> None:
    with Visitor(lambda *_: None, TOP, BASE) as visitor:  # type: ignore[arg-type]
        assert visitor.here(f"{BASE}release/#series") == f"{TOP}release/"
        assert visitor.here(f"{TOP}ns") == f"{TOP}ns"
        assert visitor.here("https://example.org/") is None

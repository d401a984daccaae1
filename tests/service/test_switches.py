"""Releases change under load: no request fails, and no answer is made of two releases."""

from __future__ import annotations

import asyncio
import re
import shutil
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

from casegraph import durable
from tests.e2e.running_site import Site, program, serving
from tests.service.open_loop import Answer, Asked, OpenLoop
from tests.service.sites import GENEROUS, write_settings
from tests.web.small_release import BASE, WORKSPACE, address, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What the report is called, by turns, from release to release.
TITLES: Final = ("A year of trials", "A year of appeals", "A year of silence")
FIRST: Final = "2026-01-01.1"
PATIENCE_SECONDS: Final = 60.0
#: On a machine that does other things as well nothing fails but by a switch: deadlines are long,
#: and more can wait for workers than the web process has threads.
_UNHURRIED: Final = {
    "page_deadline_seconds": 60.0,
    "query_deadline_seconds": 60.0,
    "query_wait_seconds": 60.0,
    "query_workers": 16,
}
_FOOT: Final = re.compile(r'Release <a href="[./]*release/([^/"]+)/">')


class Shelf:
    """The folder that is served, and releases made beside it that come to it one by one.

    ``titles`` gives what the report is called in each release.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.releases = root / "site" / "releases"
        self.titles: dict[str, str] = {}
        self._days = count(1)
        self._variants = []
        for number, title in enumerate(TITLES):
            variant = shutil.copytree(WORKSPACE, root / f"variant{number}")
            sources = variant / "sources" / "all.yaml"
            text = sources.read_text(encoding="utf-8")
            assert TITLES[0] in text
            sources.write_text(text.replace(TITLES[0], title), encoding="utf-8")
            self._variants.append(variant)

    def prepare(self) -> str:
        """Make the next release out of sight."""
        number = next(self._days)
        release_id = f"2026-{1 + (number - 1) // 28:02d}-{1 + (number - 1) % 28:02d}.1"
        publish(
            self.root / "work",
            workspace=self._variants[number % len(TITLES)],
            release_id=release_id,
        )
        self.titles[release_id] = TITLES[number % len(TITLES)]
        return release_id

    def bring_in(self, release_id: str) -> None:
        """Give it its place, then let ``current`` name it, as publishing does."""
        self.releases.mkdir(parents=True, exist_ok=True)
        target = self.releases / release_id
        if not target.exists():
            durable.rename_dir(self.root / "work" / release_id, target)
        durable.replace_small(self.releases / "current", f"{release_id}\n")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.bring_in(shelf.prepare())
    write_settings(tmp_path / "site", {**GENEROUS, **_UNHURRIED})
    return shelf


@pytest.fixture
def site(shelf: Shelf) -> Iterator[Site]:
    with serving(program(), "--workspace", shelf.root / "site", "serve", cwd=shelf.root) as running:
        yield running


def requests(site: Site) -> list[Asked]:
    """Documents, queries and a style sheet, in a mix that repeats."""
    report = address("report")
    query = f"SELECT ?title {{ <{BASE}id/{report}> <http://purl.org/dc/terms/title> ?title }}"
    graph = f"CONSTRUCT {{ ?s ?p ?o }} {{ VALUES ?s {{ <{BASE}id/{report}> }} ?s ?p ?o }}"
    style = re.findall(r'href="(?:\./)?(static/[^"]+\.css)"', site.client.get("/").text)[0]
    document = [Asked(f"/doc/{report}{suffix}") for suffix in (".nt", ".ttl", ".html", ".jsonld")]
    old = Asked(f"/doc/{report}.nt?release={FIRST}")
    asked = Asked(f"/sparql?query={quote(query)}", {"Accept": "text/csv"})
    built = Asked(f"/sparql?query={quote(graph)}", {"Accept": "text/turtle"})
    thing = Asked(f"/id/{report}", {"Accept": "text/turtle"})
    sheet = Asked(f"/{style}")
    negotiated = Asked(f"/doc/{report}", {"Accept": "application/rdf+xml"})
    return [
        document[0], asked, sheet, document[2], asked, document[1], built, sheet, document[3],
        thing, document[0], asked, negotiated, old, sheet, document[2], built, document[1], asked,
        Asked("/"),
    ]  # fmt: skip


def told(answer: Answer) -> str:
    """The release that an answer says it is from, in whichever way; "" if in none."""
    header = answer.headers.get("x-casegraph-release", "")
    foot = _FOOT.search(answer.body.decode())
    if foot is None:
        return header
    assert header in {"", foot[1]}, answer.asked
    return foot[1]


def check(answer: Answer, titles: dict[str, str]) -> None:
    """The answer is whole and of the release that it names, in every part of it."""
    assert answer.status in {200, 303}, (answer.asked, answer.status, answer.body[:500])
    path = answer.asked.path
    if path.startswith(("/static/", "/id/")):
        return
    release, text = told(answer), answer.body.decode()
    assert release in titles, (answer.asked, answer.headers)
    assert f"release={release}" in path or "release=" not in path
    if path != "/":
        held = {title for title in TITLES if title in text}
        assert held == {titles[release]}, (answer.asked, release, held)
    if path.startswith("/doc/") and "html" not in path:
        assert set(re.findall(rf"{BASE}release/([0-9.-]+\d)", text)) == {release}


async def switch_under_load(shelf: Shelf, site: Site, *, switches: int, rate: float) -> OpenLoop:
    """Let ``current`` name another release so many times while requests come at ``rate``.

    Every second release is a new one, the others came before; now and then ``current``
    changes twice before anybody could look.
    """
    prepared = [shelf.prepare() for _ in range(switches)]
    load = OpenLoop(site.port, requests(site), rate=rate)
    seen: set[str] = set()
    ahead = asyncio.Event()

    def heard(answer: Answer) -> None:
        seen.add(told(answer) if answer.status == 200 else "")
        ahead.set()

    async def until(release_id: str) -> None:
        """It answers, and has for a while."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while release_id not in seen:
                ahead.clear()
                await ahead.wait()
            enough = len(load.answers) + rate // 2
            while len(load.answers) < enough:
                ahead.clear()
                await ahead.wait()

    running = asyncio.create_task(load.run(heard))
    known = list(shelf.titles)[:1]
    done = 0
    while done < switches:
        back = done % 2 == 1
        release_id = known[done % len(known)] if back else prepared.pop(0)
        if done % 5 == 4 and not back:
            shelf.bring_in(known[0])
            done += 1
        shelf.bring_in(release_id)
        known.append(release_id)
        done += 1
        seen.clear()
        await until(release_id)
    load.stop()
    await running
    return load


def run(shelf: Shelf, site: Site, *, switches: int, rate: float) -> None:
    load = asyncio.run(switch_under_load(shelf, site, switches=switches, rate=rate))
    failed = [
        f"{one.status} {one.asked.path}: {one.body.decode()[:500]}"
        for one in load.answers
        if one.status not in {200, 303}
    ]
    assert not failed, "\n".join(failed[:10])
    for answer in load.answers:
        check(answer, shelf.titles)
    assert {told(one) for one in load.answers} - {""} > {FIRST}
    assert site.process.poll() is None
    ready = site.client.get("/readyz", headers={"accept": "text/plain"})
    assert ready.status_code == 200
    print(f"{len(load.answers)} requests, {switches} switches, {len(failed)} failed")  # noqa: T201


def test_switches_fail_no_request(shelf: Shelf, site: Site) -> None:
    run(shelf, site, switches=8, rate=60)


@pytest.mark.full
def test_fifty_switches_under_two_hundred_requests_a_second(shelf: Shelf, site: Site) -> None:
    run(shelf, site, switches=50, rate=200)

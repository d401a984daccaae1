"""The start page, and what holds for every page and every answer."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.rendering import bcp47, size, when
from casegraph.web.server import service_factory
from tests.web.fake_queries import FakeQueries
from tests.web.small_release import address, publish

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = {"accept": "text/html"}
EVERYWHERE = Settings(host="0.0.0.0")  # noqa: S104 - nothing listens in these tests
PAGES = [
    "/",
    "/sparql",
    "/ns",
    "/release/",
    "/release/2026-02-01.1/",
    "/shapes/",
    f"/doc/{address('total/a')}",
    f"/doc/{address('ana')}",
    f"/doc/{address('report')}",
    "/doc/violation/torture",
    "/nowhere/at/all",
]


class Links(HTMLParser):
    """Collects what a page loads and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.forms: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        data = tag == "script" and said == {"type": "application/ld+json"}
        if (tag in {"script", "style", "iframe", "object"} and not data) or "style" in said:
            self.faults.append(tag)
        self.faults += [name for name in said if name.startswith("on")]
        if tag == "img" or (tag == "link" and said.get("rel") in {"stylesheet", "icon"}):
            self.loads.append(said.get("src") or said.get("href", ""))
        elif tag in {"a", "link"}:
            self.links.append(said.get("href", ""))
        elif tag == "form":
            assert said["method"] == "post"
            self.forms.append(said["action"])


def links_of(text: str) -> Links:
    parser = Links()
    parser.feed(text)
    return parser


def test_the_start_page_says_honestly_what_there_is(client: TestClient) -> None:
    page = client.get("/", headers=BROWSER).text
    for number, words in (
        ("6", "statements"),
        ("4", "readings"),
        ("1", "report held"),
        ("1", "pages cited"),
    ):
        assert f"<dt>{words}</dt><dd>{number}</dd>" in page
    assert "Nothing here says that a statement is true" in page
    assert "Who was sentenced, how many, and on which words?" in page
    assert "last year at least 900 people were sentenced" in page
    assert "sha256sum --check SHA256SUMS" in page
    assert re.search(r"A year of trials</bdi></a> <span[^>]*>5 current statements", page)
    assert re.search(r'<code class="hash">[0-9a-f]{64}</code>', page)
    assert 'href="./release/2026-02-01.1/casegraph.ttl"' in page


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(
    client: TestClient, path: str
) -> None:
    answer = client.get(path, headers=BROWSER)
    found = links_of(answer.text)
    assert found.faults == []
    assert found.loads
    for load in found.loads:
        url = answer.url.join(load)
        assert url.host == "127.0.0.1"
        asset = client.get(str(url))
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    unsigned = ("minisig", "minisign.pub", "void.ttl")
    for link in {*links_of(answer.text).links, *links_of(answer.text).forms}:
        url = answer.url.join(link)
        if not link.startswith("#") and url.host == "127.0.0.1" and not url.path.endswith(unsigned):
            assert not link.startswith(("/", "http")), "links within the site are relative"
            assert client.get(str(url), headers=BROWSER).status_code < 400, link


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/release/2026-02-01.1/casegraph.ttl"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, headers=BROWSER).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", f"/doc/{address('ana')}", "/nowhere/at/all"])
def test_a_banner_of_the_workspace_stands_on_every_page(tmp_path: Path, path: str) -> None:
    publish(tmp_path / "releases", extra_facts={"banner": "All of it is <invented>."})
    settings = Settings(query_workers=1)
    app = create_app(
        tmp_path / "releases", settings=settings, service_factory=service_factory(settings, None)
    )
    with TestClient(app, base_url="http://127.0.0.1:8000") as visitor:
        page = visitor.get(path, headers=BROWSER).text
    assert page.count("All of it is &lt;invented&gt;.</p>") == 1


def test_without_a_banner_there_is_no_notice(client: TestClient) -> None:
    assert 'class="notice' not in client.get("/", headers=BROWSER).text


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"


def test_without_a_release_the_site_lives_and_is_not_ready(tmp_path: Path) -> None:
    app = create_app(
        tmp_path / "none", settings=Settings(), service_factory=lambda _: FakeQueries(tmp_path)
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        start = client.get("/", headers=BROWSER)
        assert start.status_code == 404
        assert "No release is published here yet" in start.text


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        (Settings(), "127.0.0.1:8000", 200),
        (Settings(), "localhost", 200),
        (Settings(), "[::1]:8000", 200),
        (Settings(), "evil.example", 421),
        (Settings(), "127.0.0.1@evil.example", 421),
        (EVERYWHERE, "box.local", 200),
        (EVERYWHERE, "box.local/x", 421),
        (Settings(public_url="https://data.example.org/"), "data.example.org", 200),
        (Settings(public_url="https://data.example.org/"), "evil.example", 421),
    ],
)
def test_only_known_hosts_are_answered(
    releases: Path, tmp_path: Path, settings: Settings, host: str, status: int
) -> None:
    app = create_app(releases, settings=settings, service_factory=lambda _: FakeQueries(tmp_path))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz", headers={"host": host}).status_code == status


def test_methods_that_change_something_are_405(client: TestClient) -> None:
    for path in ("/", "/release/", f"/doc/{address('ana')}"):
        answer = client.delete(path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("../2023-12", "until 2023-12"),
        ("2025-12-13/..", "from 2025-12-13 on"),
        ("2020/2024-12", "2020 to 2024-12"),
        ("“Last year”, read as 2024~", "“Last year”, read as about 2024"),
        ("2020?", "2020 (uncertain)"),
        ("a/b", "a/b"),
    ],
)
def test_times_are_written_as_words(edtf: str, words: str) -> None:
    assert when(edtf) == words


def test_tags_and_sizes_are_written_for_people() -> None:
    assert [bcp47(tag) for tag in ("en", "be-latn", "en-gb")] == ["en", "be-Latn", "en-GB"]
    assert [size(number) for number in (1, 1500, 2_000_000)] == ["1 bytes", "1.5 kB", "2.0 MB"]

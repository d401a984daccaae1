"""Pages ask nobody but the server for anything, and break no rule of their own policy."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import require_tool
from tests.e2e.browsing import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.running_site import Site

ASKED = """PREFIX cg: <https://w3id.org/casegraph/ns#>
SELECT ?finding ?source WHERE {
  ?finding a cg:CurrentFinding ; cg:evidencedBy/cg:fromSource ?source ; cg:statement ?statement
} ORDER BY ?finding LIMIT 1"""


@pytest.fixture(scope="module")
def chromium() -> str:
    return require_tool("chromium")


@pytest.fixture(scope="module")
def addresses(demo_site: Site) -> dict[str, str]:
    """Path of a page by what it shows."""
    answer = demo_site.client.get(
        "/sparql", params={"query": ASKED}, headers={"Accept": "application/sparql-results+json"}
    )
    (row,) = answer.json()["results"]["bindings"]
    things = {
        name: urlsplit(row[name]["value"]).path.replace("/id/", "/doc/") + ".html"
        for name in ("finding", "source")
    }
    return things | {
        "home": "/",
        "result": f"/sparql?query={quote(ASKED)}",
        "broken query": "/sparql?query=SELECT%20nothing",
        "releases": "/release/",
        "release": "/release/2026-11-01.1",
        "ontology": "/ns",
        "self-check": "/conformance",
        "unknown": "/id/finding/unknown",
    }


@pytest.mark.parametrize(
    "name",
    ["home", "finding", "source", "result", "broken query", "releases", "release", "ontology",
     "self-check", "unknown"],
)  # fmt: skip
def test_a_page_asks_nobody_else_and_breaks_no_policy(
    demo_site: Site, addresses: dict[str, str], chromium: str, tmp_path: Path, name: str
) -> None:
    origin = f"http://127.0.0.1:{demo_site.port}"
    page = load(chromium, origin + addresses[name], tmp_path)
    assert "casegraph" in page.dom
    assert page.console == []
    assert [url for url in page.fetched if not url.startswith(f"{origin}/")] == []
    assert any(url.endswith(".css") for url in page.fetched), "a page without its style sheet"


class _Careless(BaseHTTPRequestHandler):
    """A page that does everything that the test above looks for."""

    page: ClassVar[bytes] = (
        b"<!doctype html><p style='color: red'>casegraph</p>"
        b"<img alt='' src='http://stranger.example/pixel.png'>"
    )

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; img-src *")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def careless_origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Careless) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_that_does_would_be_found(
    careless_origin: str, chromium: str, tmp_path: Path
) -> None:
    page = load(chromium, f"{careless_origin}/", tmp_path)
    foreign = [url for url in page.fetched if not url.startswith(f"{careless_origin}/")]
    assert foreign == ["http://stranger.example/pixel.png"]
    assert any("Content Security Policy" in report for report in page.console)

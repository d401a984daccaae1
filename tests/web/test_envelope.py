"""Around every answer: methods, origins, hosts, and targets in every form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from casegraph.settings import Settings
from casegraph.web.http.hosts import allowed_hosts, host_is_known, in_origin_form
from tests.web.small_release import RELEASE, address

if TYPE_CHECKING:
    from starlette.testclient import TestClient

READ = "GET, HEAD, OPTIONS"
ROUTES = {
    "/": READ,
    "/sparql": "GET, HEAD, POST, OPTIONS",
    "/sparql/": "GET, HEAD, POST, OPTIONS",
    "/rdf-graph-store": READ,
    "/answer": "GET, HEAD, POST, OPTIONS",
    "/release/": READ,
    f"/release/{RELEASE}/casegraph.ttl": READ,
    f"/doc/{address('monitor')}.ttl": READ,
    f"/id/{address('monitor')}": READ,
    "/ns": READ,
    "/shapes/findings.ttl": READ,
    "/healthz": READ,
}


@pytest.mark.parametrize(("path", "allowed"), ROUTES.items())
def test_options_and_405_name_the_methods_of_the_address(
    client: TestClient, path: str, allowed: str
) -> None:
    answer = client.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == allowed
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        refused = client.request(method, path)
        assert refused.status_code == 405, method
        assert refused.headers["allow"] == allowed
        assert refused.headers["content-type"] == "application/problem+json"


def test_there_are_no_options_of_nothing(client: TestClient) -> None:
    assert client.options("/nothing/here/at/all").status_code == 404
    assert client.put("/nothing/here/at/all").status_code == 404


def test_any_origin_may_read_and_none_with_credentials(client: TestClient) -> None:
    headers = {
        "origin": "https://elsewhere.example",
        "access-control-request-method": "DELETE",
        "access-control-request-headers": "authorization",
    }
    for path in ROUTES:
        answer = client.options(path, headers=headers)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
        assert answer.headers["access-control-allow-headers"] == (
            "content-type, accept, if-none-match, accept-datetime"
        )
        assert "access-control-allow-credentials" not in answer.headers
        read = client.get(path, headers={"origin": "https://elsewhere.example"})
        exposed = read.headers["access-control-expose-headers"].split(", ")
        own = {name for name in read.headers if name.startswith("x-casegraph-")}
        assert own <= {name.lower() for name in exposed}
        assert exposed[:6] == [
            "Link",
            "ETag",
            "Content-Digest",
            "Repr-Digest",
            "Memento-Datetime",
            "Retry-After",
        ]


def test_an_answer_in_no_format_says_so_on_head_too(client: TestClient) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/sparql?query=ASK{}", headers={"accept": "image/png"})
        assert answer.status_code == 406


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("data.example", True),
        ("DATA.example:443", True),
        ("localhost:8000", True),
        ("[::1]:8000", True),
        ("data.example.evil.example", False),
        ("evil.example", False),
        ("data.example@evil.example", False),
        ("data.example/x", False),
        ("data.example:", False),
        ("", False),
    ],
)
def test_only_our_names_are_answered_to(host: str, known: bool) -> None:  # noqa: FBT001 - a table
    allowed = allowed_hosts(Settings(public_url="https://data.example/graph/"))
    scope = {"headers": [(b"host", host.encode())]}
    assert host_is_known(scope, allowed) is known
    assert not host_is_known({"headers": [*scope["headers"], *scope["headers"]]}, allowed)
    assert not host_is_known({"headers": []}, allowed)


@pytest.mark.parametrize(
    ("target", "path", "host"),
    [
        (b"http://data.example:8000/doc/a%20b", "/doc/a b", b"data.example:8000"),
        (b"HTTPS://data.example", "/", b"data.example"),
        (b"/doc/http://x/", "/doc/http://x/", b"asked.example"),
        (b"http://user@data.example/", "http://user@data.example/", b"asked.example"),
        (b"ftp://data.example/", "ftp://data.example/", b"asked.example"),
    ],
)
def test_a_whole_address_as_target_wins_over_the_header(
    target: bytes, path: str, host: bytes
) -> None:
    scope = {
        "type": "http",
        "raw_path": target,
        "path": target.decode(),
        "headers": [(b"host", b"asked.example"), (b"accept", b"*/*")],
    }
    found = in_origin_form(scope)
    assert found["path"] == path
    assert dict(found["headers"])[b"host"] == host
    assert dict(found["headers"])[b"accept"] == b"*/*"

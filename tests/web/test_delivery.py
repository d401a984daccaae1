"""Tags, 304, codings and ranges on every kind of address."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.http.conditional import Memory, fresh_tag, unchanged
from tests.web.conftest import HOME
from tests.web.small_release import RELEASE, address, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.web.fake_queries import FakeQueries

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PLAIN = {"accept-encoding": "identity"}
FILE = f"/release/{RELEASE}/casegraph.ttl"


def places() -> list[tuple[str, dict[str, str]]]:
    """Addresses of every kind that a reader may keep, with what is asked for."""
    person = address("monitor")
    return [
        ("/", BROWSER),
        (f"/doc/{person}.html", BROWSER),
        (f"/doc/{person}.ttl", {}),
        (f"/doc/{person}", {"accept": "application/ld+json"}),
        ("/ns", BROWSER),
        ("/ns.ttl", {}),
        ("/shapes/", BROWSER),
        ("/shapes/findings.ttl", {}),
        ("/sparql", BROWSER),
        ("/sparql", {"accept": "text/turtle"}),
        ("/release/", BROWSER),
        (f"/release/{RELEASE}", BROWSER),
        (FILE, {}),
        (f"/release/{RELEASE}/casegraph.nq.gz", {}),
        ("/rdf-graph-store?default", {}),
    ]


@pytest.mark.parametrize(("path", "headers"), places())
def test_every_address_has_a_tag_and_keeps_to_it(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    first = client.get(path, headers=headers | PLAIN)
    assert first.status_code == 200, first.text
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    again = client.get(path, headers=headers | PLAIN | {"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-location"):
        assert again.headers.get(name) == first.headers.get(name), name
    other = client.get(path, headers=headers | PLAIN | {"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize(("path", "headers"), places())
def test_head_says_what_get_says(client: TestClient, path: str, headers: dict[str, str]) -> None:
    for coding in ("identity", "gzip"):
        asked = headers | {"accept-encoding": coding}
        got, head = client.get(path, headers=asked), client.head(path, headers=asked)
        assert head.content == b""
        assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(("path", "headers"), places())
def test_a_coding_has_its_own_length_tag_and_digest(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    plain = client.get(path, headers=headers | PLAIN)
    with client.stream("GET", path, headers=headers | {"accept-encoding": "gzip"}) as coded:
        raw = b"".join(coded.iter_raw())
    assert coded.headers["content-length"] == str(len(raw))
    if "content-encoding" not in coded.headers:
        assert raw == plain.content
        assert coded.headers["etag"] == plain.headers["etag"]
        return
    assert gzip.decompress(raw) == plain.content
    assert coded.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert coded.headers["vary"] == plain.headers["vary"]
    if "repr-digest" in plain.headers:
        assert coded.headers["repr-digest"] != plain.headers["repr-digest"]
    assert "accept-ranges" not in coded.headers


def test_what_is_small_or_packed_is_not_coded(client: TestClient) -> None:
    for path in (f"/release/{RELEASE}/casegraph.nq.gz", f"/release/{RELEASE}/README.txt"):
        answer = client.get(path, headers={"accept-encoding": "gzip"})
        packed = path.endswith(".gz")
        assert ("content-encoding" in answer.headers) is not packed
    small = client.get("/healthz", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_a_tag_of_a_coding_that_is_not_read_does_not_match(client: TestClient) -> None:
    """A cache names every coding it holds; it may be told only of one its client can read."""
    coded = client.get("/ns.ttl", headers={"accept-encoding": "gzip"}).headers["etag"]
    both = f'{coded}, "other"'
    assert client.get("/ns.ttl", headers=PLAIN | {"if-none-match": both}).status_code == 200
    readable = {"accept-encoding": "gzip", "if-none-match": both}
    answer = client.get("/ns.ttl", headers=readable)
    assert (answer.status_code, answer.headers["etag"]) == (304, coded)


def test_ranges_are_of_the_bytes_as_they_are(client: TestClient) -> None:
    whole = client.get(FILE, headers=PLAIN)
    part = client.get(FILE, headers={"range": "bytes=10-19", "accept-encoding": "gzip"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert "content-encoding" not in part.headers
    assert part.headers["etag"] == whole.headers["etag"]
    held = {"range": "bytes=0-4", "if-range": whole.headers["etag"]}
    assert client.get(FILE, headers=held).status_code == 206
    stale = {"range": "bytes=0-4", "if-range": '"other"', "accept-encoding": "identity"}
    assert client.get(FILE, headers=stale).content == whole.content
    beyond = client.get(FILE, headers={"range": "bytes=999999999-"})
    assert beyond.status_code == 416
    known = {"range": "bytes=0-4", "if-none-match": whole.headers["etag"]}
    assert client.get(FILE, headers=known).status_code == 304


@pytest.mark.parametrize(
    "field",
    [
        "seconds=1-2",
        "bytes",
        "bytes=",
        "bytes=a-b",
        "bytes=9-1",
        "bytes=1-2,x",
        "bytes=-",
        "bytes 0-4",
        f"bytes={'9' * 5_000}-",
        f"bytes={'0-0,' * 200}1-2",
    ],
)
def test_a_range_of_another_kind_is_passed_over(client: TestClient, field: str) -> None:
    """RFC 9110, section 14.2: another unit, or what is no range at all, asks for the whole."""
    answer = client.get(FILE, headers=PLAIN | {"range": field})
    assert answer.status_code == 200
    assert answer.content == client.get(FILE, headers=PLAIN).content


def test_only_get_has_ranges(client: TestClient) -> None:
    for coding in ("identity", "gzip"):
        asked = {"accept-encoding": coding}
        part = client.head(FILE, headers=asked | {"range": "bytes=0-4"})
        assert part.status_code == 200
        assert dict(part.headers) == dict(client.head(FILE, headers=asked).headers)


def test_ranges_that_lie_in_the_file_are_served_and_the_others_left_out(
    client: TestClient,
) -> None:
    whole = client.get(FILE, headers=PLAIN).content
    size = len(whole)
    for field, expected in {
        "Bytes=0-4": whole[:5],
        "bytes=0-4 ,\t999999999-": whole[:5],
        "bytes=-5": whole[-5:],
        f"bytes=-{size + 9}": whole,
        f"bytes={size - 1}-{size + 9}": whole[-1:],
    }.items():
        part = client.get(FILE, headers=PLAIN | {"range": field})
        assert (part.status_code, part.content) == (206, expected), field
    two = client.get(FILE, headers=PLAIN | {"range": "bytes=0-1,8-9"})
    assert two.status_code == 206
    assert two.headers["content-type"].startswith("multipart/byteranges")


@pytest.mark.parametrize("field", ["bytes=999999999-", "bytes=-0", "bytes=999999999-,-0"])
def test_a_part_that_no_file_has_is_refused_with_a_problem_document(
    client: TestClient, field: str
) -> None:
    size = client.head(FILE, headers=PLAIN).headers["content-length"]
    answer = client.get(FILE, headers={"range": field})
    assert answer.status_code == 416
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-range"] == f"bytes */{size}"
    assert answer.json()["status"] == 416
    stale = {"range": field, "if-range": '"other"'}
    assert client.get(FILE, headers=stale).status_code == 200


def test_the_digest_of_a_file_is_that_of_the_manifest(client: TestClient) -> None:
    manifest = client.get(f"/release/{RELEASE}/manifest.json", headers=PLAIN).json()
    told = manifest["files"]["casegraph.ttl"]["sha256"]
    answer = client.get(FILE, headers=PLAIN)
    assert (
        answer.headers["x-casegraph-sha256"] == told == hashlib.sha256(answer.content).hexdigest()
    )


def test_if_modified_since_holds_for_the_time_that_was_sent(client: TestClient) -> None:
    for path in (FILE, f"/doc/{address('monitor')}.ttl"):
        time = client.get(path).headers["last-modified"]
        assert client.get(path, headers={"if-modified-since": time}).status_code == 304
        later = {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        assert client.get(path, headers=later).status_code == 200
        both = {"if-modified-since": time, "if-none-match": '"other"'}
        assert client.get(path, headers=both).status_code == 200


def test_how_long_things_may_be_kept(client: TestClient) -> None:
    style = next(
        part.split('"')[0]
        for part in client.get("/", headers=BROWSER).text.split('href="')
        if ".css" in part.split('"')[0]
    )
    kept = {
        "/": "max-age=60",
        f"/doc/{address('monitor')}.ttl": "max-age=60",
        FILE: "max-age=86400",
        f"/{style.removeprefix('./')}": "immutable",
        "/healthz": "no-store",
    }
    for path, expected in kept.items():
        answer = client.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        assert expected in answer.headers["cache-control"], path
        assert ("immutable" in answer.headers["cache-control"]) == (expected == "immutable")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A folder of releases that a test may change."""
    folder = tmp_path / "releases"
    publish(folder)
    return folder


@pytest.fixture
def visitor(fresh: Path, fake: FakeQueries) -> Iterator[TestClient]:
    app = create_app(fresh, settings=Settings(), service_factory=lambda _release, **_: fake)
    with TestClient(app, base_url=HOME, follow_redirects=False) as one:
        yield one


def held(answer: httpx.Response) -> dict[str, str]:
    return {**BROWSER, "if-none-match": answer.headers["etag"]}


def test_a_page_is_said_to_be_unchanged_without_a_worker(
    visitor: TestClient, fake: FakeQueries
) -> None:
    first = visitor.get("/", headers=BROWSER)
    fake.asked.clear()
    assert visitor.get("/", headers=held(first)).status_code == 304
    assert fake.asked == []


def test_a_withdrawal_ends_what_was_remembered(visitor: TestClient, fresh: Path) -> None:
    """The page is filled anew at once, not after the minute for which it may be kept."""
    first = visitor.get("/release/", headers=BROWSER)
    assert visitor.get("/release/", headers=held(first)).status_code == 304
    (fresh / "withdrawals.json").write_text(json.dumps({"withdrawn": []}), encoding="utf-8")
    publish(fresh, release_id="2026-03-01.1")
    os.utime(fresh)
    again = visitor.get("/release/", headers=held(first))
    assert again.status_code == 200
    assert "2026-03-01.1" in again.text


def test_what_was_remembered_is_forgotten() -> None:
    now = [0.0]
    memory = Memory(clock=lambda: now[0])
    key = memory.key(b"a", b"b")
    assert key != memory.key(b"ab", b"")
    memory.keep(key, {"etag": '"x"'}, [(b"etag", b'"x"'), (b"content-length", b"5")])
    found = memory.get(key)
    assert found is not None
    assert found.headers == ((b"etag", b'"x"'),)
    now[0] = 61.0
    assert memory.get(key) is None
    for number in range(5_000):
        memory.keep(str(number).encode(), {"etag": '"x"'}, [])
    assert memory.get(b"0") is None
    assert memory.get(b"4999") is not None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('"x"', '"x"'),
        ('W/"x"', '"x"'),
        ("*", '"x"'),
        (' "a" ,\t"x"', '"x"'),
        ('"x-gzip"', None),
        ("x", None),
        ("", None),
        ('"a",' * 5_000 + '"x"', None),
    ],
)
def test_tags_are_compared_as_rfc_9110_says(asked: str, expected: str | None) -> None:
    headers = Headers({"if-none-match": asked})
    assert fresh_tag(headers, '"x"') == expected
    assert unchanged(headers, '"x"', None) == expected


def test_a_tag_that_looks_like_a_coding_is_still_a_tag() -> None:
    """Nobody takes the end of a tag of ours for a coding: such a tag matches itself."""
    headers = Headers({"if-none-match": '"x-gzip"', "accept-encoding": "gzip"})
    assert fresh_tag(headers, '"x"') == '"x-gzip"'

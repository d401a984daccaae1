"""The client against a real service, and against services that misbehave."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.testclient import TestClient

from casegraph.client import IRI, Client, Text
from casegraph.errors import (
    AskForLess,
    FixEnvironment,
    FixInput,
    Gone,
    InvalidQuery,
    NotFound,
    TryLater,
)
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.web.conftest import HOME
from tests.web.small_release import RELEASE, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VALUES = """SELECT * WHERE { VALUES (?iri ?n ?d ?f ?b ?day ?at ?zone ?said ?none) {
 (<https://x.example/a> 12 1.50 1e3 true "2025-06-01"^^xsd:date "2025-06-01T10:00:00Z"^^xsd:dateTime
  "2025-06-01Z"^^xsd:date "слова"@be UNDEF) } }"""
PREFIX = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
CURRENT = "PREFIX cg: <https://w3id.org/casegraph/ns#>\nSELECT ?f WHERE { ?f a cg:CurrentFinding }"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a small site that runs in this process."""
    releases = tmp_path_factory.mktemp("client") / "releases"
    publish(releases)
    settings = Settings(query_workers=1)
    app = create_app(releases, settings=settings, service_factory=service_factory(settings, None))
    with TestClient(app) as visitor, Client(HOME, transport=visitor._transport) as opened:
        yield opened


def answering(*answers: Callable[[httpx.Request], httpx.Response]) -> Client:
    """A client of a service that gives these answers, one after another."""
    rest = list(answers)
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        made = rest.pop(0)(request)
        stream = httpx.ByteStream(made.content)
        return httpx.Response(made.status_code, headers=made.headers, stream=stream)

    transport = httpx.MockTransport(answer)
    client = Client(HOME, patience=10, transport=transport, sleep=waited.append)
    client.waited = waited  # type: ignore[attr-defined]
    return client


def problem(status: int, kind: str = "x", **members: object) -> Callable[..., httpx.Response]:
    """A problem document."""
    headers = {"Retry-After": str(members.pop("wait"))} if "wait" in members else {}
    document = {"type": f"https://w3id.org/casegraph/problems#{kind}", "detail": "No.", **members}
    return lambda _request: httpx.Response(status, json=document, headers=headers)


def rows(_request: httpx.Request) -> httpx.Response:
    """An empty answer."""
    return httpx.Response(200, json={"head": {"vars": ["x"]}, "results": {"bindings": []}})


def test_values_have_the_types_of_python(site: Client) -> None:
    answer = site.select(PREFIX + VALUES)
    (row,) = answer
    assert answer.release == RELEASE
    assert row == {
        "iri": IRI("https://x.example/a"),
        "n": 12,
        "d": Decimal("1.50"),
        "f": 1000.0,
        "b": True,
        "day": date(2025, 6, 1),
        "at": datetime(2025, 6, 1, 10, tzinfo=UTC),
        "zone": "2025-06-01Z",
        "said": "слова",
        "none": None,
    }
    assert isinstance(row["iri"], IRI)
    assert isinstance(row["said"], Text)
    assert row["said"].lang == "be"


def test_answers_become_frames(site: Client) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    answer = site.select(
        "SELECT ?a ?b WHERE { VALUES (?a ?b) { (1 'x'@en) (2 UNDEF) } } ORDER BY ?a"
    )
    frame = answer.to_pandas()
    assert list(frame["a"]) == [1, 2]
    assert frame["b"].isna().tolist() == [False, True]
    assert isinstance(frame, pandas.DataFrame)
    assert answer.to_polars().equals(polars.DataFrame({"a": [1, 2], "b": ["x", None]}))


def test_a_column_of_several_types_becomes_text(site: Client) -> None:
    answer = site.select("SELECT ?a WHERE { VALUES ?a { 1 'x' } } ORDER BY ?a")
    assert sorted(answer.columns()["a"]) == ["1", "x"]


def test_ask_and_graph(site: Client) -> None:
    assert site.ask("ASK { ?s ?p ?o }") is True
    turtle = site.graph("CONSTRUCT { <https://x.example/a> <https://x.example/b> 1 } WHERE {}")
    assert b"<https://x.example/a>" in turtle


def test_the_wrong_method_says_which_is_right(site: Client) -> None:
    with pytest.raises(FixInput, match="no SELECT query"):
        site.select("ASK {}")
    with pytest.raises(FixInput, match="no ASK query"):
        site.ask("SELECT * WHERE {}")


def test_a_query_is_refused_with_its_place(site: Client) -> None:
    with pytest.raises(InvalidQuery) as caught:
        site.select("SELECT ?x WHERE { ?x ex:y 1 }")
    assert caught.value.line == 1


def test_releases_are_listed(site: Client) -> None:
    assert site.releases() == [RELEASE]


def test_an_answer_of_a_named_release(site: Client) -> None:
    assert site.select(CURRENT, release=RELEASE).rows
    with pytest.raises(NotFound):
        site.select(CURRENT, release="1999-01-01.1")


def test_a_citation_names_release_and_digest(site: Client) -> None:
    cited = site.cite(CURRENT)
    assert f"release={RELEASE}" in cited.address
    assert f"digest={cited.digest}" in cited.address
    assert cited.address in cited.citation["bibtex"]


def test_the_format_of_a_citation_is_named_by_its_short_name(site: Client) -> None:
    assert "format=csv" in site.cite(CURRENT).address
    assert "format=tsv" in site.cite(CURRENT, format_name="tsv").address


def test_nothing_changed_between_a_release_and_itself(site: Client) -> None:
    (change,) = site.changes(RELEASE, query=CURRENT)
    assert change["added"]["total"] == change["removed"]["total"] == 0
    assert change["unchanged"] > 0


def test_a_client_waits_as_long_as_it_is_asked_to() -> None:
    client = answering(problem(429, limit="rate", wait=3), problem(503, limit="load", wait=2), rows)
    assert client.select("x").rows == []
    assert client.waited == [3.0, 2.0]  # type: ignore[attr-defined]


def test_patience_ends() -> None:
    client = answering(problem(503, limit="load", wait=8), problem(503, limit="load", wait=8))
    with pytest.raises(TryLater) as caught:
        client.select("x")
    assert caught.value.retry_after == 8
    assert client.waited == [8.0]  # type: ignore[attr-defined]


def test_a_query_that_took_too_long_is_not_asked_again() -> None:
    with pytest.raises(TryLater, match="No"):
        answering(problem(503, limit="time", wait=1)).select("x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(413, AskForLess), (404, NotFound), (410, Gone), (400, FixInput), (500, FixEnvironment)],
)
def test_every_refusal_has_its_error(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        answering(problem(status)).select("x")


def test_an_answer_that_was_changed_on_the_way_is_refused() -> None:
    digest = base64.b64encode(hashlib.sha256(b"what was sent").digest()).decode()
    body = json.dumps({"head": {"vars": []}, "results": {"bindings": []}})

    def changed(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=body, headers={"Repr-Digest": f"sha-256=:{digest}:"})

    with pytest.raises(TryLater, match="digest differs"):
        answering(changed).select("x")


def test_compressed_answers_are_compared_as_they_were_sent() -> None:
    data = gzip.compress(b'{"head": {}, "boolean": true}')
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    headers = {"Content-Encoding": "gzip", "Repr-Digest": f"sha-256=:{digest}:"}

    def compressed(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(data))

    transport = httpx.MockTransport(compressed)
    assert Client(HOME, transport=transport).ask("x")


def test_a_service_that_is_not_there_is_told_as_such() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        message = "refused"
        raise httpx.ConnectError(message, request=request)

    with pytest.raises(TryLater, match="did not answer"):
        answering(refuse).select("x")


def listing(_request: httpx.Request) -> httpx.Response:
    """Two releases, of which the older was made the current one again."""
    held = [("2026-02-01.1", False), ("2026-01-01.1", True)]
    entries = [{"id": name, "date": name[:10], "current": current} for name, current in held]
    return httpx.Response(200, json={"releases": entries})


def no_archive(_request: httpx.Request) -> httpx.Response:
    """Bytes in place of an archive."""
    return httpx.Response(200, content=b"no archive")


def test_the_current_release_is_downloaded_even_where_it_is_not_the_newest(tmp_path: Path) -> None:
    with pytest.raises(FixInput, match=r"^2026-01-01\.1\.zip does not verify"):
        answering(listing, no_archive).download(tmp_path)


def test_a_download_waits_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    client = answering(problem(429, limit="rate", wait=3), no_archive)
    with pytest.raises(FixInput, match="does not verify"):
        client.download(tmp_path, release="2026-01-01.1")
    assert client.waited == [3.0]  # type: ignore[attr-defined]


def test_the_patience_of_a_download_ends_and_leaves_nothing(tmp_path: Path) -> None:
    client = answering(problem(503, limit="load", wait=8), problem(503, limit="load", wait=8))
    with pytest.raises(TryLater):
        client.download(tmp_path, release="2026-01-01.1")
    assert client.waited == [8.0]  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_does_not_verify_is_removed(tmp_path: Path) -> None:
    client = answering(lambda _request: httpx.Response(200, content=b"no archive"))
    with pytest.raises(FixInput, match="does not verify and was removed"):
        client.download(tmp_path, release="2026-01-01.1")
    assert list(tmp_path.iterdir()) == []


def looking(release: str | None = None) -> tuple[Client, list[httpx.Request]]:
    """A client of a service that keeps what it is asked, and that."""
    seen: list[httpx.Request] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        content = b'{"head": {"vars": []}, "results": {"bindings": []}, "changes": []}'
        return httpx.Response(200, stream=httpx.ByteStream(content))

    return Client(HOME, transport=httpx.MockTransport(look), release=release), seen


def test_a_query_never_stands_in_an_address() -> None:
    client, seen = looking()
    client.select("SELECT secret")
    assert "secret" not in str(seen[0].url)
    assert b"secret" in seen[0].content


def test_only_what_the_client_can_decode_is_asked_for() -> None:
    client, seen = looking()
    client.select("x")
    assert seen[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("until", "said"), [(None, "2026-01-01.1"), ("2026-02-01.1", "2026-02-01.1")]
)
def test_changes_end_at_the_release_of_the_client(until: str | None, said: str) -> None:
    client, seen = looking(release="2026-01-01.1")
    assert client.changes("2025-12-01.1", until=until) == []
    assert dict(seen[0].url.params) == {"since": "2025-12-01.1", "until": said}


def test_changes_end_at_the_current_release_where_none_is_named() -> None:
    client, seen = looking()
    client.changes("2025-12-01.1")
    assert "until" not in seen[0].url.params

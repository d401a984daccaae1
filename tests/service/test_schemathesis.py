"""Generated requests to every address: no status that is not declared, never a 500."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.discovery.openapi import description
from casegraph.web.server import service_factory
from tests.web.small_release import BASE, RELEASE, publish

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fastapi import FastAPI

HOME = "http://127.0.0.1"
SAMPLE, FULL = 400, 20_000
#: What real visitors send; without it nearly every generated request would end at 404.
LIKELY = {
    "query": ["ASK {}", "SELECT * { ?s ?p ?o } LIMIT 3", "CONSTRUCT WHERE { ?s ?p ?o }", "ASK {"],
    "format": ["json", "csv", "ttl", "html", "text/turtle"],
    "release": [RELEASE],
    "since": [RELEASE],
    "until": [RELEASE],
    "graph": [f"{BASE}graph/asserted"],
    "default": [""],
    "default-graph-uri": [f"{BASE}graph/asserted"],
    "profile": ["spreadsheet", "schema"],
    "cite": ["bibtex", "ris", "csl-json"],
    "Accept-Datetime": ["Sun, 01 Mar 2026 00:00:00 GMT"],
    "Accept": ["*/*", "text/html", "text/turtle", "application/json", "image/png", "text/csv;q=0"],
    "If-None-Match": ["*", '"x"'],
    "Range": ["bytes=0-4", "bytes=-5", "bytes=999999999-", "bytes=2-1", "seconds=1-2", "bytes"],
}
ADDED = ("Accept", "If-None-Match", "Accept-Datetime", "Range")
#: One of so many requests, less one, is sent as it was generated.
_ONE_IN = 3


def things(releases: Path) -> list[tuple[str, str]]:
    """Kind and identifier of what is in the release."""
    quads = gzip.decompress((releases / RELEASE / "casegraph.nq.gz").read_bytes()).decode()
    found = sorted(set(re.findall(rf"<{re.escape(BASE)}id/([a-z]+)/([^/>]+)>", quads)))
    assert found
    return found


def addresses(found: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """For addresses with places in them, values that lead to something."""
    release = {"name": RELEASE}
    documents = [
        {"kind": kind, "name": f"{name}{suffix}"}
        for kind, name in found
        for suffix in ("", ".ttl", ".html", ".jsonld", ".rdf", ".nt")
    ]
    return {
        "/id/{kind}/{identifier}": [{"kind": kind, "identifier": name} for kind, name in found],
        "/id/{kind}/{identifier}/{below}": [
            {"kind": kind, "identifier": name, "below": "quantity"} for kind, name in found
        ],
        "/doc/{kind}/{name}": documents,
        "/doc/{kind}/{name}/": documents,
        "/timemap/{path}": [{"path": f"doc/{kind}/{name}"} for kind, name in found],
        "/release/{name}": [release, {"name": f"{RELEASE}.zip"}],
        "/release/{name}/": [release],
        "/release/{name}/{file}": [{**release, "file": "casegraph.nq.gz"}],
        "/release/{name}/linkset.json": [release],
        "/release/{name}/schema.jsonld": [release],
        "/graph/{name}": [{"name": "asserted"}],
        "/shapes/{name}": [{"name": "findings.ttl"}],
        "/conformance.{suffix}": [{"suffix": suffix} for suffix in ("ttl", "json", "xml")],
    }


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small release."""
    folder = tmp_path_factory.mktemp("generated") / "releases"
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def app(releases: Path) -> Iterator[FastAPI]:
    """The application over it, with the real query service."""
    generous = Settings(
        query_workers=2,
        query_deadline_seconds=5.0,
        client_burst_errors=6_000,
        client_errors_per_minute=6_000,
    )
    made = create_app(releases, settings=generous, service_factory=service_factory(generous, None))
    with TestClient(made, base_url=HOME):
        yield made


def made_likely(
    case: Any,
    draw: st.DataObject,
    likely: Mapping[str, Sequence[str]],
    paths: Mapping[str, Sequence[dict[str, str]]],
) -> None:
    """Make most generated requests such that they lead somewhere; a few stay as they are."""
    if not draw.draw(st.integers(0, _ONE_IN)):
        return
    if case.path in paths:
        case.path_parameters.update(draw.draw(st.sampled_from(paths[case.path])))
    fields = [case.query, *([case.body] if isinstance(case.body, dict) else [])]
    for given_fields in fields:
        for name in sorted(given_fields):
            kept = name in likely and draw.draw(st.booleans())
            if kept or name in {"query", "since", "release"}:
                given_fields[name] = draw.draw(st.sampled_from(likely[name]))
            else:
                del given_fields[name]
    for name in ADDED:
        case.headers.pop(name, None)
        if draw.draw(st.booleans()):
            case.headers[name] = draw.draw(st.sampled_from(likely[name]))


def explore(app: FastAPI, releases: Path, cases: int) -> Counter[int]:
    """Send so many generated requests, spread over all operations; how they were answered."""
    schema = schemathesis.openapi.from_dict(description(f"{HOME}/", "1"))
    schema.app = app
    found = things(releases)
    likely = {
        **LIKELY,
        "about": [f"{BASE}id/{kind}/{name}" for kind, name in found],
        "of": [f"release/{RELEASE}", *(f"doc/{kind}/{name}" for kind, name in found)],
    }
    operations: list[Any] = [one.ok() for one in schema.get_all_operations()]  # type: ignore[union-attr]
    each = -(-cases // len(operations))
    said: Counter[int] = Counter()

    for operation in operations:

        @given(case=operation.as_strategy(), draw=st.data())
        @settings(
            max_examples=each,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Any, draw: st.DataObject) -> None:
            made_likely(case, draw, likely, addresses(found))
            answer = case.call(base_url=HOME)
            said[answer.status_code] += 1
            case.validate_response(answer, checks=[not_a_server_error, status_code_conformance])

        send()
    return said


def test_a_sample(app: FastAPI, releases: Path) -> None:
    said = explore(app, releases, SAMPLE)
    assert said.total() >= SAMPLE / 2
    assert {200, 303, 400, 404, 406} <= set(said)


@pytest.mark.full
def test_twenty_thousand(app: FastAPI, releases: Path) -> None:
    # Where an address takes nothing, its few different requests are sent once.
    said = explore(app, releases, FULL * 3 // 2)
    assert said.total() >= FULL

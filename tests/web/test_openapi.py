"""The description of all addresses: it is legal, and it names every route and no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from casegraph.web.discovery.openapi import description
from casegraph.web.http.problems import STATUS, from_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

READ = {"GET", "HEAD"}


def routes(of: Any) -> Iterator[tuple[str, str]]:
    """Address and method of every route, those of included routers with them."""
    for route in of.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner)
        else:
            yield from ((route.path.replace(":path}", "}"), method) for method in route.methods)


@pytest.fixture
def described() -> dict[str, Any]:
    return description("https://data.example.org/", "1")


def test_every_route_is_described_and_nothing_else(
    described: dict[str, Any], fake_client: TestClient
) -> None:
    app = fake_client.app
    said = {
        (path, method.upper()) for path, methods in described["paths"].items() for method in methods
    }
    assert sorted(said) == sorted(set(routes(app)))


def test_no_operation_promises_an_error_of_the_server(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert "500" not in operation["responses"], (method, path)
            assert {"421", "503"} <= set(operation["responses"])


def test_problem_documents_fit_their_schema(described: dict[str, Any]) -> None:
    schema = described["components"]["schemas"]["Problem"]
    jsonschema.Draft202012Validator.check_schema(schema)
    for kind in STATUS:
        try:
            error = kind("What happened.", hint="How to mend it.")
        except TypeError:
            continue
        jsonschema.validate(json.loads(from_error(error).to_json()), schema)


def test_it_is_served_with_the_address_of_the_site(client: TestClient) -> None:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["openapi"] == "3.1.0"
    assert said["servers"] == [{"url": "http://127.0.0.1:8000"}]
    again = client.get("/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304

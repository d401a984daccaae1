"""The addresses of a site as an OpenAPI 3.1 description, made of the table of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casegraph.web.discovery.operations import (
    ANY,
    EVERYWHERE,
    HTML,
    MEANINGS,
    MEDIA_OF,
    OPERATIONS,
    PARAMETERS,
    TEXT,
)
from casegraph.web.http.problems import MEDIA_TYPE, TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.web.discovery.operations import Operation, Schema

_EMPTY: Final = frozenset({204, 302, 303, 304, 308})


def description(public_url: str, version: str) -> Schema:
    """The whole description; ``public_url`` ends with a slash."""
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        for path in operation.paths:
            methods = ("post",) if operation.body else ("get", "head")
            for method in methods:
                paths.setdefault(path, {})[method] = _operation(operation, path, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "casegraph",
            "version": version,
            "description": "Documented findings as linked data: answers are whole or an error.",
        },
        "servers": [{"url": public_url.removesuffix("/")}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def _operation(operation: Operation, path: str, method: str) -> Schema:
    statuses = [*([200] if operation.media else []), *operation.statuses, *EVERYWHERE]
    said: Schema = {
        "operationId": f"{method} {path}",
        "summary": operation.text,
        "parameters": [*_of_path(path), *_of_request(operation.takes)],
        "responses": {
            str(status): _answer(status, operation, method) for status in sorted(set(statuses))
        },
    }
    if operation.body:
        said["requestBody"] = _body(operation.body)
    return said


def _of_path(path: str) -> list[Schema]:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _of_request(names: Sequence[str]) -> list[Schema]:
    return [
        {
            "name": one.name,
            "in": one.place,
            "required": one.required,
            "description": one.text,
            "schema": one.schema(),
        }
        for one in (PARAMETERS[name] for name in names)
    ]


def _body(kinds: Sequence[str]) -> Schema:
    form: Schema = {
        "type": "object",
        "required": ["query"],
        "properties": {name: PARAMETERS[name].schema() for name in ("query", "format", "release")},
        "additionalProperties": False,
    }
    content = {MEDIA_OF[kind]: {"schema": form if kind == "form" else TEXT} for kind in kinds}
    return {"required": True, "content": content}


def _answer(status: int, operation: Operation, method: str) -> Schema:
    if status < 300:  # noqa: PLR2004 - success
        text, kinds = MEANINGS.get(status, operation.text), (*operation.media, ANY)
        schema: Schema = {}
    else:
        text, kinds = MEANINGS[status], (MEDIA_TYPE, HTML)
        schema = {"$ref": "#/components/schemas/Problem"}
    said: Schema = {"description": text}
    if status not in _EMPTY and method != "head":
        said["content"] = {
            kind: {"schema": schema if kind == MEDIA_TYPE else {}} for kind in dict.fromkeys(kinds)
        }
    return said


_PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "RFC 9457; further members name the limit, the time spent, what to try next.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "pattern": f"^{TYPES}[a-z-]+$".replace(".", r"\.")},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "hint": TEXT,
        "limit": TEXT,
        "elapsed": {"type": "number"},
        "retryAfter": {"type": "integer", "minimum": 1},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "offered": {"type": "array", "items": TEXT},
    },
}

"""The addresses of the service as patterns: ``/doc/{kind}/{name}``, the same for every visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from starlette.types import Scope


def patterns(routes: Iterable[object]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every address, with what matches it; in the order in which they are tried."""
    for route in routes:
        # FastAPI keeps an included router as one route with routes of its own.
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from patterns(included.routes)
        elif hasattr(route, "path_regex"):
            yield route.path, route.path_regex  # type: ignore[attr-defined]


def pattern_of(scope: Scope) -> str | None:
    """The pattern of the asked address, also where no handler was needed for the answer."""
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    routes = scope["app"].routes if "app" in scope else ()
    return next((name for name, regex in patterns(routes) if regex.match(path)), None)

"""What whoever runs the service can ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from casegraph.settings import Settings
from casegraph.web.app import create_app
from tests.web.conftest import HOME
from tests.web.small_release import RELEASE

if TYPE_CHECKING:
    from pathlib import Path

JSON = {"Accept": "application/json"}


class Weaker:
    """A service on a system that locks less away."""

    weaker = ("This system has no filter of system calls.",)

    def close(self) -> None: ...


def visitor_of(releases: Path, factory: Any) -> TestClient:
    app = create_app(releases, settings=Settings(), service_factory=factory)
    return TestClient(app, base_url=HOME)


def test_a_ready_service_names_its_release_and_what_is_weaker(releases: Path) -> None:
    with visitor_of(releases, lambda *_, **__: Weaker()) as visitor:
        answer = visitor.get("/readyz", headers=JSON)
        assert answer.json() == {
            "ready": True,
            "release": RELEASE,
            "stopping": False,
            "trouble": "",
            "weaker": list(Weaker.weaker),
        }
        assert answer.headers["cache-control"] == "no-store"
        assert visitor.get("/readyz").text == "ready\n"
        assert visitor.get("/healthz", headers=JSON).json() == {"alive": True, "stopping": False}


def test_a_release_that_cannot_be_opened_is_told(releases: Path) -> None:
    """The kind of the error, not its message."""

    def broken(*_: object, **__: object) -> Any:
        msg = "secret words"
        raise OSError(msg)

    with visitor_of(releases, broken) as visitor:
        answer = visitor.get("/readyz", headers=JSON)
        assert answer.status_code == 503
        said = answer.json()
        assert (said["ready"], said["release"]) == (False, None)
        assert RELEASE in said["trouble"]
        assert "OSError" in said["trouble"]
        assert "secret" not in answer.text
        assert visitor.get("/readyz").text.startswith("not ready: ")
        assert visitor.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
def test_a_stopping_service_still_says_how_it_is(releases: Path, path: str) -> None:
    with visitor_of(releases, lambda *_, **__: Weaker()) as visitor:
        visitor.app.state.running.stopping = True  # type: ignore[attr-defined]
        assert visitor.get(path, headers=JSON).json()["stopping"] is True
        assert visitor.get(path).status_code == (503 if path == "/readyz" else 200)
        refused = visitor.get("/")
        assert refused.status_code == 503
        assert refused.headers["connection"] == "close"
        assert refused.headers["retry-after"] == "10"

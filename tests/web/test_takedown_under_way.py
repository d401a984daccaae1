"""From the moment a takedown lists a record, nothing tells it, in whichever release."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from casegraph.release.editions import Deadlines
from casegraph.release.takedown import takedown
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

PERSON = "person/pe00000000000001"
NAME = b"Torban"
SELECT = "/sparql?format=csv&query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"


@dataclass(frozen=True)
class Seen:
    """An answer; ``listed`` says whether the takedown had listed the record when it was asked."""

    path: str
    listed: bool
    status: int
    body: bytes


def ask_until(stop: threading.Event, visitor: TestClient, path: str, listing: Path) -> list[Seen]:
    """Ask again and again, and once more after the end."""
    found = []
    while True:
        last, listed = stop.is_set(), listing.exists()
        answer = visitor.get(path)
        found.append(Seen(path, listed, answer.status_code, answer.content))
        if last:
            return found


def test_nothing_tells_what_a_takedown_has_listed(tmp_path: Path) -> None:
    """Queries, documents, mementos and files, asked without a pause while it goes on."""
    root = veldania.write(tmp_path / "workspace", veldania.files())
    first = veldania.release(root, engines=veldania.FAST)
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    listing = root / "releases" / "withdrawals.json"
    settings = Settings(query_workers=1)
    start = service_factory(settings, root / "var" / "store")
    app = create_app(root / "releases", settings=settings, service_factory=start)
    paths = (
        SELECT,
        f"{SELECT}&release={first}",
        f"/doc/{PERSON}.nt",
        f"/doc/{PERSON}.nt?release={first}",
        f"/release/{first}/casegraph.ttl",
    )
    stop = threading.Event()
    with (
        TestClient(app, base_url="http://127.0.0.1:8000") as visitor,
        ThreadPoolExecutor(len(paths)) as readers,
    ):
        assert all(NAME in visitor.get(path).content for path in paths)
        asking = [readers.submit(ask_until, stop, visitor, path, listing) for path in paths]
        try:
            takedown(
                veldania.shelf(root), f"/id/{PERSON}", key=veldania.KEY,
                decision=veldania.decision(), engines=veldania.FAST,
                deadlines=Deadlines(validate=60, reason=60),
            )  # fmt: skip
        finally:
            stop.set()
        seen = [one.result() for one in asking]
    for path, answers in zip(paths, seen, strict=True):
        assert {one.status for one in answers} <= {200, 410, 503}
        assert [one for one in answers if one.listed and NAME in one.body] == []
        assert answers[-1].listed
        assert answers[-1].status == (410 if PERSON in path else 200), path

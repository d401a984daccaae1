"""A server that was running when a record was withdrawn answers 410 and tells nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from casegraph.release.editions import Deadlines
from casegraph.release.takedown import takedown
from casegraph.settings import Settings
from casegraph.web.app import create_app
from casegraph.web.server import service_factory
from tests.hostile.leaks.byte_scan import hits
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "/id/person/pe00000000000001"
LINKSET = "/linkset.json?of=doc/person/pe00000000000001"
#: What is made once for an edition and kept.
DESCRIBING = (
    "/sitemap.xml", "/feed.atom", "/linkset.json", "/catalogue.ttl", "/.well-known/void",
    "/release/2031-05-17.1/schema.jsonld", "/release/2031-05-17.1/linkset.json",
)  # fmt: skip
SELECT = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"


def test_a_withdrawn_person_is_gone_from_every_answer(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "workspace", veldania.files())
    veldania.release(root)
    settings = Settings(query_workers=1)
    start = service_factory(settings, root / "var" / "store")
    app = create_app(root / "releases", settings=settings, service_factory=start)
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=True) as visitor:
        assert b"Torban" in visitor.get(ADDRESS).content
        assert b"Torban" in visitor.get(SELECT).content
        before = {path: visitor.get(path).content for path in (*DESCRIBING, LINKSET)}
        assert b"pe00000000000001" in before["/sitemap.xml"]
        assert b"pe00000000000001" in before[LINKSET]
        takedown(
            veldania.shelf(root), ADDRESS, key=veldania.KEY, decision=veldania.decision(),
            deadlines=Deadlines(validate=60, reason=60),
        )  # fmt: skip
        for kind in ("text/html", "text/turtle", "application/ld+json"):
            got = visitor.get(ADDRESS, headers={"Accept": kind})
            assert got.status_code == HTTPStatus.GONE
            assert hits(["Torban", "Торбан", "it was agreed"], [(kind, got.content)]) == []
        gone = visitor.get(LINKSET)
        assert gone.status_code == HTTPStatus.GONE
        assert b"pe0000" not in gone.content
        for path in DESCRIBING:
            assert b"pe00000000000001" not in visitor.get(path).content, path
        assert visitor.get("/feed.atom").content != before["/feed.atom"]
        paths = (
            SELECT, "/", "/release/2031-05-17.1.zip", "/release/withdrawals.json", *DESCRIBING
        )  # fmt: skip
        answers = [(path, visitor.get(path)) for path in paths]
    assert [got.status_code for _, got in answers] == [HTTPStatus.OK] * len(answers)
    assert hits(["Torban", "Торбан"], [(path, got.content) for path, got in answers]) == []

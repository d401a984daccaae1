"""A small invented workspace, written to a folder; tests change its files before that.

Contents are mappings, written as JSON, which is YAML.  ``FAST`` stands in for the shapes and
the reasoner, each of which takes a second.
"""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from casegraph.graph.canonical import write_lines
from casegraph.reason.closure import Closure
from casegraph.release.assemble import Engines
from casegraph.release.build import build
from casegraph.release.minisign import SecretKey
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish
from casegraph.sources.captures import attach, write_capture
from casegraph.validate.report import Report
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.release.inputs import ReleaseInputs, Shelf

Files = dict[str, Any]

BASE: Final = "https://veldania.example/"
KEY: Final = SecretKey(bytes(range(8)), bytes(range(32)))
DAY: Final = date(2031, 5, 17)
LATER: Final = date(2031, 9, 1)
PUBLIC: Final = {"level": "public", "by": "desk", "on": "2031-01-02", "basis": "given"}
RESTRICTED: Final = {"level": "restricted", "by": "desk", "on": "2031-01-02", "basis": "none"}
TEXT: Final = """\
The Harbour Monitor, yearly report.
In 2030 the courts of Veldania sentenced 412 people for songs; 97 of them were women.
Guards at the Old Mill kept the singer Ilva Torban in a cold cell.
A witness saw two prisoners carried out.
The number of trials is rising.
"""
_TOML: Final = f"""\
[workspace]
name = "veldania"
title = "Songs of Veldania"
base_iri = "{BASE}"
organisation = "desk"
languages = ["en"]
licence = "https://creativecommons.org/licenses/by/4.0/"
"""
_TOP: Final = {"recorded": "2031-01-02", "disclosure": PUBLIC}


def number(kind: str, n: int) -> str:
    """An id of sixteen letters and digits."""
    return f"{kind}{n:0{16 - len(kind)}d}"


FILES: Final[Files] = {
    "casegraph.toml": _TOML,
    "salt": "0123456789abcdef0123456789abcdef",
    "people.yaml": {
        **_TOP,
        "people": [
            {
                "key": "torban",
                "id": number("pe", 1),
                "label": {"en": "Ilva Torban"},
                "names": {"be": ["Ілва Торбан"]},
                "disclosure": PUBLIC,
            },
            {
                "key": "witness",
                "id": number("pe", 2),
                "label": {"en": "Ganna Zvirko"},
                "names": {"be": ["Ганна Звірко"], "ru": ["Анна Звирко"]},
                "pseudonym": "Witness W",
                "note": "lives by the harbour",
                "disclosure": {**PUBLIC, "level": "public-pseudonym", "second": "counsel"},
            },
        ],
    },
    "agents.yaml": {
        **_TOP,
        "agents": [
            {
                "key": "desk",
                "id": number("ag", 1),
                "kind": "institution",
                "label": {"en": "Desk of Veldania"},
            },
            {
                "key": "monitor",
                "id": number("ag", 2),
                "kind": "publication",
                "label": {"en": "Harbour Monitor"},
            },
            {"key": "mill", "id": number("ag", 3), "kind": "facility", "label": {"en": "Old Mill"}},
        ],
    },
    "populations.yaml": {
        **_TOP,
        "populations": [
            {
                "key": "sentenced",
                "id": number("po", 1),
                "label": {"en": "People sentenced for songs"},
                "recorded-by": "monitor",
            },
            {
                "key": "sentenced/women",
                "id": number("po", 2),
                "label": {"en": "Women sentenced for songs"},
                "sex": "women",
            },
            {
                "key": "prisoners",
                "id": number("po", 3),
                "label": {"en": "Prisoners of the Old Mill"},
            },
        ],
    },
    "cases.yaml": {
        **_TOP,
        "cases": [
            {
                "key": "case-song",
                "id": number("ca", 1),
                "kind": "criminal",
                "label": {"en": "Case about a song"},
                "identifiers": ["7-7/2030"],
                "parties": {"affected": ["torban"]},
            },
        ],
    },
    "sources/monitor.yaml": {
        **_TOP,
        "sources": [
            {
                "key": "report",
                "id": number("so", 1),
                "title": {"en": "Yearly report"},
                "publisher": "monitor",
                "language": "en",
                "url": "https://monitor.example.org/2030",
                "uttered": "2031-01-01",
                "holding": "quotations",
                "rights": "Harbour Monitor",
            },
            {
                "key": "page",
                "id": number("so", 2),
                "title": {"en": "A page"},
                "publisher": "monitor",
                "language": "en",
                "url": "https://monitor.example.org/page",
                "uttered": "2031-01-02",
                "holding": "cited",
                "rights": "Harbour Monitor",
            },
        ],
    },
    "texts/report.txt": TEXT,
    "findings/report.yaml": {
        **_TOP,
        "source": "report",
        "by": "monitor, own-voice",
        "statements": [
            {
                "key": "total",
                "quote": "sentenced 412 people for songs",
                "count": "412",
                "of": "sentenced",
                "during": "2030",
                "statement": "The Harbour Monitor counts 412 people sentenced in 2030.",
            },
            {
                "key": "women",
                "quote": "97 of them were women",
                "count": "97",
                "of": "sentenced/women",
                "during": "2030",
                "part-of": "total",
                "statement": "Of them 97 were women.",
            },
            {
                "key": "cold",
                "quote": "kept the singer Ilva Torban in a cold cell",
                "conduct": "torture",
                "form": "act",
                "against": ["torban"],
                "at": "mill",
                "case": "case-song",
                "time": "none",
                "statement": "The Monitor says that Ilva Torban was kept in a cold cell.",
            },
            {
                "key": "carried",
                "quote": "two prisoners carried out",
                "conduct": "torture",
                "by": "witness, monitor, explicit",
                "against": ["prisoners"],
                "time": "none",
                "statement": "A witness saw two prisoners carried out.",
            },
            {
                "key": "rising",
                "quote": "The number of trials is rising",
                "trend": "rising",
                "of": "sentenced",
                "baseline": "unstated",
                "time": "now",
                "qualifies": ["total"],
                "statement": "The Monitor says that trials are rising.",
            },
        ],
    },
    "findings/page.yaml": {
        **_TOP,
        "source": "page",
        "by": "monitor, own-voice",
        "statements": [
            {
                "key": "free",
                "cite": "first lines",
                "state": "at-liberty",
                "of": "torban",
                "on": "2031-01-02",
                "derived-from": ["cold"],
                "statement": "The Monitor says that Ilva Torban was free again.",
            },
        ],
    },
    "queries/all.rq": "SELECT ?s WHERE { ?s ?p ?o }\n",
}


def files() -> Files:
    """A copy to change."""
    return copy.deepcopy(FILES)


def write(root: Path, contents: Files) -> Path:
    """Write a workspace and record the captures of the texts it holds."""
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            content
            if isinstance(content, str)
            else json.dumps(content, ensure_ascii=False, indent=1)
        )
        path.write_text(text, encoding="utf-8")
    reading = read_workspace(open_workspace(root))
    for key, source in reading.book.sources.items():
        for folder in ("texts", "sources/texts"):
            file = root / folder / f"{key}.txt"
            if file.exists():
                record = attach(root, source, file, captured=date(2031, 1, 2), known=None)
                write_capture(root, key, record)
    return root


def inputs(root: Path) -> ReleaseInputs:
    """Read a workspace that has no errors."""
    workspace = open_workspace(root)
    return release_inputs(workspace, read_workspace(workspace))


def release(root: Path, *, on: date = DAY, engines: Engines | None = None) -> str:
    """Build, preview and publish; give the id of the release."""
    given = inputs(root)
    build(given, on=on, engines=engines)
    preview(given.shelf)
    return publish(given.shelf, key=KEY, decision=decision(on))


def decision(on: date = DAY) -> Decision:
    """Somebody said yes."""
    return Decision(by="the desk", because="it was agreed", on=on)


def shelf(root: Path) -> Shelf:
    """The folders of a workspace."""
    return open_workspace(root).shelf


def _no_shapes(nquads: Path, **_rest: object) -> Report:  # noqa: ARG001 - the seam's name
    return Report()


def _no_conclusions(asserted: Path, vocabulary: Path, out: Path, **_rest: object) -> Closure:  # noqa: ARG001 - the seam's names
    return Closure(write_lines(out, []), ())


FAST: Final = Engines(validate=_no_shapes, close=_no_conclusions)

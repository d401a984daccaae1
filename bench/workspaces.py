"""Generated workspaces of any size: an invented country, reports in full text, findings on them.

Everything is drawn from one seed, so the same arguments give the same bytes.  Names, places
and reports are made up; nothing here stands for a real person, country or event.
"""

from __future__ import annotations

import hashlib
import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENTENCES_PER_REPORT = 60
PERSONS_PER_FINDING = 8
BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_FIRST = [
    "Alena",
    "Barys",
    "Cyryl",
    "Dana",
    "Eva",
    "Franak",
    "Halina",
    "Ihar",
    "Jana",
    "Kiryl",
    "Lida",
    "Maks",
    "Nina",
    "Oleh",
]
_LAST = [
    "Vendel",
    "Karstin",
    "Morav",
    "Seldin",
    "Tarvan",
    "Jurev",
    "Polnik",
    "Rastov",
    "Zelim",
    "Havrin",
    "Dorsk",
    "Belin",
]
_TOWNS = ("Orlava", "Zhnivo", "Kastrel", "Veldmor", "Sumar", "Trasna", "Holm", "Ruzh")
_TYPES = ("torture", "arbitrary-detention", "interrogation", "search", "forced-labour")
_DAY = "2026-01-15"
_DISCLOSURE = {"level": "public", "by": "editors", "on": _DAY, "basis": "already-public-source"}


def generate(root: Path, *, findings: int, seed: int = 1) -> None:
    """Write a workspace with this many findings into the new folder ``root``."""
    draw = random.Random(seed)  # noqa: S311 - test data
    for folder in ("sources/texts", "findings"):
        (root / folder).mkdir(parents=True)
    (root / "casegraph.toml").write_text(
        '[workspace]\ntitle = "Generated data about an invented country"\n'
        'base_iri = "https://generated.example.org/"\norganisation = "editors"\n'
        'licence = "https://creativecommons.org/licenses/by/4.0/"\n',
        encoding="utf-8",
    )
    (root / "salt").write_text("generated data: this salt is no secret\n", encoding="utf-8")
    people = max(1, findings // PERSONS_PER_FINDING)
    _write_list(root / "agents.yaml", "agents", _agents(draw))
    _write_list(root / "people.yaml", "people", (_person(draw, n) for n in range(people)))
    _write_list(root / "populations.yaml", "populations", _populations(draw))
    reports = -(-findings // SENTENCES_PER_REPORT)
    _write_list(
        root / "sources" / "reports.yaml", "sources", (_source(draw, n) for n in range(reports))
    )
    _write_findings(root, draw, findings, people)


def _write_list(path: Path, name: str, records: Iterator[dict[str, object]]) -> None:
    """One YAML file; each record is JSON, which is YAML on one line."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"recorded: {_DAY}\ndisclosure: {json.dumps(_DISCLOSURE)}\n{name}:\n")
        for record in records:
            file.write(f"- {json.dumps(record, ensure_ascii=False)}\n")


def _id(draw: random.Random) -> str:
    return "".join(draw.choice(BASE32) for _ in range(16))


def _agents(draw: random.Random) -> Iterator[dict[str, object]]:
    for key, kind, label in (
        ("editors", "body", "Editors of generated data"),
        ("watch", "body", "Watch Group of Veldania"),
        ("police", "body", "police of Veldania"),
        ("prison", "facility", "Prison Number 4"),
        ("daily", "publication", "The Generated Daily"),
    ):
        yield {"key": key, "id": _id(draw), "kind": kind, "label": {"en": label}}


def _person(draw: random.Random, number: int) -> dict[str, object]:
    name = f"{draw.choice(_FIRST)} {draw.choice(_LAST)}"
    return {
        "key": f"p{number}",
        "id": _id(draw),
        "label": {"en": f"{name} ({number})"},
        "disclosure": _DISCLOSURE,
    }


def _populations(draw: random.Random) -> Iterator[dict[str, object]]:
    for town in _TOWNS:
        key = town.lower()
        label = f"people held in {town}"
        yield {"key": key, "id": _id(draw), "label": {"en": label}, "recorded-by": "watch"}
        yield {
            "key": f"{key}/women",
            "id": _id(draw),
            "label": {"en": f"women {label[7:]}"},
            "sex": "women",
        }


def _source(draw: random.Random, number: int) -> dict[str, object]:
    return {
        "key": f"report-{number}", "id": _id(draw), "title": {"en": f"Report {number} on Veldania"},
        "publisher": "daily", "language": "en", "holding": "full", "rights": "generated text",
        "uttered": f"{2015 + number % 10}-06",
    }  # fmt: skip


def _write_findings(root: Path, draw: random.Random, findings: int, people: int) -> None:
    path = root / "findings" / "generated.jsonl"
    with path.open("w", encoding="utf-8") as file:
        text: list[str] = []
        for number in range(findings):
            report, place = divmod(number, SENTENCES_PER_REPORT)
            sentence, fields = _statement(draw, number, people)
            text.append(sentence)
            entry = {
                "key": f"f{number}",
                "source": f"report-{report}",
                "by": "watch",
                "recorded": _DAY,
                "disclosure": _DISCLOSURE,
                "quote": sentence,
                **fields,
            }
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            if place == SENTENCES_PER_REPORT - 1 or number == findings - 1:
                _write_text(root, f"report-{report}", text)
                text = []


def _statement(draw: random.Random, number: int, people: int) -> tuple[str, dict[str, object]]:
    town, year = draw.choice(_TOWNS), 2015 + number % 10
    if number % 3 == 0:
        held = draw.randrange(20, 5000)
        sentence = f"In {year}, case {number} counted at least {held:,} people held in {town}."
        return sentence, {"count": str(held), "of": town.lower(), "during": str(year)}
    if number % 3 == 1:
        sentence = f"Person {number % people} was interrogated in {town} in {year} (case {number})."
        return sentence, {
            "conduct": [draw.choice(_TYPES)],
            "form": "act",
            "actor": ["police"],
            "against": [f"p{number % people}"],
            "during": str(year),
        }
    sentence = f"By {year}, person {number % people} was held in {town}, says note {number}."
    return sentence, {
        "state": "in-custody",
        "of": f"p{number % people}",
        "at": "prison",
        "change": "detention",
        "during": str(year),
    }


def _write_text(root: Path, key: str, sentences: list[str]) -> None:
    data = ("\n".join(sentences) + "\n").encode()
    (root / "sources" / "texts" / f"{key}.txt").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    record = {
        "sha256": digest, "bytes": len(data), "mediaType": "text/plain;charset=utf-8",
        "captured": _DAY, "textSha256": digest, "extractor": "plain-text",
        "extractorVersion": "1", "checked": _DAY, "places": {},
    }  # fmt: skip
    path = root / "sources" / f"{key}.capture.json"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")

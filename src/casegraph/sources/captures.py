"""Held texts of sources, and the record of what was found in them.

A text that may not be shown lies in ``texts/`` (never committed), a text that may in
``sources/texts/``.  Beside the catalogue entry stands ``sources/KEY.capture.json``: hash and
size of the bytes, extractor, the day of checking, and the place of each quotation, without
any words.  So a workspace builds the same release with the text and without it, and says
for each quotation when it was last found.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from casegraph import durable
from casegraph.errors import Conflict, FixInput, NotFound, Problem, Where
from casegraph.model.terms import Holding
from casegraph.model.values import Capture
from casegraph.sources.text import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from casegraph.model.values import Source

EXTRACTOR = "plain-text"
EXTRACTOR_VERSION = "1"


@dataclass(frozen=True, slots=True)
class RecordedPlace:
    """Where a quotation was found when the text was last at hand: code points and bytes."""

    start: int
    end: int
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRecord:
    """One capture file: the capture, the day of checking, places by ``quotation_mark``."""

    capture: Capture
    checked: date | None
    places: Mapping[str, RecordedPlace]


def quotation_mark(exact: str, near: str | None) -> str:
    """A short name for a quotation that tells none of its words (first 64 bits of SHA-256)."""
    return hashlib.sha256(f"{exact}\0{near or ''}".encode()).hexdigest()[:16]


def capture_path(root: Path, key: str) -> Path:
    """Where the capture record of a source lies."""
    return root / "sources" / f"{key}.capture.json"


def text_path(root: Path, source: Source) -> Path:
    """Where the text of a source lies: apart from the catalogue unless it may be shown."""
    folder = root / "sources" / "texts" if source.holding is Holding.FULL else root / "texts"
    return folder / f"{source.key}.txt"


def read_captures(
    root: Path, sources: Mapping[str, Source]
) -> tuple[dict[str, CaptureRecord], list[Problem]]:
    """The capture records there are, by source key, and what is wrong with them."""
    records, problems = {}, []
    for key in sources:
        path = capture_path(root, key)
        if not path.exists():
            continue
        try:
            records[key] = _parse(path.read_bytes())
        except (ValueError, KeyError, TypeError) as error:
            problems.append(
                Problem(
                    "broken-capture",
                    f"the capture record cannot be read: {error}",
                    Where(path.relative_to(root).as_posix()),
                    f"Delete it and run `casegraph source attach {key} FILE` again.",
                )
            )
    return records, problems


def read_texts(
    root: Path, sources: Mapping[str, Source], captures: Mapping[str, CaptureRecord]
) -> tuple[dict[str, str], list[Problem]]:
    """The held texts at hand, by source key; a text that changed since its capture is refused."""
    texts, problems = {}, []
    for key, source in sources.items():
        path = text_path(root, source)
        if not path.exists():
            if source.holding is Holding.FULL:
                problems.append(_text_missing(source, path.relative_to(root).as_posix()))
            continue
        data = path.read_bytes()
        shown = path.relative_to(root).as_posix()
        try:
            texts[key] = decode(data, path=shown)
        except FixInput as error:
            problems.append(Problem("unreadable-file", error.message, error.where, error.hint))
            continue
        record = captures.get(key)
        if record is None:
            problems.append(
                Problem(
                    "no-capture",
                    f"the text of '{key}' has no capture record",
                    Where(shown),
                    f"Run `casegraph source attach {key} FILE`.",
                )
            )
        elif record.capture.text_sha256 != hashlib.sha256(data).hexdigest():
            problems.append(
                Problem(
                    "text-changed",
                    f"the text of '{key}' is not the one that was captured",
                    Where(shown),
                    "Put the captured text back; a new version of a page is a new source.",
                )
            )
    return texts, problems


def attach(
    root: Path,
    source: Source,
    file: Path,
    *,
    captured: date,
    known: CaptureRecord | None,
    shown: str | None = None,
) -> CaptureRecord:
    """Take a UTF-8 text file in as the text of a source; places are recorded afterwards.

    Raises ``NotFound`` where there is no such file, ``FixInput`` where it is not UTF-8 or the
    source is only cited, ``Conflict`` where another text was captured before.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {shown or file}", hint="Check the path.")
    if source.holding is Holding.CITED:
        raise FixInput(
            f"'{source.key}' is only cited, so no text is kept of it",
            where=source.where,
            hint="Change `holding` to quotations (or full) if you may keep its text.",
        )
    data = file.read_bytes()
    decode(data, path=shown or str(file))
    digest = hashlib.sha256(data).hexdigest()
    if known and known.capture.sha256 != digest:
        raise Conflict(
            f"the file is not the one that was captured as '{source.key}'"
            f" on {known.capture.captured}",
            hint="A new version of a page is a new source: add it to the catalogue under"
            " another key. If the first capture was a mistake, delete"
            f" sources/{source.key}.capture.json first.",
        )
    path = text_path(root, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write_file(path, data)
    if known:
        return known
    return CaptureRecord(
        capture=_plain_capture(digest, len(data), captured), checked=None, places={}
    )


def _plain_capture(digest: str, size: int, captured: date) -> Capture:
    """The capture of a file that is its own text."""
    return Capture(
        sha256=digest,
        byte_size=size,
        media_type="text/plain;charset=utf-8",
        captured=captured,
        text_sha256=digest,
        extractor=EXTRACTOR,
        extractor_version=EXTRACTOR_VERSION,
    )


def write_capture(root: Path, key: str, record: CaptureRecord) -> None:
    """Write a capture record, durably and in one canonical form."""
    capture = record.capture
    value = {
        "sha256": capture.sha256,
        "bytes": capture.byte_size,
        "mediaType": capture.media_type,
        "captured": capture.captured.isoformat(),
        "textSha256": capture.text_sha256,
        "extractor": capture.extractor,
        "extractorVersion": capture.extractor_version,
        "checked": record.checked.isoformat() if record.checked else None,
        "places": {
            mark: [place.start, place.end, place.byte_start, place.byte_end]
            for mark, place in sorted(record.places.items())
        },
    }
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    durable.write_file(capture_path(root, key), text.encode())


def _parse(data: bytes) -> CaptureRecord:
    value = json.loads(data)
    return CaptureRecord(
        capture=Capture(
            sha256=value["sha256"],
            byte_size=value["bytes"],
            media_type=value["mediaType"],
            captured=date.fromisoformat(value["captured"]),
            text_sha256=value["textSha256"],
            extractor=value["extractor"],
            extractor_version=value["extractorVersion"],
        ),
        checked=date.fromisoformat(value["checked"]) if value["checked"] else None,
        places={mark: RecordedPlace(*numbers) for mark, numbers in value["places"].items()},
    )


def _text_missing(source: Source, shown: str) -> Problem:
    return Problem(
        "source-text-missing",
        f"the text of '{source.key}' should be in {shown}, but is not",
        source.where,
        f"Run `casegraph source attach {source.key} FILE`.",
    )

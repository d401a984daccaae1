"""Look for tokens in every byte of files, in every spelling that a byte can hide in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import sqlite3
import unicodedata
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def spellings(token: str) -> dict[str, bytes]:
    """The bytes to look for, by the name of the encoding."""
    raw = token.encode()
    escaped = "".join(f"\\u{ord(c):04x}" for c in token)
    found = {
        "utf-8": raw,
        "utf-16": token.encode("utf-16-le"),
        "percent": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "percent, letters kept": quote(token).encode(),
        "percent, lower": quote(token).lower().encode(),
        "html decimal": "".join(f"&#{ord(c)};" for c in token).encode(),
        "html hexadecimal": "".join(f"&#x{ord(c):x};" for c in token).encode(),
        "html names": html.escape(token).encode(),
        "backslash u": escaped.encode(),
        "backslash u, upper": escaped.upper().replace("\\U", "\\u").encode(),
        "sha256": hashlib.sha256(raw).hexdigest().encode(),
        "md5": hashlib.md5(raw, usedforsecurity=False).hexdigest().encode(),
        "sha256 bytes": hashlib.sha256(raw).digest(),
        "upper case": token.upper().encode(),
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        # The ends depend on what stands beside the token.
        inner = encoded[(0, 2, 3)[shift] : len(encoded) - 4]
        found[f"base64 at {shift}"] = inner
        found[f"base64 for addresses at {shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def folded(text: str) -> str:
    """Decomposed, without case."""
    return unicodedata.normalize("NFD", text.casefold())


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a path: its name, its bytes, and what is packed inside."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        shown = file.relative_to(path).as_posix() if path.is_dir() else file.name
        yield f"{shown} (name)", shown.encode()
        if file.is_dir():
            if (file / "CURRENT").exists():
                yield f"{shown} (quads)", _quads(file)
            continue
        yield from unpacked(shown, file.read_bytes())
        if file.suffix == ".sqlite":
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
                yield f"{shown} (rows)", "\n".join(connection.iterdump()).encode()


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes, and those inside where they are an archive."""
    yield name, data
    if data[:2] == b"\x1f\x8b":
        yield from unpacked(f"{name} (unpacked)", gzip.decompress(data))
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield f"{name}: {member.filename} (name)", member.filename.encode()
                yield from unpacked(f"{name}: {member.filename}", archive.read(member))


def hits(tokens: Iterable[str], items: Iterable[tuple[str, bytes]]) -> list[str]:
    """``token as encoding in place`` for everything found; equal contents are read once."""
    forms = {
        form: f"{token} as {how}" for token in tokens for how, form in spellings(token).items()
    }
    bare = {folded(token).encode(): f"{token} folded" for token in tokens}
    by_start, by_folded_start = _filed(forms), _filed(bare)
    seen: set[bytes] = set()
    found = []
    for place, data in items:
        digest = hashlib.sha256(data).digest()
        if digest in seen:
            continue
        seen.add(digest)
        plain = folded(data.decode("utf-8", errors="replace")).encode()
        found += [f"{forms[form]} in {place}" for form in _present(by_start, data)]
        found += [f"{bare[form]} in {place}" for form in _present(by_folded_start, plain)]
    return found


def _filed(forms: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """By their first bytes, most of which are in no file at all."""
    filed: dict[bytes, list[bytes]] = {}
    for form in forms:
        filed.setdefault(form[:4], []).append(form)
    return filed


def _present(filed: dict[bytes, list[bytes]], data: bytes) -> Iterator[bytes]:
    windows = {data[at : at + 4] for at in range(len(data))}
    for start, forms in filed.items():
        if start in windows:
            yield from (form for form in forms if form in data)


def _quads(store: Path) -> bytes:
    return "\n".join(map(str, ox.Store.read_only(str(store)))).encode()

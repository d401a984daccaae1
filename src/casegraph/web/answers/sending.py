"""Results and files on their way to a reader: whole, with length, tag and digest."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
import weakref
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, Response, StreamingResponse

from casegraph.errors import TryLater
from casegraph.web.http.coded_files import LARGEST
from casegraph.web.http.compression import choose_coding, coded_tag, is_compressible, vary_by_coding
from casegraph.web.http.conditional import unchanged
from casegraph.web.http.problems import refused
from casegraph.web.site import digest_headers, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from casegraph.query.result import Result
    from casegraph.web.http.compression import Coding
    from casegraph.web.releases.shelf import Release

# What a reader who does not read may hold of this process's memory.
_IN_MEMORY: Final = 256 * 1024
_BLOCK: Final = 128 * 1024
_MOST_RANGES: Final = 100
# No file has a length of more digits.
_RANGE: Final = re.compile(r"(?P<first>[0-9]{1,19})-(?P<last>[0-9]{0,19})|-(?P<suffix>[0-9]{1,19})")
_READS: Final = frozenset({"GET", "HEAD"})
_TABLES: Final = frozenset({"text/csv", "text/tab-separated-values"})


class SpoolResponse(StreamingResponse):
    """Sends an open file block by block and closes it, whatever becomes of the reader."""

    def __init__(self, stream: BinaryIO, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(_blocks(stream), headers=headers, media_type=media_type)
        self._stream = stream
        # An answer that is dropped before it is sent lets go of its file, too.
        weakref.finalize(self, stream.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def result_headers(result: Result, release: Release) -> dict[str, str]:
    """What every answer to a query says of itself: that it is whole, how long, how stable."""
    citable = "yes" if result.citable else f"no; {result.reason or ''}".strip("; ")
    headers = {
        "Vary": "Accept",
        "Cache-Control": "no-cache" if result.citable else "no-store",
        "X-Casegraph-Release": release.id,
        "X-Casegraph-Citable": citable,
        "X-Casegraph-Complete": "yes",
        "X-Casegraph-Sha256": result.sha256,
    }
    if result.rows is not None:
        headers["X-Casegraph-Rows"] = str(result.rows)
    return headers


def send_result(
    request: Request,
    result: Result,
    release: Release,
    *,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send a result; a small one from memory, a large one from its file.

    A citable one carries a tag: that in ``headers``, else one made of its bytes.  Closes the
    result in any case.
    """
    said = {**result_headers(result, release), **(headers or {})}
    said["Vary"] = vary_by_coding(said["Vary"])
    if result.citable:
        said.setdefault("ETag", f'"{release.id}-{result.sha256[:32]}"')
    if media_type in _TABLES:
        said["Content-Disposition"] = f'attachment; filename="result{result.suffix}"'
    with result:
        if request.method in _READS and said.get("ETag"):
            tag = unchanged(request.headers, said["ETag"], said.get("Last-Modified"))
            if tag is not None:
                return Response(status_code=304, headers={**said, "ETag": tag or said["ETag"]})
        if result.length <= _IN_MEMORY:
            data = result.read()
            if len(data) != result.length:
                raise _not_whole()
            digest = digest_headers(result.sha256)
            return Response(data, media_type=media_type, headers=said | digest)
        # The open file outlives its name; the response closes it.
        return _large(request, result, said, media_type)


def _large(request: Request, result: Result, said: dict[str, str], media_type: str) -> Response:
    coding = choose_coding(request.headers.get("accept-encoding"))
    coded = _coded(result, coding) if coding is not None else None
    if coding is None or coded is None:
        stream, length, sha256 = result.open(), result.length, result.sha256
    else:
        stream, length, sha256 = coded
        said["Content-Encoding"] = coding.name
        if "ETag" in said:
            said["ETag"] = coded_tag(said["ETag"], coding)
    said |= {**digest_headers(sha256), "Content-Length": str(length)}
    return SpoolResponse(stream, said, media_type)


def _coded(result: Result, coding: Coding) -> tuple[BinaryIO, int, str] | None:
    """A nameless file with the coded bytes, its length and sha256; None where it has no room."""
    try:
        with contextlib.ExitStack() as opened:
            source = opened.enter_context(result.open())
            sink = opened.enter_context(tempfile.TemporaryFile())
            if coding.large(source, sink) != result.length:
                raise _not_whole()
            length = sink.tell()
            sink.seek(0)
            digest = hashlib.file_digest(sink, "sha256").hexdigest()
            sink.seek(0)
            opened.pop_all()
            source.close()
            return sink, length, digest
    except OSError:
        return None


class _FilePart(FileResponse):
    """A file, or the part of it that ``part`` names in a field that was found to be right."""

    part: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        kept = [one for one in scope["headers"] if one[0] not in {b"range", b"if-range"}]
        if self.part is not None:
            kept.append((b"range", self.part.encode()))
        await super().__call__({**scope, "headers": kept}, receive, send)


def _asked_part(request: Request, headers: Mapping[str, str], size: int) -> str | None:
    """The Range field with those parts that the file has; None where all of it is to be sent.

    RFC 9110, section 14.2: only GET has ranges, and a field in another unit, or one that is not
    right, is passed over.  Raises ``RefusedRequestError`` (416) if the file has none of them.
    """
    unit, _, listed = request.headers.get("range", "").partition("=")
    if request.method != "GET" or unit.lower() != "bytes" or listed.count(",") >= _MOST_RANGES:
        return None
    if request.headers.get("if-range") not in {None, headers["etag"], headers["last-modified"]}:
        return None
    parts = [_RANGE.fullmatch(part.strip(" \t")) for part in listed.split(",")]
    right = [part for part in parts if part is not None and not _is_backwards(part)]
    if len(right) < len(parts):
        return None
    there = [part[0] for part in right if _is_there(part, size)]
    if not there:
        raise refused(
            416,
            "range",
            f"The file has {size:,} bytes and none of the parts that were asked for.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return f"bytes={','.join(there)}"


def _is_backwards(part: re.Match[str]) -> bool:
    return bool(part["last"]) and int(part["last"]) < int(part["first"])


def _is_there(part: re.Match[str], size: int) -> bool:
    return int(part["first"]) < size if part["first"] else size > 0 and int(part["suffix"]) > 0


def _not_whole() -> TryLater:
    return TryLater(
        "The result could not be read back whole; nothing was sent.",
        limit="disk",
        hint="Try again later.",
    )


def send_file(
    request: Request, path: Path, media_type: str, sha256: str | None, cache: str
) -> Response:
    """A file with tag and digest; ranges of its bytes are served, and coded it comes whole.

    ``sha256`` is that of the bytes where it is known.  Raises ``RefusedRequestError`` (416) if
    the file has none of the parts that are asked for.
    """
    stat = path.stat()
    basis = f"{stat.st_ino}.{stat.st_mtime_ns}.{stat.st_size}".encode()
    etag = f'"{(sha256 or hashlib.sha256(basis).hexdigest())[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache}
    if sha256 is not None:
        headers["X-Casegraph-Sha256"] = sha256
    text = is_compressible(media_type)
    if text:
        headers["Vary"] = "Accept-Encoding"
    if media_type.startswith("text/") or media_type == "application/sparql-query":
        media_type = f"{media_type}; charset=utf-8"
    answer = _FilePart(path, media_type=media_type, headers=headers, stat_result=stat)
    tag = unchanged(request.headers, etag, answer.headers["last-modified"])
    if tag is not None:
        headers["Last-Modified"] = answer.headers["last-modified"]
        return Response(status_code=304, headers={**headers, "ETag": tag or etag})
    answer.part = _asked_part(request, answer.headers, stat.st_size)
    coding = choose_coding(request.headers.get("accept-encoding")) if text else None
    if coding is not None and answer.part is None and stat.st_size <= LARGEST:
        site = site_of(request)
        with contextlib.suppress(OSError):  # Without room for a copy it goes out as it is.
            stream, coded = site.coded.get(path, etag, coding, state=site.stamp())
            headers |= {
                "ETag": coded_tag(etag, coding),
                "Content-Encoding": coding.name,
                "Content-Length": str(coded.length),
                "Last-Modified": answer.headers["last-modified"],
                **digest_headers(coded.sha256),
            }
            return SpoolResponse(stream, headers, media_type)
    if sha256 is not None:
        answer.headers.update(digest_headers(sha256))
    return answer

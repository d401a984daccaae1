"""Between a handler and the wire: 304 from memory, tags for whole answers, content codings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders

from casegraph.web.http.compression import (
    SMALLEST,
    choose_coding,
    coded_tag,
    is_compressible,
    plain_tag,
    vary_by_coding,
)
from casegraph.web.http.conditional import Memory, has_condition, repeated, unchanged
from casegraph.web.site import digest_headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from casegraph.web.http.conditional import RawHeaders

_READS: Final = frozenset({"GET", "HEAD"})
_IN_LOOP: Final = 32 * 1024
_OK: Final = 200
#: Headers of a request that may decide what an address answers.
_VARYING: Final = ("host", "accept", "accept-datetime", "accept-language", "cookie")


class Delivery:
    """ASGI middleware around the handlers.

    An answer that may be kept by anybody (``Cache-Control: public``) and has not changed is
    said to be so before a handler runs: no page is filled and no worker asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._memory = Memory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reads = scope["method"] in _READS and "range" not in headers
        state = scope["app"].state.site.stamp() if reads else b""
        if reads and has_condition(headers):
            known = self._memory.get(self._key(scope, headers, state))
            tag = unchanged(headers, known.etag, known.modified) if known is not None else None
            if known is not None and tag is not None:
                await _not_modified(send, list(known.headers), tag)
                return
        outgoing = _Outgoing(headers, send, reads=scope["method"] in _READS)
        await self._app(scope, receive, outgoing)
        # What was in force before and after is what the handler saw.
        kept = outgoing.keepable
        if kept is not None and state and state == scope["app"].state.site.stamp():
            self._memory.keep(self._key(scope, headers, state), kept, kept.raw)

    def _key(self, scope: Scope, headers: Headers, state: bytes) -> bytes:
        return self._memory.key(
            state,
            scope["scheme"].encode(),
            scope.get("root_path", "").encode(),
            scope.get("raw_path") or scope["path"].encode(),
            scope["query_string"],
            *(headers.get(name, "").encode("latin-1") for name in _VARYING),
        )


class _Outgoing:
    """One answer on its way out; its head waits for the first part of its body."""

    def __init__(self, asked: Headers, send: Send, *, reads: bool) -> None:
        self._asked = asked
        self._send = send
        self._reads = reads
        self._head: Message | None = None
        self.keepable: MutableHeaders | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = {**message, "headers": list(message.get("headers", ()))}
            return
        if self._head is None:
            await self._send(message)
            return
        head, self._head = self._head, None
        headers = MutableHeaders(raw=head["headers"])
        body: bytes = message.get("body", b"")
        is_whole = not message.get("more_body", False) and headers.get("content-length") == str(
            len(body)
        )
        if is_whole and await self._is_unchanged(head, headers, body):
            return
        if is_whole:
            body = await self._coded(headers, body)
            message = {**message, "body": body}
        if self._reads and head["status"] == _OK and _is_public(headers):
            self.keepable = headers.mutablecopy()
            self.keepable["etag"] = plain_tag(headers["etag"])[0]
        await self._send(head)
        await self._send(message)

    async def _is_unchanged(self, head: Message, headers: MutableHeaders, body: bytes) -> bool:
        """Give a whole answer its tag; send a 304 where the client holds it."""
        if not self._reads or head["status"] != _OK or _is_unstored(headers):
            return False
        if "etag" not in headers:
            headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        tag = unchanged(self._asked, headers["etag"], headers.get("last-modified"))
        if tag is None:
            return False
        headers["vary"] = vary_by_coding(headers.get("vary", ""))
        await _not_modified(self._send, headers.raw, tag)
        return True

    async def _coded(self, headers: MutableHeaders, body: bytes) -> bytes:
        """The body in the coding that the client prefers, with headers that fit it."""
        if "content-encoding" in headers or not is_compressible(headers.get("content-type", "")):
            return body
        headers["vary"] = vary_by_coding(headers.get("vary", ""))
        coding = choose_coding(self._asked.get("accept-encoding"))
        if coding is None or len(body) < SMALLEST:
            return body
        if len(body) <= _IN_LOOP:
            coded = coding.small(body)
        else:
            coded = await run_in_threadpool(coding.small, body)
        if len(coded) >= len(body):
            return body
        headers["content-encoding"] = coding.name
        headers["content-length"] = str(len(coded))
        if "etag" in headers:
            headers["etag"] = coded_tag(headers["etag"], coding)
        if "repr-digest" in headers:
            # RFC 9530, section 3: the digest is that of the representation, coding included.
            headers.update(digest_headers(hashlib.sha256(coded).hexdigest()))
        return coded


async def _not_modified(send: Send, raw: RawHeaders, tag: str) -> None:
    headers = MutableHeaders(raw=list(repeated(raw)))
    if tag:
        headers["etag"] = tag
    await send({"type": "http.response.start", "status": 304, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b""})


def _is_unstored(headers: Headers) -> bool:
    return "no-store" in headers.get("cache-control", "")


def _is_public(headers: Headers) -> bool:
    return "etag" in headers and "public" in headers.get("cache-control", "")

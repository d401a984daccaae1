"""What client, supervisor and workers say to each other: JSON with a length in front.

Every frame is two lengths (four bytes each, big-endian), a JSON object and, for
what only passes through, raw bytes: the object's ``tail``.  Errors travel as
values and become the same exceptions again on the other side.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from casegraph.errors import (
    AskForLess,
    CasegraphError,
    FixEnvironment,
    FixInput,
    InvalidQuery,
    NotAllowed,
    TryLater,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Frame = dict[str, Any]

MAX_REPLY: Final = 128 * 1024
_HEADER: Final = struct.Struct(">II")
_BLOCK: Final = 16 * 1024
_ANCILLARY: Final = socket.CMSG_SPACE(4 * 4) if hasattr(socket, "CMSG_SPACE") else 0
_FIELDS: Final = ("line", "column", "limit", "elapsed", "retry_after", "hint")
_KINDS: Final[dict[str, tuple[type[CasegraphError], tuple[str, ...]]]] = {
    "InvalidQuery": (InvalidQuery, ("line", "column", "hint")),
    "FixInput": (FixInput, ("hint",)),
    "NotAllowed": (NotAllowed, ("hint",)),
    "AskForLess": (AskForLess, ("limit", "hint")),
    "TryLater": (TryLater, ("limit", "elapsed", "retry_after", "hint")),
    "FixEnvironment": (FixEnvironment, ("hint",)),
}


def encode(frame: Frame) -> bytes:
    """One frame, header included."""
    tail: bytes = frame.get("tail", b"")
    if "tail" in frame:
        frame = {name: value for name, value in frame.items() if name != "tail"}
    text = body(frame)
    return _HEADER.pack(len(text), len(tail)) + text + tail


def body(frame: Frame) -> bytes:
    """The JSON object of a frame alone."""
    return json.dumps(frame).encode()


def write(fd: int, frame: Frame) -> None:
    """Write a whole frame to a descriptor."""
    view = memoryview(encode(frame))
    while view:
        view = view[os.write(fd, view) :]


def send(channel: socket.socket, frame: Frame, *descriptors: int) -> None:
    """Send a whole frame, and descriptors with its first byte."""
    data = encode(frame)
    sent = socket.send_fds(channel, [data], list(descriptors)) if descriptors else 0
    if sent < len(data):
        channel.sendall(memoryview(data)[sent:])


def read(fd: int) -> Frame | None:
    """Read one frame from a descriptor; None at the end of the stream."""
    return read_with(lambda size: os.read(fd, size))


def read_with(receive: Callable[[int], bytes]) -> Frame | None:
    """Read one frame with any function that returns at most so many bytes."""
    header = _exactly(receive, _HEADER.size)
    if header is None:
        return None
    size, extra = _HEADER.unpack(header)
    data = _exactly(receive, size + extra)
    return None if data is None else _object(data, size)


def read_within(fd: int, seconds: float) -> Frame | None:
    """Read one reply from a pipe of which nobody here holds the other end.

    None where the end came first, or the time was over, or it is no reply:
    then what was written has no meaning.
    """
    ready = select.poll()
    ready.register(fd, select.POLLIN)
    ends = time.monotonic() + seconds
    buffer = bytearray()
    try:
        while (frame := cut(buffer, most=MAX_REPLY)) is None:
            left = ends - time.monotonic()
            if left <= 0 or not ready.poll(left * 1_000):
                return None
            data = os.read(fd, _BLOCK)
            if not data:
                return None
            buffer += data
    except ValueError:
        return None
    return frame


def cut(buffer: bytearray, *, most: int | None = None) -> Frame | None:
    """Cut one whole frame off the front of a buffer, if there is one.

    Raises:
        ValueError: the frame is longer than ``most`` bytes, or no JSON object.

    """
    if len(buffer) < _HEADER.size:
        return None
    size, extra = _HEADER.unpack_from(buffer)
    end = _HEADER.size + size + extra
    if most is not None and end > most:
        msg = "A worker's reply is too long."
        raise ValueError(msg)
    if len(buffer) < end:
        return None
    data = bytes(buffer[_HEADER.size : end])
    del buffer[:end]
    return _object(data, size)


class Inbox:
    """What has come over a socket: frames, and descriptors in the order of their frames.

    ``most`` bounds the bytes of one frame, where the other side is not trusted.
    """

    def __init__(self, channel: socket.socket, *, most: int | None = None) -> None:
        self._channel = channel
        self._most = most
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def fill(self) -> bool:
        """Receive once, which blocks unless something is there; False at the end."""
        data, extra, _, _ = self._channel.recvmsg(_BLOCK, _ANCILLARY)
        self._buffer += data
        for _, _, content in extra:
            # SCM_RIGHTS is all that a socketpair carries beside its bytes.
            self._descriptors.extend(memoryview(content).cast("i"))
        return bool(data)

    def take(self) -> Frame | None:
        """Cut one whole frame off the front, if there is one; raises what ``cut`` raises."""
        return cut(self._buffer, most=self._most)

    def wait(self) -> Frame | None:
        """Receive until there is a whole frame; None at the end."""
        while (frame := self.take()) is None:
            if not self.fill():
                return None
        return frame

    def descriptors(self, number: int) -> list[int] | None:
        """The descriptors that came with the frame taken last, if there are so many."""
        if len(self._descriptors) < number:
            return None
        return [self._descriptors.popleft() for _ in range(number)]


def error_frame(error: CasegraphError) -> Frame:
    """An exception as a value."""
    fields = {name: getattr(error, name, None) for name in _FIELDS}
    return {"error": type(error).__name__, "message": error.message, **fields}


def raised(frame: Frame) -> CasegraphError:
    """The exception that a value stands for."""
    kind, names = _KINDS.get(frame["error"], (FixEnvironment, ("hint",)))
    return kind(frame["message"], **{name: frame.get(name) for name in names})


def _exactly(receive: Callable[[int], bytes], size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = receive(size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _object(data: bytes, size: int) -> Frame:
    value = json.loads(data[:size])
    if not isinstance(value, dict):
        msg = "A frame is not a JSON object."
        raise ValueError(msg)  # noqa: TRY004 - the peer's text is wrong, not a type of ours
    if len(data) > size:
        value["tail"] = data[size:]
    return value

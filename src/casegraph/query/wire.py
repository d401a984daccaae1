"""What client, supervisor and workers say to each other: JSON with a length in front.

Every frame is four bytes of length (big-endian) and a JSON object.  Errors
travel as values and become the same exceptions again on the other side.
"""

from __future__ import annotations

import json
import os
import struct
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

MAX_REPLY: Final = 64 * 1024
_HEADER: Final = struct.Struct(">I")
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
    body = json.dumps(frame).encode()
    return _HEADER.pack(len(body)) + body


def write(fd: int, frame: Frame) -> None:
    """Write a whole frame to a descriptor."""
    view = memoryview(encode(frame))
    while view:
        view = view[os.write(fd, view) :]


def read(fd: int) -> Frame | None:
    """Read one frame from a descriptor; None at the end of the stream."""
    return read_with(lambda size: os.read(fd, size))


def read_with(receive: Callable[[int], bytes]) -> Frame | None:
    """Read one frame with any function that returns at most so many bytes."""
    header = _exactly(receive, _HEADER.size)
    if header is None:
        return None
    body = _exactly(receive, _HEADER.unpack(header)[0])
    return None if body is None else _object(body)


def take(buffer: bytearray) -> Frame | None:
    """Cut one whole frame off the front of a buffer, if there is one.

    Raises:
        ValueError: the frame is longer than a reply may be, or no JSON object.

    """
    if len(buffer) < _HEADER.size:
        return None
    end = _HEADER.size + _HEADER.unpack_from(buffer)[0]
    if end > MAX_REPLY:
        msg = "A worker's reply is too long."
        raise ValueError(msg)
    if len(buffer) < end:
        return None
    body = bytes(buffer[_HEADER.size : end])
    del buffer[:end]
    return _object(body)


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


def _object(body: bytes) -> Frame:
    value = json.loads(body)
    if not isinstance(value, dict):
        msg = "A frame is not a JSON object."
        raise ValueError(msg)  # noqa: TRY004 - the peer's text is wrong, not a type of ours
    return value

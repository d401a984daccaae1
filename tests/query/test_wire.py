"""Frames between processes."""

from __future__ import annotations

import os

import pytest

from casegraph.errors import AskForLess, CasegraphError, InvalidQuery, NotAllowed, TryLater
from casegraph.query import wire


@pytest.mark.parametrize(
    "error",
    [
        InvalidQuery("Wrong.", line=3, column=5, hint="Mend it."),
        NotAllowed("Never.", hint="Ask elsewhere."),
        AskForLess("Large.", limit="rows", hint="LIMIT."),
        TryLater("Slow.", limit="time", elapsed=2.5, retry_after=3, hint="Wait."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_arrives_as_it_was(error: CasegraphError) -> None:
    arrived = wire.raised(wire.error_frame(error))
    assert type(arrived) is type(error)
    assert vars(arrived) == vars(error)


def test_frames_arrive_whole_and_the_end_is_told() -> None:
    incoming, outgoing = os.pipe()
    frame = {"query": "я" * 1000}
    wire.write(outgoing, frame)
    os.write(outgoing, b"\0\0\0\x09{")
    os.close(outgoing)
    assert wire.read(incoming) == frame
    assert wire.read(incoming) is None
    os.close(incoming)


def test_a_buffer_gives_whole_frames_only() -> None:
    data = wire.encode({"a": 1}) + wire.encode({"b": 2})
    buffer = bytearray()
    found = []
    for byte in data:
        buffer.append(byte)
        frame = wire.take(buffer)
        if frame is not None:
            found.append(frame)
    assert found == [{"a": 1}, {"b": 2}]
    assert not buffer


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", wire.encode({"a": "x" * wire.MAX_REPLY})])
def test_a_reply_that_is_too_long_is_refused_before_it_is_read(data: bytes) -> None:
    with pytest.raises(ValueError, match="too long"):
        wire.take(bytearray(data))


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        wire.take(bytearray(b"\0\0\0\x02[]"))

"""Frames between processes."""

from __future__ import annotations

import os
import socket

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
    os.write(outgoing, b"\0\0\0\x09\0\0\0\0{")
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
        frame = wire.cut(buffer)
        if frame is not None:
            found.append(frame)
    assert found == [{"a": 1}, {"b": 2}]
    assert not buffer


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff\0\0\0\0",
        b"\0\0\0\0\xff\xff\xff\xff",
        wire.encode({"a": "x" * wire.MAX_REPLY}),
    ],
)
def test_a_reply_that_is_too_long_is_refused_before_it_is_read(data: bytes) -> None:
    with pytest.raises(ValueError, match="too long"):
        wire.cut(bytearray(data), most=wire.MAX_REPLY)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        wire.cut(bytearray(b"\0\0\0\x02\0\0\0\0[]"))


def test_raw_bytes_pass_through_as_they_are() -> None:
    frame = {"number": 3, "tail": bytes(range(256)) * 300}
    assert wire.cut(bytearray(wire.encode(frame))) == frame
    assert wire.cut(bytearray(wire.encode({"number": 3, "tail": b""}))) == {"number": 3}


def test_descriptors_arrive_with_their_frames() -> None:
    """A frame without any may stand between two that bring some."""
    ours, theirs = socket.socketpair()
    pipes = [os.pipe() for _ in range(2)]
    with ours, theirs:
        wire.send(ours, {"job": 0}, *pipes[0])
        wire.send(ours, {"cancel": 0})
        wire.send(ours, {"job": 1, "tail": b"x" * 50_000}, *pipes[1])
        inbox = wire.Inbox(theirs)
        assert inbox.wait() == {"job": 0}
        first = inbox.descriptors(2)
        assert inbox.wait() == {"cancel": 0}
        assert (inbox.wait() or {})["job"] == 1
        second = inbox.descriptors(2)
        assert inbox.descriptors(2) is None
    assert first is not None
    assert second is not None
    for (incoming, outgoing), (_, theirs_out) in zip(pipes, (first, second), strict=True):
        os.write(theirs_out, b"y")
        assert os.read(incoming, 2) == b"y"
        os.close(incoming)
        os.close(outgoing)
    for descriptor in (*first, *second):
        os.close(descriptor)


def _said(*parts: bytes) -> wire.Frame | None:
    incoming, outgoing = os.pipe()
    for part in parts:
        os.write(outgoing, part)
    os.close(outgoing)
    try:
        return wire.read_within(incoming, 5.0)
    finally:
        os.close(incoming)


def test_a_reply_is_whole_or_nothing() -> None:
    data = wire.encode({"ok": True, "tail": b"x" * 100})
    assert _said(data[:10], data[10:]) == {"ok": True, "tail": b"x" * 100}
    assert _said(data[:-1]) is None
    assert _said(b"\xff" * 8) is None
    assert _said() is None


def test_a_reply_that_does_not_come_is_not_waited_for_longer_than_said() -> None:
    incoming, outgoing = os.pipe()
    assert wire.read_within(incoming, 0.01) is None
    os.close(incoming)
    os.close(outgoing)

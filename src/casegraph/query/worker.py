"""A query worker: one dataset, no network, a memory limit, one query at a time.

Two ways in: ``serve_socket`` for a child forked by the zygote, and
``python -m casegraph.query.worker`` for a process started on its own, which
reads frames from standard input and writes them to standard output.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from casegraph.errors import CasegraphError, FixEnvironment
from casegraph.query import seccomp, wire
from casegraph.query.dataset import Dataset, open_dataset
from casegraph.query.evaluate import evaluate

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    import socket

    from casegraph.query.wire import Frame

_STACK = 8 * 1024 * 1024
_SPARE_DESCRIPTORS = 3
_WORTH_A_LOOK_S = 0.005
_LOOK_EVERY = 64


@dataclass(frozen=True, slots=True)
class Confinement:
    """How far a worker is locked in.

    ``fixed_files``: it gets each result's descriptor handed over and opens
    nothing for writing itself.
    """

    memory_bytes: int
    fixed_files: bool
    disk_store: bool


def confine(rules: Confinement) -> list[str]:
    """Give up what a query must not have; tells what this system could not take away.

    The address-space limit is what the process holds now plus the budget
    (safety page, section 4), because a loaded dataset must not count.
    """
    missing: list[str] = []
    if sys.platform == "win32":
        missing.append(
            "Memory, processor time and files of query processes are not limited on Windows."
        )
    else:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _need_stack()
        size = address_space()
        if size is None:
            missing.append("The memory of query processes is not limited: their size is unknown.")
        else:
            cap = size + rules.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
        if rules.fixed_files and not rules.disk_store:
            most = max(map(int, os.listdir("/proc/self/fd")), default=16)  # noqa: PTH208
            files = most + 1 + _SPARE_DESCRIPTORS
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    reason = seccomp.why_unavailable()
    if reason is None:
        seccomp.forbid_tracing()
        seccomp.apply(lock_files=rules.fixed_files)
    else:
        missing.append(unfiltered(reason))
    return missing


def unfiltered(reason: str) -> str:
    """What it means that there is no system-call filter."""
    return f"Only the guard keeps queries from network and files. {reason}"


def address_space() -> int | None:
    """Bytes of address space this process holds, where /proc tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - after confinement pathlib would do the same slower
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def answer(dataset: Dataset, job: Frame, fd: int) -> Frame:
    """Answer one job; every failure is a frame, too.  ``work_s`` is what it took."""
    _limit_cpu(job["deadline_s"])
    started = time.monotonic()
    try:
        reply = evaluate(dataset, job, fd)
    except CasegraphError as error:
        reply = wire.error_frame(error)
    reply["work_s"] = time.monotonic() - started
    return reply


def serve_socket(channel: socket.socket, dataset: Dataset | Path, rules: Confinement) -> None:
    """Answer jobs that come over a socket.

    Each brings two descriptors: its spool, and the line on which whoever asked
    waits for the reply.  The supervisor is told afterwards that it is done.
    """
    store = dataset if isinstance(dataset, Dataset) else open_dataset(dataset)
    baseline = address_space()
    confine(rules)
    inbox = wire.Inbox(channel)
    served = 0
    while (frame := inbox.wait()) is not None:
        handed = inbox.descriptors(2)
        if handed is None:
            return
        spool, line = handed
        reply = answer(store, json.loads(frame["tail"]), spool)
        os.close(spool)
        with contextlib.suppress(OSError):  # whoever asked may be gone
            wire.write(line, reply)
        os.close(line)
        served += 1
        done: Frame = {}
        if reply["work_s"] > _WORTH_A_LOOK_S or served % _LOOK_EVERY == 0:
            done["grown"] = (address_space() or 0) - (baseline or 0)
        wire.write(channel.fileno(), done)


def main() -> None:
    """Serve frames over standard input and output until the input ends."""
    incoming, outgoing = os.dup(0), os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.setmode(incoming, os.O_BINARY)
        msvcrt.setmode(outgoing, os.O_BINARY)
    setup = wire.read(incoming)
    if setup is None:
        return
    try:
        path = Path(setup["dataset"])
        dataset = open_dataset(path)
        rules = Confinement(setup["memory_bytes"], fixed_files=False, disk_store=path.is_dir())
        missing = confine(rules)
    except CasegraphError as error:
        wire.write(outgoing, wire.error_frame(error))
        return
    wire.write(outgoing, {"ok": True, "missing": missing})
    while (job := wire.read(incoming)) is not None:
        fd = os.open(job["spool"], os.O_RDWR | getattr(os, "O_BINARY", 0))
        reply = answer(dataset, job, fd)
        os.close(fd)
        wire.write(outgoing, reply)


def _limit_cpu(deadline_s: float) -> None:
    """Second net under the wall clock; the first is outside this process."""
    if sys.platform == "win32":
        return
    seconds = math.ceil(time.process_time() + deadline_s) + 1
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if seconds != soft:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)


def _need_stack() -> None:
    """Depth 64 leaves a wide margin below the engine's crash depths at 8 MiB only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft == resource.RLIM_INFINITY or soft >= _STACK:
        return
    if hard != resource.RLIM_INFINITY and hard < _STACK:
        msg = f"The stack limit is {hard // 1024} KiB; queries need 8,192 KiB."
        raise FixEnvironment(msg, hint="Raise it: ulimit -s 8192.")
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK, hard))


if __name__ == "__main__":
    main()

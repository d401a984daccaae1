"""The process that holds a dataset and forks workers from it on command.

It is single-threaded, evaluates nothing, and talks to the supervisor only:
``fork`` with a worker's socket, ``reap`` with a dead worker's number.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

from casegraph.errors import CasegraphError, FixEnvironment
from casegraph.query import seccomp, wire
from casegraph.query.dataset import Dataset, open_dataset
from casegraph.query.worker import Confinement, serve_socket, unfiltered

if TYPE_CHECKING:
    from pathlib import Path


def run_zygote(
    channel: socket.socket, path: Path, rules: Confinement, *, supervisor: int
) -> NoReturn:
    """Load the dataset, say so, and obey until the channel closes.

    ``supervisor`` is the number of the process that this one ends with.
    """
    try:
        dataset = _prepare(path, rules, supervisor)
    except CasegraphError as error:
        wire.write(channel.fileno(), wire.error_frame(error))
        os._exit(1)
    missing = seccomp.why_unavailable()
    wire.write(channel.fileno(), {"ok": True, "missing": [unfiltered(missing)] if missing else []})
    inbox = wire.Inbox(channel)
    while (command := inbox.wait()) is not None:
        if "reap" in command:
            _, status = os.waitpid(command["reap"], 0)
            gone = {"reaped": command["reap"], "exit": os.waitstatus_to_exitcode(status)}
            wire.write(channel.fileno(), gone)
        elif (lines := inbox.descriptors(1)) is not None:
            wire.write(channel.fileno(), {"pid": _forked(lines[0], channel, dataset, rules)})
            os.close(lines[0])
    os._exit(0)


def _forked(
    line: int, channel: socket.socket, dataset: Dataset | Path, rules: Confinement
) -> int | None:
    """A new worker's number; None where the system has no room for one now."""
    zygote = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return None
    if pid == 0:
        channel.close()
        _work(line, dataset, rules, zygote)
    return pid


def _prepare(path: Path, rules: Confinement, supervisor: int) -> Dataset | Path:
    if sys.platform == "linux":
        seccomp.die_with_parent(signal.SIGKILL, supervisor)
    if rules.disk_store:
        # A store on disk has threads of its own, which do not survive a fork:
        # every worker opens it for itself.  It is tried once here, in a child.
        return _tried(path)
    dataset = open_dataset(path)
    gc.collect()
    gc.freeze()
    return dataset


def _tried(path: Path) -> Path:
    pid = os.fork()
    if pid == 0:
        try:
            open_dataset(path)
        except CasegraphError:
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        msg = f"The store {path} cannot be opened."
        raise FixEnvironment(msg, hint="Remove the folder; it is rebuilt from the release.")
    return path


def _work(fd: int, dataset: Dataset | Path, rules: Confinement, zygote: int) -> NoReturn:
    code = 1
    try:
        if sys.platform == "linux":
            seccomp.die_with_parent(signal.SIGKILL, zygote)
        with socket.socket(fileno=fd) as channel:
            serve_socket(channel, dataset, rules)
        code = 0
    finally:
        os._exit(code)

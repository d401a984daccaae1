"""Faults done to a served site from outside: its real processes, its real files.

Nothing of casegraph is replaced.  A query worker is stopped and let go in slices of time until
its spool has grown to a place, and there something happens to it; limits are set on living
processes; open files are cut through ``/proc``.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import itertools
import os
import resource
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from tests.hostile.http.served import Served

_SLICE_S: Final = 0.0003
_PATIENCE_S: Final = 20.0
_TRIES: Final = 20
_WELL: Final = "/sparql?query=ASK%7B%7D"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got: ``whole`` says that by all rules of HTTP nothing is missing."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool

    def looks_right(self) -> bool:
        """Whether a client would take it for a complete answer."""
        return self.whole and self.status == 200

    def keeps_its_word(self) -> bool:
        """Whether the body is what its digest says, where it has one."""
        told = self.headers.get("repr-digest", "")
        sha256 = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        return not told or told == f"sha-256=:{sha256}:"


def ask(site: Served, query: str, form: str, *, coding: str = "identity") -> Answer:
    """Ask, and read to the end."""
    connection = http.client.HTTPConnection(*site.address, timeout=_PATIENCE_S)
    try:
        body = urlencode({"query": query, "format": form})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": coding,
        }
        connection.request("POST", "/sparql", body, headers)
        answer = connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        try:
            return Answer(answer.status, said, answer.read(), whole=True)
        except (http.client.HTTPException, OSError) as error:
            part = error.partial if isinstance(error, http.client.IncompleteRead) else b""
            return Answer(answer.status, said, part, whole=False)
    except (http.client.HTTPException, OSError):
        return Answer(0, {}, b"", whole=False)
    finally:
        connection.close()


def ask_well(site: Served, query: str, form: str, *, coding: str = "identity") -> Answer:
    """Ask until there is an answer: where the machine is too busy for the deadline, again."""
    answer = ask(site, query, form, coding=coding)
    for _ in range(_TRIES):
        if answer.status == http.client.OK:
            break
        answer = ask(site, query, form, coding=coding)
    return answer


def workers(site: Served) -> list[int]:
    """The processes of query workers: web, supervisor, zygote, and below them these."""
    found = [site.process.pid]
    for _ in range(3):
        found = [child for pid in found for child in _children(pid)]
    return found


def is_well(site: Served, *, within: float = _PATIENCE_S) -> bool:
    """Whether a good query is answered before so many seconds have passed."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        connection = http.client.HTTPConnection(*site.address, timeout=_PATIENCE_S)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", _WELL)
            if connection.getresponse().status == 200:
                connection.close()
                return True
        connection.close()
        time.sleep(0.05)
    return False


def spooled(folder: Path) -> int:
    """Bytes of the longest result that lies in the spool of a site."""
    sizes = [0]
    for path in folder.glob("casegraph-*/*"):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(path.stat().st_size)
    return max(sizes)


def at(
    site: Served, spool: Path, place: int, request: Callable[[], Answer], act: Callable[[int], None]
) -> tuple[Answer, bool]:
    """Do ``act`` to every worker once the result has ``place`` bytes; say whether it came to that.

    Workers are left to run after ``act`` unless that ended or stopped them for good.
    """
    pids = workers(site)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request)
        came = _step(pids, answer, lambda _: spooled(spool) >= max(1, place))
        if came:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    act(pid)
        return answer.result(), came


def without_memory(site: Served, slices: int, request: Callable[[], Answer]) -> tuple[Answer, bool]:
    """Give no more memory to fresh workers once they had so many slices of time."""
    for pid in workers(site):
        kill(pid)
    assert is_well(site)
    pids = workers(site)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request)
        came = _step(pids, answer, lambda slice_: slice_ >= slices)
        if came:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    _starve(pid)
        result = answer.result()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            kill(pid)
    return result, came


def _step(pids: list[int], answer: Future[Answer], is_there: Callable[[int], bool]) -> bool:
    """Let workers run in slices; they are stopped when the place is reached."""
    for slice_ in itertools.count():
        if answer.done():
            return False
        _tell(pids, signal.SIGSTOP)
        if is_there(slice_):
            return True
        _tell(pids, signal.SIGCONT)
        time.sleep(_SLICE_S)
    raise AssertionError


def kill(pid: int) -> None:
    """End a process as the system does when it needs its memory."""
    os.kill(pid, signal.SIGKILL)


def freeze(_pid: int) -> None:
    """Leave it stopped: its deadline will pass."""


def _starve(pid: int) -> None:
    _, most = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (1, most))
    os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def full_disk(pids: list[int], place: int) -> Iterator[None]:
    """No process of these can write beyond ``place`` bytes of a file."""
    before: dict[int, tuple[int, int]] = {}
    for pid in pids:
        # One that has served its time may just be gone.
        with contextlib.suppress(ProcessLookupError):
            before[pid] = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (place, before[pid][1]))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def begin(site: Served, query: str, form: str = "json") -> socket.socket:
    """Ask on a connection with small buffers, and read nothing."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    one.settimeout(_PATIENCE_S)
    one.connect(site.address)
    target = f"/sparql?{urlencode({'query': query, 'format': form})}"
    one.sendall(f"GET {target} HTTP/1.1\r\nHost: {site.address[0]}\r\n\r\n".encode())
    return one


def read_some(site: Served, query: str, form: str, place: int) -> tuple[socket.socket, bytes]:
    """Ask on a connection with small buffers, read to ``place`` bytes of the answer, and stop.

    Where the machine is too busy for the deadline, ask again.
    """
    received = b""
    for _ in range(_TRIES):
        one = begin(site, query, form)
        received = b""
        while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < place:
            block = one.recv(4096)
            if not block:
                break
            received += block
        if received.startswith(b"HTTP/1.1 200 "):
            return one, received
        one.close()
    raise AssertionError(received)


def cut_open_results(site: Served, place: int) -> int:
    """Cut the results that the web process is sending to ``place`` bytes; how many there were."""
    cut = 0
    folder = Path(f"/proc/{site.process.pid}/fd")
    for link in folder.iterdir():
        with contextlib.suppress(OSError):
            name = str(link.readlink())
            if "casegraph-" in name and name.endswith("(deleted)"):
                with link.open("r+b") as file:
                    file.truncate(place)
                cut += 1
    return cut


def _tell(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, thread.read_text(encoding="ascii").split())
    return found

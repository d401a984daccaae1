"""The system-call filter, tried in processes of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from casegraph.errors import FixEnvironment
from casegraph.query import seccomp

NONE_HERE = seccomp.why_unavailable()
here = pytest.mark.skipif(NONE_HERE is not None, reason=str(NONE_HERE))

TRY = """
import ctypes, errno, os, socket, sys, threading
from casegraph.query import seccomp
a, b = socket.socketpair()
seccomp.apply(lock_files={lock})
try:
    {action}
except PermissionError:
    print("refused")
else:
    print("allowed")
"""


def attempt(action: str, *, lock: bool = True) -> str:
    """What happens to one action behind the filter."""
    code = TRY.format(action=action, lock=lock)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@here
@pytest.mark.parametrize(
    "action",
    [
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "a.connect('/nowhere')",
        "a.send(b'x')",
        "a.sendmsg([b'x'])",
        "os.fork()",
        "os.execv(sys.executable, [sys.executable, '-c', ''])",
        "os.posix_spawn(sys.executable, [sys.executable], {})",
        "os.kill(os.getppid(), 0)",
        "os.unlink('/nowhere')",
        "os.mkdir('/nowhere/x')",
        "os.rename('/nowhere', '/elsewhere')",
        "open('/dev/null', 'wb')",
        "open('/dev/null', 'ab')",
    ],
)
def test_refused(action: str) -> None:
    assert attempt(action) == "refused"


@here
@pytest.mark.parametrize("number", [101, 425, 310, 321], ids=["ptrace", "io_uring", "vm", "bpf"])
def test_calls_that_python_has_no_name_for_are_refused(number: int) -> None:
    if platform.machine() != "x86_64":
        pytest.skip("the numbers here are those of x86_64")
    action = (
        f"r = ctypes.CDLL(None, use_errno=True).syscall({number}, 0, 0, 0, 0)\n"
        "    if r == -1 and ctypes.get_errno() == errno.EPERM: raise PermissionError"
    )
    assert attempt(action) == "refused"


@here
@pytest.mark.parametrize(
    "action",
    [
        "open('/dev/null', 'rb').close()",
        "os.write(b.fileno(), b'x')",
        "t = threading.Thread(target=print); t.start(); t.join()",
    ],
)
def test_what_a_worker_needs_is_allowed(action: str) -> None:
    assert attempt(action).endswith("allowed")


@here
def test_without_locked_files_a_worker_may_write_its_spool() -> None:
    assert attempt("open('/dev/null', 'wb').close()", lock=False) == "allowed"


@here
def test_threads_that_exist_already_are_filtered_too() -> None:
    action = (
        "go = threading.Event(); out = []\n"
        "    def late():\n"
        "        go.wait()\n"
        "        try: socket.socket()\n"
        "        except PermissionError: out.append(1)\n"
        "    t = threading.Thread(target=late); t.start(); go.set(); t.join()\n"
        "    if out: raise PermissionError"
    )
    assert attempt(action) == "refused"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_program_checks_the_architecture_first(machine: str) -> None:
    """Load architecture, go on if it is ours, else end the process."""
    code = seccomp.program(machine, lock_files=True)
    audit = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    assert code[:3] == [(0x20, 0, 0, 4), (0x15, 1, 0, audit), (0x06, 0, 0, 0x80000000)]
    assert code[-1] == (0x06, 0, 0, 0x7FFF0000)
    assert len(code) < 4096


def test_elsewhere_it_says_why_and_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert seccomp.why_unavailable() == ("System-call filters exist on Linux only; this is darwin.")
    with pytest.raises(FixEnvironment):
        seccomp.apply(lock_files=True)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert "this is riscv64" in str(seccomp.why_unavailable())


ORPHAN = """
import os, signal, time
from casegraph.query import seccomp
own = os.getpid()
if os.fork() == 0:
    while {waiting} and os.getppid() == own:
        time.sleep(0.01)
    seccomp.die_with_parent(signal.SIGKILL, own)
    print("lives on", flush=True)
    os._exit(0)
if {waiting}:
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is a call of Linux")
@pytest.mark.parametrize(("orphaned", "said"), [(True, ""), (False, "lives on")])
def test_who_lost_its_parent_before_it_asked_ends_at_once(*, orphaned: bool, said: str) -> None:
    code = ORPHAN.format(waiting=orphaned)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == said

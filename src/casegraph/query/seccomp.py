"""A system-call filter for query workers (Linux on x86_64 and aarch64).

The embedded engine performs SERVICE over HTTP and has no switch against it, so
the kernel refuses instead: no sockets, no new programs or processes, no
tracing, no io_uring, no signals to others and, on request, no file opened for
writing.  Refused calls give EPERM; a call of a foreign architecture ends the
process.  Works without privileges (``PR_SET_NO_NEW_PRIVS``), through ctypes.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import FixEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOW: Final = 0x7FFF0000
_KILL_PROCESS: Final = 0x80000000
_ERRNO: Final = 0x00050000
_EPERM: Final = 1
_ENOSYS: Final = 38

_LD_WORD: Final = 0x20
_JEQ: Final = 0x15
_JGE: Final = 0x35
_JSET: Final = 0x45
_RET: Final = 0x06
_OFFSET_NR: Final = 0
_OFFSET_ARCH: Final = 4
_OFFSET_ARGS: Final = 16
_X32_BIT: Final = 0x40000000

_CLONE_THREAD: Final = 0x00010000
_WRITING: Final = 0o3 | 0o100 | 0o1000 | 0o2000  # access mode, CREAT, TRUNC, APPEND

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER: Final = 1
_FLAG_TSYNC: Final = 1

_NUMBERS_X86_64: Final[Mapping[str, int]] = {
    "open": 2, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49,
    "listen": 50, "socket": 41, "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58,
    "execve": 59, "kill": 62, "truncate": 76, "rename": 82, "mkdir": 83, "rmdir": 84,
    "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "chmod": 90, "chown": 92,
    "lchown": 94, "ptrace": 101, "mknod": 133, "pivot_root": 155, "chroot": 161, "mount": 165,
    "umount2": 166, "init_module": 175, "tkill": 200, "add_key": 248, "request_key": 249,
    "keyctl": 250, "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260,
    "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "fchmodat": 268,
    "unshare": 272, "accept4": 288, "perf_event_open": 298, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "sendmmsg": 307, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "finit_module": 313, "renameat2": 316, "seccomp": 317,
    "bpf": 321, "execveat": 322, "userfaultfd": 323, "pidfd_send_signal": 424,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "pidfd_open": 434,
    "clone3": 435, "openat2": 437, "pidfd_getfd": 438,
}  # fmt: skip
_NUMBERS_AARCH64: Final[Mapping[str, int]] = {
    "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37,
    "renameat": 38, "umount2": 39, "mount": 40, "pivot_root": 41, "truncate": 45,
    "chroot": 51, "fchmodat": 53, "fchownat": 54, "openat": 56, "unshare": 97, "init_module": 105,
    "ptrace": 117, "kill": 129, "tkill": 130, "socket": 198, "socketpair": 199, "bind": 200,
    "listen": 201, "accept": 202, "connect": 203, "sendto": 206, "sendmsg": 211, "add_key": 217,
    "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221, "perf_event_open": 241,
    "accept4": 242, "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268,
    "sendmmsg": 269, "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273,
    "renameat2": 276, "seccomp": 277, "bpf": 280, "execveat": 281, "userfaultfd": 282,
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "pidfd_open": 434, "clone3": 435, "openat2": 437, "pidfd_getfd": 438,
}  # fmt: skip
_JUDGED_BY_ARGUMENT: Final = frozenset({"clone", "clone3", "open", "openat"})
_FILES: Final = frozenset(
    (
        *("truncate", "rename", "mkdir", "rmdir", "creat", "link", "unlink", "symlink"),
        *("chmod", "chown", "lchown", "mknod", "mkdirat", "mknodat", "fchownat", "unlinkat"),
        *("renameat", "linkat", "symlinkat", "fchmodat", "renameat2", "openat2"),
    )
)


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    numbers: Mapping[str, int]
    has_x32: bool


_ARCHITECTURES: Final = {
    "x86_64": _Architecture(0xC000003E, _NUMBERS_X86_64, has_x32=True),
    "aarch64": _Architecture(0xC00000B7, _NUMBERS_AARCH64, has_x32=False),
}

Instruction = tuple[int, int, int, int]


class _SockFilter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_SockFilter)))


def why_unavailable() -> str | None:
    """Why no filter can be set here, as a sentence; None where it can."""
    if sys.platform != "linux":
        return f"System-call filters exist on Linux only; this is {sys.platform}."
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return f"The system-call filter knows x86_64 and aarch64; this is {machine}."
    if ctypes.sizeof(ctypes.c_void_p) != 8:  # noqa: PLR2004 - bytes of a 64-bit pointer
        return "The system-call filter needs a 64-bit Python."
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - no pathlib in a forked worker
            if not any(line.startswith("Seccomp:") for line in status):
                return "This kernel is built without seccomp."
    except OSError:
        return "Whether this kernel has seccomp is unknown: /proc is not mounted."
    return None


def program(machine: str, *, lock_files: bool) -> list[Instruction]:
    """Compile the filter as (code, jump if true, jump if false, operand)."""
    arch = _ARCHITECTURES[machine]
    numbers = arch.numbers
    code: list[Instruction] = [
        (_LD_WORD, 0, 0, _OFFSET_ARCH),
        (_JEQ, 1, 0, arch.audit),
        (_RET, 0, 0, _KILL_PROCESS),
        (_LD_WORD, 0, 0, _OFFSET_NR),
    ]
    if arch.has_x32:
        code += [(_JGE, 0, 1, _X32_BIT), (_RET, 0, 0, _KILL_PROCESS)]
    for name, number in numbers.items():
        if name not in _JUDGED_BY_ARGUMENT and (lock_files or name not in _FILES):
            code += [(_JEQ, 0, 1, number), (_RET, 0, 0, _ERRNO | _EPERM)]
    # The C library falls back to clone, whose flags can be read here.
    code += [(_JEQ, 0, 1, numbers["clone3"]), (_RET, 0, 0, _ERRNO | _ENOSYS)]
    code += _on_flags(numbers["clone"], argument=0, flags=_CLONE_THREAD, refuse_if_set=False)
    if lock_files:
        code += _on_flags(numbers["openat"], argument=2, flags=_WRITING, refuse_if_set=True)
        if "open" in numbers:
            code += _on_flags(numbers["open"], argument=1, flags=_WRITING, refuse_if_set=True)
    return [*code, (_RET, 0, 0, _ALLOW)]


def _on_flags(number: int, *, argument: int, flags: int, refuse_if_set: bool) -> list[Instruction]:
    low_word = _OFFSET_ARGS + 8 * argument
    verdicts = (_ERRNO | _EPERM, _ALLOW) if refuse_if_set else (_ALLOW, _ERRNO | _EPERM)
    return [
        (_JEQ, 0, 4, number),
        (_LD_WORD, 0, 0, low_word),
        (_JSET, 0, 1, flags),
        (_RET, 0, 0, verdicts[0]),
        (_RET, 0, 0, verdicts[1]),
    ]


def apply(*, lock_files: bool) -> None:
    """Set the filter for every thread of this process, for good.

    Raises:
        FixEnvironment: the kernel does not take it.

    """
    reason = why_unavailable()
    if reason is not None:
        raise FixEnvironment(reason)
    machine = platform.machine()
    code = program(machine, lock_files=lock_files)
    array = (_SockFilter * len(code))(*(_SockFilter(*row) for row in code))
    prog = _SockFprog(len(code), ctypes.cast(array, ctypes.POINTER(_SockFilter)))
    libc = ctypes.CDLL(None, use_errno=True)
    _prctl(libc, _PR_SET_NO_NEW_PRIVS, 1)
    number = _ARCHITECTURES[machine].numbers["seccomp"]
    arguments = map(ctypes.c_ulong, (number, _SET_MODE_FILTER, _FLAG_TSYNC))
    if libc.syscall(*arguments, ctypes.byref(prog)) != 0:
        msg = f"The kernel refused the system-call filter: {os.strerror(ctypes.get_errno())}."
        raise FixEnvironment(msg)


def die_with_parent(signal_number: int, parent: int) -> None:
    """Ask the kernel for a signal when the parent process dies (Linux).

    A parent that died before this was asked would never be noticed: then this process, whose
    parent had the number ``parent``, ends here.
    """
    _prctl(ctypes.CDLL(None, use_errno=True), _PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


def forbid_tracing() -> None:
    """Keep other processes of this user out of this one's memory (Linux)."""
    _prctl(ctypes.CDLL(None, use_errno=True), _PR_SET_DUMPABLE, 0)


def _prctl(libc: ctypes.CDLL, option: int, value: int) -> None:
    if libc.prctl(*map(ctypes.c_ulong, (option, value, 0, 0, 0))) != 0:
        msg = f"prctl({option}) failed: {os.strerror(ctypes.get_errno())}."
        raise FixEnvironment(msg)

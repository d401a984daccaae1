"""Who may ask now: a bucket of work and a bucket of errors for each client.

Counting requests would let many short queries through that together fill the
machine, so it is work that is counted, to the millisecond and after the fact: a
client may come to owe, and waits until that is worked off.

A client is a network (/24 of IPv4, /56 of IPv6), known here by a keyed hash
only.  The key is random and changes every day; what was remembered under the
old one is forgotten with it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY_HEX: Final = 32
_LEAST_WORK_S: Final = 0.001
_ONE_ERROR: Final = 1.0
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """What one client may use (decisions, section 6; safety page, D3).

    Work is in seconds of a worker, rates are per minute; a bucket holds at most
    its burst.  ``death_s`` is what the death of a worker costs beyond its time.
    """

    work_s_per_minute: float = 60.0
    work_burst_s: float = 120.0
    errors_per_minute: float = 30.0
    errors_burst: float = 60.0
    death_s: float = 10.0
    clients: int = 10_000
    expiry_s: float = 15 * 60.0
    salt_s: float = 24 * 3_600.0


@dataclass(slots=True)
class _Account:
    """What a client has left, at a time."""

    work: float
    errors: float
    at: float


class Admission:
    """The accounts of all clients.  Thread-safe.

    ``clock`` gives seconds that never go back; ``salt`` gives so many random bytes.
    """

    def __init__(
        self,
        limits: AdmissionLimits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        salt: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._limits = limits or AdmissionLimits()
        self._clock = clock
        self._new_salt = salt
        self._lock = threading.Lock()
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._salt = salt(32)
        self._salted_at = clock()

    def __len__(self) -> int:
        return len(self._accounts)

    def key(self, address: str) -> str:
        """The opaque key of the client behind an address, valid for a day at most.

        What is no IP address (a proxy's socket, say) is one client of its own.
        """
        network = _network(address)
        with self._lock:
            now = self._clock()
            if now - self._salted_at >= self._limits.salt_s:
                self._salt = self._new_salt(32)
                self._salted_at = now
                self._accounts.clear()
            salt = self._salt
        return hmac.new(salt, network, hashlib.sha256).hexdigest()[:_KEY_HEX]

    def enter(self, key: str) -> None:
        """Let a client in that has something left.

        Raises:
            TryLater: ``limit`` is ``rate``; ``retry_after`` is the first whole
                second from now at which the same call succeeds, if nothing
                more is charged by then.

        """
        with self._lock:
            account = self._account(key)
        limits = self._limits
        wait_work = (_LEAST_WORK_S - account.work) * 60 / limits.work_s_per_minute
        wait_errors = (_ONE_ERROR - account.errors) * 60 / limits.errors_per_minute
        wait = max(wait_work, wait_errors)
        if wait <= _ROUNDING:
            return
        if wait_work >= wait_errors:
            msg = (
                f"Your network has used its share of query time: {limits.work_s_per_minute:g} "
                f"seconds of work a minute, {limits.work_burst_s:g} at once."
            )
            hint = "Ask again later, ask for less, or take the release's dump files."
        else:
            msg = (
                f"Too many requests from your network failed: {limits.errors_per_minute:g} "
                f"a minute are answered, {limits.errors_burst:g} at once."
            )
            hint = "Mend the query first; the messages of the earlier answers say what is wrong."
        raise TryLater(msg, limit="rate", retry_after=math.ceil(wait - _ROUNDING), hint=hint)

    def charge(
        self, key: str, seconds: float, *, died: bool = False, refused: bool = False
    ) -> None:
        """Take what a request has cost.

        Args:
            key: see ``key``.
            seconds: time of a worker; waiting in the queue costs nothing.
            died: the query was stopped at its deadline or took its worker along.
            refused: the request was wrong (guard, grammar, an update, a graph's name).

        """
        with self._lock:
            account = self._account(key)
            account.work -= seconds + (self._limits.death_s if died else 0.0)
            account.errors -= _ONE_ERROR if refused else 0.0

    def _account(self, key: str) -> _Account:
        """A client's account as of now, made the most recent one; the oldest goes."""
        now = self._clock()
        limits = self._limits
        while self._accounts:
            oldest = next(iter(self._accounts.values()))
            if now - oldest.at < limits.expiry_s:
                break
            self._accounts.popitem(last=False)
        account = self._accounts.pop(key, None)
        if account is None:
            account = _Account(limits.work_burst_s, limits.errors_burst, now)
        minutes = (now - account.at) / 60
        account.at = now
        account.work = min(limits.work_burst_s, account.work + minutes * limits.work_s_per_minute)
        account.errors = min(
            limits.errors_burst, account.errors + minutes * limits.errors_per_minute
        )
        self._accounts[key] = account
        while len(self._accounts) > limits.clients:
            self._accounts.popitem(last=False)
        return account


def _network(address: str) -> bytes:
    """The network that counts as one client, as bytes."""
    try:
        ip = ipaddress.ip_address(address.strip().strip("[]").partition("%")[0])
    except ValueError:
        return b"?" + address.encode("utf-8", "surrogatepass")
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return b"6" + ip.packed[:7]
        ip = ip.ipv4_mapped
    return b"4" + ip.packed[:3]

"""Runs the self-check of a release, once for each edition, beside everything else."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from casegraph.errors import CasegraphError
from casegraph.web.selfcheck.addresses import GROUP as ADDRESSES
from casegraph.web.selfcheck.addresses import check_addresses, in_sitemap
from casegraph.web.selfcheck.files import GROUP as FILES
from casegraph.web.selfcheck.files import check_files
from casegraph.web.selfcheck.numbers import GROUP as NUMBERS
from casegraph.web.selfcheck.numbers import check_numbers
from casegraph.web.selfcheck.protocol import GROUP as PROTOCOL
from casegraph.web.selfcheck.protocol import check_protocol
from casegraph.web.selfcheck.report import Check, Report, verdict
from casegraph.web.selfcheck.signs import (
    CACHING,
    MEMENTO,
    SIGNPOSTING,
    check_caching,
    check_memento,
    check_signposting,
)
from casegraph.web.selfcheck.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from starlette.types import ASGIApp

    from casegraph.web.releases.shelf import Release
    from casegraph.web.site import Site

_LOG: Final = logging.getLogger("casegraph.web.selfcheck")
#: Of more addresses than this in one list a sample is asked; the report says so.
MOST_ADDRESSES: Final = 200
_NICE: Final = 10
_KINDS: Final = ("finding", "source", "institution", "population")

Key = tuple[str, str]


def run_checks(
    app: ASGIApp, site: Site, release: Release, *, public_url: str, most: int = MOST_ADDRESSES
) -> Report:
    """Make every check now, in this thread, which must not run an event loop."""
    begun, started = datetime.now(UTC), time.monotonic()
    with Visitor(app, public_url, release.base_iri) as visitor:
        documents = _guarded_documents(visitor)
        groups: dict[str, Callable[[], Iterable[Check]]] = {
            ADDRESSES: lambda: check_addresses(visitor, release, most=most),
            NUMBERS: lambda: _numbers(site, release),
            FILES: lambda: check_files(visitor, release),
            PROTOCOL: lambda: check_protocol(visitor, release),
            SIGNPOSTING: lambda: check_signposting(visitor, release, documents),
            MEMENTO: lambda: check_memento(visitor, release, documents),
            CACHING: lambda: check_caching(visitor, documents),
        }
        checks = tuple(one for name, make in groups.items() for one in _guarded(name, make))
    return Report(
        release_id=release.id,
        edition=release.edition,
        begun=begun.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=time.monotonic() - started,
        checks=checks,
    )


def _numbers(site: Site, release: Release) -> Iterator[Check]:
    with site.live.lease(release.id) as held:
        yield from check_numbers(held)


def _guarded(group: str, make: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks of a group; one that breaks is a fault of its own, and the rest go on."""
    try:
        yield from make()
    except Exception as error:  # noqa: BLE001 - a check must never hide that it broke
        said = error.message if isinstance(error, CasegraphError) else type(error).__name__
        yield verdict(group, "the check itself", [f"it ended early: {said}"])


def _guarded_documents(visitor: Visitor) -> list[str]:
    """One document of each kind that every release has, by its path."""
    try:
        found = in_sitemap(visitor)
    except Exception:  # noqa: BLE001 - what is wrong with the sitemap is said where it is checked
        return []
    paths = [one.removeprefix(visitor.public_url) for one in found]
    firsts = (
        next((path for path in paths if path.startswith(f"doc/{kind}/")), None) for kind in _KINDS
    )
    return [path for path in firsts if path is not None]


class SelfChecks:
    """One application's report on the edition that was asked for last; made in the background."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: tuple[Key, Report] | None = None
        self._running: Key | None = None

    def of(self, app: ASGIApp, site: Site, release: Release, *, public_url: str) -> Report | None:
        """The report, or None while it is being made; the first who asks sets it going."""
        key = str(release.directory), release.edition
        with self._lock:
            if self._done is not None and self._done[0] == key:
                return self._done[1]
            if self._running is None:
                self._running = key
                threading.Thread(
                    target=self._run,
                    args=(key, lambda: run_checks(app, site, release, public_url=public_url)),
                    name="casegraph-selfcheck",
                    daemon=True,
                ).start()
        return None

    def _run(self, key: Key, make: Callable[[], Report]) -> None:
        # Linux gives each thread a priority of its own; elsewhere it runs like any other.
        with contextlib.suppress(AttributeError, OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            report = make()
        except Exception as error:  # noqa: BLE001 - the next who asks sets it going again
            _LOG.error("the self-check ended with %s", type(error).__name__)
            report = None
        with self._lock:
            self._running = None
            if report is not None:
                self._done = key, report

"""Which tests stay together on one worker when they run side by side (pytest-xdist)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

# xdist_group marks would say this beside each test, but pytest-xdist 3.8 writes them into a
# field that pytest 9.2 no longer reads.
TOGETHER = (
    "tests/conformance/",
    "tests/docs/test_sparql_pages.py",
    "tests/e2e/",
    "tests/hostile/http/",
    "tests/hostile/leaks/test_canaries.py",
    "tests/hostile/leaks/test_gate_mutations.py",
    "tests/hostile/query/",
    "tests/packaging/",
    "tests/query/test_pool.py",
    "tests/service/test_attack.py",
    "tests/service/test_faults.py",
    "tests/service/test_hostile_over_http.py",
    "tests/service/test_schemathesis.py",
    "tests/web/test_graphs.py",
    "tests/web/test_protocol_w3c.py",
)
"""Folders and files whose tests share something that takes long to make."""


def scope_of(nodeid: str) -> str:
    """What is given to one worker as a whole: a place named above, or a single test."""
    return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Hand out scopes, those with most tests first."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return Together(config, log)

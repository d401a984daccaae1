"""The limits of the query room, in one place (decisions, section 6).

Bytes are bytes, seconds are seconds; every other number counts things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lane = Literal["page", "query"]

KIB = 1024
MIB = 1024 * KIB
LONGEST_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What the lexical guard lets through.

    The engine overflows its stack at about 880 nested EXISTS and plans 150
    patterns of one group for six seconds; these numbers stay far below both.
    ``max_readings`` and ``max_side_steps`` bound the guard's own work: readings
    of ``<`` followed at once, and tokens read while there was more than one.
    """

    max_body_bytes: int = MIB
    max_query_bytes: int = 64 * KIB
    max_nesting: int = 64
    max_tokens: int = 8_000
    max_values_rows: int = 20_000
    max_patterns: int = 100
    max_prefix_run: int = 64
    max_operands: int = 1_000
    max_readings: int = 16
    max_side_steps: int = 10_000


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What one query may cost.

    ``memory_bytes`` is the address space a worker may take beyond what it
    holds before its first query.  ``queue_factor`` x workers queries may wait,
    each for ``wait_s`` at most.  An ad-hoc query that runs longer than
    ``slow_after_s`` gives way to other processes.
    """

    deadline_page_s: float = 2.0
    deadline_query_s: float = 30.0
    max_result_bytes: int = 64 * MIB
    max_rows: int = 1_000_000
    memory_bytes: int = 512 * MIB
    wait_s: float = 5.0
    queue_factor: int = 2
    queries_per_worker: int = 1_000
    start_s: float = 120.0
    slow_after_s: float = 0.25

    def __post_init__(self) -> None:
        """Refuse deadlines that decisions section 6 does not allow."""
        for name in ("deadline_page_s", "deadline_query_s"):
            value = getattr(self, name)
            if not 0 < value <= LONGEST_DEADLINE_S:
                msg = f"{name} is {value:g} s; it must lie between 0 and {LONGEST_DEADLINE_S:g} s."
                raise ValueError(msg)

    def deadline_s(self, lane: Lane) -> float:
        """Seconds a query of this lane may run."""
        return self.deadline_page_s if lane == "page" else self.deadline_query_s

"""For how long releases stay open, how many of them, and how long requests wait for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many old releases are open at a time, and how long things take, in seconds.

    ``linger_s``: the release before the current one stays open so long, for those who ask for
    it by its id and in case ``current`` is put back.  ``idle_s``: an old release that nobody
    asked for so long is closed; before ``least_open_s`` it is not closed for another, so that
    visitors who ask for one after the other cannot keep the machine busy with opening them.
    ``wait_s``: a request waits so long for a release to open, ``waiting`` requests at a time.
    A release that does not open is tried again after ``first_retry_s``, then after twice as
    long each time, at most ``longest_retry_s``.
    """

    old: int = 2
    linger_s: float = 30.0
    idle_s: float = 600.0
    least_open_s: float = 2.0
    wait_s: float = 20.0
    waiting: int = 16
    first_retry_s: float = 1.0
    longest_retry_s: float = 60.0

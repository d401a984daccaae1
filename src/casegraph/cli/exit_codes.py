"""What a shell is told: one exit code for each kind of error."""

from __future__ import annotations

from casegraph import errors

OK = 0
REFUSED = 1
"""Something in the workspace, the release or the query must be mended."""
USAGE = 2
"""The command line itself is wrong (click's own code)."""
ENVIRONMENT = 3
"""The machine lacks something, or time, memory or load ran out."""
INTERRUPTED = 130
"""Ended by Ctrl-C (128 + SIGINT)."""

EXIT_CODES: dict[type[errors.CasegraphError], int] = {
    errors.CasegraphError: REFUSED,
    errors.FixInput: REFUSED,
    errors.InvalidRecords: REFUSED,
    errors.InvalidQuery: REFUSED,
    errors.NotFound: REFUSED,
    errors.Gone: REFUSED,
    errors.Conflict: REFUSED,
    errors.NotAllowed: REFUSED,
    errors.AskForLess: REFUSED,
    errors.TryLater: ENVIRONMENT,
    errors.FixEnvironment: ENVIRONMENT,
}


def exit_code(error: errors.CasegraphError) -> int:
    """The code of the nearest class that has one."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)

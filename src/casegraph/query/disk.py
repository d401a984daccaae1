"""No room for a result: what the system says becomes an answer that names the limit."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from casegraph.errors import TryLater

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def room_wanted() -> Iterator[None]:
    """Do something that takes room on the disk, or descriptors.

    Raises:
        TryLater: the system has none left; ``limit`` is ``disk``.

    """
    try:
        yield
    except OSError as error:
        msg = f"The result could not be stored: {error.strerror or type(error).__name__}."
        raise TryLater(msg, limit="disk", hint="Try again later.") from error

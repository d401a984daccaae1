"""What the web asks of whatever answers queries on one release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casegraph.query.limits import Lane
    from casegraph.query.result import Result
    from casegraph.query.ticket import Ticket


class Queries(Protocol):
    """What answers queries: ``casegraph.query.pool.QueryService``."""

    def run(  # noqa: PLR0913 - one request, all by name
        self,
        query: str,
        *,
        accept_format: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        """Answer one query whole, or raise an error of casegraph."""

    def sorted_rows(
        self,
        query: str,
        *,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        """The lines of an answer in their order."""

    def close(self) -> None:
        """End every process."""

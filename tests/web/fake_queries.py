"""A stand-in for the query service: records what is asked and gives what it was told to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from casegraph.query.formats import FORMATS, format_for
from casegraph.query.guard import check
from casegraph.query.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from casegraph.errors import CasegraphError
    from casegraph.query.limits import Lane
    from casegraph.query.ticket import Ticket

EMPTY = {
    "json": b'{"head":{"vars":["s"]},"results":{"bindings":[]}}',
    "nt": b"",
}


@dataclass
class Asked:
    """One call."""

    query: str
    accept_format: str
    default_graphs: Sequence[str] | None
    named_graphs: Sequence[str] | None
    lane: Lane
    client: str


@dataclass
class FakeQueries:
    """``error`` is raised for queries of visitors; pages get an empty answer."""

    folder: Path
    error: CasegraphError | None = None
    body: bytes | None = None
    asked: list[Asked] = field(default_factory=list)
    closed: bool = False

    def run(
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
        assert not self.closed
        assert (ticket is None) == (lane == "page")
        self.asked.append(Asked(query, accept_format, default_graphs, named_graphs, lane, client))
        if self.error is not None and lane == "query":
            raise self.error
        form = check(query)
        style = format_for(accept_format, form.form)
        data = EMPTY.get(accept_format, b"x") if self.body is None else self.body
        path = self.folder / f"spool-{len(self.asked)}"
        path.write_bytes(data)
        return Result(
            form=form.form,
            media_type=FORMATS[accept_format].media_type,
            suffix=style.suffix,
            path=path,
            length=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            rows=0,
            elapsed=0.01,
            citable=form.citable,
            reason=form.reason,
        )

    def sorted_rows(
        self,
        query: str,
        *,
        lane: Lane = "query",
        client: str = "",
        ticket: Ticket | None = None,
    ) -> Result:
        select = check(query).form in {"SELECT", "ASK"}
        name = "tsv" if select else "nt"
        return self.run(query, accept_format=name, lane=lane, client=client, ticket=ticket)

    def close(self) -> None:
        self.closed = True

"""Ask a casegraph service from Python: whole answers, typed values, citations, downloads.

::

    from casegraph.client import Client

    with Client("https://data.example.org/") as site:
        answer = site.select("SELECT ?statement WHERE { ... }")
        for row in answer.rows:
            print(row["statement"])

Queries travel in the body of a request, those of ``changes`` alone in its address.  Where the
service asks for patience (429, 503 with Retry-After) the client waits, at most ``patience``
seconds in all.  Answers are compared with the digest that the service sent (RFC 9530).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from casegraph.errors import (
    AskForLess,
    CasegraphError,
    Conflict,
    FixEnvironment,
    FixInput,
    Gone,
    InvalidQuery,
    NotAllowed,
    NotFound,
    TryLater,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    Fields = Mapping[str, str] | None

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_DEFAULT_WAIT: Final = 2.0
_RESULTS: Final = "application/sparql-results+json"


class IRI(str):
    """An address, as a string that says that it is one."""

    __slots__ = ()


class Text(str):  # noqa: SLOT000 - mypy does not follow slots that __new__ fills
    """A literal of any kind that has no type of its own in Python."""

    lang: str
    datatype: str

    def __new__(cls, value: str, *, lang: str = "", datatype: str = "") -> Self:
        """Make it; ``lang`` is a language tag, ``datatype`` an address, either may be empty."""
        made = super().__new__(cls, value)
        made.lang = lang
        made.datatype = datatype
        return made


Value = IRI | Text | str | int | float | bool | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer to a SELECT query; a value that is not bound is None.

    ``release`` names what was asked; ``citable`` tells whether the same query gives the same
    rows from it for ever.
    """

    names: list[str]
    rows: list[dict[str, Value]]
    release: str
    citable: bool

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return iter(self.rows)

    def columns(self) -> dict[str, list[Any]]:
        """Values by name; a column of mixed types becomes text, as frames need it."""
        return {name: _column([row[name] for row in self.rows]) for name in self.names}

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas is an extra and has no types here
        """A pandas frame.  Raises ``FixEnvironment`` where pandas is not installed."""
        return _extra("pandas").DataFrame(self.columns(), columns=self.names).convert_dtypes()

    def to_polars(self) -> Any:  # noqa: ANN401 - polars is an extra
        """A polars frame.  Raises ``FixEnvironment`` where polars is not installed."""
        return _extra("polars").DataFrame(self.columns())


@dataclass(frozen=True, slots=True)
class Cited:
    """A permanent address of an answer, the digest of its sorted rows, and its citations."""

    address: str
    digest: str
    citation: Mapping[str, str] = field(default_factory=dict)


class Client:
    """One service.  Not to be shared between threads; close it, or use ``with``.

    Every method raises the errors of ``casegraph.errors``: ``InvalidQuery`` with line and
    column, ``TryLater`` and ``AskForLess`` with the limit, ``NotFound``, ``Gone``.
    """

    def __init__(
        self,
        address: str,
        *,
        release: str | None = None,
        patience: float = 60.0,
        timeout: float = 75.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open it at ``address``, for queries of one ``release`` or of the current one.

        ``patience`` is how many seconds to wait in all where the service asks for it, and
        ``timeout`` how many until an answer must have begun.  ``transport`` is httpx's.
        """
        base = address if address.endswith("/") else f"{address}/"
        self._http = httpx.Client(
            base_url=base, timeout=timeout, transport=transport, follow_redirects=True
        )
        # httpx would offer every coding that is installed; ``_decoded`` reads this one.
        self._http.headers["Accept-Encoding"] = "gzip"
        self._release = release
        self._patience = patience
        self._sleep = sleep

    def select(self, query: str, *, release: str | None = None) -> Answer:
        """Rows of a SELECT query, with typed values."""
        response, data = self._ask(query, _RESULTS, release)
        document = json.loads(data)
        if "results" not in document:
            raise FixInput("This is no SELECT query.", hint="Use ask() or graph() for it.")
        names: list[str] = document["head"]["vars"]
        rows = [
            {name: _value(row[name]) if name in row else None for name in names}
            for row in document["results"]["bindings"]
        ]
        return Answer(
            names,
            rows,
            response.headers.get("X-Casegraph-Release", ""),
            response.headers.get("X-Casegraph-Citable", "") == "yes",
        )

    def ask(self, query: str, *, release: str | None = None) -> bool:
        """The answer to an ASK query."""
        document = json.loads(self._ask(query, _RESULTS, release)[1])
        if "boolean" not in document:
            raise FixInput("This is no ASK query.", hint="Use select() or graph() for it.")
        return bool(document["boolean"])

    def graph(
        self, query: str, *, media_type: str = "text/turtle", release: str | None = None
    ) -> bytes:
        """The graph of a CONSTRUCT or DESCRIBE query, in any format that the service has."""
        return self._ask(query, media_type, release)[1]

    def cite(self, query: str, *, format_name: str = "csv", release: str | None = None) -> Cited:
        """A permanent address for the answer to a query (in csv, json, ttl, ...), and citations.

        The address holds the text of the query: whoever sees it can read what was asked.
        """
        fields = {"query": query, "format": format_name, **self._of(release)}
        document = json.loads(self._send("POST", "answer", "application/json", fields)[1])
        return Cited(document["address"], document["digest"], document["citation"])

    def changes(
        self,
        since: str,
        *,
        until: str | None = None,
        about: str | None = None,
        query: str | None = None,
    ) -> list[dict[str, Any]]:
        """What changed since a release: in all, for one address, or for a SELECT query.

        ``until`` is the later release: where not given that of the client, or the current one.
        """
        fields = {"since": since, "until": until or self._release, "about": about, "query": query}
        given = {name: value for name, value in fields.items() if value}
        return list(self._get("changes", given)["changes"])

    def releases(self) -> list[str]:
        """The ids of all releases that are held, the newest first."""
        return [entry["id"] for entry in self._get("release/")["releases"]]

    def download(
        self, folder: Path | str, *, release: str | None = None, public_key: str | None = None
    ) -> Path:
        """Fetch ``RELEASE.zip`` into a folder and verify it; one that fails is removed.

        ``public_key`` is the path of the publisher's minisign key, got by another way than
        from this service.  Raises ``FixInput`` where the archive does not verify.
        """
        if not (name := release or self._release):
            # Not the newest where an older one was made the current one again.
            name = next(one["id"] for one in self._get("release/")["releases"] if one["current"])
        path = Path(folder) / f"{name}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            self._send("GET", f"release/{name}.zip", "*/*", into=part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _verify(path, public_key)
        return path

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _of(self, release: str | None) -> dict[str, str]:
        name = release or self._release
        return {"release": name} if name else {}

    def _ask(self, query: str, accept: str, release: str | None) -> tuple[httpx.Response, bytes]:
        fields = {"query": query, **self._of(release)}
        return self._send("POST", "sparql", accept, fields)

    def _get(self, path: str, fields: Fields = None) -> dict[str, Any]:
        return dict(json.loads(self._send("GET", path, "application/json", fields)[1]))

    def _send(
        self, method: str, path: str, accept: str, fields: Fields = None, into: Path | None = None
    ) -> tuple[httpx.Response, bytes]:
        """Send it until patience ends; what is written ``into`` a file is not returned."""
        data, params = (None, fields) if method == "GET" else (fields, None)
        left = self._patience
        while True:
            try:
                with self._http.stream(
                    method, path, headers={"Accept": accept}, data=data, params=params
                ) as response:
                    if into is not None and not response.is_error:
                        with into.open("wb") as file:
                            file.writelines(response.iter_bytes())
                        return response, b""
                    raw = b"".join(response.iter_raw())
            except httpx.HTTPError as error:
                raise TryLater(
                    f"The service did not answer, or not whole ({type(error).__name__}).",
                    limit="network",
                    hint="Check the address and the network, then try again.",
                ) from error
            body = _decoded(response, raw)
            if not response.is_error:
                _check_digest(response, raw, body)
                return response, body
            problem = _error(response, body)
            wait = (problem.retry_after or _DEFAULT_WAIT) if isinstance(problem, TryLater) else left
            again = isinstance(problem, TryLater) and problem.limit in {"load", "rate"}
            if not again or wait > left:
                raise problem
            self._sleep(wait)
            left -= wait


_READERS: Final[dict[str, Callable[[str], Value]]] = {
    f"{_XSD}integer": int,
    f"{_XSD}int": int,
    f"{_XSD}long": int,
    f"{_XSD}nonNegativeInteger": int,
    f"{_XSD}decimal": Decimal,
    f"{_XSD}double": float,
    f"{_XSD}float": float,
    f"{_XSD}boolean": {"true": True, "false": False, "1": True, "0": False}.get,
    f"{_XSD}date": date.fromisoformat,
    f"{_XSD}dateTime": datetime.fromisoformat,
}


def _value(cell: Mapping[str, str]) -> Value:
    text = cell["value"]
    if cell["type"] == "uri":
        return IRI(text)
    datatype = cell.get("datatype", "")
    if read := _READERS.get(datatype):
        # What Python's type cannot hold, such as a date with a time zone, stays text.
        with contextlib.suppress(ValueError, InvalidOperation):
            return read(text)
    return Text(text, lang=cell.get("xml:lang", ""), datatype=datatype)


def _column(values: Sequence[Value]) -> list[Any]:
    plain = [str(one) if isinstance(one, str) else one for one in values]
    kinds = {type(one) for one in plain if one is not None}
    if len(kinds) > 1:
        return [None if one is None else str(one) for one in plain]
    return plain


def _extra(name: str) -> ModuleType:
    try:
        return __import__(name)
    except ImportError as error:
        raise FixEnvironment(
            f"{name} is not installed.", hint=f"Run: pip install 'casegraph[{name}]'"
        ) from error


def _decoded(response: httpx.Response, raw: bytes) -> bytes:
    if response.headers.get("Content-Encoding") in {"gzip", "deflate"}:
        try:
            return zlib.decompress(raw, zlib.MAX_WBITS | 32)
        except zlib.error as error:
            raise TryLater("The answer arrived damaged.", limit="load") from error
    return raw


def _check_digest(response: httpx.Response, raw: bytes, body: bytes) -> None:
    """Compare with ``Repr-Digest``; a service in front may have taken compression away."""
    said = response.headers.get("Repr-Digest", "").partition("sha-256=:")[2].partition(":")[0]
    digests = {base64.b64encode(hashlib.sha256(one).digest()).decode() for one in (raw, body)}
    if said and said not in digests:
        raise TryLater(
            "The answer is not the one that the service sent: its digest differs.",
            limit="load",
            hint="Something between changed it. Try again, or by another way.",
        )


def _error(response: httpx.Response, body: bytes) -> CasegraphError:
    """The error that a problem document stands for."""
    try:
        document: dict[str, Any] = json.loads(body)
    except ValueError:
        document = {}
    kind = str(document.get("type", "")).rpartition("#")[2]
    detail = document.get("detail") or document.get("title") or f"HTTP {response.status_code}"
    hint = document.get("hint")
    limit = str(document.get("limit", ""))
    match response.status_code:
        case 429 | 503:
            wait = response.headers.get("Retry-After", "")
            return TryLater(
                detail,
                limit=limit or "load",
                elapsed=document.get("elapsed"),
                retry_after=float(wait) if wait.isdigit() else None,
                hint=hint,
            )
        case 400 if kind == "query":
            line, column = document.get("line"), document.get("column")
            return InvalidQuery(detail, line=line, column=column, hint=hint)
        case 413:
            return AskForLess(detail, limit=limit or "size", hint=hint)
    kinds: dict[int, type[CasegraphError]] = {
        403: NotAllowed, 404: NotFound, 409: Conflict, 410: Gone
    }  # fmt: skip
    other = FixEnvironment if response.is_server_error else FixInput
    return kinds.get(response.status_code, other)(detail, hint=hint)


def _verify(path: Path, public_key: str | None) -> None:
    """Let ``casegraph verify`` look at it, in a process of its own."""
    command = [sys.executable, "-m", "casegraph", "verify", str(path)]
    command += ["--key", public_key] if public_key else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        path.unlink()
        raise FixInput(
            f"{path.name} does not verify and was removed: {done.stderr.strip()}",
            hint="Fetch it again, and tell the publisher if it stays so.",
        )

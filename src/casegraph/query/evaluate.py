"""One query on one dataset, written whole into a spool.  Runs in workers only."""

from __future__ import annotations

import re
import time
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from casegraph.errors import AskForLess, FixInput, InvalidQuery, TryLater
from casegraph.query.dataset import Dataset, merged_store
from casegraph.query.formats import PREFIXES
from casegraph.query.ordered import Lines
from casegraph.query.spool import NotXmlError, Spool, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from casegraph.query.wire import Frame

_BINDINGS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_UNKNOWN_FUNCTION: Final = re.compile(r"custom function <([^>]*)> is not supported")
_MOST_FUNCTIONS: Final = 32
_ENGINE_POSITION: Final = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_ENGINE_WORDS: Final = {
    "Prefix not found": "A prefix is not declared, or the query breaks the grammar of SPARQL",
    "that is unbound": "SELECT names a variable that is not bound by then",
    "already": "A variable or prefix is given a value twice",
}
_FAILURES: Final = (OSError, RuntimeError, ValueError, TypeError)
_SORTED_TRIPLES: Final = 20_000
_LONGEST_DETAIL: Final = 120


def evaluate(dataset: Dataset, job: Frame, fd: int) -> Frame:
    """Answer ``job`` into descriptor ``fd``, a small one as the ``tail`` of the reply.

    A graph of at most 20,000 triples is written in sorted order, so that equal
    answers are equal bytes and subjects stand together; a longer one in the
    order in which the engine finds it.

    Raises:
        InvalidQuery: the engine refuses the text.
        FixInput: a graph name is no IRI.
        AskForLess: the result passes a size cap.
        TryLater: there is no space or memory for the result.

    """
    started = time.monotonic()
    spool = Spool(
        fd,
        max_bytes=job["max_bytes"],
        max_rows=job["max_rows"],
        rows_of=job["format"] if job["form"] == "SELECT" else None,
        xml=job["format"] in {"xml", "rdfxml"},
    )
    try:
        if job["in_order"]:
            _write_in_order(dataset, job, spool)
        else:
            _write(_results(dataset, job), job, spool)
        whole = spool.finish()
    except MemoryError:
        msg = "The query needed more memory than one query may use."
        raise TryLater(msg, limit="memory", hint="Ask for less at once.") from None
    except SyntaxError as error:
        raise syntax_error(str(error)) from None
    except (*_FAILURES, NotXmlError, TooLargeError) as error:
        raise _translated(spool.failure or error, job) from None
    return {
        "ok": True,
        "rows": spool.rows,
        "bytes": spool.size,
        "sha256": spool.hexdigest(),
        "elapsed": time.monotonic() - started,
        "tail": whole,
    }


def syntax_error(message: str) -> InvalidQuery:
    """Translate the engine's ``error at LINE:COLUMN: ...``; columns count code points."""
    match = _ENGINE_POSITION.match(message)
    if match is None:
        return InvalidQuery(f"The query cannot be read: {message[:_LONGEST_DETAIL]}.")
    line, column, detail = int(match[1]), int(match[2]), match[3]
    what = next(
        (sentence for sign, sentence in _ENGINE_WORDS.items() if sign in detail),
        "The query breaks the grammar of SPARQL",
    )
    hint = "Look at what stands just before this place."
    return InvalidQuery(
        f"{what} (line {line}, column {column}).", line=line, column=column, hint=hint
    )


def _translated(error: Exception, job: Frame) -> Exception:
    if isinstance(error, NotXmlError):
        msg = "The answer holds a character that XML cannot carry; nothing of it was sent."
        return FixInput(msg, hint="Ask for JSON, CSV or Turtle instead.")
    if isinstance(error, TooLargeError):
        rows = error.limit == "rows"
        cap = f"{job['max_rows']:,} rows" if rows else f"{job['max_bytes']:,} bytes"
        msg = f"The result is larger than {cap}; nothing of it was sent."
        hint = "Ask with ORDER BY and LIMIT in parts, or take the release's dump files."
        return AskForLess(msg, limit=error.limit, hint=hint)
    if isinstance(error, OSError) and error.errno:
        msg = f"The result could not be stored: {error.strerror}."
        return TryLater(msg, limit="disk", hint="Try again later.")
    return InvalidQuery(f"The engine could not answer: {str(error)[:_LONGEST_DETAIL]}.")


def _results(dataset: Dataset, job: Frame) -> Any:  # noqa: ANN401 - one of three result classes
    store, options = _scope(dataset, job)
    unknown: dict[ox.NamedNode, Any] = {}
    while True:
        try:
            return store.query(
                job["query"], base_iri=job["base_iri"], custom_functions=unknown, **options
            )
        except RuntimeError as error:
            # A function that nobody knows is an error of its expression alone (SPARQL 1.1
            # Query 17.3), where the engine gives up the whole query: so it is made known, as
            # one that has no value.
            name = _UNKNOWN_FUNCTION.search(str(error))
            if name is None or len(unknown) >= _MOST_FUNCTIONS:
                raise
            unknown[ox.NamedNode(name[1])] = _no_value


def _no_value(*_arguments: object) -> None:
    """Stand for a function that is not known."""


def _scope(dataset: Dataset, job: Frame) -> tuple[ox.Store, dict[str, Any]]:
    """Which store and which graphs the query sees (SPARQL 1.1 Protocol, 2.1.4).

    Graphs named by the request override those named by the query.  Default
    graphs that may share triples are merged first, because the engine would
    count a shared triple twice.
    """
    defaults, named = _iris(job["default_graphs"]), _iris(job["named_graphs"])
    store = dataset.store
    if defaults is None and named is None:
        if not job["from_default"] and not job["from_named"]:
            return store, {} if dataset.merged else {"use_default_graph_as_union": True}
        if dataset.disjoint or len(job["from_default"]) < 2:  # noqa: PLR2004 - two can overlap
            return store, {}
        defaults, named = _resolved(job, "from_default"), _resolved(job, "from_named")
    defaults, named = defaults or [], named or []
    if dataset.disjoint or len(defaults) < 2:  # noqa: PLR2004 - two can overlap
        return store, {"default_graph": defaults, "named_graphs": named}
    copy = merged_store(store, defaults, named)
    return copy, {"default_graph": [ox.DefaultGraph()], "named_graphs": named}


def _resolved(job: Frame, name: str) -> list[ox.NamedNode]:
    """IRIs of the query's FROM clauses; the engine itself resolves them, on no data."""
    if not job[name]:
        return []
    text = f"{job['prologue']} SELECT ?graph {{ VALUES ?graph {{ {' '.join(job[name])} }} }}"
    rows: Any = ox.Store().query(text, base_iri=job["base_iri"])
    return list(dict.fromkeys(row["graph"] for row in rows))


def _iris(names: Sequence[str] | None) -> list[ox.NamedNode] | None:
    if names is None:
        return None
    try:
        return [ox.NamedNode(name) for name in dict.fromkeys(names)]
    except ValueError as error:
        msg = f"A graph name is no absolute IRI: {error}"
        raise FixInput(msg, hint="Write the whole IRI, as the dataset names it.") from None


def _write(results: Any, job: Frame, spool: Spool) -> None:  # noqa: ANN401 - see _results
    if isinstance(results, ox.QueryTriples):
        _write_graph(results, job, spool)
    elif job["format"] in _BINDINGS:
        results.serialize(spool, _BINDINGS[job["format"]])
    else:
        msg = f"The engine read another form than {job['form']}."
        raise FixInput(msg)


def _write_in_order(dataset: Dataset, job: Frame, spool: Spool) -> None:
    """The same lines whatever order the engine found them in; see ``ordered``."""
    results = _results(dataset, job)
    lines = Lines(spool, max_bytes=job["max_bytes"])
    if isinstance(results, ox.QueryTriples):
        ox.serialize(results, lines, ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]
        lines.finish(header=False, distinct=True)
    else:
        results.serialize(lines, ox.QueryResultsFormat.TSV)
        lines.finish(header=job["form"] == "SELECT", distinct=False)


def _write_graph(triples: Iterable[ox.Triple], job: Frame, spool: Spool) -> None:
    source = iter(triples)
    first = list(islice(source, _SORTED_TRIPLES + 1))
    prefixes: dict[str, str] | None = None
    whole = len(first) <= _SORTED_TRIPLES
    if whole:
        first = sorted(set(first), key=str)
    if job["format"] in ("ttl", "trig"):
        prefixes = _prefixes(job, first if whole else None)
    rows = _counted(chain(first, source), spool)
    ox.serialize(rows, spool, _GRAPHS[job["format"]], prefixes=prefixes)  # type: ignore[arg-type]


def _prefixes(job: Frame, triples: Sequence[ox.Triple] | None) -> dict[str, str]:
    """Ours and the query's own prefixes; only those in use where all triples are known."""
    text = None if triples is None else "".join(map(str, triples))
    chosen: dict[str, str] = {}
    for name, iri in [*PREFIXES.items(), *job["prefixes"]]:
        try:
            ox.NamedNode(iri)
        except ValueError:
            continue
        if text is None or f"<{iri}" in text:
            chosen[name] = iri
    return chosen


def _counted(triples: Iterable[ox.Triple], spool: Spool) -> Iterator[ox.Triple]:
    for triple in triples:
        spool.count_rows(1)
        yield triple

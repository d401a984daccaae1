"""Stores: the embedded one, built from canonical files, rebuilt when missing, never edited.

``var/store/{sha256 of the data set}`` holds one finished store.  It is loaded in slices,
because one bulk load of everything takes memory that grows with the data; it is synced and
renamed into place, so that a name stands for a whole store; from then on it is only opened
read-only.  ``Store`` is the seam at which a store behind a SPARQL service joins.
"""

from __future__ import annotations

import gzip
import io
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

import pyoxigraph as ox

from casegraph import durable
from casegraph.errors import Conflict, FixEnvironment, FixInput, NotFound
from casegraph.graph import canonical
from casegraph.graph.nquads import from_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casegraph.graph.nquads import Object, Quad

#: Triples in one bulk load; measured: 328 MB at the peak, in no more time than one load.
SLICE: Final = 260_000


class Store(Protocol):
    """What the rooms above need of a store of quads."""

    def quads(self) -> int:
        """How many quads it holds."""

    def match(
        self, subject: str | None, predicate: str | None, value: Object | None
    ) -> Iterator[Quad]:
        """The quads that have the given parts; ``None`` stands for any."""

    def lines(self) -> Iterator[bytes]:
        """Its quads as canonical N-Quads lines, in no order."""


class EmbeddedStore:
    """A finished Oxigraph store in a directory, opened read-only."""

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise NotFound(f"there is no store at {directory}", hint="Build it again.")
        try:
            self.engine = ox.Store.read_only(str(directory))
        except OSError as error:
            raise FixEnvironment(
                f"the store at {directory} cannot be opened: {error}",
                hint="Remove that directory; it is built again from the release.",
            ) from error

    def quads(self) -> int:
        """How many quads it holds."""
        return len(self.engine)

    def match(
        self, subject: str | None, predicate: str | None, value: Object | None
    ) -> Iterator[Quad]:
        """The quads that have the given parts; ``None`` stands for any."""
        found = self.engine.quads_for_pattern(
            None if subject is None else ox.NamedNode(subject),
            None if predicate is None else ox.NamedNode(predicate),
            None if value is None else _to_engine(value),
        )
        # N-Quads is the one form in which engine and we agree on every term.
        for quad in sorted(map(str, found)):
            yield from_line(f"{quad} .")

    def lines(self) -> Iterator[bytes]:
        """Its quads as N-Quads lines, spooled through a temporary file, in no order."""
        with tempfile.TemporaryFile(prefix="casegraph-dump-") as spool:
            self.engine.dump(spool, format=ox.RdfFormat.N_QUADS)
            spool.seek(0)
            yield from (line.removesuffix(b"\n") for line in spool)


def _to_engine(value: Object) -> ox.NamedNode | ox.Literal:
    if isinstance(value, str):
        return ox.NamedNode(value)
    if value.lang:
        return ox.Literal(value.lexical, language=value.lang)
    return ox.Literal(value.lexical, datatype=ox.NamedNode(value.datatype))


def store_directory(root: Path, sha256: str) -> Path:
    """Where the store of a data set lies below ``var/store``."""
    return root / sha256


def build_store(files: Sequence[Path], root: Path, sha256: str) -> Path:
    """Build the store of canonical files (``.gz`` too) under ``root`` unless it is there.

    ``sha256`` is the digest of the data set (of the merged canonical lines).  Raises
    ``FixInput`` if a file is no N-Quads.  A crash leaves only a temporary name behind.
    """
    target = store_directory(root, sha256)
    if target.is_dir():
        return target
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=root, prefix=f".{sha256[:12]}.", suffix=durable.TEMPORARY_SUFFIX
    ) as folder:
        building = Path(folder) / "store"
        _load(files, building)
        durable.sync_tree(building)
        # Another process may have built the same store meanwhile; equal name, equal content.
        with suppress(Conflict):
            durable.rename_dir(building, target)
    return target


def _load(files: Sequence[Path], directory: Path) -> None:
    store = ox.Store(str(directory))
    for path in files:
        with _opened(path) as file:
            first = 1
            while (part := _Slice(file, SLICE)).has_more:
                try:
                    store.bulk_load(cast("IO[bytes]", part), format=ox.RdfFormat.N_QUADS)
                except (SyntaxError, ValueError) as error:
                    raise FixInput(
                        f"{path.name} is no canonical N-Quads in its lines from {first} on: "
                        f"{error}",
                        hint="Build the release again.",
                    ) from error
                first += part.lines
    store.optimize()
    store.flush()


def _opened(path: Path) -> io.BufferedReader:
    if path.suffix == ".gz":
        return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(path)))
    return path.open("rb")


class _Slice(io.RawIOBase):
    """The next lines of a file, about as many as asked for, as a file that ends after them."""

    def __init__(self, file: io.BufferedReader, lines: int) -> None:
        super().__init__()
        self._file = file
        self._wanted = lines
        self._at_line_end = True
        self.lines = 0

    @property
    def has_more(self) -> bool:
        """Whether the file goes on here."""
        return bool(self._file.peek(1))

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none after the last line of the slice."""
        if self.lines < self._wanted:
            block = self._file.read(size)
        else:
            block = b"" if self._at_line_end else self._file.readline(size)
        if block:
            self.lines += block.count(b"\n")
            self._at_line_end = block.endswith(b"\n")
        return block


def holds_exactly(store: Store, files: Sequence[Path], *, directory: Path | None = None) -> bool:
    """Whether a store's dump and the canonical files are the same lines (flat memory)."""
    dumped = canonical.sorted_lines(store.lines(), directory=directory)
    expected = canonical.merged_lines(*(canonical.read_bytes_lines(path) for path in files))
    try:
        return all(one == two for one, two in zip(dumped, expected, strict=True))
    except ValueError:
        return False


def dataset_digest(files: Sequence[Path]) -> canonical.Digest:
    """The digest of the union of canonical files, as its sorted lines would have."""
    streams = (canonical.read_bytes_lines(path) for path in files)
    return canonical.digest_of(canonical.merged_lines(*streams))

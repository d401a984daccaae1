"""The command verify: the signed release, a reader's own copy of a source, a store."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from casegraph.cli.console import Console, problem_value
from casegraph.cli.exit_codes import OK, REFUSED
from casegraph.cli.options import json_option
from casegraph.errors import FixInput, Problem, Where
from casegraph.graph.store import EmbeddedStore, holds_exactly, store_directory
from casegraph.release.delta import DATASET
from casegraph.release.keys import load_public_key
from casegraph.release.manifest import MANIFEST, parse_manifest
from casegraph.release.own_copy import check_own_copy
from casegraph.release.semantics import SEMANTIC_CHECKS
from casegraph.release.texts import FOLDER, held_texts
from casegraph.release.verify import verify as verify_release

if TYPE_CHECKING:
    from casegraph.release.own_copy import OwnCopy


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.option("--key", "key_file", type=click.Path(path_type=Path, exists=True),
              help="The publisher's public key, from the publisher.")  # fmt: skip
@click.option("--source", "copy", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Your own copy of a source, to find the quotations in.")  # fmt: skip
@click.option("--store", "stores", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="A folder of stores (WORKSPACE/var/store): compare the store of this"
              " release, triple by triple.")  # fmt: skip
@json_option
def verify(
    release: Path,
    *,
    key_file: Path | None,
    copy: Path | None,
    stores: Path | None,
    console: Console,
) -> int:
    """Verify a release folder or zip without trusting where it came from."""
    if (copy or stores) and not release.is_dir():
        raise FixInput(
            "--source and --store need the folder of a release, not its zip",
            hint="Unpack the zip first.",
        )
    key = load_public_key(key_file) if key_file else None
    result = verify_release(release, public_key=key, semantic_checks=SEMANTIC_CHECKS)
    problems, checked = list(result.problems), list(result.checked)
    checked += _texts_sentence(release) if result.ok else []
    own = check_own_copy(release, copy) if copy and result.ok else None
    if own is not None:
        problems += own.problems
        checked.append(_own_copy_sentence(own, copy))
    if stores is not None and result.ok:
        problems += _store_problems(release, stores)
        checked.append("The store was compared with the canonical file.")
    ok = not any(problem.severity == "error" for problem in problems)
    console.problems(problems)
    verdict = "It is the release that was signed." if result.ok else "Do not use it."
    console.answer(
        {
            "ok": ok,
            "release": result.release_id,
            "key": result.key_name,
            "keyTrusted": result.key_trusted,
            "checked": checked,
            "problems": [problem_value(problem) for problem in problems],
        },
        "\n".join([*checked, f"Release {result.release_id}: {verdict}"]),
    )
    return OK if ok else REFUSED


def _texts_sentence(release: Path) -> list[str]:
    """What the checks of a good release said of its source texts, where it carries any."""
    if release.is_dir():
        count = len(held_texts(release))
    else:
        with zipfile.ZipFile(release) as archive:
            parts = [PurePosixPath(name).parts for name in archive.namelist()]
        count = sum(1 for part in parts if part[-2:-1] == (FOLDER,))
    if not count:
        return []
    texts = "The text of 1 source is" if count == 1 else f"The texts of {count} sources are"
    return [f"{texts} as captured, and every quotation stands at its place there."]


def _own_copy_sentence(own: OwnCopy, copy: Path | None) -> str:
    name = copy.name if copy else "the copy"
    same = " It is byte for byte the file that was captured." if own.same_file else ""
    total = own.found + len(own.problems)
    return f"{own.found} of {total} quotations of “{own.title}” stand in {name}.{same}"


def _store_problems(release: Path, stores: Path) -> list[Problem]:
    """A store that differs is only a cache that must be built again, but not to be served."""
    sha256 = parse_manifest((release / MANIFEST).read_bytes()).dataset_sha256
    store = EmbeddedStore(store_directory(stores, sha256))
    with tempfile.TemporaryDirectory(prefix="casegraph-verify-") as folder:
        plain = Path(folder) / "casegraph.nq"
        with gzip.open(release / DATASET, "rb") as packed, plain.open("wb") as file:
            shutil.copyfileobj(packed, file)
        if holds_exactly(store, [plain], directory=Path(folder)):
            return []
    return [
        Problem(
            "store-differs",
            "the store does not hold the triples of the release",
            Where(str(store_directory(stores, sha256))),
            "Delete that folder; it is built again from the release when it is served.",
        )
    ]

"""Build, preview and publish one release, in a process that the sweep can kill at any call.

Shapes and closure run in processes of their own, which the sweep leaves out: here they are
replaced by answers that are right for the tiny workspace (nothing to remark, nothing inferred).
Prints ``published ID`` once publication is acknowledged.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from casegraph.graph import canonical
from casegraph.reason.closure import Closure
from casegraph.release.assemble import Engines
from casegraph.release.build import build
from casegraph.release.keys import load_secret_key
from casegraph.release.preview import preview
from casegraph.release.publish import Decision, publish
from casegraph.validate.report import Report
from casegraph.workspace import open_workspace, read_workspace, release_inputs


def _conforms(*_: Any, **__: Any) -> Report:
    return Report(())


def _infers_nothing(asserted: Path, vocabulary: Path, out: Path, **_: Any) -> Closure:  # noqa: ARG001 - the seam's names
    return Closure(canonical.write_lines(out, ()), ())


def main(root: Path, key: Path, on: date) -> None:
    """Publish the release of a day."""
    engines = Engines(validate=_conforms, close=_infers_nothing)
    workspace = open_workspace(root)
    build(release_inputs(workspace, read_workspace(workspace)), on=on, engines=engines)
    preview(workspace.shelf)
    decision = Decision(by="sweep", because="test", on=on)
    secret = load_secret_key(key, passphrase=None)
    print("published", publish(workspace.shelf, key=secret, decision=decision), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))

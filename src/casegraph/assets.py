"""Where the ontology, the shapes and the demo workspaces lie.

An installed wheel carries them in ``casegraph/_data``; a checkout (which is what an
editable install points to) keeps them at its top.  Nothing else may build such a path:
``importlib.resources`` is right for the wheel only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from casegraph.errors import FixEnvironment

Kind = Literal["ontology", "shapes", "data"]

_PACKAGE = Path(__file__).resolve().parent


def root(kind: Kind) -> Path:
    """Give the directory of one kind of asset; read it, never write to it.

    Raises ``FixEnvironment`` if this installation lacks it.
    """
    packaged = _PACKAGE / "_data" / kind
    if packaged.is_dir():
        return packaged
    checkout = _PACKAGE.parent.parent
    # pyproject.toml is asked for, so that a stray `data` beside some other site-packages
    # is never taken for ours.
    if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir():
        return checkout / kind
    raise FixEnvironment(
        f"this installation of casegraph has no {kind} directory (looked for {packaged})",
        hint="Install casegraph again from its wheel: pip install --force-reinstall casegraph",
    )

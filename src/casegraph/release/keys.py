"""Signing keys on disk: made once, far from what they sign, and never overwritten."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.errors import Conflict, FixEnvironment, FixInput, NotAllowed, NotFound, Where
from casegraph.release.minisign import PublicKey, ScryptCost, SecretKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET_FILE: Final = "minisign.key"  # noqa: S105  a file name, not what is in it
PUBLIC_FILE: Final = "minisign.pub"

_WORKSPACE_MARK: Final = "casegraph.toml"
_GIT_MARK: Final = ".git"
_MAX_KEY_FILE: Final = 4096


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Where a new key stands, and its half that may be shown."""

    secret_file: Path
    public_file: Path
    public_key: PublicKey


def make_key(directory: Path, *, passphrase: str | None, cost: ScryptCost | None = None) -> KeyPair:
    """Make a signing key in ``directory``: ``minisign.key`` (mode 0600), ``minisign.pub``.

    Debian's minisign uses the same two files.  Raises NotAllowed inside a workspace or a
    git work tree, where a copy, a push or a web server could carry the key away;
    Conflict where a key stands there already; FixInput for an empty passphrase;
    FixEnvironment where the directory cannot be written to.
    """
    place = directory.absolute().resolve()
    _refuse_shared_places(place)
    if passphrase == "":
        raise FixInput("The passphrase is empty.", hint="Type one, or ask for a key without.")
    secret_file, public_file = place / SECRET_FILE, place / PUBLIC_FILE
    for file in (secret_file, public_file):
        if file.exists() or file.is_symlink():
            raise Conflict(
                f"A key stands here already: {file.name}.",
                where=Where(str(file)),
                hint="Choose another directory; what it signed can only be signed with it.",
            )
    key = SecretKey.generate()
    secret_text = key.to_text(passphrase=passphrase, cost=cost)
    _make_folder(place)
    durable.write_file(secret_file, secret_text.encode(), mode=0o600, overwrite=False)
    try:
        durable.write_file(public_file, key.public.to_text().encode(), overwrite=False)
    except BaseException:
        secret_file.unlink(missing_ok=True)
        raise
    return KeyPair(secret_file, public_file, key.public)


def load_secret_key(file: Path, *, passphrase: str | None) -> SecretKey:
    """Read a secret key file of ours or of minisign.

    Raises NotFound, NotAllowed where others on this machine may read the file, FixInput
    where it is no key or the passphrase is missing or wrong.
    """
    text = _read_small(file)
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise NotAllowed(
            "Other users of this machine may read the secret key.",
            where=Where(str(file)),
            hint=f"Run: chmod 600 {file}",
        )
    with _about(file):
        return SecretKey.from_text(text, passphrase=passphrase)


def load_public_key(file: Path) -> PublicKey:
    """Read a public key file.  Raises NotFound, or FixInput where it is none."""
    text = _read_small(file)
    with _about(file):
        return PublicKey.from_text(text)


def _refuse_shared_places(place: Path) -> None:
    for folder in (place, *place.parents):
        for mark, what in ((_WORKSPACE_MARK, "a workspace"), (_GIT_MARK, "a git work tree")):
            if (folder / mark).exists():
                raise NotAllowed(
                    f"A secret key may not stand inside {what} ({folder}).",
                    where=Where(str(place)),
                    hint="Choose a directory outside of it, best on a disk that you can unplug.",
                )


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FixEnvironment(
            f"The directory for the key cannot be made: {error.strerror}.",
            where=Where(str(place)),
            hint="Choose a place where you may write.",
        ) from error


def _read_small(file: Path) -> str:
    """Return the text of a key file, a few hundred bytes long."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MAX_KEY_FILE + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(
            "There is no key file here.",
            where=Where(str(file)),
            hint="Make a key with: casegraph key DIRECTORY",
        ) from error
    except OSError as error:
        raise FixEnvironment(
            f"The key file cannot be read: {error.strerror}.", where=Where(str(file))
        ) from error
    return raw.decode("ascii", "replace") if len(raw) <= _MAX_KEY_FILE else ""


@contextmanager
def _about(file: Path) -> Iterator[None]:
    """Let an error of what reads a key say which file it is about."""
    try:
        yield
    except FixInput as error:
        raise FixInput(error.message, where=Where(str(file)), hint=error.hint) from error

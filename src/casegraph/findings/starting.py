"""A new workspace that is safe by default: nothing public, nothing committed by accident."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from casegraph import durable, settings
from casegraph.errors import Conflict, FixEnvironment, FixInput, Where
from casegraph.findings.form import KEY
from casegraph.findings.json_schema import schemas
from casegraph.findings.tree import find_forbidden_character, shown

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 16
_SALT_BYTES: Final = 32
FOLDERS: Final = ("sources", "findings", "queries", "texts", "private", "schema")
_PRIVATE_FOLDERS: Final = ("texts", "private")

GITIGNORE: Final = """\
# What must not leave this machine by way of a repository.
# People stand in people.yaml; take the line out only if every one of them may be known.
/people.yaml
/salt
/private/
/texts/
*.key
# What is made from the rest.
/releases/
/var/
"""

README: Final = """\
# {title}

A casegraph workspace.  Nothing in it is public until `casegraph publish` says so.

| file | what stands in it |
|---|---|
| `people.yaml` | people, and nowhere else: findings point to them by key |
| `agents.yaml` | who publishes, counts, holds and rules |
| `populations.yaml` | what numbers count |
| `cases.yaml` | proceedings |
| `sources/*.yaml` | reports, articles, pages |
| `findings/*.yaml` | what the sources say, one entry a passage |
| `revisions.yaml` | why something that was published changed |
| `salt` | 32 random bytes that every address of a finding is made with |
| `texts/` | texts that may not be shown; `casegraph source attach` puts them there |
| `private/` | decisions and previews; never part of a release |
| `schema/` | lets editors complete and check the files (`# yaml-language-server` lines) |

## Keep it safe

- **An encrypted disk.**  This folder belongs on one: LUKS (Linux), FileVault (macOS), BitLocker
  (Windows), or a VeraCrypt container.  A folder that a cloud service copies is not a safe place
  for records that are restricted; `casegraph check` warns of it.
- **A backup of `salt` and of the signing key, apart from this machine.**  Without the salt every
  finding would get another address; without the key nobody can tell that a release is yours.
  Copy both to two encrypted sticks and try once whether you can read them.
- **No public repository with `people.yaml` or `texts/` in it.**  `.gitignore` leaves both out.
- **The signing key lies elsewhere**: `casegraph key FOLDER` refuses to make it in here.

## A day's work

1. `casegraph source attach SOURCE FILE`: take in the text of a source.
2. `casegraph new SOURCE "the exact words" --add findings/{name}.yaml`: an entry to fill in.
3. `casegraph check -v`: what is wrong, and what each entry means.
4. `casegraph build`, `casegraph preview`, `casegraph publish`.
"""

_TOML: Final = """\
[workspace]
name = {name}
title = {title}
# Every address of the data begins so.  It cannot change once something is published.
base_iri = {base_iri}
# The key of your organisation in agents.yaml.
organisation = {organisation}
languages = ["en"]
licence = "https://creativecommons.org/licenses/by/4.0/"

[settings]
"""

_HEAD: Final = "# yaml-language-server: $schema={schema}\n"
_RECORDS: Final = {
    "people.yaml": ("people", "People stand here and nowhere else; who is not public stays here."),
    "populations.yaml": ("populations", "What the numbers count.  A key a/b lies within a."),
    "cases.yaml": ("cases", "Proceedings, with their parties."),
    "revisions.yaml": ("revisions", "`casegraph revise` writes here."),
}


def mint_id() -> str:
    """A new identifier: 80 random bits in Crockford's base 32, never made from a name."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_ID_LENGTH))


def start_workspace(
    root: Path, *, title: str, base_iri: str, organisation: str, label: str, today: date
) -> list[str]:
    """Make a workspace in ``root``, which must be empty or missing; the files, in order.

    ``organisation`` is the key of the organisation and ``label`` its name.  Raises
    ``Conflict`` if something lies there, ``FixInput`` for a key or an address that is none
    or a text with a control character, ``FixEnvironment`` where it cannot be written.
    """
    _refuse_bad_words(title, base_iri, organisation, label)
    if (root / "casegraph.toml").exists():
        raise Conflict(
            f"{root} is a workspace already",
            hint="Work in it as it is. Its salt cannot be made again: keep it and back it up.",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Conflict(f"{root} is not empty", hint="Choose another folder, or empty this one.")
    _make_folders(root)
    files = _texts(
        root.resolve().name, title=title, base_iri=base_iri, organisation=organisation,
        label=label, today=today,
    )  # fmt: skip
    for name, text in files.items():
        durable.write_file(root / name, text.encode(), mode=_mode(name), overwrite=False)
    return list(files)


def schema_line(listed: str, *, depth: int) -> str:
    """The line by which an editor finds the schema of a file ``depth`` folders down."""
    return _HEAD.format(schema=f"{'../' * depth or './'}schema/{listed}.schema.json")


def restricted_head(organisation: str, today: date) -> str:
    """The lines above a list of records that stay private until somebody decides otherwise."""
    return (
        f"recorded: {today}\n"
        f"disclosure: {{level: restricted, by: {organisation}, on: {today}, basis: none}}"
        "  # until somebody decides otherwise\n"
    )


def _refuse_bad_words(title: str, base_iri: str, organisation: str, label: str) -> None:
    if not KEY.match(organisation):
        raise FixInput(
            f"{shown(organisation)} is not a key",
            hint="A key is letters, digits, - and . without spaces, such as our-centre.",
        )
    settings.read(environment={}, flags={"base_iri": base_iri})
    for text in (title, base_iri, label):
        if find_forbidden_character(text) is not None or not text.strip():
            raise FixInput(f"{shown(text)} is empty or holds a control character")


def _make_folders(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in FOLDERS:
            (root / name).mkdir(mode=0o700 if name in _PRIVATE_FOLDERS else 0o755)
    except OSError as error:
        raise FixEnvironment(
            f"the folder cannot be made: {error.strerror}",
            where=Where(str(root)),
            hint="Choose a place where you may write.",
        ) from error


def _mode(name: str) -> int:
    return 0o600 if name in {"salt", "people.yaml"} else 0o644


def _texts(
    name: str, *, title: str, base_iri: str, organisation: str, label: str, today: date
) -> dict[str, str]:
    decided = (
        f"recorded: {today}\n"
        f"disclosure: {{level: public, by: {organisation}, on: {today}, basis: given}}\n"
    )
    agents = (
        f"{schema_line('agents', depth=0)}# Who publishes, counts, holds and rules.  Institutions"
        f" only: people stand in people.yaml.\n{decided}agents:\n"
        f"- key: {organisation}\n  id: {mint_id()}\n  kind: institution\n  label: {quoted(label)}\n"
    )
    records = {
        file: f"{schema_line(listed, depth=0)}# {words}\n"
        f"{'' if listed == 'revisions' else restricted_head(organisation, today)}{listed}:\n"
        for file, (listed, words) in _RECORDS.items()
    }
    toml = _TOML.format(
        name=quoted(name),
        title=quoted(title),
        base_iri=quoted(base_iri),
        organisation=quoted(organisation),
    )
    return {
        ".gitignore": GITIGNORE,
        "README.md": README.format(title=title, name="report"),
        "salt": secrets.token_hex(_SALT_BYTES) + "\n",
        **{f"schema/{file}": text for file, text in schemas().items()},
        "agents.yaml": agents,
        **records,
        "casegraph.toml": toml,
    }


def quoted(text: str) -> str:
    """A text between double quotes, as YAML and TOML both read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'

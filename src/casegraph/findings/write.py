"""New entries as text, and text added to the end of a file so that it is read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from casegraph import durable
from casegraph.errors import Conflict, FixInput, Where
from casegraph.findings.dates_in_words import without_dates
from casegraph.findings.file_text import read_text
from casegraph.findings.form import KEY
from casegraph.findings.marks import not_found
from casegraph.findings.starting import mint_id, quoted, schema_line
from casegraph.findings.tree import Mapping, Scalar, Sequence, shown
from casegraph.findings.yaml_tree import parse_yaml
from casegraph.model import phrases
from casegraph.model.terms import Hedge
from casegraph.sources.text import CONTEXT, Missing, Place, find

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import date
    from pathlib import Path


_LISTS = {"person": "people", "population": "populations", "case": "cases", "source": "sources"}
_FILES = {"sources": "sources/sources.yaml"}


def new_entry(source: str, text: str, words: str, *, taken: Iterable[str]) -> str:
    """A statement about ``words`` of a source as YAML, filled in as far as they tell.

    ``taken`` are the keys in use.  Where the words stand several times, ``near`` singles the
    first place out.  Raises ``FixInput`` where they do not stand in the text.
    """
    exact, near = _located(source, text, words)
    lines = [f"- key: {_new_key(source, set(taken))}", f"  quote: {quoted(exact)}"]
    if near:
        lines.append(f"  near: {quoted(near)}")
    number = _number(exact)
    if number is None:
        lines += [
            "  conduct: TYPE          # or state, trend, absence, characterisation, attestation …",
            "  against: [KEY]",
        ]
    else:
        lines += [f"  count: {number}", "  of: POPULATION"]
    lines += ["  time: none             # or on, during, since, until, total-until, now"]
    return "\n".join(lines) + "\n"


RECORD_KINDS = (
    "person", "institution", "facility", "court", "body", "group", "unidentified",
    "publication", "population", "case", "source",
)  # fmt: skip
"""What ``new_record`` makes; a person stands in people.yaml, an institution in agents.yaml …"""

_PERSONAL = frozenset({"group", "unidentified"})

_TO_FILL_IN = """\
  publisher:             # the key of an agent
  language:              # a code, such as en or uk
  uttered:               # when it spoke: 2022, 2022-01 or 2022-01-12; take the line out if unknown
  url:                   # its address; take the line out if it has none
  holding: quotations    # or full: it may be shown whole; cited: you do not hold its text
  rights:                # whose it is, under which licence
"""


def new_record(
    kind: str, key: str, label: str, *, taken: Container[str], by: str, on: date
) -> tuple[str, str, str]:
    """A person, agent, population, case or source with its random id: file, list in it, and YAML.

    Of a source, what a name does not tell is left empty; the reader asks for it.  Groups and
    unidentified agents are restricted until somebody (``by``, ``on``) decides otherwise.

    Raises ``FixInput`` for a key that is none, ``Conflict`` for one that is in use.
    """
    if not KEY.match(key):
        raise FixInput(
            f"{shown(key)} is not a key",
            hint="A key is letters, digits, - and . without spaces, such as city-court.",
        )
    if key in taken:
        raise Conflict(f"the key {shown(key)} is in use", hint="Choose another one.")
    listed = _LISTS.get(kind, "agents")
    kind_line = {"agents": f"  kind: {kind}\n", "cases": "  kind: criminal\n"}.get(listed, "")
    entry = f"- key: {key}\n  id: {mint_id()}\n{kind_line}  label: {quoted(label)}\n"
    if kind in _PERSONAL:
        # agents.yaml is public as a rule; who stands behind these may have to be protected.
        entry += f"  disclosure: {{level: restricted, by: {by}, on: {on}, basis: none}}\n"
    if listed == "sources":
        entry = f"- key: {key}\n  id: {mint_id()}\n  title: {quoted(label)}\n{_TO_FILL_IN}"
    return _FILES.get(listed, f"{listed}.yaml"), listed, entry


def revision_entry(
    *, kind: str, finding: str, because: str, by: str, on: date, replacement: str | None
) -> str:
    """A revision as YAML, with its random id."""
    more = f"  replacement: {replacement}\n" if replacement else ""
    return (
        f"- id: {mint_id()}\n  kind: {kind}\n  finding: {finding}\n"
        f"  because: {quoted(because)}\n  by: {by}\n  on: {on}\n{more}"
    )


def add_statement(path: Path, entry: str, *, source: str, head: str, depth: int) -> int:
    """Add a new statement about a source to a findings file; its first line in the file.

    ``head`` (day of entry, disclosure) begins a file that does not exist yet.  A file of
    another source gets the source with the entry.  Raises what ``add_entry`` raises.
    """
    if path.exists():
        node, _ = parse_yaml(read_text(path, path.name), path.name)
        named = node.get("source") if node else None
        if not isinstance(named, Scalar) or named.text != source:
            first, _, rest = entry.partition("\n")
            entry = f"{first}\n  source: {source}\n{rest}"
    return add_entry(path, "statements", entry, head=f"source: {source}\n{head}", depth=depth)


def add_entry(path: Path, listed: str, entry: str, *, head: str = "", depth: int = 0) -> int:
    """Add an entry to the list that ends a YAML file, durably; its first line in the file.

    A missing file is begun with ``head``.  Raises ``FixInput`` where the file cannot be read
    or does not end with that list; it is then as it was.
    """
    name = path.name
    if path.exists():
        text = read_text(path, name)
    else:
        text = f"{schema_line(listed, depth=depth)}{head}{listed}:\n"
    text = text if text.endswith("\n") or not text else text + "\n"
    before = _entries(text, name, listed)
    indent = _indent(text, listed)
    added = text + "".join(f"{indent}{line}\n" for line in entry.splitlines())
    if _entries(added, name, listed) != before + 1:
        raise FixInput(
            f"the file does not end with its list `{listed}`",
            where=Where(name),
            hint="Add the entry by hand:\n" + entry,
        )
    durable.write_file(
        path, added.encode(), mode=path.stat().st_mode & 0o777 if path.exists() else 0o644
    )
    return text.count("\n") + 1


def _entries(text: str, name: str, listed: str) -> int:
    node, problems = parse_yaml(text, name)
    if problems or node is None:
        first = problems[0] if problems else None
        raise FixInput(
            first.message if first else "the file cannot be read",
            where=first.where if first else Where(name),
            hint=first.hint if first else None,
        )
    items = node.get(listed)
    if isinstance(items, Sequence):
        return sum(1 for item in items.items if isinstance(item, Mapping))
    return 0


def _indent(text: str, listed: str) -> str:
    """How far the entries of the list stand in."""
    match = re.search(
        rf"^{re.escape(listed)}:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*( *)- ", text, re.MULTILINE
    )
    return match[1] if match else ""


def _located(source: str, text: str, words: str) -> tuple[str, str | None]:
    found = find(text, words)
    if isinstance(found, Place):
        return found.exact, None
    if found.reason != "quote-ambiguous":
        message, hint = not_found(
            text, words, source, excerpt=found.excerpt, hint="Copy the words from the source."
        )
        raise FixInput(message, hint=hint)
    return words, _near(text, words)


def _near(text: str, words: str) -> str | None:
    """The shortest whole words around the first place that stand nowhere else."""
    start = text.find(words)
    if start < 0:
        return None
    end = start + len(words)
    for width in range(1, 8 * CONTEXT):
        left, right = max(0, start - width), min(len(text), end + width)
        for near in (text[left:end], text[start:right], text[left:right]):
            candidate = near.strip()
            if "\n" in candidate or not _is_whole(text, candidate):
                continue
            if not isinstance(find(text, words, near=candidate), Missing):
                return candidate
    return None


def _is_whole(text: str, words: str) -> bool:
    """Whether the words begin and end where words of the text do."""
    at = text.find(words)
    before, after = text[at - 1 : at], text[at + len(words) : at + len(words) + 1]
    return not (before[-1:].isalnum() or after[:1].isalnum())


def _number(words: str) -> str | None:
    """The first number that is no part of a date, and where its comparator comes from."""
    found = phrases.first_number(without_dates(words))
    if found is None:
        return None
    number, (start, _) = found
    hedge = phrases.hedge_before(words, start)
    comment = f"{hedge[0].value}, as the quotation says" if hedge else Hedge.EXACT.value
    return f"{number}             # {comment}"


def _new_key(source: str, taken: set[str]) -> str:
    number = 1
    while f"{source}-{number}" in taken:
        number += 1
    return f"{source}-{number}"

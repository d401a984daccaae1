"""Statements as JSON Lines or as a table, so that the reader gets back what was written.

One record a statement: its own fields and those that stood at the top of its file.  In a
table a column is a field; inner names are joined with a point; readings, and sentences under
names, are JSON.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from casegraph.findings.csv_tree import guarded
from casegraph.findings.fields import STATEMENT
from casegraph.findings.tree import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casegraph.findings.passages import Passage


def to_json_lines(passages: Iterable[Passage]) -> str:
    """One JSON object a line; every value is text, as it was written."""
    return "".join(
        json.dumps(_value(record), ensure_ascii=False) + "\n" for record in _records(passages)
    )


def to_csv(passages: Iterable[Passage]) -> str:
    """A table with a header (RFC 4180), for spreadsheet programs: begins with a byte order mark.

    A cell that would be taken for a formula gets an apostrophe, which the reader removes.
    """
    rows = [dict(_cells(record)) for record in _records(passages)]
    used = dict.fromkeys(name for row in rows for name in row)
    order = list(STATEMENT)
    columns = sorted(used, key=lambda name: order.index(name.partition(".")[0]))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row.get(name, "")) for name in columns])
    return "\ufeff" + table.getvalue()


def _records(passages: Iterable[Passage]) -> Iterator[Mapping]:
    for passage in passages:
        key = Scalar(passage.key, passage.node.where)
        named = Mapping(((Scalar("key", key.where), key),), passage.node.where)
        head = passage.header.node or Mapping((), passage.node.where)
        yield named.overlaid(head.overlaid(passage.node), without=["key"]).overlaid(named)


def _value(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    return {name.text: _value(value) for name, value in node.items}


def _cells(record: Mapping) -> Iterator[tuple[str, str]]:
    for name, node in record.items:
        shape = STATEMENT[name.text].shape
        if shape in {"readings", "sentences"}:
            yield name.text, json.dumps(_value(node), ensure_ascii=False)
        elif isinstance(node, Mapping):
            for inner, value in node.items:
                yield f"{name.text}.{inner.text}", _cell(value, names=shape == "names")
        else:
            yield name.text, _cell(node, names=False)


def _cell(node: Node, *, names: bool) -> str:
    if isinstance(node, Scalar) and not names:
        return node.text
    items = node.items if isinstance(node, Sequence) else (node,)
    words = [item.text for item in items if isinstance(item, Scalar)]
    if not names:
        return ", ".join(words)
    plain = all("|" not in word and not word.startswith("[") for word in words)
    return " | ".join(words) if plain else json.dumps(words, ensure_ascii=False)

"""The sentences of a passage that gives several findings: one for each type or reading.

Two findings never bear the same sentence, or nobody could tell them apart in a list.
"""

from __future__ import annotations

from dataclasses import replace
from string import ascii_lowercase
from typing import TYPE_CHECKING

from casegraph.findings.form import Form
from casegraph.findings.tree import Mapping, shown

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from casegraph.model.values import Finding, Text

_FIELD = "statement-for"


def read_sentences(
    form: Form, types: tuple[str, ...], *, readings: int
) -> dict[str, tuple[Text, ...]]:
    """The sentences of ``statement-for`` by type, or by the letter of one of ``readings``."""
    node = form.node.get(_FIELD)
    if node is None:
        return {}
    if not isinstance(node, Mapping) or not node.items:
        form.wrong(
            "wrong-shape",
            f"`{_FIELD}` does not give sentences under names",
            node.where,
            form.table[_FIELD].doc,
        )
        return {}
    known = (*types, *ascii_lowercase[:readings])
    for name in node.names():
        if name not in known:
            form.wrong(
                "unknown-name",
                f"`{_FIELD}` has {shown(name)}, which is no type of a list and no reading here",
                node.where,
                f"Known here: {', '.join(known)}."
                if known
                else "Write `statement`: there is only one finding.",
            )
    names = tuple(node.names())
    inner = Form(node, dict.fromkeys(names, form.table[_FIELD]), form.problems)
    return {name: inner.texts(name) for name in names}


def sentence_of(
    finding: Finding, name: str, sentences: Table[str, tuple[Text, ...]]
) -> tuple[Text, ...]:
    """The sentence of one of several; one that was written for all has the name at its end."""
    which = f"reading {name}" if len(name) == 1 else name.replace("-", " ")
    shared = tuple(replace(text, value=f"{text.value} ({which})") for text in finding.statements)
    return sentences.get(name) or shared

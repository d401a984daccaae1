"""One mapping read against its table of fields, every problem collected, none raised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar, cast

from casegraph.errors import Problem, Where
from casegraph.findings.fields import DISCLOSURE, Field, codes
from casegraph.findings.tree import TYPE_NAMES, Mapping, Node, Scalar, Sequence, nearest, shown
from casegraph.model import edtf
from casegraph.model.terms import ConsentBasis, DisclosureLevel
from casegraph.model.values import Disclosure, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as Table
    from datetime import date
    from enum import StrEnum

_Code = TypeVar("_Code", bound="StrEnum")
_Parsed = TypeVar("_Parsed")
KEY = re.compile(r"[^\W_][\w.-]{0,99}(/[^\W_][\w.-]{0,99})*\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class Form:
    """Reads the fields of one mapping; problems go to the list it was given."""

    def __init__(self, node: Mapping, table: Table[str, Field], problems: list[Problem]) -> None:
        self.node = node
        self._nodes = {key.text: value for key, value in node.items}
        self.where = node.where
        self.table = table
        self.problems = problems
        self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        for key, _ in self.node.items:
            if key.text not in self.table:
                near = nearest(key.text, self.table)
                hint = (
                    f"Did you mean `{near}`?"
                    if near
                    else ("Known here: " + ", ".join(self.table) + ".")
                )
                self.wrong(
                    "unknown-field", f"{shown(key.text)} is not a field here", key.where, hint
                )
        for field in self.table.values():
            if field.required and self._nodes.get(field.name) is None:
                self.wrong(
                    "missing-field",
                    f"`{field.name}` is missing",
                    self.where,
                    f"Add a line `{field.name}: …`: {field.doc}",
                )

    def wrong(
        self, code: str, message: str, where: Where | None = None, hint: str | None = None
    ) -> None:
        """Add one error."""
        self.problems.append(Problem(code, message, where or self.where, hint))

    def place(self, name: str) -> Where:
        """Where a field stands, or else the mapping."""
        node = self._nodes.get(name)
        return node.where if node else self.where

    def text(self, name: str) -> str | None:
        """Words, or ``None`` where the field is absent."""
        node = self._nodes.get(name)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._wrong_shape(name, node, "words")
            return None
        if not node.text.strip():
            self.wrong(
                "empty-field",
                f"`{name}` is empty",
                node.where,
                "Give it a value, or delete the line.",
            )
            return None
        return node.text

    def key(self, name: str) -> str | None:
        """The key of something."""
        text = self.text(name)
        if text is not None and not KEY.match(text):
            self.wrong(
                "bad-key",
                f"`{name}` is {shown(text)}, which is not a key",
                self.place(name),
                "A key is letters, digits, - and . without spaces, such as last-year.",
            )
            return None
        return text

    def words(self, name: str) -> tuple[str, ...]:
        """One or more words: a scalar with commas, or a list."""
        node = self._nodes.get(name)
        if node is None:
            return ()
        if isinstance(node, Scalar):
            parts = [part.strip() for part in node.text.split(",")]
            if not all(parts):
                self.wrong(
                    "empty-field",
                    f"`{name}` has an empty part",
                    node.where,
                    "Delete the comma that is too many.",
                )
            return tuple(part for part in parts if part)
        if isinstance(node, Sequence):
            words = [item.text.strip() for item in node.items if isinstance(item, Scalar)]
            if len(words) == len(node.items) and all(words):
                return tuple(words)
        self._wrong_shape(name, node, "a word or a list of words")
        return ()

    def keys(self, name: str) -> tuple[str, ...]:
        """One or more keys."""
        found = self.words(name)
        for key in found:
            if not KEY.match(key):
                self.wrong(
                    "bad-key",
                    f"{shown(key)} in `{name}` is not a key",
                    self.place(name),
                    "A key is letters, digits, - and . without spaces.",
                )
        return tuple(key for key in found if KEY.match(key))

    def code(self, name: str, enum: type[_Code]) -> _Code | None:
        """One code of a closed list."""
        text = self.text(name)
        return None if text is None else self._code(name, text, enum)

    def codes(self, name: str, enum: type[_Code]) -> tuple[_Code, ...]:
        """One or more codes of a closed list."""
        found = (self._code(name, word, enum) for word in self.words(name))
        return tuple(code for code in found if code is not None)

    def _code(self, name: str, word: str, enum: type[_Code]) -> _Code | None:
        known = codes(enum)
        if word in known:
            return cast("_Code", known[word])
        near = nearest(word, known)
        hint = f"Did you mean `{near}`? " if near else ""
        self.wrong(
            "unknown-code",
            f"{shown(word)} is not a {name} that is known",
            self.place(name),
            f"{hint}Known: {', '.join(known)}.",
        )
        return None

    def day(self, name: str) -> date | None:
        """One day."""
        hint = "Write a day that exists as year-month-day."
        return self._date(name, edtf.parse_day, hint)

    def days(self, name: str) -> edtf.Days | None:
        """The days that one date (a day, a month, a year) may mean."""
        return self._date(name, edtf.parse_date, "Write 2024, 2024-12 or 2024-12-31.")

    def period(self, name: str) -> edtf.Period | None:
        """A date or an interval of dates."""
        hint = "Write 2024, 2024-12, 2024-12-31 or 2020/2024-12."
        return self._date(name, edtf.parse, hint)

    def _date(self, name: str, parse: Callable[[str], _Parsed], hint: str) -> _Parsed | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse(text)
        except edtf.BadDateError as error:
            self.wrong("bad-date", f"`{name}`: {error}", self.place(name), hint)
            return None

    def texts(self, name: str, *, default_language: str = "en") -> tuple[Text, ...]:
        """Words by language; a bare value is in the default language."""
        node = self._nodes.get(name)
        if node is None:
            return ()
        if isinstance(node, Scalar):
            text = self.text(name)
            return () if text is None else (Text(text, default_language),)
        return tuple(self._texts(name, node, one=True))

    def names(self, name: str) -> tuple[Text, ...]:
        """Several name forms by language."""
        node = self._nodes.get(name)
        return () if node is None else tuple(self._texts(name, node, one=False))

    def _texts(self, name: str, node: Node, *, one: bool) -> Iterable[Text]:
        """Words by language tag, one or several for each."""
        wanted = "words by language, such as {en: …}"
        if not isinstance(node, Mapping) or not node.items:
            self._wrong_shape(name, node, wanted)
            return
        for key, value in node.items:
            language = key.text.lower()
            if not LANGUAGE.match(language):
                self.wrong(
                    "bad-language",
                    f"{shown(key.text)} in `{name}` is not a language tag",
                    key.where,
                    "Write en, be, ru, be-tarask, be-latn and the like.",
                )
                continue
            items = value.items if isinstance(value, Sequence) and not one else (value,)
            for item in items:
                if isinstance(item, Scalar) and item.text.strip():
                    yield Text(item.text.strip(), language)
                else:
                    self._wrong_shape(name, item, wanted)

    def disclosure(self, name: str = "disclosure") -> Disclosure | None:
        """A disclosure decision; absent or incomplete is ``None``."""
        node = self._nodes.get(name)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self._wrong_shape(name, node, "level, by, on and basis")
            return None
        form = Form(node, DISCLOSURE, self.problems)
        level = form.code("level", DisclosureLevel)
        by, on = form.text("by"), form.day("on")
        basis = form.code("basis", ConsentBasis)
        until = form.day("until")
        if level is DisclosureLevel.SEALED_UNTIL and node.get("until") is None:
            form.wrong(
                "missing-field",
                "`until` is missing: sealed until when?",
                node.where,
                "Add the first public day, such as until: 2030-01-01.",
            )
            return None
        if level is DisclosureLevel.SEALED_UNTIL and until is None:
            return None
        if level is None or by is None or on is None or basis is None:
            return None
        return Disclosure(
            level=level, by=by, on=on, basis=basis, until=until, second=form.text("second")
        )

    def mappings(self, name: str) -> tuple[Mapping, ...]:
        """The mappings of a list."""
        node = self._nodes.get(name)
        if node is None:
            return ()
        if isinstance(node, Scalar) and not node.text:
            return ()  # a name with nothing below it yet
        if not isinstance(node, Sequence):
            self._wrong_shape(name, node, "a list")
            return ()
        found = []
        for item in node.items:
            if isinstance(item, Mapping):
                found.append(item)
            else:
                self.wrong(
                    "wrong-shape",
                    f"an entry of `{name}` is not a mapping",
                    item.where,
                    "Write each entry as names and values: - {key: …, …}.",
                )
        return tuple(found)

    def _wrong_shape(self, name: str, node: Node, wanted: str) -> bool:
        self.wrong(
            "wrong-shape",
            f"`{name}` is {TYPE_NAMES[type(node)]}, not {wanted}",
            node.where,
            self.table[name].doc if name in self.table else None,
        )
        return False


def read_flag(form: Form, name: str) -> bool:
    """``yes`` or ``no``; absent is no."""
    text = form.text(name)
    if text is None:
        return False
    if text not in _YES_NO:
        form.wrong(
            "not-yes-or-no", f"`{name}` is {shown(text)}", form.place(name), "Write yes or no."
        )
    return _YES_NO.get(text, False)

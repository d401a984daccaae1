"""One way of reading a query: brackets, counters and what may come next.

The guard follows several readings at once where ``<`` can open an IRI or mean
"less than"; a reading that no parser could complete dies (``Unreadable``), one
that passes a limit refuses the whole query.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from casegraph.errors import InvalidQuery, NotAllowed
from casegraph.query.lexer import BLANK, position, utf8_size

if TYPE_CHECKING:
    from casegraph.query.limits import GuardLimits

FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_PROLOGUE: Final = frozenset({"PREFIX", "BASE", "VERSION"})
_UPDATES: Final = (
    *("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE"),
    *("ADD", "MOVE", "COPY", "WITH"),
)
_UNSTABLE: Final = (*("NOW", "RAND", "STRUUID", "UUID", "BNODE", "SAMPLE", "GROUP_CONCAT"),)
_CLOSES: Final = {"{": "}", "[": "]", "V": "}"}
_PARENS: Final = frozenset("ecpr")
_TERM_WORDS: Final = frozenset({"TRUE", "FALSE", "UNDEF", "A"})
_PATTERN_TERMS: Final = 3


class Unreadable(Exception):
    """This reading cannot be completed by any parser."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(slots=True)
class Frame:
    """An open bracket.

    ``kind`` is ``T`` (outside all brackets), ``{`` group, ``[`` property list,
    ``V`` VALUES data, ``r`` its rows, ``e`` expression, ``c`` collection and
    ``p`` path.  ``owner`` is the place in the stack of the group whose
    patterns are counted.
    """

    kind: str
    offset: int
    owner: int
    patterns: int = 0
    terms: int = 0
    operands: int = 0
    call: bool = False
    ordered: bool = False
    sliced: bool = False
    template: bool = False


@dataclass(slots=True)
class Reading:
    """State after the text before ``offset``; ``operand`` tells whether a term just ended."""

    text: str
    limits: GuardLimits
    offset: int = 0
    frames: list[Frame] = field(default_factory=lambda: [Frame("T", 0, 0)])
    operand: bool = False
    word: str = ""
    word_just_now: bool = False
    values: str = ""
    form: str = ""
    form_offset: int = 0
    tokens: int = 0
    rows: int = 0
    run: int = 0
    values_bytes: int = 0
    prefix: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    defaults: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    unstable: str = ""
    sliced: bool = False

    # -- worklist -----------------------------------------------------------------

    def branch(self) -> Reading:
        """Copy to be read differently from here on."""
        twin = copy(self)
        twin.frames = [copy(frame) for frame in self.frames]
        twin.prefixes = dict(self.prefixes)
        return twin

    def key(self) -> tuple[object, ...]:
        """Two readings with equal keys have the same continuations."""
        kinds = "".join(frame.kind for frame in self.frames)
        return (self.offset, kinds, self.operand, self.word, self.word_just_now, self.values)

    def absorb(self, other: Reading) -> None:
        """Keep the greater of every counter, so that no continuation is under-counted."""
        for name in ("tokens", "rows", "run"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.values_bytes = min(self.values_bytes, other.values_bytes)
        self.unstable = self.unstable or other.unstable
        self.sliced = self.sliced or other.sliced
        for mine, theirs in zip(self.frames, other.frames, strict=True):
            mine.patterns = max(mine.patterns, theirs.patterns)
            mine.operands = max(mine.operands, theirs.operands)
            mine.terms = max(mine.terms, theirs.terms)
            mine.sliced = mine.sliced or theirs.sliced
            mine.ordered = mine.ordered and theirs.ordered

    # -- refusing -----------------------------------------------------------------

    def over(self, what: str, limit: int, hint: str) -> InvalidQuery:
        """Make the refusal of a query that passes one of the limits."""
        line, column = position(self.text, self.offset)
        msg = f"The query has more than {limit:,} {what} (line {line}, column {column})."
        return InvalidQuery(msg, line=line, column=column, hint=hint)

    def forbidden(self, what: str, hint: str) -> NotAllowed:
        """Make the refusal of what this service never does."""
        line, column = position(self.text, self.offset)
        msg = f"{what} is not allowed here (line {line}, column {column})."
        return NotAllowed(msg, hint=hint)

    # -- tokens -------------------------------------------------------------------

    def count(self) -> None:
        """Count one token, unless it is VALUES data."""
        if self.frames[-1].kind not in "Vr":
            self.tokens += 1
            if self.tokens > self.limits.max_tokens:
                raise self.over(
                    "tokens outside VALUES data",
                    self.limits.max_tokens,
                    "Split the query, or move lists into VALUES.",
                )

    def after(self, *, operand: bool, word: bool = False) -> None:
        """Set what the next token may rely on."""
        self.operand = operand
        self.word_just_now = word
        self.run = 0

    def term(self, text: str) -> None:
        """Read a variable, IRI, literal, blank node or prefixed name."""
        frame = self.frames[-1]
        if frame.kind == "T":
            self._prologue_term(text)
        elif frame.kind == "V":
            self._row()
        elif frame.kind in "{[":
            self._pattern_term(frame)
        elif frame.kind in "cp":
            self._patterns(2 if frame.kind == "c" else 1)
        if self.values == "vars" and text[0] in "?$":
            self.values = "data"
        if text[0] == "_" and self.frames[-1].template:
            self.unstable = self.unstable or "blank nodes in a CONSTRUCT template"
        self.after(operand=True)

    def name(self, text: str) -> None:
        """Read a prefixed name; the engine may see a keyword before its colon."""
        prefix = text.split(":", 1)[0]
        if "service" in prefix.lower() and self.frames[-1].kind == "{" and not self._graph_name():
            blank = BLANK.match(self.text, self.offset + len(text))
            end = blank.end() if blank else len(self.text)
            if self.text[end : end + 1] == "{":
                raise self.forbidden(
                    f"SERVICE (in {text!r})",
                    "Query the other endpoint itself; or rename the prefix, or write a dot "
                    "between it and the brace.",
                )
        if self.frames[-1].kind == "T" and self.word == "PREFIX" and text.endswith(":"):
            self.prefix = text
        self.term(text)

    def keyword(self, text: str) -> None:
        """Read a bare word: keyword, function name, boolean, ``a``."""
        word = text.upper()
        frame = self.frames[-1]
        if frame.kind in "Vr":
            self._data_word(word, text)
            return
        if "SERVICE" in word and frame.kind == "{":
            raise self.forbidden("SERVICE", "Query the other endpoint itself.")
        if frame.kind == "T" and not self.form:
            self._first_word(word, text)
        self._modifiers(frame, word)
        if word in _TERM_WORDS:
            self.term(text)
            return
        if frame.kind == "{":
            frame.terms = 0
            frame.call = word.endswith("FILTER")
        if word == "VALUES" and frame.kind in "{T":
            self.values = "vars"
        self.word = word
        self.after(operand=True, word=True)

    def operator(self, text: str) -> None:
        """Read one operator or path sign."""
        frame = self.frames[-1]
        if frame.kind in "Vr":
            if text not in "+-":
                raise Unreadable(f"{text!r} cannot stand in VALUES data", self.offset)
        elif frame.kind == "{" and text == "/":
            self._patterns(1)
        elif self.operand and not (frame.kind == "p" and text in "/|"):
            self._operands(frame)
        run = self.run + 1
        if run > self.limits.max_prefix_run:
            raise self.over(
                "operators in a row", self.limits.max_prefix_run, "Remove those that cancel."
            )
        self.after(operand=False)
        self.run = run

    def separator(self, text: str) -> None:
        """Read a dot, semicolon or comma."""
        frame = self.frames[-1]
        bad = frame.kind in "TVr" or (text == "." and frame.kind != "{")
        if bad or (text == ";" and frame.kind in "cp"):
            raise Unreadable(f"{text!r} cannot stand here", self.offset)
        if frame.kind in "cp":
            frame.kind = "e"
        frame.terms = 0
        frame.operands = 0
        self.after(operand=False)

    # -- brackets -----------------------------------------------------------------

    def open(self, text: str) -> None:
        """Read an opening bracket."""
        if len(self.frames) > self.limits.max_nesting:
            raise self.over(
                "levels of brackets", self.limits.max_nesting, "Write the query flatter."
            )
        frame = self.frames[-1]
        if text == "{":
            new = self._open_group(frame)
        elif text == "[":
            if frame.kind in "TVr":
                raise Unreadable("'[' cannot stand here", self.offset)
            if frame.template:
                self.unstable = self.unstable or "blank nodes in a CONSTRUCT template"
            self.term(" ")
            new = Frame("[", self.offset, frame.owner, template=frame.template)
        else:
            new = self._open_paren(frame)
        self.frames.append(new)
        self.after(operand=False)

    def close(self, text: str) -> None:
        """Read a closing bracket; it must fit the innermost open one."""
        frame = self.frames[-1]
        expected = ")" if frame.kind in _PARENS else _CLOSES.get(frame.kind)
        if expected != text:
            raise Unreadable(
                f"{text!r} closes nothing" if expected is None else f"{expected!r} is missing",
                self.offset,
            )
        self.frames.pop()
        if frame.kind == "V":
            self.values = ""
            self.values_bytes += utf8_size(self.text[frame.offset : self.offset])
        if text == "}":
            self.note_slice(frame)
            self.frames[-1].terms = 0
        if text == ")" and self.values == "vars":
            self.values = "data"
        self.after(operand=True)

    def note_slice(self, frame: Frame) -> None:
        """A slice without an order may differ from one run to the next."""
        self.sliced = self.sliced or frame.sliced
        if frame.sliced and not frame.ordered:
            self.unstable = self.unstable or "LIMIT or OFFSET without ORDER BY"

    def _open_group(self, frame: Frame) -> Frame:
        if self.values == "data" and frame.kind in "{T":
            return Frame("V", self.offset, len(self.frames))
        if frame.kind in _PARENS or frame.kind in "V[":
            exists = self.word_just_now and self.word.endswith("EXISTS")
            annotation = self.text.startswith("{|", self.offset)
            if not (exists and frame.kind in "ecp") and not annotation:
                raise Unreadable("'{' cannot stand here", self.offset)
        elif frame.kind == "{" and self.word_just_now and self.word.endswith("UNION"):
            self._operands(frame)
        elif frame.kind == "{":
            self._patterns(1)
            frame.terms = 0
        template = frame.template or (
            frame.kind == "T" and self.word_just_now and self.word == "CONSTRUCT"
        )
        return Frame("{", self.offset, len(self.frames), template=template)

    def _open_paren(self, frame: Frame) -> Frame:
        kind = "e"
        if frame.kind == "V":
            self._row()
            kind = "r"
        elif frame.kind == "r":
            raise Unreadable("'(' cannot stand in a row of VALUES", self.offset)
        elif frame.kind in "{[" and not self.word_just_now and not frame.call:
            verb = frame.terms == (1 if frame.kind == "{" else 0)
            self.term(" ")
            kind = "p" if verb else "c"
        elif frame.kind in "cp" and not self.word_just_now:
            kind = frame.kind
        frame.call = False
        return Frame(kind, self.offset, frame.owner, template=frame.template)

    # -- counters -----------------------------------------------------------------

    def _pattern_term(self, frame: Frame) -> None:
        if frame.call:
            return
        if frame.terms in (0, _PATTERN_TERMS):
            frame.terms = 0
            self._patterns(1)
        frame.terms += 1

    def _patterns(self, number: int) -> None:
        group = self.frames[self.frames[-1].owner]
        group.patterns += number
        if group.patterns > self.limits.max_patterns and group.kind == "{":
            raise self.over(
                "patterns in one group",
                self.limits.max_patterns,
                "Split it into sub-selects, or use VALUES for lists.",
            )

    def _operands(self, frame: Frame) -> None:
        frame.operands += 1
        if frame.operands >= self.limits.max_operands:
            raise self.over(
                "operands in one chain", self.limits.max_operands, "Use IN (...) or VALUES."
            )

    def _row(self) -> None:
        self.rows += 1
        if self.rows > self.limits.max_values_rows:
            raise self.over("rows of VALUES", self.limits.max_values_rows, "Ask in several parts.")

    # -- words --------------------------------------------------------------------

    def _graph_name(self) -> bool:
        return self.word_just_now and self.word == "GRAPH"

    def _data_word(self, word: str, text: str) -> None:
        if word not in _TERM_WORDS or word == "A":
            raise Unreadable(f"{text!r} cannot stand in VALUES data", self.offset)
        self.term(text)

    def _prologue_term(self, text: str) -> None:
        if self.prefix and text[0] == "<":
            self.prefixes[self.prefix[:-1]] = text[1:-1]
            self.prefix = ""
        if self.word_just_now and self.word == "FROM":
            self.defaults += (text,)
        elif self.word_just_now and self.word == "NAMED":
            self.named += (text,)

    def _first_word(self, word: str, text: str) -> None:
        if word in _PROLOGUE:
            return
        for form in FORMS:
            if word.startswith(form):
                self.form = form
                self.form_offset = self.offset
                return
        if word in _UPDATES:
            raise self.forbidden(
                f"{text} (an update)", "Published data change only with a new release."
            )
        line, column = position(self.text, self.offset)
        msg = f"{text!r} does not begin a SPARQL query (line {line}, column {column})."
        hint = "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE."
        raise InvalidQuery(msg, line=line, column=column, hint=hint)

    def _modifiers(self, frame: Frame, word: str) -> None:
        if frame.kind in "{T":
            frame.ordered = frame.ordered or word == "ORDER"
            frame.sliced = frame.sliced or word in ("LIMIT", "OFFSET")
        if not self.unstable and word.endswith(_UNSTABLE):
            blank = BLANK.match(self.text, self.offset + len(word))
            if blank and self.text[blank.end() : blank.end() + 1] == "(":
                self.unstable = next(name for name in _UNSTABLE if word.endswith(name))

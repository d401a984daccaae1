"""The tokens of SPARQL, as one regular expression.

Three choices differ from the grammar of SPARQL 1.1 (section 19.8) and all of
them err towards refusing: a bare word is any run of ASCII letters, digits and
underscores, because the engine needs no boundary after a keyword; a backslash
outside strings, IRIs and local names is an error; and ``<`` is left to the
caller, because only the context tells an IRI from a comparison.
"""

from __future__ import annotations

import re
from typing import Final

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U000effff"
)
_NAME = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_PLX = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_LOCAL = (
    rf"(?:[{_BASE}_:0-9]|{_PLX})"
    rf"(?:(?:[{_NAME}:\-]|{_PLX})|\.+(?=[{_NAME}:\-%\\]))*+"
)
_PREFIX = rf"[{_BASE}](?:[{_NAME}\-]|\.+(?=[{_NAME}\-]))*+"

IRI: Final = re.compile(r'<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>')

BLANK: Final = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")

TOKEN: Final = re.compile(
    r"""
    (?P<space>(?:[\ \t\r\n]++|\#[^\r\n]*+)++)
  | (?P<string>
        '''(?:(?:''?)?(?:[^'\\]|\\[\s\S]))*+'''
      | \"\"\"(?:(?:\"\"?)?(?:[^"\\]|\\[\s\S]))*+\"\"\"
      | (?!'''|\"\"\")(?:'(?:[^'\\\r\n]|\\[^\r\n])*+'|"(?:[^"\\\r\n]|\\[^\r\n])*+")
    )
  | (?P<lang>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[a-z]++)?)
  | (?P<var>[?$][NAME]++)
  | (?P<bnode>_:[NAME](?:[NAME\-]|\.+(?=[NAME\-]))*+)
  | (?P<pname>(?:PREFIX)?:(?:LOCAL)?)
  | (?P<number>(?:[0-9]++\.[0-9]*+|\.?[0-9]++)[eE][+-]?[0-9]++|[0-9]*\.[0-9]++|[0-9]++)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<open>[{(\[])
  | (?P<close>[})\]])
  | (?P<type>\^\^)
  | (?P<op>&&|\|\||!=|>=|<<|<=|[!=<>+*/?^|-])
  | (?P<sep>[.;,])
    """.replace("[NAME", "[" + _NAME)
    .replace("(?:PREFIX)", f"(?:{_PREFIX})")
    .replace("(?:LOCAL)", f"(?:{_LOCAL})"),
    re.VERBOSE,
)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1, the column in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def utf8_size(text: str) -> int:
    """Bytes of a text in UTF-8, without building them when it is ASCII."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))

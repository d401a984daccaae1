"""JSON Schema (2020-12) of the workspace files, for editors that complete and check.

Made from the same tables that the reader uses, so the two cannot drift apart; the reader
checks more (links, quotations, numbers).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from casegraph.findings import fields
from casegraph.findings.fields import Field, codes
from casegraph.model.terms import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUFFIX = ".schema.json"

# YAML editors take 1721 for a number and true for a boolean; the reader takes both as written.
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?[?~%]?"
_LANGUAGES: Schema = {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}


def schemas() -> dict[str, str]:
    """File name and text of every schema, as they are published."""
    made = {"statements": _statements()}
    for listed, table in fields.RECORD_FILES.values():
        made[listed] = _records(listed, table)
    made["sources"] = _records("sources", fields.SOURCE)
    return {
        f"{name}{SUFFIX}": json.dumps(
            {"$schema": DIALECT, "title": f"casegraph: {name}", **schema}, indent=1
        )
        + "\n"
        for name, schema in made.items()
    }


def _statements() -> Schema:
    statement = _object(fields.STATEMENT)
    reading = _object(fields.READING)
    statement["properties"] = _properties(fields.STATEMENT) | {
        "readings": {
            "type": "array",
            "minItems": 2,
            "items": {"$ref": "#/$defs/reading"},
            "description": fields.STATEMENT["readings"].doc,
        }
    }
    statement["anyOf"] = [{"required": ["quote"]}, {"required": ["cite"]}]
    whole = _object(fields.STATEMENTS_FILE)
    whole["properties"] = _properties(fields.STATEMENTS_FILE) | {
        "statements": {"type": ["array", "null"], "items": {"$ref": "#/$defs/statement"}}
    }
    return {
        **whole,
        "$defs": {
            "disclosure": _object(fields.DISCLOSURE),
            "statement": statement,
            "reading": reading,
        },
    }


def _records(listed: str, table: Mapping[str, Field]) -> Schema:
    head = {name: fields.STATEMENTS_FILE[name] for name in ("recorded", "disclosure")}
    whole = _object(head)
    whole["properties"] = _properties(head) | {
        listed: {"type": ["array", "null"], "items": {"$ref": "#/$defs/record"}}
    }
    whole["required"] = [listed]
    return {**whole, "$defs": {"disclosure": _object(fields.DISCLOSURE), "record": _object(table)}}


def _object(table: Mapping[str, Field]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in table.values() if field.required],
        "properties": _properties(table),
    }


def _properties(table: Mapping[str, Field]) -> dict[str, object]:
    return {name: {"description": field.doc, **_value(field)} for name, field in table.items()}


def _value(field: Field) -> Schema:
    word: Schema = {"type": "string", "enum": list(codes(field.enum))} if field.enum else _SCALAR
    date: Schema = {"type": ["string", "integer"], "pattern": f"^{_DATE}$"}
    end = f"({_DATE}|\\.\\.)?"
    texts: Schema = {"type": "object", "propertyNames": _LANGUAGES, "minProperties": 1}
    names: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
    shapes: dict[str, Schema] = {
        "text": _SCALAR,
        "key": _SCALAR,
        "code": word,
        "words": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
        "keys": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
        "codes": {"anyOf": [word, {"type": "array", "items": word}]},
        "texts": {"anyOf": [_SCALAR, {**texts, "additionalProperties": _SCALAR}]},
        "names": {**texts, "additionalProperties": names},
        "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "date": date,
        "period": {"type": ["string", "integer"], "pattern": f"^({_DATE}|{end}/{end})$"},
        "flag": {"enum": ["yes", "no", "true", "false", True, False]},
        "disclosure": {"$ref": "#/$defs/disclosure"},
        "roles": _parties(),
        "readings": {"type": "array"},
        "sentences": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "anyOf": [_SCALAR, {**texts, "additionalProperties": _SCALAR}]
            },
        },
    }
    return shapes[field.shape]


def _parties() -> Schema:
    keys: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {fields.written(role): keys for role in Role},
    }

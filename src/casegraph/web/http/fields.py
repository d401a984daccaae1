"""Fields of a request: of its address, or of a form in its body, each at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from casegraph.web.http.problems import refused

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_MOST_FIELDS: Final = 100


def read_fields(data: bytes, known: AbstractSet[str]) -> dict[str, str]:
    """URL-encoded fields by name; raises ``RefusedRequestError`` for what cannot be meant."""
    try:
        pairs = parse_qsl(
            data.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise refused(
            400, "encoding", "The fields are not URL-encoded UTF-8.", hint="Encode them as UTF-8."
        ) from error
    fields = dict(pairs)
    strange = sorted(set(fields) - known)
    if strange or len(fields) < len(pairs):
        raise refused(
            400, "fields", "A field is unknown, or stands there twice.",
            hint=f"Known are: {', '.join(sorted(known))}; each at most once.",
        )  # fmt: skip
    return fields

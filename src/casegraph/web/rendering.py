"""Pages out of templates, with links that hold wherever the site is served."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from casegraph.web.http.problems import ProblemDocument
    from casegraph.web.releases.shelf import Release

_HERE: Final = Path(__file__).parent
_STATIC_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml"}
_DATE: Final = r"-?\d{4}(?:-\d{2}){0,2}[~?%]?"
_INTERVALS: Final = (
    (re.compile(rf"\.\./({_DATE})"), r"until \1"),
    (re.compile(rf"({_DATE})/\.\."), r"from \1 on"),
    (re.compile(rf"({_DATE})/({_DATE})"), r"\1 to \2"),
)
_UNSURE: Final = (
    (re.compile(r"(\d{4}(?:-\d{2}){0,2})~"), r"about \1"),
    (re.compile(r"(\d{4}(?:-\d{2}){0,2})\?"), r"\1 (uncertain)"),
    (re.compile(r"(\d{4}(?:-\d{2}){0,2})%"), r"about \1 (uncertain)"),
)
#: A link to a document; one that has fields already, or that leaves the past, is none.
_DOCUMENT_LINK: Final = re.compile(r'(<a href="(?:\./|(?:\.\./)+)doc/[^"?#]+)(#[^"]*)?(?=")')
_TURNED_LINK: Final = re.compile(r'(href="[^"?#]*doc/[^"?#]+\?(?:page|readings|says)=\d+)(?=")')
_UNITS: Final = ("bytes", "kB", "MB", "GB")
_STEP: Final = 1000


class Pages:
    """The templates and static files; both are read once."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["bcp47"] = bcp47
        self._environment.filters["size"] = size
        self._environment.filters["when"] = when
        self._environment.filters["grouped"] = lambda number: f"{number:,}"
        self._static: dict[str, tuple[bytes, str]] = {}
        self._names: dict[str, str] = {}
        for path in sorted((_HERE / "static").iterdir()):
            if path.suffix in _STATIC_TYPES:
                data = path.read_bytes()
                digest = hashlib.sha256(data).hexdigest()[:12]
                name = f"{path.stem}.{digest}{path.suffix}"
                self._static[name] = data, _STATIC_TYPES[path.suffix]
                self._names[path.name] = name

    def static(self, name: str) -> Response | None:
        """A static file by its name with hash; such a name never holds other bytes."""
        found = self._static.get(name)
        if found is None:
            return None
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(found[0], media_type=found[1], headers=headers)

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        answered_by: Release | None = None,
        within: str = "",
        **context: Any,  # noqa: ANN401 - whatever the template names
    ) -> HTMLResponse:
        """Fill a template.  ``root`` leads from the page to the top of the site.

        ``answered_by`` is the release that the page was asked of; head and foot name it.
        ``within`` is ``?release=ID`` on a page of an old one, and its links stay in it.
        """
        text = self._environment.get_template(template).render(
            root=root_of(request),
            static=self._names,
            site=request.app.state.site.banner(answered_by),
            **context,
        )
        if within:
            text = _DOCUMENT_LINK.sub(rf"\1{within}\2", text)
            text = _TURNED_LINK.sub(rf"\1&amp;{within.removeprefix('?')}", text)
        said = {"Vary": "Accept", "Cache-Control": "public, max-age=60", **(headers or {})}
        return HTMLResponse(text, status_code=status, headers=said)

    def problem(self, request: Request, document: ProblemDocument) -> HTMLResponse:
        """A problem as a page."""
        headers = {**document.headers, "Cache-Control": "no-store"}
        return self.render(
            request, "problem.html", status=document.status, headers=headers, problem=document
        )


def root_of(request: Request) -> str:
    """The way from the asked path up to the top: ``../../`` for ``/doc/person/x``.

    It is counted in the path as sent, where an encoded slash is no step.
    """
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    depth: int = path.partition(b"?")[0].count(b"/") - 1
    return "../" * depth or "./"


def bcp47(tag: str) -> str:
    """A language tag as people write it: ``be-latn`` as ``be-Latn``, ``en-gb`` as ``en-GB``."""
    first, *rest = tag.split("-")
    shaped = [{2: part.upper(), 4: part.capitalize()}.get(len(part), part) for part in rest]
    return "-".join([first, *shaped])


def when(text: str) -> str:
    """Words in the place of EDTF (ISO 8601-2): ``../2023-12`` is ``until 2023-12``.

    Nothing is rounded; what is not understood stays as it is.
    """
    for pattern, words in (*_INTERVALS, *_UNSURE):
        text = pattern.sub(words, text)
    return text


def size(number: int) -> str:
    """A number of bytes for a person: ``1.2 MB``."""
    amount, unit = float(number), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:,.0f} {_UNITS[unit]}" if unit == 0 else f"{amount:,.1f} {_UNITS[unit]}"

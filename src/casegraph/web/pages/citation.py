"""How a release, or an answer from one, is cited: in words, BibTeX, RIS and CSL-JSON.

An answer is cited by its permanent address, which names the release, the query and the
format, and by a digest of its rows, so that a reader can tell that it is still the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from casegraph.web.http import problems
from casegraph.web.site import fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from casegraph.web.releases.shelf import Release

_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_BLANK: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What every style says; ``note`` ends with what lets a reader check it."""

    title: str
    publisher: str
    issued: date
    version: str
    url: str
    note: str = ""

    @property
    def key(self) -> str:
        """A key for BibTeX and CSL: letters, digits and hyphens."""
        name = re.sub(r"[^a-z0-9]+", "-", self.publisher.lower()).strip("-") or "casegraph"
        return f"{name[:40]}-{self.version.replace('.', '-')}"


def of_release(release: Release, url: str) -> Citation:
    """The citation of a whole release."""
    note = f"sha256 of the data: {release.manifest.dataset_sha256}"
    return _citation(release, fact(release, "title"), url, note)


def of_answer(release: Release, url: str, *, what: str, digest: str) -> Citation:
    """The citation of one answer; ``what`` says in words what was answered."""
    title = f"{fact(release, 'title')}: {what}"
    return _citation(release, title, url, f"sha256 of the sorted rows: {digest}")


def _citation(release: Release, title: str, url: str, note: str) -> Citation:
    return Citation(
        title=_BLANK.sub(" ", title).strip(),
        publisher=_BLANK.sub(" ", fact(release, "publisher")).strip(),
        issued=date.fromisoformat(release.date),
        version=release.id,
        url=url,
        note=note,
    )


def as_text(it: Citation) -> str:
    """One line of words: publisher, year, title, release, address, how to check it."""
    by = f"{it.publisher} " if it.publisher else ""
    checked = f" [{it.note}]" if it.note else ""
    return f"{by}({it.issued.year}). {it.title}. Release {it.version}. {it.url}{checked}\n"


def as_bibtex(it: Citation) -> str:
    """An entry of type ``misc``, which every BibTeX style knows."""
    fields = {
        "author": f"{{{it.publisher.translate(_LATEX)}}}" if it.publisher else "",
        "title": f"{{{it.title.translate(_LATEX)}}}",
        "year": str(it.issued.year),
        "month": str(it.issued.month),
        "version": it.version,
        "url": it.url,
        "note": f"Release {it.version}. {it.note}".translate(_LATEX),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{it.key},\n{body}\n}}\n"


def as_ris(it: Citation) -> str:
    """A record of type DATA; lines end with CR LF as the format wants it."""
    rows = [
        ("TY", "DATA"),
        ("AU", it.publisher),
        ("TI", it.title),
        ("PY", str(it.issued.year)),
        ("DA", it.issued.strftime("%Y/%m/%d")),
        ("ET", it.version),
        ("PB", it.publisher),
        ("UR", it.url),
        ("N1", it.note),
    ]
    lines = [f"{tag}  - {value}" for tag, value in rows if value]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - "])


def as_csl(it: Citation) -> str:
    """CSL-JSON, as Zotero, Pandoc and citeproc read it."""
    issued = [it.issued.year, it.issued.month, it.issued.day]
    entry = {
        "id": it.key,
        "type": "dataset",
        "title": it.title,
        "author": [{"literal": it.publisher}] if it.publisher else [],
        "publisher": it.publisher,
        "issued": {"date-parts": [issued]},
        "version": it.version,
        "URL": it.url,
        "note": it.note,
    }
    kept = {name: value for name, value in entry.items() if value}
    return json.dumps([kept], ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class Style:
    """One way to write a citation."""

    name: str
    label: str
    media_type: str
    suffix: str
    write: Callable[[Citation], str]


STYLES: Final[dict[str, Style]] = {
    style.name: style
    for style in (
        Style("text", "Plain text", "text/plain; charset=utf-8", ".txt", as_text),
        Style("bibtex", "BibTeX", "application/x-bibtex; charset=utf-8", ".bib", as_bibtex),
        Style("ris", "RIS", "application/x-research-info-systems", ".ris", as_ris),
        Style("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", ".json", as_csl),
    )
}


def sent(it: Citation, name: str, *, cache: str) -> Response:
    """A citation as a file.  Raises ``RefusedRequestError`` for a style that is not known."""
    style = STYLES.get(name)
    if style is None:
        known = ", ".join(STYLES)
        raise problems.refused(400, "style", f"Known styles of citation: {known}.")
    headers = {
        "Content-Disposition": f'attachment; filename="{it.key}{style.suffix}"',
        "Cache-Control": cache,
    }
    return Response(style.write(it), media_type=style.media_type, headers=headers)

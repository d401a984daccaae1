"""What would become public: every record, name, quotation and file, before it does.

The preview compares the candidate with the current release and lists whatever the candidate
would show for the first time; of a source's text, how much it is and how it begins or what
changed in it.  ``publish`` refuses a candidate that was not previewed.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casegraph import durable
from casegraph.graph import terms
from casegraph.graph.literal import Literal
from casegraph.graph.nquads import from_line
from casegraph.release.delta import added_lines
from casegraph.release.falling import asserted
from casegraph.release.manifest import MANIFEST, hash_file, listed_files, parse_manifest
from casegraph.release.newly_readable import newly_readable
from casegraph.release.tables import Subject, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from casegraph.release.inputs import Shelf

TEXTS: Final = "Texts of sources"
RECORD: Final = "preview.json"
PAGE: Final = "preview.html"
TEXT: Final = "preview.txt"

_SECTIONS: Final = (
    ("People", terms.CG + "Person"),
    ("Institutions and other agents", terms.AGENT),
    ("Sets of people and things", terms.POPULATION),
    ("Cases", terms.CASE),
    ("Sources", terms.SOURCE),
    ("Words of sources", terms.QUOTATION),
    ("Citations", terms.CITATION),
    ("Findings", terms.FINDING),
    ("Revisions", terms.REVISION),
)
_NOT_WORDS: Final = frozenset(
    {
        terms.RDFS_LABEL, terms.DISCLOSURE, terms.DCTERMS_LANGUAGE, terms.MEDIA_TYPE,
        terms.EDTF, terms.ROUNDING_POLICY, terms.SHA256,
    }
)  # fmt: skip
"""Labels stand first; the others hold codes of closed lists, languages, dates and hashes."""
_USUAL: Final = frozenset({(terms.EXTENT, "excerpt"), (terms.SEX, "women"), (terms.SEX, "men")})
"""Words that tell nothing, of properties that could hold any."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record that becomes public, or shows something new: its address and every new text."""

    address: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything that would be shown for the first time, by section, and the new files."""

    release_id: str
    against: str | None
    manifest_sha256: str
    sections: tuple[tuple[str, tuple[Item, ...]], ...]
    other_texts: tuple[str, ...]
    files: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """As plain text."""
        against = f"compared with {self.against}" if self.against else "the first release"
        yield f"Preview of release {self.release_id}, {against}."
        yield "Everything below would become public for the first time."
        for name, items in self.sections:
            yield ""
            yield f"{name} ({len(items)})"
            for item in items:
                yield f"  {item.texts[0] if item.texts else item.address}"
                yield from (f"      {text}" for text in item.texts[1:])
                yield f"      <{item.address}>"
        if self.other_texts:
            yield ""
            yield f"Other texts ({len(self.other_texts)})"
            yield from (f"  {text}" for text in self.other_texts)
        yield ""
        yield f"Files ({len(self.files)})"
        yield from (f"  {name}" for name in self.files)


def preview(shelf: Shelf) -> Preview:
    """Compare the candidate with the current release and record that somebody could look.

    Writes ``preview.txt``, ``preview.html`` and ``preview.json`` into the private folder.
    Raises ``NotFound`` where there is no candidate.
    """
    candidate = shelf.require_candidate()
    current = shelf.current_directory()
    found = _compare(candidate, current, shelf.current())
    shelf.private.mkdir(exist_ok=True)
    text = "\n".join(found.lines()) + "\n"
    durable.write_file(shelf.private / TEXT, text.encode())
    durable.write_file(shelf.private / PAGE, _page(found).encode())
    record = {"release": found.release_id, "manifest": found.manifest_sha256}
    durable.write_file(shelf.private / RECORD, json.dumps(record).encode())
    return found


def was_previewed(shelf: Shelf, candidate: Path) -> bool:
    """Whether the last preview was of exactly this candidate."""
    try:
        record = json.loads((shelf.private / RECORD).read_bytes())
    except FileNotFoundError:
        return False
    return bool(record.get("manifest") == hash_file(candidate / MANIFEST))


def _compare(candidate: Path, current: Path | None, against: str | None) -> Preview:
    by_section: dict[str, list[Item]] = {name: [] for name, _ in _SECTIONS}
    others: list[str] = []
    quads = (from_line(line.decode()) for line in added_lines(current, candidate))
    added = (quad for quad in quads if quad.graph.endswith("/graph/asserted"))
    for subject in subjects(added):
        texts = tuple(_texts(subject))
        section = next((name for name, kind in _SECTIONS if subject.is_a(kind)), None)
        if section is not None:
            by_section[section].append(Item(subject.iri, texts))
        else:
            others.extend(f"{text}  <{subject.iri}>" for text in texts)
    known = set(listed_files(current)) if current else set()
    manifest = parse_manifest((candidate / MANIFEST).read_bytes())
    by_section[TEXTS] = [*_readable(candidate, current, manifest.base_iri)]
    return Preview(
        release_id=manifest.release_id,
        against=against,
        manifest_sha256=hash_file(candidate / MANIFEST),
        sections=tuple((name, tuple(items)) for name, items in by_section.items() if items),
        other_texts=tuple(others),
        files=tuple(name for name in listed_files(candidate) if name not in known),
    )


def _readable(candidate: Path, current: Path | None, base_iri: str) -> Iterator[Item]:
    """The texts of sources that are new or changed, under the titles of the sources."""
    lines = newly_readable(candidate, current)
    addresses = {f"{base_iri}id/source/{source}": told for source, told in lines.items()}
    for subject in subjects(asserted(candidate)) if lines else ():
        if subject.iri in addresses:
            title = subject.english(terms.RDFS_LABEL) or subject.english(terms.DCTERMS_TITLE)
            yield Item(subject.iri, (title, *addresses[subject.iri]))


def _texts(subject: Subject) -> Iterator[str]:
    """Every text of a subject that a reader would see: the label first, no code, no number."""
    seen: dict[str, None] = {}
    labels = subject.values.get(terms.RDFS_LABEL, [])
    rest = [(name, value) for name, values in subject.values.items()
            if name not in _NOT_WORDS for value in values]  # fmt: skip
    for name, value in (*((terms.RDFS_LABEL, value) for value in labels), *rest):
        if not isinstance(value, Literal) or value.datatype not in _WORDS:
            continue
        if (name, value.lexical) not in _USUAL:
            seen[value.lexical] = None
    yield from seen


_WORDS = frozenset({terms.XSD_STRING, terms.RDF_LANG_STRING, terms.XSD_ANY_URI})


def _page(found: Preview) -> str:
    """The preview as one page without scripts."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>Preview of release {found.release_id}</title>",
        (
            "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
            "padding:0 1rem}li{margin:.5rem 0}small{color:#666;word-break:break-all}</style>"
        ),
        f"<h1>Preview of release {found.release_id}</h1>",
        "<p>Everything below would become public for the first time.",
    ]
    for name, items in found.sections:
        parts.append(f"<h2>{html.escape(name)} ({len(items)})</h2><ul>")
        parts.extend(_list_item(item) for item in items)
        parts.append("</ul>")
    parts.append(_list("Other texts", found.other_texts))
    parts.append(_list("Files", found.files))
    return "\n".join(parts) + "</html>\n"


def _list_item(item: Item) -> str:
    words = "<br>".join(f"<bdi>{html.escape(text)}</bdi>" for text in item.texts)
    return f"<li>{words}<br><small>{html.escape(item.address)}</small>"


def _list(name: str, texts: Iterable[str]) -> str:
    items = [f"<li><bdi>{html.escape(text)}</bdi>" for text in texts]
    return f"<h2>{name} ({len(items)})</h2><ul>{''.join(items)}</ul>" if items else ""

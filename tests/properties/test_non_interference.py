"""What may not be seen changes no byte of what may.

Every workspace here has the same public records and others that stay inside.  Each is built
and compared with the build of the public records alone; so any two of them are equal, and
none differs from one in which nothing is hidden.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casegraph.errors import InvalidRecords
from casegraph.release import build as building
from casegraph.release import projection
from casegraph.release.build import build
from casegraph.release.preview import preview
from tests.release import veldania

DISCLOSURES: Final = (
    veldania.RESTRICTED,
    {**veldania.RESTRICTED, "level": "aggregate-only"},
    {**veldania.RESTRICTED, "level": "sealed-until", "basis": "given", "until": "2033-01-01"},
    {**veldania.RESTRICTED, "second": "counsel", "by": "somebody-else"},
)
KINDS: Final = ("person", "agent", "population", "case", "source", "held", "claim", "number",
                "readings", "part", "names", "derived", "revision", "note", "decided", "link",
                "file", "pseudonym-owner", "later")  # fmt: skip

hidden_records = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(DISCLOSURES),
        st.text("abcdefghijklmnopqrstuvwxyzабвгдеіўй", min_size=5, max_size=12),
        st.integers(0, 8),
    ),
    max_size=8,
)


def with_hidden(records: list[tuple[str, dict[str, str], str, int]]) -> veldania.Files:
    """The public workspace with these records hidden in it."""
    contents = veldania.files()
    for number, (kind, disclosure, word, place) in enumerate(records):
        _Hiding(contents, number, disclosure, word, place).hide(kind)
    return contents


class _Hiding:
    """Puts one hidden record among the public ones."""

    def __init__(
        self,
        contents: veldania.Files,
        number: int,
        disclosure: dict[str, str],
        word: str,
        place: int,
    ) -> None:
        self.contents, self.number, self.word, self.place = contents, number, word, place
        self.top = {"recorded": "2031-01-02", "disclosure": disclosure}

    def hide(self, kind: str) -> None:
        """Do it; what it refers to is hidden with it."""
        self.person = self._add("people.yaml", "people", "zp")
        match kind:
            case "agent":
                self._add("agents.yaml", "agents", "za", kind="institution", note=self.word)
            case "population":
                self._add("populations.yaml", "populations", "zo",
                          criteria={"en": self.word}, **{"subset-of": ["sentenced"]})  # fmt: skip
            case "case":
                self._add("cases.yaml", "cases", "zc", kind="civil", identifiers=[self.word],
                          parties={"party": [self.person, "torban"]})  # fmt: skip
            case "source" | "held":
                self._source(held=kind == "held")
            case "revision":
                self._revision()
            case "note" | "decided" | "link" | "file" | "pseudonym-owner":
                self._in_public_records(kind)
            case "person":
                pass
            case _:
                self._finding(kind)

    def _add(self, file: str, name: str, prefix: str, **fields: Any) -> str:
        key = f"{prefix}{self.number}"
        record = {"key": key, "id": veldania.number(prefix, self.number),
                  "label": {"en": f"{self.word} {prefix}"}, **self.top, **fields}  # fmt: skip
        self.contents[file][name].insert(self.place, record)
        return key

    def _source(self, *, held: bool) -> str:
        key = f"zs{self.number}"
        record = {
            "key": key, "id": veldania.number("zs", self.number), "title": {"en": self.word},
            "publisher": "monitor", "language": "en", "rights": self.word, **self.top,
            "holding": "full" if held else "cited", "url": f"https://example.org/zs{self.number}",
        }  # fmt: skip
        self.contents["sources/monitor.yaml"]["sources"].insert(self.place, record)
        if held:
            self.contents[f"sources/texts/{key}.txt"] = f"It says {self.word} there.\n"
            self._statements("findings/page.yaml", {
                "source": key, "quote": self.word, "state": "in-custody", "of": self.person,
                "at": "mill", "time": "none",
            })  # fmt: skip
        return key

    def _statements(self, file: str, *statements: dict[str, Any]) -> None:
        for statement in statements:
            whole = {"statement": f"It says {self.word}.", **self.top, **statement}
            self.contents[file]["statements"].insert(self.place, whole)

    def _finding(self, kind: str) -> None:
        cite = {"source": "page", "cite": self.word}
        file = ("findings/page.yaml", "findings/report.yaml")[self.place % 2]
        match kind:
            case "claim":
                self._statements(file, {**cite, "conduct": "torture", "against": [self.person],
                                        "at": "mill", "time": "none"})  # fmt: skip
            case "number":
                self._statements(file, {**cite, "count": str(self.place + 3), "of": "sentenced",
                                        "during": "2029", "words": self.word})  # fmt: skip
            case "readings":
                self._statements(file, {
                    **cite, "count": "7", "of": "prisoners", "on": "2030-01-01",
                    "readings": [{"open": self.word}, {"open": "it may be", "on": "2030-02-02"}],
                })  # fmt: skip
            case "part":
                whole = f"zq{self.number}"
                readings = [{"open": self.word}, {"open": "or so", "on": "2030-02-02"}]
                more = {"readings": readings} if self.place % 3 else {}
                self._statements(file, {
                    **cite, "key": whole, "count": "8", "of": "prisoners", "on": "2030-01-01",
                    **more,
                })  # fmt: skip
                self._statements(file, {
                    **cite, "count": "5", "of": "prisoners", "part-of": whole,
                    "on": "2030-01-01", "disclosure": veldania.PUBLIC,
                })  # fmt: skip
            case "names":
                self._statements(file, {**cite, "identity": self.person, "time": "none",
                                        "names": {"en": [self.word]}})  # fmt: skip
            case "later":
                later = {"recorded": "2031-12-01", "disclosure": veldania.PUBLIC}
                self._statements(file, {**cite, **later, "state": "at-liberty", "of": "torban",
                                        "on": "2030-09-09"})  # fmt: skip
            case _:
                premise = f"zf{self.number}"
                self._statements(file, {**cite, "key": premise, "state": "in-custody",
                                        "of": "torban", "on": "2030-08-08"})  # fmt: skip
                self._statements(file, {**cite, "state": "at-liberty", "of": "torban",
                                        "on": "2030-08-09", "derived-from": [premise],
                                        "disclosure": veldania.PUBLIC})  # fmt: skip

    def _revision(self) -> None:
        revisions = self.contents.setdefault("revisions.yaml", {"revisions": []})["revisions"]
        revisions.append({
            "id": veldania.number("zr", self.number), "kind": "retraction", "by": self.person,
            "finding": f"{self.number}".rjust(26, "a"), "because": self.word, "on": "2031-01-03",
        })  # fmt: skip

    def _in_public_records(self, kind: str) -> None:
        torban, witness = (r for r in self.contents["people.yaml"]["people"]
                           if r["key"] in {"torban", "witness"})  # fmt: skip
        report = self.contents["findings/report.yaml"]["statements"]
        match kind:
            case "note":
                torban["note"] = self.word
            case "decided":
                torban["disclosure"] = {**veldania.PUBLIC, "by": f"zw{self.number}",
                                        "second": "somebody", "on": "2030-12-12"}  # fmt: skip
            case "pseudonym-owner":
                witness.update(label={"en": f"Owner {self.word}"}, names={"be": [self.word]},
                               note=self.word)  # fmt: skip
            case "file":
                self.contents[f"findings/z{self.number}.yaml"] = self.contents.pop(
                    "findings/page.yaml"
                )
                self.contents["findings/page.yaml"] = {
                    **self.top, "source": "page", "by": "monitor, own-voice",
                    "statements": [{"cite": self.word, "state": "in-custody", "of": "torban",
                                    "on": "2030-07-07", "statement": self.word}],
                }  # fmt: skip
            case _:
                agent = self._add("agents.yaml", "agents", "zl", kind="institution")
                mill = next(a for a in self.contents["agents.yaml"]["agents"] if a["key"] == "mill")
                mill.setdefault("part-of", []).append(agent)
                key = f"zk{self.number}"
                rising = next(s for s in report if s.get("key") == "rising")
                rising.setdefault("supports", []).append(key)
                self._statements("findings/page.yaml", {
                    "cite": self.word, "key": key, "source": "page", "state": "in-custody",
                    "of": "torban", "on": "2030-06-06",
                })  # fmt: skip


def public_bytes(contents: veldania.Files) -> dict[str, bytes]:
    """Everything that a build of this workspace would show, and its preview."""
    with tempfile.TemporaryDirectory() as folder:
        root = veldania.write(Path(folder) / "workspace", contents)
        given = veldania.inputs(root)
        try:
            build(given, on=veldania.DAY, engines=veldania.FAST)
        except InvalidRecords as refused:
            # A drawn word may be like a public one; that stops the build, as it has to.
            assume(any(problem.code != "protected-name" for problem in refused.problems))
            raise
        preview(given.shelf)
        files = {**_tree(root / "var" / "candidate"), **_tree(root / "private")}
    assert "casegraph.nq.gz" in files
    assert "preview.html" in files
    return files


@cache
def without_hidden() -> dict[str, bytes]:
    """The same of the public records alone."""
    return public_bytes(veldania.files())


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@given(hidden_records)
@settings(max_examples=15)
def test_hidden_records_change_no_public_byte(records: list[Any]) -> None:
    assert public_bytes(with_hidden(records)) == without_hidden()


@pytest.mark.full
@given(hidden_records)
@settings(max_examples=500)
def test_hidden_records_change_no_public_byte_500_times(records: list[Any]) -> None:
    assert public_bytes(with_hidden(records)) == without_hidden()


@pytest.mark.parametrize("disclosure", DISCLOSURES, ids=lambda found: str(found["level"]))
def test_every_kind_at_once_changes_no_public_byte(disclosure: dict[str, str]) -> None:
    records = [
        (kind, disclosure, f"{kind.replace('-', '')}слова", n) for n, kind in enumerate(KINDS)
    ]
    assert public_bytes(with_hidden(records)) == without_hidden()


def test_a_broken_rule_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: here a finding comes out although its premise stays inside."""
    monkeypatch.setattr(projection, "_rests_on", lambda _finding: set())
    monkeypatch.setattr(building, "_name_problems", lambda _inputs, _projection: [])
    assert public_bytes(with_hidden([("derived", veldania.RESTRICTED, "premise", 0)])) != (
        without_hidden()
    )


def test_whole_releases_with_shapes_closure_signature_and_archive_are_equal(tmp_path: Path) -> None:
    records = [(kind, veldania.RESTRICTED, f"{kind.replace('-', '')}word", 1) for kind in KINDS]
    shown = []
    for name, contents in (("a", veldania.files()), ("b", with_hidden(records))):
        root = veldania.write(tmp_path / name, contents)
        veldania.release(root)
        shown.append(_tree(root / "releases"))
    assert shown[0] == shown[1]
    assert "2031-05-17.1.zip" in shown[0]

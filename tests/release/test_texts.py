"""The texts that a release carries: which, what they must not name, and how they go."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from casegraph.errors import InvalidRecords, NotFound
from casegraph.release.archive import gzip_chunks
from casegraph.release.build import build
from casegraph.release.editions import Deadlines
from casegraph.release.manifest import MANIFEST, parse_manifest
from casegraph.release.seal import sign_release, write_manifest
from casegraph.release.semantics import SEMANTIC_CHECKS, texts_hold
from casegraph.release.takedown import takedown
from casegraph.release.verify import verify
from tests.hostile.leaks.byte_scan import contents, hits
from tests.release import veldania
from tests.release.test_takedown import Crash, dying_at, path_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from casegraph.release.takedown import Takedown

FIRST, SECOND = "2031-05-17.1", "2031-09-01.1"
SOURCE, OTHER = veldania.number("so", 1), veldania.number("so", 3)
TEXT: Final = f"texts/{SOURCE}.txt"
OTHER_TEXT: Final = """\
Radio Veldania, 2 January 2031.
The Monitor says that 97 of them were women – and that “trials” go on. 🎵 Songs\u0301 are sung.
"""


def full_files() -> veldania.Files:
    """The report held in full, and a second text that repeats some of its words."""
    changed = veldania.files()
    sources = changed["sources/monitor.yaml"]["sources"]
    sources[0]["holding"] = "full"
    sources.append({**sources[0], "key": "radio", "id": OTHER, "title": {"en": "On the radio"}})
    changed["sources/texts/report.txt"] = changed.pop("texts/report.txt")
    changed["sources/texts/radio.txt"] = OTHER_TEXT
    changed["findings/radio.yaml"] = {
        "recorded": "2031-01-02", "disclosure": veldania.PUBLIC, "source": "radio",
        "by": "monitor, explicit",
        "statements": [{"quote": "Songs\u0301 are sung", "trend": "rising", "of": "sentenced",
                        "baseline": "unstated", "time": "none",
                        "statement": "The radio says that songs are sung."}],
    }  # fmt: skip
    return changed


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases of that workspace; neither has anything that the other has not."""
    root = veldania.write(tmp_path_factory.mktemp("texts") / "workspace", full_files())
    veldania.release(root, engines=veldania.FAST)
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    return root


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return shutil.copytree(published, tmp_path / "workspace")


def withdraw(root: Path, address: str, **options: Any) -> Takedown:
    return takedown(
        veldania.shelf(root), address, key=veldania.KEY, decision=veldania.decision(),
        deadlines=Deadlines(validate=60, reason=60), engines=veldania.FAST, **options,
    )  # fmt: skip


def traces(root: Path, *tokens: str) -> list[str]:
    return hits(tokens, [*contents(root / "releases"), *contents(root / "var")])


def data_lines(directory: Path) -> str:
    return gzip.decompress((directory / "casegraph.nq.gz").read_bytes()).decode()


def assert_demoted(directory: Path, source: str) -> None:
    """Of the source there are words only: no text, no hash, no place."""
    assert not (directory / f"texts/{source}.txt").exists()
    lines = data_lines(directory).splitlines()
    of_it = [line for line in lines if f"/id/source/{source}" in line.partition(" ")[0]]
    assert any("#holding> <https://w3id.org/casegraph/ns#quotationsOnly>" in one for one in of_it)
    assert not any(f"/{source}/{node}>" in line for line in lines for node in
                   ("capture", "rendition"))  # fmt: skip
    words = {
        line.split(" ")[0]
        for line in lines
        if f"#fromSource> <{veldania.BASE}id/source/{source}>" in line
    }
    assert words
    places = ("quotedFrom", "start", "end", "byteStart", "byteEnd", "prefix", "suffix")
    assert not [line for line in lines if line.split(" ")[0] in words
                and any(f"#{name}> " in line for name in places)]  # fmt: skip


def assert_verified(root: Path) -> None:
    for held in (FIRST, SECOND):
        for release in (root / "releases" / held, root / "releases" / f"{held}.zip"):
            result = verify(
                release, public_key=veldania.KEY.public, semantic_checks=SEMANTIC_CHECKS
            )
            assert result.ok, result.problems


def test_a_release_carries_the_texts_held_in_full(published: Path) -> None:
    release = published / "releases" / FIRST
    assert (release / TEXT).read_bytes() == veldania.TEXT.encode()
    assert sorted(path.name for path in (release / "texts").iterdir()) == [
        f"{SOURCE}.txt", f"{OTHER}.txt",
    ]  # fmt: skip
    manifest = parse_manifest((release / MANIFEST).read_bytes())
    assert manifest.files[TEXT].sha256 == hashlib.sha256(veldania.TEXT.encode()).hexdigest()
    assert "texts/" in (release / "README.txt").read_text(encoding="utf-8")
    assert_verified(published)


def test_no_text_goes_out_of_a_source_that_may_only_be_quoted(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "w", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    assert not (root / "releases" / FIRST / "texts").exists()
    assert traces(root, "The Harbour Monitor, yearly report.") == []


def test_no_text_goes_out_of_a_source_that_is_not_public(tmp_path: Path) -> None:
    changed = full_files()
    changed["sources/monitor.yaml"]["sources"][2]["disclosure"] = veldania.RESTRICTED
    root = veldania.write(tmp_path / "w", changed)
    veldania.release(root, engines=veldania.FAST)
    assert [path.name for path in (root / "releases" / FIRST / "texts").iterdir()] == [
        f"{SOURCE}.txt"
    ]
    assert traces(root, "Radio Veldania", OTHER, OTHER_TEXT) == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("It was Ганна Звірко who saw it.", "Звірко"),
        ("She told А. Звирко, they say.", "Звирко"),
        ("They asked Zvir-\nko and went.", "Zvirko"),
        ("They asked Zvir\u00adko and went.", "Zvirko"),
        ("Спыталі Зві\u0301рку.", "Звірку"),
    ],
)
def test_a_protected_name_in_a_public_text_stops_the_build(
    tmp_path: Path, line: str, word: str
) -> None:
    changed = full_files()
    changed["sources/texts/report.txt"] += f"{line}\n"
    root = veldania.write(tmp_path / "w", changed)
    with pytest.raises(InvalidRecords) as caught:
        build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)
    found = [
        (str(problem.where), problem.message.split("'")[1]) for problem in caught.value.problems
    ]
    assert ("sources/texts/report.txt:6", word) in found
    (root / "released-names.yaml").write_text(f'{word}: "a street of that name"\nГанна: "so"\n')
    if len(found) == 1:
        build(veldania.inputs(root), on=veldania.DAY, engines=veldania.FAST)


def test_the_text_that_names_a_withdrawn_person_goes(root: Path) -> None:
    done = withdraw(root, "person/pe00000000000001")
    rendition = f"{veldania.BASE}id/source/{SOURCE}/rendition"
    assert rendition in done.withdrawn
    assert traces(root, "Torban", "Ilva", "cold cell", "Guards at the Old Mill") == []
    for held in (FIRST, SECOND):
        assert_demoted(root / "releases" / held, SOURCE)
        assert (root / "releases" / held / f"texts/{OTHER}.txt").exists()
        assert "sentenced 412 people for songs" in data_lines(root / "releases" / held)
    assert_verified(root)


def test_texts_that_hold_withdrawn_words_go_wherever_they_stand(root: Path) -> None:
    withdraw(root, path_of(root, "quotation", "97 of them"))
    assert traces(root, "97 of them") == []
    for held in (FIRST, SECOND):
        assert_demoted(root / "releases" / held, SOURCE)
        assert_demoted(root / "releases" / held, OTHER)
    assert_verified(root)


def test_withdrawn_words_are_found_under_the_fold(root: Path) -> None:
    """Another outlet prints the same words with other spaces and quotation marks."""
    changed = full_files()
    changed["sources/texts/radio.txt"] += "It was “a\u00a0cold   cell”.\n"
    changed["sources/texts/report.txt"] += 'She said: "a cold cell".\n'
    changed["findings/report.yaml"]["statements"].append(
        {"quote": '"a cold cell"', "trend": "rising", "of": "sentenced", "time": "none",
         "baseline": "unstated", "key": "said", "statement": "She said it."}
    )  # fmt: skip
    shutil.rmtree(root)
    veldania.write(root, changed)
    veldania.release(root, engines=veldania.FAST)
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    withdraw(root, path_of(root, "finding", "She said it"))
    assert_demoted(root / "releases" / FIRST, OTHER)


def test_a_text_stays_where_nothing_of_it_was_withdrawn(root: Path) -> None:
    done = withdraw(root, path_of(root, "finding", "The Monitor says that Ilva Torban was free"))
    assert not any("rendition" in address for address in done.withdrawn)
    assert (root / "releases" / FIRST / TEXT).read_bytes() == veldania.TEXT.encode()
    assert_verified(root)


@pytest.mark.parametrize("before", ["", f"{veldania.BASE}id/"])
def test_a_text_can_be_withdrawn_alone(root: Path, before: str) -> None:
    """For a name in it of which no record knows."""
    address = f"source/{SOURCE}/rendition"
    done = withdraw(root, f"{before}{address}")
    assert done.withdrawn == (f"{veldania.BASE}id/{address}",)
    assert done.editions == (FIRST, SECOND)
    assert traces(root, "The Harbour Monitor, yearly report.") == []
    assert "kept the singer Ilva Torban in a cold cell" in data_lines(root / "releases" / FIRST)
    assert_demoted(root / "releases" / FIRST, SOURCE)
    readme = (root / "releases" / FIRST / "README.txt").read_text(encoding="utf-8")
    assert "1 record was withdrawn; this is a redacted edition." in readme
    assert_verified(root)
    assert withdraw(root, address).editions == ()


def test_a_text_that_no_release_carries_cannot_be_withdrawn(root: Path) -> None:
    with pytest.raises(NotFound, match=r"^no held release carries source/so0"):
        withdraw(root, "source/so0000000000002/rendition")


def test_the_text_of_a_withdrawn_source_goes_with_it(root: Path) -> None:
    done = withdraw(root, f"source/{SOURCE}")
    assert traces(root, "Harbour Monitor, yearly", "412 people") == []
    assert f"{veldania.BASE}id/source/{SOURCE}/rendition" not in done.withdrawn
    assert not (root / "releases" / FIRST / TEXT).exists()
    assert_verified(root)


@pytest.mark.parametrize("kept_in_the_workspace", [True, False])
def test_a_withdrawn_text_does_not_come_back(root: Path, *, kept_in_the_workspace: bool) -> None:
    """Even where the finding is deleted, so that nothing in the workspace says which words."""
    withdraw(root, path_of(root, "quotation", "97 of them"))
    if not kept_in_the_workspace:
        changed = full_files()
        del changed["findings/report.yaml"]["statements"][1]
        veldania.write(root, changed)
    build(veldania.inputs(root), on=veldania.LATER, engines=veldania.FAST)
    candidate = root / "var" / "candidate"
    assert traces(root, "97 of them") == []
    assert_demoted(candidate, SOURCE)
    assert list(texts_hold(candidate)) == []


@pytest.mark.parametrize("step", [9, 16, 25, 34, 43, 52, 61])
def test_a_crash_in_between_leaves_no_text_behind(root: Path, step: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        dying_at(patch, step, after=step % 2 == 0)
        with pytest.raises(Crash):
            withdraw(root, "person/pe00000000000001")
    withdraw(root, "person/pe00000000000001")
    assert traces(root, "Torban", "Guards at the Old Mill") == []
    assert_demoted(root / "releases" / FIRST, SOURCE)
    assert_verified(root)


def _changed_data(old: str, new: str) -> Callable[[Path], object]:
    def change(release: Path) -> None:
        assert old in data_lines(release)
        lines = data_lines(release).replace(old, new).splitlines()
        data = "".join(f"{line}\n" for line in sorted(lines)).encode()
        (release / "casegraph.nq.gz").write_bytes(b"".join(gzip_chunks([data])))

    return change


WOMEN: Final = veldania.TEXT.index("97 of them were women")
DIGEST: Final = hashlib.sha256(veldania.TEXT.encode()).hexdigest()
MUTANTS: Final[dict[str, tuple[Callable[[Path], object], set[str]]]] = {
    "another text": (
        lambda release: (release / TEXT).write_text(veldania.TEXT.replace("Guards", "guards")),
        {"text-altered"},
    ),
    "another hash": (_changed_data(DIGEST, "0" * 64), {"text-altered"}),
    "words moved": (
        lambda release: (release / TEXT).write_text(f" {veldania.TEXT}"),
        {"text-altered"},
    ),
    "no text": (lambda release: (release / TEXT).unlink(), {"text-missing"}),
    "one text too many": (
        lambda release: (release / "texts/so00000000000002.txt").write_text("A page."),
        {"text-unknown"},
    ),
    "not UTF-8": (
        lambda release: (release / TEXT).write_bytes(veldania.TEXT.encode("utf-16")),
        {"text-altered"},
    ),
    "another code point": (
        _changed_data(f'#start> "{WOMEN}"', f'#start> "{WOMEN + 1}"'), {"quotation-misplaced"},
    ),
    "another byte": (
        _changed_data(f'#byteEnd> "{WOMEN + 21}"', f'#byteEnd> "{WOMEN + 20}"'),
        {"quotation-misplaced"},
    ),
    "no offset": (_changed_data("ns#byteStart>", "ns#note>"), {"quotation-misplaced"}),
    "an offset that is no number": (
        _changed_data('#byteEnd> "', '#byteEnd> "x'), {"quotation-misplaced"},
    ),
    "other words": (_changed_data("97 of them were women", "98 of them were women"),
                    {"quotation-misplaced"}),
    "words of another source": (
        _changed_data(f"#fromSource> <{veldania.BASE}id/source/{SOURCE}>",
                      f"#fromSource> <{veldania.BASE}id/source/{OTHER}>"),
        {"quotation-misplaced"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_a_signed_release_whose_texts_and_data_differ_is_refused(root: Path, name: str) -> None:
    """The publisher's own key signs it: only the meaning is wrong."""
    change, expected = MUTANTS[name]
    release = root / "releases" / FIRST
    before = parse_manifest((release / MANIFEST).read_bytes())
    change(release)
    digest = hashlib.sha256(data_lines(release).encode()).hexdigest()
    write_manifest(
        release, release_id=FIRST, base_iri=before.base_iri, dataset_sha256=digest,
        facts=before.facts,
    )  # fmt: skip
    sign_release(release, veldania.KEY)
    result = verify(release, public_key=veldania.KEY.public, semantic_checks=[texts_hold])
    assert {problem.code for problem in result.problems} == expected
    assert verify(release, public_key=veldania.KEY.public, semantic_checks=[]).ok

"""A withdrawn record leaves every held release, and no crash leaves half a withdrawal."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from casegraph import durable
from casegraph.errors import Conflict, NotAllowed, NotFound
from casegraph.graph.store import build_store
from casegraph.release import assemble
from casegraph.release.build import build
from casegraph.release.delta import diff
from casegraph.release.editions import Deadlines
from casegraph.release.manifest import parse_manifest
from casegraph.release.minisign import check
from casegraph.release.publish import Decision, publish
from casegraph.release.semantics import same_triples
from casegraph.release.takedown import takedown
from casegraph.release.verify import verify
from casegraph.workspace import open_workspace
from tests.hostile.leaks.byte_scan import contents, hits
from tests.release import veldania

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from casegraph.release.takedown import Takedown

DEADLINES: Final = Deadlines(validate=60, reason=60)
FIRST, SECOND = "2031-05-17.1", "2031-09-01.1"
TORBAN: Final = "person/pe00000000000001"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two releases; the second has one more finding and a query by name."""
    root = tmp_path_factory.mktemp("takedown") / "workspace"
    veldania.write(root, veldania.files())
    veldania.release(root, engines=veldania.FAST)
    veldania.write(root, later_files())
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    return root


def later_files() -> veldania.Files:
    """The workspace of the second release."""
    changed = veldania.files()
    changed["findings/page.yaml"]["statements"].append(
        {"cite": "last lines", "count": "3", "of": "prisoners", "on": "2031-01-02",
         "statement": "Three people were held at the Old Mill."}
    )  # fmt: skip
    changed["queries/torban.rq"] = "SELECT ?s WHERE { ?s ?p 'Ilva Torban' }\n"
    return changed


@pytest.fixture
def root(published: Path, tmp_path: Path) -> Path:
    """A copy to withdraw from."""
    return shutil.copytree(published, tmp_path / "workspace")


def withdraw(root: Path, address: str, **options: Any) -> Takedown:
    options = {"engines": veldania.FAST, **options}
    return takedown(veldania.shelf(root), address, key=veldania.KEY,
                    decision=veldania.decision(), deadlines=DEADLINES, **options)  # fmt: skip


def path_of(root: Path, kind: str, words: str) -> str:
    """``segment/id`` of the finding or quotation with these words."""
    lines = gzip.decompress((root / f"releases/{SECOND}/casegraph.nq.gz").read_bytes()).decode()
    found = re.search(rf'/id/({kind}/\w+)> \S+#(?:statement|exact)> "[^"]*{words}', lines)
    assert found
    return found[1]


def traces(root: Path, *tokens: str) -> list[str]:
    """Where the tokens stand in anything that was or could be published."""
    seen = [*contents(root / "releases"), *contents(root / "var")]
    return hits(tokens, [(name, data) for name, data in seen if "withdrawals.json" not in name])


def assert_verified(root: Path) -> None:
    shelf = veldania.shelf(root)
    assert shelf.held() == [FIRST, SECOND]
    assert shelf.current() == SECOND
    for release_id in shelf.held():
        for release in (shelf.directory(release_id), shelf.releases / f"{release_id}.zip"):
            result = verify(release, public_key=veldania.KEY.public, semantic_checks=[same_triples])
            assert result.ok, result.problems


def test_a_finding_goes_with_all_that_rests_on_it(root: Path) -> None:
    cold = path_of(root, "finding", "cold cell")
    done = withdraw(root, f"{veldania.BASE}id/{cold}")
    free = [a for a in done.withdrawn if "/finding/" in a and not a.endswith(cold)]
    assert len(free) == 1, "the finding that was derived from it"
    assert sum("/quotation/" in address for address in done.withdrawn) == 1
    assert done.editions == (FIRST, SECOND)
    assert (
        traces(root, "cold cell", "was free again", *(a.rpartition("/")[2] for a in done.withdrawn))
        == []
    )
    assert_verified(root)


def test_a_person_goes_with_findings_cases_and_queries(root: Path) -> None:
    done = withdraw(root, TORBAN)
    assert done.mentions == ()
    assert traces(root, "Torban", "Торбан", "Ilva", "pe00000000000001", "7-7/2030", "torban") == []
    assert (root / f"releases/{SECOND}/queries/all.rq").exists()
    assert_verified(root)


def test_a_source_goes_with_its_words_and_findings(root: Path) -> None:
    withdraw(root, "source/so00000000000001")
    assert traces(root, "Yearly report", "412", "so00000000000001", "cold cell") == []
    assert traces(root, "Three people were held") != []
    assert_verified(root)


def test_a_quotation_goes_with_the_findings_on_it(root: Path) -> None:
    withdraw(root, path_of(root, "quotation", "97 of them"))
    assert traces(root, "97 of them", "Of them 97") == []
    assert_verified(root)


def test_only_links_to_it_go_from_other_findings(root: Path) -> None:
    """``rising`` qualifies ``total``: it stays, without the link."""
    total = path_of(root, "finding", "counts 412")
    withdraw(root, total)
    turtle = (root / f"releases/{SECOND}/casegraph.ttl").read_text(encoding="utf-8")
    assert "trials are rising" in turtle
    assert "cg:qualifies" not in turtle
    assert_verified(root)


def test_shapes_and_closure_run_on_the_new_edition(root: Path) -> None:
    withdraw(root, path_of(root, "finding", "cold cell"), engines=None)
    inferred = (root / f"releases/{SECOND}/inferred.ttl").read_text(encoding="utf-8")
    assert "cg:CurrentFinding" in inferred
    assert_verified(root)


def test_the_vocabulary_is_that_of_the_release(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years later, with a newer casegraph, an old edition keeps what it was made with."""

    def newer(_base: str) -> None:
        pytest.fail("the vocabulary of this casegraph was used")

    monkeypatch.setattr(assemble, "load_vocabulary", newer)
    before = (root / f"releases/{FIRST}/vocabulary.ttl").read_bytes()
    withdraw(root, TORBAN)
    assert (root / f"releases/{FIRST}/vocabulary.ttl").read_bytes() == before


def test_the_public_list_names_addresses_and_nothing_else(root: Path) -> None:
    done = withdraw(root, TORBAN)
    data = (root / "releases/withdrawals.json").read_bytes()
    value = json.loads(data)
    assert sorted(value) == ["editions", "withdrawn"]
    assert value["withdrawn"] == list(done.withdrawn)
    assert all(re.fullmatch(rf"{veldania.BASE}id/[a-z]+/[0-9a-z]+", a) for a in value["withdrawn"])
    assert hits(["Torban", "it was agreed", "the desk"], [("list", data)]) == []
    signature = (root / "releases/withdrawals.json.minisig").read_text(encoding="utf-8")
    assert check(data, signature, veldania.KEY.public) is None


def test_a_release_tells_only_how_many_records_went(root: Path) -> None:
    done = withdraw(root, TORBAN)
    readme = (root / f"releases/{SECOND}/README.txt").read_text(encoding="utf-8")
    assert f"{len(done.withdrawn)} records were withdrawn; this is a redacted edition." in readme
    manifest = parse_manifest((root / f"releases/{SECOND}/manifest.json").read_bytes())
    assert manifest.facts["redactedRecords"] == len(done.withdrawn)


def test_nothing_of_it_is_in_the_difference_of_two_releases(root: Path) -> None:
    cold = path_of(root, "finding", "cold cell")
    withdraw(root, cold)
    difference = diff(root / "releases" / FIRST, root / "releases" / SECOND)
    assert difference.findings_removed == ()
    assert len(difference.findings_added) == 1
    assert cold.rpartition("/")[2] not in json.dumps(difference.as_json())


def test_later_builds_do_not_bring_it_back(root: Path) -> None:
    withdraw(root, path_of(root, "finding", "cold cell"))
    veldania.release(root, on=date(2031, 12, 1), engines=veldania.FAST)
    assert traces(root, "cold cell", "was free again") == []


def test_a_pseudonym_does_not_come_back_under_the_name(root: Path) -> None:
    lines = gzip.decompress((root / f"releases/{SECOND}/casegraph.nq.gz").read_bytes()).decode()
    found = re.search(r'/id/(person/\w+)> \S+#label> "Witness W"', lines)
    assert found
    done = withdraw(root, found[1])
    assert done.mentions == (), "the word of a pseudonym is no name to look for"
    people = veldania.files()["people.yaml"]
    people["people"][1]["disclosure"] = veldania.PUBLIC
    (root / "people.yaml").write_text(json.dumps(people), encoding="utf-8")
    build(veldania.inputs(root), on=date(2031, 12, 1), engines=veldania.FAST)
    assert traces(root, "Witness W", "Zvirko", "two prisoners carried out") == []


def test_drafts_and_stores_are_forgotten(root: Path) -> None:
    shelf = veldania.shelf(root)
    manifest = parse_manifest((shelf.directory(SECOND) / "manifest.json").read_bytes())
    plain = root / "casegraph.nq"
    plain.write_bytes(gzip.decompress((shelf.directory(SECOND) / "casegraph.nq.gz").read_bytes()))
    build_store([plain], shelf.stores, manifest.dataset_sha256)
    plain.unlink()
    (root / "var" / f".build-1{durable.TEMPORARY_SUFFIX}").mkdir()
    assert traces(root, "Torban") != []
    withdraw(root, TORBAN)
    assert traces(root, "Torban") == []
    assert not shelf.candidate.exists()
    assert [path.name for path in shelf.private.iterdir()] == ["decisions.jsonl"]
    assert [*shelf.stores.iterdir()] == []


def _release_with_a_song(root: Path) -> None:
    """A third release, in which a finding about somebody else names her."""
    changed = later_files()
    changed["findings/page.yaml"]["statements"].append(
        {"cite": "yes", "trend": "rising", "of": "sentenced", "baseline": "unstated",
         "time": "none", "statement": "Since Torban's song, trials are more frequent."}
    )  # fmt: skip
    veldania.write(root, changed)
    veldania.release(root, on=date(2031, 12, 1), engines=veldania.FAST)


def test_names_that_remain_elsewhere_are_told(root: Path) -> None:
    _release_with_a_song(root)
    done = withdraw(root, TORBAN)
    assert traces(root, "Torban") != []
    assert len(done.mentions) == 1
    withdraw(root, done.mentions[0])
    assert traces(root, "Torban") == []


def test_what_is_left_is_told_with_its_place_and_what_to_run(root: Path) -> None:
    """What was asked for is gone by then; the sentence does not repeat the name."""
    _release_with_a_song(root)
    (left,) = withdraw(root, TORBAN).left
    assert left.fields == ("label", "statement")
    assert left.releases == ("2031-12-01.1",)
    assert left.command == (
        f"casegraph takedown {left.address} --by 'the desk' --because 'it was agreed'"
    )
    assert left.told() == (
        f"A name of what was withdrawn may still stand in {left.address} (label, statement;"
        f" in 2031-12-01.1). If so, withdraw it as well: {left.command}"
    )
    assert traces(root, TORBAN.partition("/")[2]) == []


def test_a_group_or_an_institution_is_looked_for_by_its_whole_name(root: Path) -> None:
    """The set of people is called after the mill; mills as such are not meant."""
    left = withdraw(root, "institution/ag00000000000003").left
    assert [(one.address.split("/")[-2], one.fields, one.releases) for one in left] == [
        ("finding", ("label", "statement"), (SECOND,)),
        ("finding", ("label",), (FIRST, SECOND)),
        ("population", ("label",), (FIRST, SECOND)),
    ]
    assert_verified(root)


def test_what_a_release_says_of_itself_is_told(root: Path) -> None:
    changed = later_files()
    changed["casegraph.toml"] = changed["casegraph.toml"].replace("Songs of", "Torban and")
    veldania.write(root, changed)
    veldania.release(root, on=date(2031, 12, 1), engines=veldania.FAST)
    done = withdraw(root, TORBAN)
    assert done.mentions == ()
    (left,) = done.left
    assert left.told() == (
        "A name of what was withdrawn may still stand in what release 2031-12-01.1 says of itself"
        " (title): mend casegraph.toml for later releases, and delete the folder and the archive"
        " of this one."
    )


def test_names_cannot_be_looked_for_once_the_record_is_gone(root: Path) -> None:
    """A second run must not look as if nothing named the person."""
    _release_with_a_song(root)
    withdraw(root, TORBAN)
    with pytest.raises(NotFound) as error:
        withdraw(root, TORBAN, naming=True)
    assert str(error.value) == (
        f"{TORBAN} was withdrawn before, so no held release tells its names any more\n"
        "    If that was done with --naming, nothing is left to do. If not, find the records that"
        " still name it as in docs/how-to/a-name-got-out.md, and withdraw each by its address."
    )


def test_records_that_name_the_person_can_go_at_once(root: Path) -> None:
    _release_with_a_song(root)
    assert withdraw(root, TORBAN, naming=True).mentions == ()
    assert traces(root, "Torban") == []


def test_an_unknown_address_changes_nothing(root: Path) -> None:
    before = _snapshot(root)
    with pytest.raises(NotFound, match=r"^no held release carries person/nobody"):
        withdraw(root, "person/nobody")
    assert _snapshot(root) == before


def test_it_needs_a_name_and_a_reason(root: Path) -> None:
    decision = Decision(by="the desk", because=" ", on=veldania.DAY)
    with pytest.raises(NotAllowed, match=r"^a withdrawal needs a name and a reason"):
        takedown(veldania.shelf(root), TORBAN, key=veldania.KEY, decision=decision,
                 deadlines=DEADLINES)  # fmt: skip


def test_an_archive_without_its_folder_is_told(root: Path) -> None:
    stray = shutil.copy(root / f"releases/{FIRST}.zip", root / "releases/old.zip")
    assert withdraw(root, TORBAN).strays == (stray,)


def test_doing_it_twice_changes_nothing_more(root: Path) -> None:
    withdraw(root, TORBAN)
    before = _snapshot(root)
    done = withdraw(root, TORBAN)
    assert done.withdrawn == done.editions == ()
    assert _snapshot(root) == before


class Crash(BaseException):
    """The process dies here: nothing of ours runs after it."""


CALLS: Final = ("write_file", "sync_tree", "rename_dir", "exchange_dirs", "remove_tree", "sweep")


def dying_at(patch: pytest.MonkeyPatch, step: int, *, after: bool) -> Callable[[], int]:
    """Die before or after the given call of ``durable``; gives the number of calls so far."""
    calls = 0

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > step or (calls == step and not after):
                raise Crash
            result = real(*args, **options)
            if calls == step:
                raise Crash
            return result

        return call

    for name in CALLS:
        patch.setattr(durable, name, dying(getattr(durable, name)))
    return lambda: calls


def _snapshot(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "releases").rglob("*"))
        if path.is_file()
    }


def _steps(published: Path, folder: Path, *, one_step: bool) -> Iterator[int]:
    """All calls of a takedown that is not disturbed."""
    root = shutil.copytree(published, folder)
    with pytest.MonkeyPatch.context() as patch:
        if not one_step:
            patch.setattr(durable, "exchange_dirs", lambda _one, _other: False)
        count = dying_at(patch, 10**9, after=False)
        withdraw(root, TORBAN)
        yield from range(1, count() + 1)


def _crash_everywhere(published: Path, folder: Path, *, stride: int, one_step: bool) -> None:
    steps = [*_steps(published, folder / "whole", one_step=one_step)]
    assert len(steps) > 50
    wanted = _snapshot(folder / "whole")
    for number, step in enumerate(steps[::stride]):
        root = shutil.copytree(published, folder / "crashed")
        with pytest.MonkeyPatch.context() as patch:
            if not one_step:
                patch.setattr(durable, "exchange_dirs", lambda _one, _other: False)
            dying_at(patch, step, after=number % 2 == 1)
            with pytest.raises(Crash):
                withdraw(root, TORBAN)
        shelf = open_workspace(root).shelf  # the next start mends what has no name
        for held in (FIRST, SECOND):
            result = verify(shelf.directory(held), public_key=veldania.KEY.public)
            assert result.ok, (step, held, result.problems)
        assert shelf.current() == SECOND
        withdraw(root, TORBAN)
        assert _snapshot(root) == wanted, step
        assert not (root / "private" / "takedown.json").exists()
        shutil.rmtree(root)


def test_a_crash_at_any_step_leaves_it_resumable(published: Path, tmp_path: Path) -> None:
    _crash_everywhere(published, tmp_path, stride=11, one_step=True)


def test_the_same_where_two_folders_cannot_change_places_at_once(
    published: Path, tmp_path: Path
) -> None:
    _crash_everywhere(published, tmp_path, stride=13, one_step=False)


@pytest.mark.full
@pytest.mark.parametrize("one_step", [True, False])
def test_a_crash_at_every_step(published: Path, tmp_path: Path, *, one_step: bool) -> None:
    _crash_everywhere(published, tmp_path, stride=1, one_step=one_step)


def test_nothing_is_built_or_published_while_it_is_unfinished(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        dying_at(patch, 30, after=False)
        with pytest.raises(Crash):
            withdraw(root, TORBAN)
    with pytest.raises(Conflict, match=r"^a takedown was interrupted and is not finished"):
        build(veldania.inputs(root), on=date(2031, 12, 1), engines=veldania.FAST)
    withdraw(root, TORBAN)
    (root / "queries" / "torban.rq").unlink()
    build(veldania.inputs(root), on=date(2031, 12, 1), engines=veldania.FAST)
    with pytest.raises(NotAllowed):
        publish(veldania.shelf(root), key=veldania.KEY, decision=veldania.decision())

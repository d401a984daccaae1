"""Each rule of the projection, broken on purpose, is noticed by a leak test or the next wall."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from casegraph.errors import CasegraphError
from casegraph.model.terms import DisclosureLevel
from casegraph.release import build as building
from casegraph.release import projection
from casegraph.release.build import build
from casegraph.release.editions import Deadlines
from casegraph.release.takedown import takedown
from tests.hostile.leaks.byte_scan import contents, hits
from tests.hostile.leaks.canaries import hatch
from tests.release import veldania

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Patch = pytest.MonkeyPatch


def _see_all(patch: Patch) -> None:
    opened = projection._Gate.opened

    def open_everything(gate: Any, record: Any) -> Any:
        level = replace(record.disclosure, level=DisclosureLevel.PUBLIC, until=None)
        return opened(gate, replace(record, disclosure=level))

    patch.setattr(projection._Gate, "admits", lambda _gate, _record: True)
    patch.setattr(projection._Gate, "opened", open_everything)


def _forget_the_day(patch: Patch) -> None:
    patch.setattr(
        projection._Gate, "admits",
        lambda gate, record: projection.is_public(record.disclosure, gate.on),
    )  # fmt: skip


def _break_seals(patch: Patch) -> None:
    levels = {DisclosureLevel.PUBLIC, DisclosureLevel.PUBLIC_PSEUDONYM,
              DisclosureLevel.SEALED_UNTIL}  # fmt: skip
    patch.setattr(projection, "is_public", lambda disclosure, _on: disclosure.level in levels)


def _publish_aggregates(patch: Patch) -> None:
    levels = {DisclosureLevel.PUBLIC, DisclosureLevel.PUBLIC_PSEUDONYM,
              DisclosureLevel.AGGREGATE_ONLY}  # fmt: skip
    patch.setattr(projection, "is_public", lambda disclosure, _on: disclosure.level in levels)


def _forget_who_is_involved(patch: Patch) -> None:
    patch.setattr(projection, "references", lambda _finding: set())


def _forget_premises(patch: Patch) -> None:
    patch.setattr(projection, "_rests_on", lambda _finding: set())


def _keep_links_of_findings(patch: Patch) -> None:
    patch.setattr(projection, "_cut_finding", lambda finding, _findings, _sources: finding)


def _keep_links_of_agents(patch: Patch) -> None:
    patch.setattr(projection, "_cut_agent", lambda agent, _agents: agent)


def _keep_links_of_populations(patch: Patch) -> None:
    patch.setattr(projection, "_cut_population", lambda one, _populations, _agents: one)


def _keep_links_of_sources(patch: Patch) -> None:
    patch.setattr(projection, "_cut_source", lambda source, _sources: source)


def _lift_masks(patch: Patch) -> None:
    patch.setattr(projection._Gate, "disguised", lambda _gate, agent: agent)


def _keep_ids_under_masks(patch: Patch) -> None:
    patch.setattr(projection._Gate, "other_id", lambda _gate, agent: agent.id)


def _name_who_decided(patch: Patch) -> None:
    patch.setattr(projection, "_decided_by", lambda _organisation, revision, _findings: revision)


def _tell_when_recorded(patch: Patch) -> None:
    patch.setattr(projection._Gate, "opened", lambda _gate, record: record)


MUTANTS: dict[str, Callable[[Patch], None]] = {
    "P1 own decision": _see_all,
    "P1 recorded by the day": _forget_the_day,
    "P2 seals": _break_seals,
    "P2 aggregates": _publish_aggregates,
    "P3 strictest involved": _forget_who_is_involved,
    "P4 premises": _forget_premises,
    "P5 findings": _keep_links_of_findings,
    "P5 agents": _keep_links_of_agents,
    "P5 populations": _keep_links_of_populations,
    "P5 sources": _keep_links_of_sources,
    "P6 names": _lift_masks,
    "P6 ids": _keep_ids_under_masks,
    "P7 organisation": _name_who_decided,
    "P8 date of recording": _tell_when_recorded,
}


def leaks(root: Path, tokens: list[str]) -> list[str]:
    """Build, and look for canaries, dates of recording, and people who decided."""
    try:
        build(veldania.inputs(root), on=veldania.LATER, engines=veldania.FAST)
    except CasegraphError as error:
        return [f"refused: {error.message}"]
    candidate = root / "var" / "candidate"
    found = hits(tokens, contents(candidate))
    lines = gzip.decompress((candidate / "casegraph.nq.gz").read_bytes()).decode()
    days = set(re.findall(r'#recordedAt> "([^T]+)T', lines))
    found += [f"recorded on {day}" for day in days - {str(veldania.DAY), str(veldania.LATER)}]
    deciders = re.findall(r"/id/revision/\S+ \S+#agent> <([^>]+)>", lines)
    found += [f"decided by {who}" for who in deciders if not who.endswith("ag00000000000001")]
    return found


@pytest.fixture(scope="module")
def hatched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A workspace with a first release; since then a person decided a revision, and one
    more finding was recorded.
    """
    root = tmp_path_factory.mktemp("mutants") / "workspace"
    nest = hatch(root)
    veldania.release(root, engines=veldania.FAST)
    lines = gzip.decompress((root / "releases/2031-05-17.1/casegraph.nq.gz").read_bytes()).decode()
    published = re.search(r"/id/finding/(\w+)> \S+#statement> \"A witness", lines)
    assert published
    revisions = root / "revisions.yaml"
    entry = (
        f'{{"id": "re00000000000001", "kind": "dispute", "finding": "{published[1]}",'
        ' "because": "somebody wrote", "by": "torban", "on": "2031-08-01"}'
    )
    text = revisions.read_text(encoding="utf-8")
    revisions.write_text(text.replace('"revisions": [', f'"revisions": [{entry},'), "utf-8")
    page = root / "findings" / "page.yaml"
    content = json.loads(page.read_text(encoding="utf-8"))
    content["statements"].append(
        {"cite": "yes", "state": "at-liberty", "of": "torban", "on": "2031-05-01",
         "recorded": "2031-06-06", "statement": "It says that Ilva Torban was free in May."}
    )  # fmt: skip
    page.write_text(json.dumps(content), encoding="utf-8")
    return root, nest.tokens


def test_the_whole_gate_leaks_nothing(hatched: tuple[Path, list[str]]) -> None:
    root, tokens = hatched
    assert leaks(root, tokens) == []
    lines = gzip.decompress((root / "var/candidate/casegraph.nq.gz").read_bytes()).decode()
    assert "/id/revision/re00000000000001> " in lines


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_broken_rule_is_noticed(
    hatched: tuple[Path, list[str]], rule: str, monkeypatch: Patch
) -> None:
    root, tokens = hatched
    MUTANTS[rule](monkeypatch)
    assert leaks(root, tokens)


@pytest.mark.parametrize("broken", [False, True])
def test_rule_p9_keeps_withdrawn_records_away(
    tmp_path: Path, *, broken: bool, monkeypatch: Patch
) -> None:
    root = veldania.write(tmp_path / "w", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    takedown(
        veldania.shelf(root), "person/pe00000000000001", key=veldania.KEY,
        decision=veldania.decision(), deadlines=Deadlines(validate=60, reason=60),
        engines=veldania.FAST,
    )  # fmt: skip
    if broken:
        monkeypatch.setattr(building, "withdrawn_paths", lambda _shelf: frozenset())
    build(veldania.inputs(root), on=veldania.LATER, engines=veldania.FAST)
    found = hits(["Ilva", "Torban"], contents(root / "var" / "candidate"))
    assert bool(found) is broken

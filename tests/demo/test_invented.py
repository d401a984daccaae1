"""The second demonstration: its revisions point at what it published."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from casegraph.graph.addresses import minting_context
from casegraph.release.projection import project
from casegraph.workspace import open_workspace, read_workspace, release_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from casegraph.graph.context import MintingContext

FIRST_RELEASE = date(2025, 3, 1)
_REVISED = re.compile(r"finding: (?P<id>\w+)\s+# (?P<key>[\w/-]+)")


@pytest.fixture(scope="module")
def first_release(repository: Path) -> MintingContext:
    """The addresses of the first release of data/invented."""
    workspace = open_workspace(repository / "data" / "invented")
    inputs = release_inputs(workspace, read_workspace(workspace))
    public = project(
        inputs.book, on=FIRST_RELEASE, salt=inputs.salt, organisation=inputs.organisation
    )
    return minting_context(
        base_iri=inputs.base_iri,
        salt=inputs.salt,
        agents=public.agents.values(),
        populations=public.populations.values(),
        cases=public.cases.values(),
        sources=public.sources.values(),
        findings=public.findings.values(),
    )


def test_revisions_name_findings_that_were_published(
    repository: Path, first_release: MintingContext
) -> None:
    """Ids follow from what a finding says, so a change of the data must be carried over here."""
    text = (repository / "data" / "invented" / "revisions.yaml").read_text(encoding="utf-8")
    written = {match["key"]: match["id"] for match in _REVISED.finditer(text)}
    assert len(written) == text.count("finding: ")
    assert written == {key: first_release.findings[key] for key in written}


def test_protected_records_have_no_address(repository: Path, first_release: MintingContext) -> None:
    """What is restricted or sealed is in the workspace and not in the release."""
    workspace = open_workspace(repository / "data" / "invented")
    book = read_workspace(workspace).book
    levels = {key: finding.disclosure.level for key, finding in book.findings.items()}
    levels |= {key: agent.disclosure.level for key, agent in book.agents.items()}
    private = {
        key
        for key, level in levels.items()
        if level.value in {"restricted", "sealed-until", "aggregate-only"}
    }
    assert private
    assert private.isdisjoint({*first_release.findings, *first_release.entities})

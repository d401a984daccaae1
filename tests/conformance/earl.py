"""The outcome of a run in EARL 1.0, as Turtle."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conformance.outcomes import Outcome

_HEAD = """\
@prefix dc: <http://purl.org/dc/terms/> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix earl: <http://www.w3.org/ns/earl#> .

<#subject> a doap:Project, earl:TestSubject, earl:Software ;
    doap:name {name} ;
    doap:release [ doap:revision {version} ] .

<#runner> a earl:Assertor, earl:Software ;
    dc:title "the SPARQL 1.1 runner of casegraph, over HTTP" .
"""
_ONE = """
[] a earl:Assertion ;
    earl:assertedBy <#runner> ;
    earl:subject <#subject> ;
    earl:test <{test}> ;
    earl:mode earl:automatic ;
    earl:result [ a earl:TestResult ; earl:outcome earl:{verdict}{note} ] .
"""


def report(name: str, version: str, outcomes: Iterable[Outcome]) -> str:
    """One assertion for each test, in the order of their addresses."""
    return _HEAD.format(name=_text(name), version=_text(version)) + "".join(
        _ONE.format(
            test=one.iri,
            verdict=one.verdict,
            note=f" ; dc:description {_text(one.note)}" if one.note else "",
        )
        for one in sorted(outcomes, key=lambda one: one.iri)
    )


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'

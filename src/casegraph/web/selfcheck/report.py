"""What a self-check found, and the forms it is told in: EARL, JSON, JUnit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from casegraph.graph import literal, terms
from casegraph.graph.nquads import Quad
from casegraph.graph.turtle import TurtleWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Outcome = Literal["passed", "failed", "untested"]

EARL: Final = "http://www.w3.org/ns/earl#"
_PREFIXES: Final = {**terms.PREFIXES, "earl": EARL}
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question and what became of it; ``detail`` says what was seen, or what is wrong.

    ``untested``: it could not be asked here, and ``detail`` says why.
    """

    group: str
    name: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All checks of one edition of a release; ``begun`` is a moment in UTC (ISO 8601)."""

    release_id: str
    edition: str
    begun: str
    seconds: float
    checks: tuple[Check, ...]

    def count(self, outcome: Outcome) -> int:
        """How many checks ended so."""
        return sum(check.outcome == outcome for check in self.checks)

    def groups(self) -> dict[str, list[Check]]:
        """The checks by group, in the order in which they were made."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.group, []).append(check)
        return found


def verdict(group: str, name: str, wrong: Iterable[str], seen: str = "") -> Check:
    """Passed where nothing is wrong; else failed, with the first few faults and their number."""
    faults = list(wrong)
    if not faults:
        return Check(group=group, name=name, outcome="passed", detail=seen)
    more = f"; and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
    detail = "; ".join(faults[:_MOST_NAMED]) + more
    return Check(group=group, name=name, outcome="failed", detail=detail)


def untested(group: str, name: str, why: str) -> Check:
    """A check that could not be made here."""
    return Check(group=group, name=name, outcome="untested", detail=why)


def as_json(report: Report) -> bytes:
    """Everything, as JSON."""
    value = {
        "release": report.release_id,
        "edition": report.edition,
        "begun": report.begun,
        "seconds": round(report.seconds, 3),
        "passed": report.count("passed"),
        "failed": report.count("failed"),
        "untested": report.count("untested"),
        "checks": [
            {
                "group": check.group,
                "name": check.name,
                "outcome": check.outcome,
                "detail": check.detail,
            }
            for check in report.checks
        ],
    }
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def as_junit(report: Report) -> bytes:
    """As machines that build software read it: one suite a group."""
    root = Element("testsuites", {"name": f"release {report.release_id}"})
    root.set("time", f"{report.seconds:.3f}")
    for group, checks in report.groups().items():
        failures = sum(check.outcome == "failed" for check in checks)
        skipped = sum(check.outcome == "untested" for check in checks)
        suite = SubElement(root, "testsuite", {"name": group, "tests": str(len(checks))})
        suite.set("failures", str(failures))
        suite.set("skipped", str(skipped))
        suite.set("timestamp", report.begun)
        for check in checks:
            case = SubElement(suite, "testcase", {"classname": group, "name": check.name})
            if check.outcome != "passed":
                kind = "failure" if check.outcome == "failed" else "skipped"
                SubElement(case, kind, {"message": check.detail})
    indent(root, " ")
    text: str = tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def as_earl(report: Report, public_url: str) -> bytes:
    """As EARL 1.0 in Turtle, every node with an address below the page."""
    writer = TurtleWriter(_PREFIXES)
    quads = _earl(report, f"{public_url}conformance", public_url)
    title = f"Self-check of release {report.release_id}."
    return "".join(f"{line}\n" for line in writer.lines(quads, title=title)).encode()


def _earl(report: Report, page: str, subject: str) -> Iterator[Quad]:
    checker = f"{page}#casegraph"
    yield Quad(subject, terms.RDF_TYPE, f"{EARL}TestSubject")
    yield Quad(subject, terms.DCTERMS_TITLE, _english(f"This site, release {report.release_id}"))
    yield Quad(checker, terms.RDF_TYPE, f"{EARL}Software")
    yield Quad(checker, terms.DCTERMS_TITLE, _english("casegraph"))
    begun = literal.Literal(report.begun, terms.XSD_DATE_TIME)
    for number, check in enumerate(report.checks, start=1):
        assertion, test = f"{page}#assertion-{number}", f"{page}#test-{number}"
        result = f"{page}#result-{number}"
        yield Quad(assertion, terms.RDF_TYPE, f"{EARL}Assertion")
        yield Quad(assertion, f"{EARL}assertedBy", checker)
        yield Quad(assertion, f"{EARL}subject", subject)
        yield Quad(assertion, f"{EARL}test", test)
        yield Quad(assertion, f"{EARL}mode", f"{EARL}automatic")
        yield Quad(assertion, f"{EARL}result", result)
        yield Quad(test, terms.RDF_TYPE, f"{EARL}TestCase")
        yield Quad(test, terms.DCTERMS_TITLE, _english(f"{check.group}: {check.name}"))
        yield Quad(result, terms.RDF_TYPE, f"{EARL}TestResult")
        yield Quad(result, f"{EARL}outcome", EARL + check.outcome)
        yield Quad(result, terms.DCTERMS + "date", begun)
        if check.detail:
            yield Quad(result, f"{EARL}info", _english(check.detail))


def _english(text: str) -> literal.Literal:
    return literal.lang_string(text, "en")

"""Whatever breaks while an answer is made or sent, no client takes a part for the whole."""

from __future__ import annotations

import functools
import itertools
import json
import re
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.hostile.http.served import Served
from tests.service import faults
from tests.web.plain_release import publish_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

    from tests.service.faults import Answer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults are done through /proc")

TABLE = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?o"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 30000"
QUERIES = {
    "json": TABLE,
    "xml": TABLE,
    "csv": TABLE,
    "tsv": TABLE,
    "ttl": GRAPH,
    "nt": GRAPH,
    "nq": GRAPH,
    "trig": GRAPH,
    "rdfxml": GRAPH,
    "jsonld": GRAPH,
    "html": TABLE,
}
TRIPLES = 3_000
DEADLINE_S = 0.5
SETTINGS = {
    "query_workers": 1,
    "query_deadline_seconds": DEADLINE_S,
    "page_deadline_seconds": DEADLINE_S,
    "client_work_seconds_per_minute": 6_000.0,
    "client_burst_work_seconds": 6_000.0,
}
POSITIONS = 100
SAMPLE = (37, 99)
HANGING_S = 45.0
"""Measures nothing: what has not come after so long hangs, on the slowest machine as well."""
_SECONDS = re.compile(rb"in \d+\.\d\d s")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests the places of an answer at which something happens to it.

    Where all that is not in the sample would be deselected again (as it is unless the command
    line has another expression), those thousands are not made.
    """
    everything = metafunc.config.getoption("markexpr") != "not full"
    if "hundredth" in metafunc.fixturenames:
        metafunc.parametrize("hundredth", positions(everything=everything))
    if "place" in metafunc.fixturenames:
        metafunc.parametrize("place", places(everything=everything))


def positions(*, everything: bool) -> list[ParameterSet]:
    """Hundredths of an answer: a few of them for every run, the others marked as ``full``."""
    return [
        pytest.param(one, marks=() if one in SAMPLE else pytest.mark.full)
        for one in range(POSITIONS)
        if everything or one in SAMPLE
    ]


def places(*, everything: bool) -> list[ParameterSet]:
    """Forms with hundredths; for every run one to each form, since each costs a deadline."""
    sample = set(zip(QUERIES, itertools.cycle(SAMPLE), strict=False))
    return [
        pytest.param(one, id=f"{one[0]}-{one[1]}", marks=() if one in sample else pytest.mark.full)
        for one in itertools.product(QUERIES, range(POSITIONS))
        if everything or one in sample
    ]


@pytest.mark.parametrize(("made", "number"), [(positions, POSITIONS), (places, 11 * POSITIONS)])
def test_nothing_is_left_out_at_full_size(
    made: Callable[..., list[ParameterSet]], number: int
) -> None:
    """And the sample is what a run at full size does not mark as its own."""
    everything = made(everything=True)
    assert len({one.values for one in everything}) == number
    assert [one for one in everything if not one.marks] == made(everything=False)


def test_the_sample_has_every_form_and_each_of_its_places() -> None:
    found = [one.values[0] for one in places(everything=False)]
    forms, hundredths = zip(*found, strict=True)
    assert (list(forms), set(hundredths)) == (list(QUERIES), set(SAMPLE))


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site keeps results on their way."""
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "releases"
    publish_lines(
        folder,
        (
            f"<http://example.org/n{number:05}> <http://example.org/says>"
            f' "Слова {number}, and as many again" <http://example.org/graph/asserted> .'
            for number in range(TRIPLES)
        ),
    )
    return folder


@pytest.fixture(scope="module")
def site(releases: Path, spool: Path) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(spool))
        served = Served.start(releases, json.dumps(SETTINGS), spool / "log")
    with served:
        assert faults.is_well(served)
        yield served


@pytest.fixture(scope="module")
def right(site: Served) -> dict[str, Answer]:
    """The answers as they have to be."""
    found = {form: faults.ask_well(site, query, form) for form, query in QUERIES.items()}
    assert {answer.status for answer in found.values()} == {200}
    assert all(len(answer.body) > 100_000 for form, answer in found.items() if form != "html")
    assert b"3,000 rows, complete" in found["html"].body
    return found


@pytest.fixture(scope="module")
def struck() -> Iterator[Counter[tuple[str, bool]]]:
    """How many faults of each kind came in time to break an answer: not all, but many."""
    counted: Counter[tuple[str, bool]] = Counter()
    yield counted
    for fault in {name for name, _ in counted}:
        broke, passed = counted[fault, True], counted[fault, False]
        assert broke + passed < len(QUERIES) or broke >= (broke + passed) // 8, fault


def judge(answer: Answer, right: Answer) -> None:
    """An answer is the right one, or nobody takes it for one."""
    if answer.looks_right():
        assert _SECONDS.sub(b"", answer.body) == _SECONDS.sub(b"", right.body)
        assert answer.keeps_its_word()
        return
    assert not answer.whole or answer.status in {500, 503}
    if answer.whole and answer.headers["content-type"] == "application/problem+json":
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["limit"]
        assert problem["tryNext"]
        assert problem["dumps"]
    elif answer.whole:
        assert b'role="alert"' in answer.body
        assert b", complete" not in answer.body


def place_of(right: dict[str, Answer], form: str, hundredth: int) -> int:
    """A place in the result; that of a page is made from JSON."""
    return len(right["json" if form == "html" else form].body) * hundredth // POSITIONS


@pytest.mark.parametrize("form", QUERIES)
def test_a_worker_that_is_killed(
    site: Served,
    spool: Path,
    right: dict[str, Answer],
    struck: Counter[tuple[str, bool]],
    *,
    form: str,
    hundredth: int,
) -> None:
    """At a place of the result."""
    request = functools.partial(faults.ask, site, QUERIES[form], form)
    answer, came = faults.at(site, spool, place_of(right, form, hundredth), request, faults.kill)
    judge(answer, right[form])
    struck["killed", came and not answer.looks_right()] += 1
    assert faults.is_well(site)
    assert faults.spooled(spool) == 0


def test_a_worker_that_meets_its_deadline(
    site: Served,
    spool: Path,
    right: dict[str, Answer],
    struck: Counter[tuple[str, bool]],
    place: tuple[str, int],
) -> None:
    """Frozen at a place of the result."""
    form, hundredth = place
    request = functools.partial(faults.ask, site, QUERIES[form], form)
    answer, came = faults.at(site, spool, place_of(right, form, hundredth), request, faults.freeze)
    judge(answer, right[form])
    struck["deadline", came and not answer.looks_right()] += 1
    assert faults.is_well(site)
    assert faults.spooled(spool) == 0


@pytest.mark.parametrize("form", QUERIES)
def test_a_worker_without_memory(
    site: Served,
    spool: Path,
    right: dict[str, Answer],
    struck: Counter[tuple[str, bool]],
    *,
    form: str,
    hundredth: int,
) -> None:
    """It gets no more of it from a moment on; the moments are spread over its work."""
    request = functools.partial(faults.ask, site, QUERIES[form], form)
    answer, came = faults.without_memory(site, hundredth // 4, request)
    judge(answer, right[form])
    struck["memory", came and not answer.looks_right()] += 1
    assert faults.is_well(site)
    assert faults.spooled(spool) == 0


@pytest.mark.parametrize("form", QUERIES)
def test_a_full_disk(
    site: Served,
    spool: Path,
    right: dict[str, Answer],
    struck: Counter[tuple[str, bool]],
    *,
    form: str,
    hundredth: int,
) -> None:
    """No byte of the result can be written beyond a place."""
    with faults.full_disk(faults.workers(site), place_of(right, form, hundredth)):
        answer = faults.ask(site, QUERIES[form], form)
    judge(answer, right[form])
    struck["disk", not answer.looks_right()] += 1
    if form != "html" and not answer.looks_right():
        assert json.loads(answer.body)["limit"] in {"disk", "time"}
    assert faults.is_well(site)
    assert faults.spooled(spool) == 0


@pytest.mark.parametrize("form", [form for form in QUERIES if form != "html"])
def test_a_client_that_leaves(
    site: Served, spool: Path, right: dict[str, Answer], form: str, hundredth: int
) -> None:
    """What it has is less than what was announced, and nothing is left of its answer."""
    place = place_of(right, form, hundredth)
    connection, received = faults.read_some(site, QUERIES[form], form, place)
    connection.close()
    head, _, body = received.partition(b"\r\n\r\n")
    told = re.search(rb"content-length: (\d+)", head)
    assert told is not None
    assert int(told[1]) == len(right[form].body)
    assert right[form].body.startswith(body)
    assert faults.is_well(site)
    assert faults.spooled(spool) == 0


def test_a_result_that_is_lost_while_it_is_sent(site: Served, hundredth: int) -> None:
    """The connection breaks before the length that was announced."""
    connection, received = faults.read_some(site, LARGE, "json", hundredth * 1_000)
    head, _, body = received.partition(b"\r\n\r\n")
    told = re.search(rb"content-length: (\d+)", head)
    assert told is not None
    assert int(told[1]) > 4 * 1024 * 1024
    with connection:
        assert faults.cut_open_results(site, hundredth * 10_000) == 1
        try:
            while block := connection.recv(65536):
                body += block
        except ConnectionResetError:
            pass
    assert len(body) < int(told[1])
    assert faults.is_well(site)


def test_no_room_for_a_compressed_copy(site: Served) -> None:
    """A large answer then goes out as it is."""
    with faults.full_disk([site.process.pid], 20_000):
        answer = faults.ask_well(site, LARGE, "json", coding="gzip")
    assert answer.looks_right()
    assert answer.keeps_its_word()
    assert "content-encoding" not in answer.headers
    coded = faults.ask_well(site, LARGE, "json", coding="gzip")
    assert coded.headers["content-encoding"] == "gzip"
    assert coded.keeps_its_word()


def test_a_query_whose_client_is_gone_is_given_up(releases: Path, tmp_path: Path) -> None:
    """The only worker is free long before the deadline."""
    settings = {"query_workers": 1, "query_deadline_seconds": 60.0}
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with Served.start(releases, json.dumps(settings), tmp_path / "log") as site:
        assert faults.is_well(site)
        connection = faults.begin(site, heavy)
        time.sleep(0.5)
        connection.close()
        began = time.monotonic()
        assert faults.is_well(site, within=HANGING_S)
        # No measure of speed: later, it might be the deadline that made the worker free.
        assert time.monotonic() - began < HANGING_S


@pytest.mark.parametrize("sent", [0, 50_000, 99_000])
def test_a_server_that_is_killed_while_it_sends(releases: Path, tmp_path: Path, sent: int) -> None:
    with Served.start(releases, json.dumps(SETTINGS), tmp_path / "log") as site:
        assert faults.is_well(site)
        connection, received = faults.read_some(site, LARGE, "csv", sent)
        site.process.kill()
        head, _, body = received.partition(b"\r\n\r\n")
        told = re.search(rb"content-length: (\d+)", head)
        assert told is not None
        with connection:
            try:
                while block := connection.recv(65536):
                    body += block
            except ConnectionResetError:
                pass
        assert len(body) < int(told[1])

"""The description of a release: complete by VoID and DCAT 3, the same every time, and checked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
import pytest

from casegraph import assets
from casegraph.errors import InvalidRecords
from casegraph.graph.nquads import encode_lines
from casegraph.graph.turtle import turtle_lines
from casegraph.release.assemble import Engines
from casegraph.release.build import build
from casegraph.release.catalogue import PREFIXES, SeriesMember, series_quads
from casegraph.validate.report import Report, ResultRecord, report_of
from casegraph.validate.shacl import validate_turtle
from tests.release import veldania

if TYPE_CHECKING:
    from pathlib import Path

DCAT, VOID = "http://www.w3.org/ns/dcat#", "http://rdfs.org/ns/void#"
DCTERMS, SPDX = "http://purl.org/dc/terms/", "http://spdx.org/rdf/terms#"
BASE: Final = veldania.BASE
FIRST, SECOND = "2031-05-17.1", "2031-09-01.1"
SHAPES: Final = assets.root("shapes") / "catalogue.ttl"


class Graph:
    """The triples of a Turtle file, asked one property at a time."""

    def __init__(self, path: Path) -> None:
        self.store = ox.Store()
        self.store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)

    def values(self, subject: str, prop: str) -> list[str]:
        found = self.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(prop), None)
        return sorted(quad.object.value for quad in found if not isinstance(quad.object, ox.Triple))

    def one(self, subject: str, prop: str) -> str:
        (value,) = self.values(subject, prop)
        return value


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases, one after the other."""
    root = veldania.write(tmp_path_factory.mktemp("catalogue") / "workspace", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    veldania.release(root, on=veldania.LATER, engines=veldania.FAST)
    return root / "releases"


def test_the_description_keeps_the_shapes(releases: Path) -> None:
    for release in (FIRST, SECOND):
        path = releases / release / "void.ttl"
        assert validate_turtle(path, shapes=SHAPES, deadline_seconds=60).results == ()


def test_equal_input_gives_equal_bytes(releases: Path, tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "again", veldania.files())
    veldania.release(root, engines=veldania.FAST)
    again = root / "releases" / FIRST / "void.ttl"
    assert again.read_bytes() == (releases / FIRST / "void.ttl").read_bytes()


def test_catalogue_series_and_release_lead_to_each_other(releases: Path) -> None:
    graph = Graph(releases / SECOND / "void.ttl")
    release, series = f"{BASE}release/{SECOND}", f"{BASE}release/#series"
    assert graph.values(f"{BASE}release/#catalogue", DCAT + "dataset") == sorted([series, release])
    assert graph.one(release, DCAT + "inSeries") == series
    assert graph.one(release, DCAT + "version") == SECOND
    assert graph.one(release, DCAT + "previousVersion") == f"{BASE}release/{FIRST}"
    assert graph.one(release, DCTERMS + "issued") == SECOND[:10]
    assert graph.one(release, DCTERMS + "license").startswith("https://creativecommons.org/")
    notes = graph.one(release, "http://www.w3.org/ns/adms#versionNotes")
    assert notes == f"Since {FIRST}: 0 findings more, 0 findings fewer."
    assert not graph.values(f"{BASE}release/{FIRST}", DCAT + "version"), "only one is described"


def test_the_first_release_has_none_before_it(releases: Path) -> None:
    graph = Graph(releases / FIRST / "void.ttl")
    assert graph.values(f"{BASE}release/{FIRST}", DCAT + "previousVersion") == []


def test_the_endpoint_is_described_by_its_identity(releases: Path) -> None:
    graph = Graph(releases / FIRST / "void.ttl")
    endpoint = f"{BASE}sparql"
    assert graph.one(endpoint, DCAT + "endpointURL") == endpoint
    assert graph.one(endpoint, DCAT + "endpointDescription") == f"{endpoint}?format=ttl"
    assert graph.one(endpoint, DCAT + "servesDataset") == f"{BASE}release/{FIRST}"
    assert graph.one(f"{BASE}release/{FIRST}", VOID + "sparqlEndpoint") == endpoint


def test_every_file_at_the_top_is_a_distribution_with_its_size_and_digest(releases: Path) -> None:
    folder = releases / FIRST
    graph = Graph(folder / "void.ttl")
    around = {"void.ttl", "manifest.json", "manifest.json.minisig", "minisign.pub", "SHA256SUMS"}
    files = {path.name for path in folder.iterdir() if path.is_file()} - around
    release = f"{BASE}release/{FIRST}"
    listed = {
        one.removeprefix(f"{release}/") for one in graph.values(release, DCAT + "distribution")
    }
    assert listed == files
    for name in files:
        address, data = f"{release}/{name}", (folder / name).read_bytes()
        assert graph.one(address, DCAT + "downloadURL") == address
        assert graph.one(address, DCAT + "byteSize") == str(len(data))
        checksum = graph.one(address, SPDX + "checksum")
        assert graph.one(checksum, SPDX + "checksumValue") == hashlib.sha256(data).hexdigest()


def test_a_compressed_file_says_what_is_in_it_and_how_it_is_packed(releases: Path) -> None:
    graph = Graph(releases / FIRST / "void.ttl")
    dump = f"{BASE}release/{FIRST}/casegraph.nq.gz"
    media = "https://www.iana.org/assignments/media-types/"
    assert graph.one(dump, DCAT + "mediaType") == f"{media}application/n-quads"
    assert graph.one(dump, DCAT + "compressFormat") == f"{media}application/gzip"
    turtle = dump.replace("nq.gz", "ttl")
    assert graph.one(turtle, DCAT + "mediaType") == f"{media}text/turtle"
    assert graph.values(turtle, DCAT + "compressFormat") == []


def test_no_blank_node_stands_in_it(releases: Path) -> None:
    for quad in Graph(releases / FIRST / "void.ttl").store:
        assert not isinstance(quad.subject, ox.BlankNode)
        assert not isinstance(quad.object, ox.BlankNode)


def test_a_description_that_breaks_a_shape_stops_the_build(tmp_path: Path) -> None:
    root = veldania.write(tmp_path / "workspace", veldania.files())

    def validate(nquads: Path, **_rest: object) -> Report:
        wrong = ResultRecord(
            severity="violation",
            focus=f"{BASE}release/{FIRST}",
            shape="https://w3id.org/casegraph/shapes#CatalogueLicence",
            path=DCTERMS + "license",
            value="",
            message="Name one licence by its address: set licence in casegraph.toml.",
        )
        return report_of([wrong] if nquads.name == "void.ttl" else [])

    engines = Engines(validate=validate, close=veldania.FAST.close)
    with pytest.raises(InvalidRecords) as error:
        build(veldania.inputs(root), on=veldania.DAY, engines=engines)
    assert "void.ttl" in str(error.value)
    assert "set licence in casegraph.toml" in str(error.value)
    assert not (root / "var" / "candidate").exists()


def test_the_catalogue_of_all_releases_keeps_the_shapes_and_names_the_current_one(
    tmp_path: Path,
) -> None:
    quads = series_quads(
        base_iri=BASE,
        title="Songs of Veldania",
        licence="https://creativecommons.org/licenses/by/4.0/",
        publisher="The desk",
        members=[SeriesMember(FIRST, None), SeriesMember(SECOND, FIRST)],
    )
    path = tmp_path / "catalogue.ttl"
    path.write_bytes(
        b"".join(b"%b\n" % line for line in turtle_lines(encode_lines(quads), PREFIXES))
    )
    assert validate_turtle(path, shapes=SHAPES, deadline_seconds=60).results == ()
    graph, series = Graph(path), f"{BASE}release/#series"
    assert graph.one(series, DCAT + "hasCurrentVersion") == f"{BASE}release/{SECOND}"
    assert graph.one(series, DCAT + "first") == f"{BASE}release/{FIRST}"
    assert len(graph.values(f"{BASE}sparql", DCAT + "servesDataset")) == 2

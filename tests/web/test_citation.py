"""Citations say the same in every style and cannot break out of one."""

from __future__ import annotations

import json
from datetime import date

from casegraph.web.pages.citation import STYLES, Citation, as_bibtex, as_csl, as_ris, as_text

IT = Citation(
    title="Trials in Veldania: 100% of {those} we_know & more",
    publisher="Harbour Rights Monitor",
    issued=date(2026, 2, 1),
    version="2026-02-01.1",
    url="https://data.example.org/answer?query=SELECT%20%3Fx",
    note="sha256 of the sorted rows: ab12",
)


def test_text_names_publisher_release_address_and_digest() -> None:
    assert as_text(IT) == (
        "Harbour Rights Monitor (2026). Trials in Veldania: 100% of {those} we_know & more. "
        "Release 2026-02-01.1. https://data.example.org/answer?query=SELECT%20%3Fx "
        "[sha256 of the sorted rows: ab12]\n"
    )


def test_bibtex_escapes_what_latex_reads_and_leaves_the_address() -> None:
    entry = as_bibtex(IT)
    assert entry.startswith("@misc{harbour-rights-monitor-2026-02-01-1,\n")
    assert r"100\% of \{those\} we\_know \& more" in entry
    assert "  url = {https://data.example.org/answer?query=SELECT%20%3Fx}" in entry
    without = entry.replace(r"\{", "").replace(r"\}", "")
    assert without.count("{") == without.count("}")


def test_ris_is_lines_of_tags_that_end_with_er() -> None:
    lines = as_ris(IT).split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(line[2:6] == "  - " for line in lines[:-1])


def test_csl_is_one_dataset_with_its_date() -> None:
    (entry,) = json.loads(as_csl(IT))
    assert entry["type"] == "dataset"
    assert entry["issued"] == {"date-parts": [[2026, 2, 1]]}
    assert entry["author"] == [{"literal": "Harbour Rights Monitor"}]


def test_every_style_names_the_address() -> None:
    assert all(IT.url in style.write(IT) for style in STYLES.values())

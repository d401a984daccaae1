"""A command line that only shows its help loads no heavy library."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"rdflib", "pyshacl", "owlrl", "fastapi", "starlette", "pyoxigraph", "cryptography"}
PROGRAM = """
import json, sys
sys.argv = ["casegraph", *sys.argv[1:]]
from casegraph.cli.main import main
try:
    main()
except SystemExit as end:
    code = end.code
else:
    code = 0
print()
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_cold_start_is_light(argument: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, argument], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    code, modules = json.loads(run.stdout.splitlines()[-1])
    assert code in {0, None}
    assert "casegraph" in modules
    assert HEAVY.intersection(modules) == set()

"""Ask a demo that is starting a real question, and check the answer.

Arguments: the port, and the id of the process that must stay alive.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SECONDS = 240
# The figure that the whole demo turns on: printed in the article, disputed in its readings.
FIGURE = 1721
QUERY = """
PREFIX cg: <https://w3id.org/casegraph/ns#>
SELECT ?finding ?statement ?value WHERE {
  ?finding a cg:CurrentFinding ; cg:statement ?statement ; cg:quantity/cg:statedValue ?value .
}
"""


def ask(port: int) -> dict[str, object]:
    """Give the decoded SPARQL results."""
    query = urllib.parse.urlencode({"query": QUERY})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/sparql?{query}",
        headers={"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the scheme stands above
        answer: dict[str, object] = json.load(response)
    return answer


def figures(answer: dict[str, object]) -> set[float]:
    """Give the stated values among the results."""
    results = answer["results"]
    assert isinstance(results, dict)  # noqa: S101 - SPARQL 1.1 Query Results JSON, section 3.2
    return {float(row["value"]["value"]) for row in results["bindings"]}


def main(port: int, process: int) -> int:
    """Wait until the demo answers; 0 if the answer is right."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            found = figures(ask(port))
        except urllib.error.HTTPError as error:
            print(f"/sparql answered {error.code}: {error.read(2000)!r}", file=sys.stderr)
            return 1
        except (OSError, urllib.error.URLError) as error:
            reason = error
        else:
            print(f"{len(found)} different figures, {FIGURE} among them: {FIGURE in found}")
            return 0 if FIGURE in found else 1
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            print("the demo ended before it answered", file=sys.stderr)
            return 1
        if time.monotonic() > end:
            print(f"no answer within {SECONDS} s: {reason}", file=sys.stderr)
            return 1
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

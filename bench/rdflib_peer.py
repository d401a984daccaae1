"""rdflib-endpoint over many small datasets; runs in the peers' environment.

    python rdflib_peer.py FOLDER PORT

``/NAME/sparql`` answers from ``FOLDER/NAME.nq``, which is read when it is first asked.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint  # type: ignore[import-not-found, unused-ignore]


def main(folder: Path, port: int) -> None:
    """Serve until it is ended."""
    apps: dict[str, Any] = {}

    async def route(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
        name = scope["path"].split("/")[1]
        path = folder / f"{name}.nq"
        if name not in apps and path.is_file():
            data = Dataset()
            data.parse(path, format="nquads")
            url = f"http://127.0.0.1:{port}/{name}/sparql"
            apps[name] = SparqlEndpoint(graph=data, path="/sparql", public_url=url)
        app = apps.get(name, _nothing)
        await app({**scope, "root_path": f"/{name}"}, receive, send)

    config = uvicorn.Config(
        route, host="127.0.0.1", port=port, interface="asgi3", lifespan="off", log_level="critical"
    )
    uvicorn.Server(config).run()


async def _nothing(_scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

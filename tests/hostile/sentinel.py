"""A server on this machine that nothing may ever reach; it counts who did."""

from __future__ import annotations

import http.server
import threading
from typing import Self

PLACEHOLDER = "http://sentinel.invalid/"
"""Stands in the corpus where the address of the sentinel belongs."""


class Sentinel:
    """Counts connections: ``hits`` has the path of each request."""

    def __init__(self) -> None:
        hits: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_error(404)

            do_POST = do_GET  # noqa: N815 - the name is the library's
            do_HEAD = do_GET  # noqa: N815 - the same

            def log_message(self, *_: object) -> None:
                pass

        self.hits = hits
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, name="sentinel")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

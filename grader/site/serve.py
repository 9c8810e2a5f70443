"""The site on this machine: a web server for nobody else."""

from __future__ import annotations

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from grader.errors import GraderError

HERE = "127.0.0.1"


class _Files(SimpleHTTPRequestHandler):
    """Modules and WebAssembly have to be called what they are."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript",
                      ".wasm": "application/wasm"}

    def log_message(self, *_: object) -> None:
        """Says nothing of each request."""


def serve(folder: Path, port: int) -> None:
    """Serves until it is interrupted. Raises GraderError where the port is taken."""
    try:
        server = ThreadingHTTPServer((HERE, port), functools.partial(_Files, directory=str(folder)))
    except OSError as error:
        raise GraderError(f"port {port} of {HERE} can't be used: {error.strerror}. PORT=number takes another") from None
    print(f"http://{HERE}:{server.server_port}/  (Ctrl-C ends it)", flush=True)
    with server:
        server.serve_forever()

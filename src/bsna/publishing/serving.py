"""The site on this computer, under the headers that README names for any web server."""

import http.server
from functools import partial
from pathlib import Path
from typing import Any

from bsna import paths


def headers() -> dict[str, str]:
    """Headers to serve the site with, from `book/headers.txt`: nothing may be fetched from elsewhere, and no script may stand
    in a page."""
    lines = paths.book("headers.txt").read_text(encoding="utf-8").splitlines()
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines if line.strip())}


def server_of(site: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of a folder at a port of this computer, 0 for any that is free. Raises OSError if it cannot be used."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site), sent=headers()))


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, sent: dict[str, str], **named: Any) -> None:
        self.sent = sent
        super().__init__(*arguments, **named)

    def end_headers(self) -> None:
        for name, value in self.sent.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the server is for one reader."""

"""A browser that opens the built site as its readers would: from a folder, and from a server under a strict policy."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bsna.publishing.serving import server_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def browser_path() -> str | None:
    """The first Chromium found on this machine; None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Address of the site while it is served."""
    server = server_of(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


class Watched:
    """A page whose complaints are kept: errors on the console, requests that failed, and requests that leave the site."""

    def __init__(self, page, root: str) -> None:
        self.page, self.complaints = page, []
        page.on("console", lambda message: self._note(message.type == "error", message.text))
        page.on("pageerror", lambda error: self._note(True, str(error)))
        page.on("requestfailed", lambda request: self._note(True, f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: self._note(not request.url.startswith((root, "data:", "blob:")), f"left: {request.url}"),
        )

    def _note(self, is_wrong: bool, text: str) -> None:
        if is_wrong:
            self.complaints.append(text)

"""The dashboard of examples/, served as a reader serves it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planion_assets_tests.browser.pages import Browser, until

DASHBOARD = Path(__file__).parents[2] / "examples" / "dashboard" / "dashboard.py"


@contextmanager
def served(published: Path) -> Iterator[str]:
    """The address of a dashboard of that folder of published tables."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "marimo", "run", str(DASHBOARD), *options, "--", "--published", str(published)]
    with subprocess.Popen(command, cwd=published.parent, stdin=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def open_page(window: Browser) -> None:
    """Open the page as soon as it is served."""
    from playwright.sync_api import Error

    def refused() -> list[str]:
        try:
            window.open("/")
        except Error as error:
            return [str(error)]
        return []

    assert until(refused) == []

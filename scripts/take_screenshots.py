"""Takes the pictures of Dagster's UI that the documents show: a real `dagster dev` over the sandbox's feed.

    make .venv/browser.stamp; .venv/bin/python scripts/take_screenshots.py

First every conference is refreshed; then the feed refuses the token of one account, and all are refreshed again. The
pictures are in docs/images. Look at each before it is committed.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from planion_assets.sandbox import CONFERENCES, SPEAKERS_OF, TOKENS, SandboxServer
from planion_assets_tests.browser.dev import dagster_dev
from planion_assets_tests.browser.pages import Browser, browser, until

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
RAW, KEY, FAILING = "raw_sessions", "AAA|AM2036", "TOS"
_SETTLED = 4000  # milliseconds in which a page that has its words lays itself out


def settings(url: str) -> str:
    """A planion.yaml of the sandbox's conferences."""
    lines = [f"feed: {{url: {url}, max_attempts: 1}}", "refresh_interval: 7d", "accounts:"]
    for account in TOKENS:
        endpoints = "[sessions, speakers]" if account in SPEAKERS_OF else "[sessions]"
        lines += [f"  - account: {account}", f"    token_env: PLANION_TOKEN_{account}", f"    endpoints: {endpoints}"]
        lines += ["    conferences:", *(f"      - conference: '{name}'" for of, name in CONFERENCES if of == account)]
    return "\n".join(lines)


def refresh(folder: Path, variables: Mapping[str, str]) -> None:
    """`planion refresh` in the instance of `dagster dev`."""
    environment = {**os.environ, **variables, "DAGSTER_HOME": str(folder / "home")}
    subprocess.run([sys.executable, "-m", "planion_assets", "refresh"], cwd=folder, env=environment, check=False)


def take(window: Browser, name: str, words: str, *, height: int = 900, width: int = 1300, zoomed_out: int = 0) -> None:
    """Store the page that is open once it has those words; a graph is zoomed out that often, to be seen whole."""
    window.page.set_viewport_size({"width": width, "height": height})
    found = until(lambda: [] if words in window.text() else [window.text()], 120)
    window.page.wait_for_timeout(_SETTLED)
    for _ in range(zoomed_out):
        window.page.locator("[aria-label=zoom_out]").click()
        window.page.wait_for_timeout(_SETTLED // 4)
    window.picture(IMAGES / f"{name}.png")
    print(f"{name}.png: {(IMAGES / f'{name}.png').stat().st_size // 1024} KiB{', without its words' if found else ''}")  # noqa: T201


def main() -> None:
    """Take all of them."""
    variables = {f"PLANION_TOKEN_{account}": token for account, token in TOKENS.items()}
    with tempfile.TemporaryDirectory() as name, SandboxServer() as feed:
        folder = Path(name)
        with dagster_dev(folder, settings(feed.url), variables) as origin, browser(origin) as window:
            refresh(folder, variables)
            window.open_partition("sessions", KEY)
            take(window, "partition", "preview", height=1000, width=1700)
            window.open_check("sessions", "room_is_not_double_booked")
            take(window, "checks", "Latest execution", height=800)
            window.open("/asset-groups/")
            take(window, "asset-graph", "published_sessions", height=1250, zoomed_out=7)
            feed.sandbox.accounts[FAILING] = "another"
            refresh(folder, variables)
            failing = next(f"{of}|{conference}" for of, conference in CONFERENCES if of == FAILING)
            window.open_partition(RAW, failing)
            take(window, "failed-partition", "did not materialize", height=560, width=1700)
            window.open_check("conference_status", "feed_is_read")
            take(window, "feed-is-read", "answered 401", height=900, width=1500)
            window.open("/automation")
            take(window, "automation", "refresh_active_conferences", height=620)


if __name__ == "__main__":
    main()

"""Dagster's pages as a person reads them: opened in a headless Chromium, waited for, and taken to parts.

What is waited for is what a page is to show; a time limit is there for what hangs.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

from planion_assets_tests.browser.dev import HANG

_MILLISECONDS = 1000
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_WIDTH, _HEIGHT = 1400, 1000
_BETWEEN = 0.5  # seconds between two looks at a page
_COLOUR = re.compile(r"--color-accent-([a-z]+)")
# The name of each partition in the list, and the style of the dot beside it.
_DOTS = """() => [...document.querySelectorAll("[data-tooltip] + div[style*='border-radius']")].map(
    dot => [dot.previousElementSibling.dataset.tooltip, dot.getAttribute("style")])"""
_RUN_ICONS = """() => [...document.querySelectorAll("[aria-label^='run_']")].map(icon => icon.ariaLabel)"""


def chromium() -> str | None:
    """The path of Chromium; None where there is none."""
    return shutil.which("chromium")


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What the page of a check says: the verdict, when it was reached, and the text of the latest execution."""

    verdict: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class PartitionPage:
    """What the page of a partition says.

    `colours`: that of each partition in the list, such as "red". `run`: the icon of the run of its latest
    materialization, "" where there is none. `banner`: what it says of a run that failed. `text`: all of it.
    """

    colours: dict[str, str]
    run: str
    banner: str
    text: str


class Browser:
    """One window, in which pages of a Dagster are opened one after the other.

    A page fills while it is open: what `check_page` and the others read of it is for `until` to wait for.
    """

    def __init__(self, page: Any, origin: str) -> None:
        self.page = page
        self._origin = origin

    def open(self, path: str, **query: str) -> None:
        """Open a page."""
        self.page.goto(f"{self._origin}{path}" + (f"?{urlencode(query)}" if query else ""))

    def picture(self, path: Path) -> None:
        """Store what the window shows."""
        self.page.screenshot(path=path)

    def text(self) -> str:
        """All that the page shows, as text."""
        return str(self.page.inner_text("body"))

    def open_check(self, asset: str, name: str) -> None:
        """Open the page of a check, of whatever partition was evaluated last."""
        self.open(f"/assets/{asset}", view="checks", checkDetail=name)

    def check_page(self) -> CheckPage:
        """What the page of a check says."""
        text = self.text().partition("Latest execution\n")[2].partition("\nPlots\n")[0]
        return CheckPage(_after(text, "Evaluation result"), _after(text, "Timestamp"), text)

    def open_partition(self, asset: str, key: str) -> None:
        """Open the page of a partition of an asset."""
        self.open(f"/assets/{asset}", view="partitions", partition=key)

    def partition_page(self, key: str) -> PartitionPage:
        """What the page of a partition says."""
        dots = self.page.evaluate(_DOTS)
        colours = {name: match[1] for name, style in dots if (match := _COLOUR.search(style))}
        runs = [str(label) for label in self.page.evaluate(_RUN_ICONS)]
        text = self.text().rpartition(f"{key}\n")[2]
        banner = next((line for line in text.splitlines() if line.startswith("Run ") and "failed" in line), "")
        return PartitionPage(colours, runs[0] if runs else "", banner, text)

    def click_logs(self) -> None:
        """Go from the page of a partition that failed to the logs of the run that failed."""
        self.page.get_by_text("View logs").click()

    def materialize(self, *, without: Sequence[str]) -> None:
        """Click Materialize on the page of an asset and launch it for the one partition that is left without those."""
        self.page.get_by_text("Materialize…").click()
        # Of the partition that is open the dialog takes what is before the "|", as of a key of two dimensions.
        self.page.get_by_text("All", exact=True).click()
        for key in without:
            self.page.locator(f"[class*='TagSelector'] [data-tooltip='{key}'] > div[style*='pointer']").click()
        self.page.get_by_text("Launch 1 run").click()
        self.page.get_by_text("Launch runs to materialize").wait_for(state="detached")

    def overview_page(self) -> str:
        """What the page of an asset, open at its overview, says of its status."""
        return self.text().partition("\nStatus\n")[2].partition("\nDescription\n")[0]

    def latest_event(self) -> str:
        """What the list of an asset's events (view "events") says of the latest one; "" where there is none yet."""
        return self.text().partition("\nFilter\n")[2]


def until(problems: Callable[[], list[str]], seconds: float = HANG) -> list[str]:
    """What is still wrong after that time with a page that fills; nothing as soon as nothing is."""
    end = monotonic() + seconds
    while (found := problems()) and monotonic() < end:
        sleep(_BETWEEN)
    return found


@contextmanager
def browser(origin: str, *, dark: bool = False) -> Iterator[Browser]:
    """A headless Chromium that reads the UI at that address."""
    # Here: a dependency that only the tests of the pages have.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        try:
            window = launched.new_context(
                viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="dark" if dark else "light"
            )
            page = window.new_page()
            page.set_default_timeout(HANG * _MILLISECONDS)
            yield Browser(page, origin)
        finally:
            launched.close()


def _after(text: str, label: str) -> str:
    """The line after the one that is this label; "" where there is none."""
    lines = text.splitlines()
    return lines[lines.index(label) + 1] if label in lines[:-1] else ""

"""The documents as a site (`make docs`): its search finds, opened as a file, and nothing is asked of another host."""

import os
from pathlib import Path
from typing import Any

import pytest

from planion_assets_tests.browser.pages import browser, chromium, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium() and not os.environ.get("CI"), reason="no chromium; on Debian: apt-get install"),
]
SITE = Path(__file__).parents[2] / "site"


def test_the_search_works_from_a_file_and_nothing_comes_from_elsewhere() -> None:
    asked: list[str] = []

    def note(request: Any) -> None:
        asked.append(request.url)

    with browser(SITE.as_uri()) as window:
        window.page.on("request", note)
        window.open("/docs/how-to/deploy.html")
        window.page.fill("[data-md-component=search-query]", "allow-shrink")
        results = "[data-md-component=search-result]"
        assert until(lambda: [] if "Allow a loss" in window.page.inner_text(results) else [window.text()]) == []
        window.page.click("text=Allow a loss that was refused")
        window.page.wait_for_url("**/allow-a-loss.html*")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []

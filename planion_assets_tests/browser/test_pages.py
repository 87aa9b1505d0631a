"""What a person sees and clicks: a failed partition in red with its reason, and green after Materialize."""

import os
from collections.abc import Callable

import pytest

from planion_assets_tests.browser.conftest import FAILED, GOOD, MENDED
from planion_assets_tests.browser.feed import FaultyFeed
from planion_assets_tests.browser.pages import Browser, chromium, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium() and not os.environ.get("CI"), reason="no chromium; on Debian: apt-get install"),
]
RAW = "raw_sessions"


def _wait(window: Browser, condition: Callable[[], object]) -> None:
    """Wait until the page, which is open, shows what is to be seen."""
    assert until(lambda: [] if condition() else [window.text()]) == []


def test_a_failed_partition_is_red_with_its_reason_and_green_once_it_is_materialized_by_a_click(
    window: Browser, feed: FaultyFeed
) -> None:
    def shows(key: str, **expected: str) -> bool:
        page = window.partition_page(key)
        return all(page.colours.get(f"{name}27".replace("_", "|")) == colour for name, colour in expected.items())

    window.open_partition(RAW, FAILED)
    _wait(window, lambda: shows(FAILED, AAA_GOOD="green", AAA_MENDED="red", BBB_FAILED="red"))
    window.open_partition(RAW, FAILED)  # what is beside the list is asked for once
    _wait(window, lambda: "failed, and did not materialize" in window.partition_page(FAILED).banner)
    window.click_logs()
    _wait(window, lambda: "answered 500" in window.text())

    window.open_partition(RAW, GOOD)
    _wait(window, lambda: shows(GOOD, AAA_GOOD="green") and window.partition_page(GOOD).run == "run_success")
    assert window.partition_page(GOOD).banner == ""

    del feed.status[MENDED]
    window.open_partition(RAW, MENDED)
    _wait(window, lambda: shows(MENDED, AAA_MENDED="red"))
    window.materialize(without=[GOOD, FAILED])
    window.open_partition(RAW, MENDED)
    _wait(window, lambda: shows(MENDED, AAA_GOOD="green", AAA_MENDED="green", BBB_FAILED="red"))

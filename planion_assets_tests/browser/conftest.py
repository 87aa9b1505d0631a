"""The one `dagster dev` of all tests of pages, which starts once: a page is looked at, or the feed is mended."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from planion_assets_tests.browser.dev import dagster_dev
from planion_assets_tests.browser.feed import FaultyFeed, plan
from planion_assets_tests.browser.pages import Browser, browser
from planion_assets_tests.feed.server import ScriptedServer

GOOD, MENDED, FAILED = "AAA|GOOD27", "AAA|MENDED27", "BBB|FAILED27"
# One refresh by itself, at the start.
SETTINGS = """
refresh_interval: 7d
feed: {{url: {url}, max_attempts: 1}}
accounts:
  - {{account: AAA, token_env: PLANION_BROWSER_AAA, conferences: [{{conference: GOOD27}}, {{conference: MENDED27}}]}}
  - {{account: BBB, token_env: PLANION_BROWSER_BBB, conferences: [{{conference: FAILED27}}]}}
"""


@pytest.fixture(scope="session")
def feed() -> FaultyFeed:
    """A feed that answers 500 for two of three conferences."""
    now = datetime.now(UTC)
    feed = FaultyFeed({key: plan(key, now, sessions=5) for key in (GOOD, MENDED, FAILED)})
    feed.status = {MENDED: 500, FAILED: 500}
    return feed


@pytest.fixture(scope="session")
def origin(feed: FaultyFeed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a `dagster dev` that reads the feed."""
    variables = {f"PLANION_BROWSER_{account}": token for account, token in feed.tokens.items()}
    with ScriptedServer(feed.answer) as server:
        with dagster_dev(tmp_path_factory.mktemp("dev"), SETTINGS.format(url=server.url), variables) as address:
            yield address


@pytest.fixture
def window(origin: str) -> Iterator[Browser]:
    """A browser at it."""
    with browser(origin) as opened:
        yield opened

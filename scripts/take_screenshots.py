"""Takes the pictures of Dagster's UI and of the dashboard that the documents show, each over a made-up feed.

    make .venv/browser.stamp .venv/dashboard.stamp; .venv/bin/python scripts/take_screenshots.py

First every conference of the sandbox is refreshed; then the feed refuses the token of one account, and all are
refreshed again. A second one has many small conferences, one of which has changed on many of the last days. The
pictures are in docs/images. Look at each before it is committed.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from planion_assets.feed.client import FeedClient
from planion_assets.feed.limits import Clock
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import run
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.sandbox import CONFERENCES, SPEAKERS_OF, TOKENS, SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.browser.dashboard import open_page, served
from planion_assets_tests.browser.dev import dagster_dev
from planion_assets_tests.browser.feed import FaultyFeed, plan
from planion_assets_tests.browser.pages import Browser, browser, until
from planion_assets_tests.feed.server import ScriptedServer

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
RAW, KEY, FAILING = "raw_sessions", "AAA|AM2036", "TOS"
CHANGING = "AAA|AM2026"
_HOURS = (*(number / 3 for number in range(47)), 20, 22, 25, 30, 40, 48, 60, 350, 400)
EDITED = {f"{('AAA', 'BBB', 'MED', 'TOS')[n % 4]}|AM{2027 + n // 4}": timedelta(hours=h) for n, h in enumerate(_HOURS)}
"""The other conferences of the second one, with how long ago each was edited."""
_LAYOUT_TIME = 4000  # milliseconds in which a page that has its words lays itself out


def settings(url: str, of_each: Mapping[str, Sequence[str]], *, people: Collection[str] = ()) -> str:
    """A planion.yaml of the conferences of each account, some of which have people."""
    lines = [f"feed: {{url: {url}, max_attempts: 1}}", "refresh_interval: 7d", "accounts:"]
    for account, names in of_each.items():
        endpoints = "[sessions, speakers]" if account in people else "[sessions]"
        lines += [f"  - account: {account}", f"    token_env: PLANION_TOKEN_{account}", f"    endpoints: {endpoints}"]
        lines += ["    conferences:", *(f"      - conference: '{name}'" for name in names)]
    return "\n".join(lines)


def refresh(folder: Path, variables: Mapping[str, str]) -> None:
    """`planion refresh` in the instance of `dagster dev`."""
    environment = {**os.environ, **variables, "DAGSTER_HOME": str(folder / "home")}
    subprocess.run([sys.executable, "-m", "planion_assets", "refresh"], cwd=folder, env=environment, check=False)


def take(
    window: Browser, name: str, words: str, *, height: int = 900, width: int = 1300, zoomed_out: int = 0, at: str = ""
) -> None:
    """Store the page that is open once it has those words; a graph is zoomed out that often, to be seen whole.

    `at`: the text that the page is scrolled to.
    """
    window.page.set_viewport_size({"width": width, "height": height})
    found = until(lambda: [] if words in window.text() else [window.text()], 120)
    window.page.wait_for_timeout(_LAYOUT_TIME)
    if at:
        window.page.get_by_text(at, exact=True).first.evaluate("found => found.scrollIntoView({block: 'center'})")
        window.page.wait_for_timeout(_LAYOUT_TIME // 4)
    for _ in range(zoomed_out):
        window.page.locator("[aria-label=zoom_out]").click()
        window.page.wait_for_timeout(_LAYOUT_TIME // 4)
    window.picture(IMAGES / f"{name}.png")
    print(f"{name}.png: {(IMAGES / f'{name}.png').stat().st_size // 1024} KiB{', without its words' if found else ''}")  # noqa: T201


def take_pages_of_events(window: Browser) -> None:
    """The pages of a first refresh of the sandbox's conferences."""
    window.open_partition("sessions", KEY)
    take(window, "partition", "preview", height=1000, width=1700)
    window.open_check("sessions", "room_is_not_double_booked")
    take(window, "checks", "Latest execution", height=800)
    window.open("/asset-groups/")
    take(window, "asset-graph", "published_sessions", height=1250, zoomed_out=7)


def take_pages_of_a_failure(window: Browser) -> None:
    """The pages after the feed has refused the token of an account."""
    window.open_partition(RAW, next(f"{of}|{conference}" for of, conference in CONFERENCES if of == FAILING))
    take(window, "failed-partition", "did not materialize", height=560, width=1700)
    window.open_check("conference_status", "feed_is_read")
    take(window, "feed-is-read", "answered 401", height=900, width=1500)
    window.open("/automation")
    take(window, "automation", "refresh_active_conferences", height=620)


def remember_changes(folder: Path, feed: FaultyFeed, url: str, now: datetime) -> None:
    """Refresh one conference as on some of the last days, each time after the feed has changed."""
    key, options = ConferenceKey.parse(CHANGING), RefreshOptions()
    for day in (29, 28, 25, 24, 23, 21, 18, 17, 16, 14, 11, 10, 9, 7, 4, 3, 2, 1):
        at = now - timedelta(days=day)
        feed.sandbox.advance(at)
        with FeedClient(url, feed.tokens[key.account], clock=Clock(wall=at.timestamp)) as client:
            clients = {key: client}
            for outcome in run.refresh(
                [key], TABLES, LocalStore(folder / "data"), clients.__getitem__, lambda _: options
            ):
                if not isinstance(outcome, Refreshed):
                    raise SystemExit(str(outcome))


def keep_others(feed: FaultyFeed, now: datetime) -> None:
    """Have each other conference stay as it is, edited that long ago."""
    for key, age in EDITED.items():
        feed.freeze(key)
        feed.frozen[key] = [{**item, "session_updated_at": f"{now - age:%F %T}"} for item in feed.frozen[key]]


def double_book(feed: FaultyFeed) -> None:
    """Have two sessions of the one that changes be at once in a room."""
    items = feed.sandbox.items(*CHANGING.split("|"))
    placed = [item for item in items if item["published"] is True and item["rstartmins"] and item["roomname"]]
    names = [name for name in items[0] if name.endswith(("Date", "Time", "mins")) or name.startswith("room")]
    place = {name: placed[0][name] for name in names}
    feed.frozen[CHANGING] = [{**item, **place} if item is placed[1] else item for item in items]


def take_pages_of_many(folder: Path) -> None:
    """The pages of many conferences, last edited minutes to weeks ago, of which one has changed on many days."""
    now = datetime.now(UTC)
    keys = (CHANGING, *EDITED)
    feed = FaultyFeed({key: plan(key, now, sessions=60 if key == CHANGING else 3) for key in keys})
    variables = {f"PLANION_TOKEN_{account}": token for account, token in feed.tokens.items()}
    of_each = {account: [key.partition("|")[2] for key in keys if key.startswith(account)] for account in feed.tokens}
    with ScriptedServer(feed.answer) as server:
        remember_changes(folder, feed, server.url, now)
        keep_others(feed, now)
        double_book(feed)
        with dagster_dev(folder, settings(server.url, of_each), variables) as origin, browser(origin) as window:
            refresh(folder, variables)
            feed.sandbox.advance(datetime.now(UTC))
            double_book(feed)
            refresh(folder, variables)
            window.open_partition("session_changes", CHANGING)
            take(window, "changes-per-day", "changes_per_day", height=900)
            window.open("/assets/conference_status", view="overview")
            take(window, "freshness-of-all", "freshness_of_all", height=900, width=1500, at="to_look_at")
            window.open_partition("published_sessions", CHANGING)
            row = window.page.locator("tr", has=window.page.get_by_text("day_grid", exact=True)).first
            row.get_by_text("[Show Markdown]").click()
            take(window, "day-grid", "local to the venue", height=1050, width=1300)
    with served(folder / "data" / "published") as origin, browser(origin) as window:
        open_page(window)
        take(window, "dashboard", "What changed lately", height=1000, width=1200)


def main() -> None:
    """Take all of them."""
    variables = {f"PLANION_TOKEN_{account}": token for account, token in TOKENS.items()}
    of_each = {account: [name for of, name in CONFERENCES if of == account] for account in TOKENS}
    with tempfile.TemporaryDirectory() as name, SandboxServer() as feed:
        folder = Path(name)
        with (
            dagster_dev(folder, settings(feed.url, of_each, people=SPEAKERS_OF), variables) as origin,
            browser(origin) as window,
        ):
            refresh(folder, variables)
            take_pages_of_events(window)
            feed.sandbox.accounts[FAILING] = "another"
            refresh(folder, variables)
            take_pages_of_a_failure(window)
    with tempfile.TemporaryDirectory() as name:
        take_pages_of_many(Path(name))


if __name__ == "__main__":
    main()

"""Watches what a person sees on Monday morning: real pages of a real `dagster dev` over a feed in which much is wrong.

    make .venv/browser.stamp; .venv/bin/python scripts/monday.py --minutes 60

The feed answers 500 for one conference, lists too little of another, refuses one account's token, knows no sessions of
a mistyped conference, and has one that nobody edits; the others change each minute. At two thirds all is mended. After
each refresh a headless Chromium reads the pages of both checks of `conference_status`, of that asset, and of partitions
of `raw_sessions`. Printed are what they showed minute by minute and what was posted to the webhook; pictures are in the
folder that is named. Exits 1 if a page was wrong at any minute.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import dagster as dg

from planion_assets_tests.browser.dev import HANG, dagster_dev
from planion_assets_tests.browser.feed import OLD, FaultyFeed, plan
from planion_assets_tests.browser.pages import Browser, browser, until
from planion_assets_tests.feed.server import ScriptedServer

GOOD, BUSY = "AAA|AM2026", "AAA|SPRING27"
BROKEN, REFUSED, UNREAD, MISTYPED, STALE = "AAA|AM2027", "CCC|WINTER27", "BBB|ANNUAL27", "AAA|AM2O28", "CCC|OLD27"
MEANT = "AAA|AM2028"
REASONS = {BROKEN: "answered 500", REFUSED: "feed.min_rows_kept", UNREAD: "answered 401"}
FRESH, READ = "session_updated_at_is_fresh", "feed_is_read"
STATUS, RAW = "conference_status", "raw_sessions"
MINUTE = 60.0
LOADED = 90.0  # seconds for a page that is opened to show what is stored
KEPT = 10  # sessions of the conference that lists too little
Page = tuple[str, Callable[[], None], Callable[[], Iterator[str]]]  # its name, what opens it, what is wrong with it
SETTINGS = """
refresh_interval: 1m
failure_webhook_env: PLANION_MONDAY_WEBHOOK
feed: {{url: {url}, max_attempts: 2}}
accounts:
  - account: AAA
    token_env: PLANION_MONDAY_AAA
    conferences: [{{conference: AM2026}}, {{conference: AM2027}}, {{conference: {third}}}, {{conference: SPRING27}}]
  - {{account: BBB, token_env: PLANION_MONDAY_BBB, conferences: [{{conference: ANNUAL27}}]}}
  - {{account: CCC, token_env: PLANION_MONDAY_CCC, conferences: [{{conference: WINTER27}}, {{conference: OLD27}}]}}
"""


@dataclass(slots=True)
class Truth:
    """What is wrong with the feed at the moment, which the pages are to show."""

    failing: set[str] = field(default_factory=lambda: {UNREAD})
    not_fresh: set[str] = field(default_factory=lambda: {MISTYPED, STALE})
    conferences: set[str] = field(default_factory=lambda: {GOOD, BUSY, BROKEN, REFUSED, UNREAD, MISTYPED, STALE})


@dataclass(frozen=True, slots=True)
class Alarm:
    """A message that was posted to the webhook, and when."""

    at: datetime
    message: dict[str, Any]


@dataclass(slots=True)
class Look:
    """What the pages showed after one refresh, by page, and what of it was wrong."""

    at: datetime
    seen: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Monday:
    """Reads the pages after a refresh, and compares them with the truth."""

    def __init__(self, window: Browser, truth: Truth, pictures: Path) -> None:
        self._window, self._truth, self._pictures = window, truth, pictures

    def look(self, minute: int) -> Look:
        """Read every page once."""
        look = Look(datetime.now(UTC))
        failed = sorted(self._truth.failing)
        open_, truth = self._window, self._truth
        pages: list[Page] = [
            (READ, lambda: open_.open_check(STATUS, READ), lambda: self._check(look, READ, truth.failing)),
            (FRESH, lambda: open_.open_check(STATUS, FRESH), lambda: self._check(look, FRESH, truth.not_fresh)),
            ("neighbour", lambda: open_.open_partition(RAW, GOOD), lambda: self._neighbour(look)),
            ("overview", lambda: open_.open(f"/assets/{STATUS}"), lambda: self._overview(look)),
            (STATUS, lambda: open_.open(f"/assets/{STATUS}", view="events"), lambda: self._status(look)),
        ]
        if failed:
            key = failed[minute % len(failed)]
            pages.append(("failed", lambda: open_.open_partition(RAW, key), lambda: self._failed(look, key)))
            pages.append(("logs", open_.click_logs, lambda: self._logs(look, key)))
        for name, show, read in pages:
            show()
            problems = until(lambda read=read: list(read()), LOADED)  # type: ignore[misc]
            look.wrong += [f"{name}: {problem}" for problem in problems]
            if problems or minute < len(REASONS) or not failed:
                self._window.picture(self._pictures / f"{minute:03}-{name}{'-WRONG' if problems else ''}.png")
        return look

    def _check(self, look: Look, name: str, bad: set[str]) -> Iterator[str]:
        page = self._window.check_page()
        named = {key for key in self._truth.conferences | {MEANT} if key in page.text}
        look.seen[name] = f"{page.verdict} {len(named)}"
        expected = "Failed" if bad else "Passed"
        if page.verdict != expected:
            yield f"{page.verdict or 'no verdict'}, not {expected}"
        if named != bad:
            yield f"names {sorted(named)}, not {sorted(bad)}"
        yield from _old(page.at)

    def _failed(self, look: Look, key: str) -> Iterator[str]:
        page = self._window.partition_page(key)
        look.seen["failed"] = f"{key} {page.colours.get(key)}"
        yield from self._wrong_colours(page.colours)
        if "failed" not in page.banner:
            yield f"no word of a failed run on the page of {key}"
        # Dagster shows there what was noted since the last materialization, and so nothing where there was none.
        if key != UNREAD and REASONS[key] not in page.text:
            yield f"no reason on the page of {key}"

    def _logs(self, look: Look, key: str) -> Iterator[str]:
        found = REASONS[key] in self._window.text()
        look.seen["logs"] = "reason" if found else "no reason"
        if not found:
            yield f"no reason in the run of {key}"

    def _neighbour(self, look: Look) -> Iterator[str]:
        page = self._window.partition_page(GOOD)
        look.seen["neighbour"] = f"{page.colours.get(GOOD)} {page.run}"
        yield from self._wrong_colours(page.colours)
        if page.run != "run_success":
            yield f"the run of {GOOD} has the icon {page.run or 'none'}"
        if page.banner:
            yield f"the page of {GOOD} says: {page.banner}"

    def _wrong_colours(self, colours: dict[str, str]) -> Iterator[str]:
        for key in sorted(self._truth.conferences):
            expected = "red" if key in self._truth.failing else "green"
            if colours.get(key) != expected:
                yield f"{key} is {colours.get(key)}, not {expected}"

    def _overview(self, look: Look) -> Iterator[str]:
        text = self._window.overview_page()
        look.seen["overview"] = "unsynced" if "Unsynced" in text else "synced"
        if "ago" not in text:
            yield "says not when it was materialized"
        for word in ("Unsynced", "Never materialized", "Failed"):
            if word in text:
                yield f"says {word}"

    def _status(self, look: Look) -> Iterator[str]:
        text = self._window.latest_event()
        bad = self._truth.failing | self._truth.not_fresh
        missing = {key for key in bad if f"{key} " not in text}
        look.seen[STATUS] = f"{len(bad) - len(missing)} of {len(bad)} named"
        if missing:
            yield f"does not name {sorted(missing)}"
        if "[Show Markdown]" in text.partition("timeline")[0]:
            yield "what there is to look at is behind a click"
        yield from _old(text.splitlines()[0] if text else "")


def _old(text: str) -> Iterator[str]:
    """A problem where a time as the UI shows it, to the minute and without a year, is no longer that of a refresh."""
    now = datetime.now(UTC)
    try:
        at = datetime.strptime(f"{now.year} {text}", "%Y %b %d, %I:%M %p").replace(tzinfo=UTC)
    except ValueError:
        yield f"{text or 'nothing'} is no time"
        return
    if (now - at).total_seconds() > 4 * MINUTE:
        yield f"is of {text}, and now it is {now:%H:%M}"


@contextmanager
def _webhook(alarms: list[Alarm]) -> Iterator[str]:
    """The address of a webhook on this machine that keeps what is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the message."""
            content = self.rfile.read(int(self.headers["Content-Length"]))
            alarms.append(Alarm(datetime.now(UTC), json.loads(content)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()


def _wait_for_refresh(instance: dg.DagsterInstance, since: datetime) -> None:
    """Wait until a refresh that began after that instant has ended. Raises TimeoutError where none does."""
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        for record in instance.get_run_records(dg.RunsFilter(job_name="refresh_active"), limit=20):
            start, end_time = record.start_time or 0, record.end_time or 0
            # The run that stands for conferences that failed ends in the instant in which it begins.
            if start > since.timestamp() and record.dagster_run.is_finished and end_time - start > 0.1:
                return
        time.sleep(1)
    raise TimeoutError("no refresh has ended")


def _mend(feed: FaultyFeed, truth: Truth, folder: Path, url: str) -> None:
    """Have all that is wrong be right: in the feed, and the mistyped conference in the settings."""
    feed.status.clear()
    feed.kept.clear()
    feed.frozen.clear()
    feed.tokens["BBB"] = "token-of-BBB"
    (folder / "planion.yaml").write_text(SETTINGS.format(url=url, third="AM2028"), encoding="utf-8")
    truth.failing.clear()
    truth.not_fresh.clear()
    truth.conferences |= {MEANT}


def _print(looks: list[Look], alarms: list[Alarm], folder: Path) -> None:
    names = [READ, FRESH, "failed", "logs", "neighbour", "overview", STATUS]
    click.echo(" | ".join(["minute", "at   ", *names, "wrong"]))
    for minute, look in enumerate(looks):
        seen = [look.seen.get(name, "-") for name in names]
        click.echo(" | ".join([f"{minute:6}", f"{look.at:%H:%M}", *seen, "; ".join(look.wrong) or "-"]))
    click.echo(f"\n{len(alarms)} alarms")
    for alarm in alarms:
        click.echo(f"{alarm.at:%H:%M:%S}  {alarm.message.get('text', alarm.message)}")
    bad = sum(bool(look.wrong) for look in looks)
    click.echo(f"\n{len(looks)} looks, {bad} of them wrong; pictures in {folder}")


@click.command()
@click.option("--minutes", default=60, show_default=True, help="How long to watch.")
def main(minutes: int) -> None:
    """Watch the pages of `dagster dev` over a feed in which much is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="planion-monday-"))
    pictures = folder / "pictures"
    pictures.mkdir()
    now = datetime.now(UTC)
    plans = {key: plan(key, now) for key in (GOOD, BUSY, BROKEN, REFUSED, UNREAD, MEANT)}
    feed = FaultyFeed(plans | {STALE: plan(STALE, now, updated=OLD)})
    feed.freeze(STALE)
    feed.tokens["BBB"] = "another"
    alarms: list[Alarm] = []
    looks: list[Look] = []
    truth = Truth()
    with ScriptedServer(feed.answer) as server, _webhook(alarms) as webhook:
        variables = {f"PLANION_MONDAY_{account}": f"token-of-{account}" for account in feed.tokens}
        variables["PLANION_MONDAY_WEBHOOK"] = webhook
        settings = SETTINGS.format(url=server.url, third=MISTYPED.partition("|")[2])
        with (
            dagster_dev(folder, settings, variables) as origin,
            browser(origin) as window,
        ):
            os.environ["DAGSTER_HOME"] = str(folder / "home")
            instance = dg.DagsterInstance.get()
            click.echo(f"dagster dev at {origin}, its files in {folder}")
            monday = Monday(window, truth, pictures)
            end = time.monotonic() + minutes * MINUTE
            while time.monotonic() < end:
                minute = len(looks)
                if minute == 1:
                    feed.status[BROKEN], feed.kept[REFUSED] = 500, KEPT
                    truth.failing |= {BROKEN, REFUSED}
                if truth.failing and end - time.monotonic() < minutes * MINUTE / 3:
                    _mend(feed, truth, folder, server.url)
                feed.advance()
                _wait_for_refresh(instance, datetime.now(UTC))
                looks.append(monday.look(minute))
                click.echo(f"{looks[-1].at:%H:%M:%S}  {looks[-1].seen}  {looks[-1].wrong or 'as it should be'}")
    _print(looks, alarms, pictures)
    sys.exit(any(look.wrong for look in looks) or not looks)


if __name__ == "__main__":
    main()

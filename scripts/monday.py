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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import dagster as dg
from monday_pages import (
    BROKEN,
    BUSY,
    GOOD,
    MEANT,
    MINUTE,
    MISTYPED,
    NAMES,
    REFUSED,
    STALE,
    UNAUTHORIZED,
    Look,
    Monday,
    Truth,
)

from planion_assets_tests.browser.dev import HANG, dagster_dev
from planion_assets_tests.browser.feed import OLD, FaultyFeed, plan
from planion_assets_tests.browser.pages import browser
from planion_assets_tests.feed.server import ScriptedServer

ROW_LIMIT = 10  # sessions of the conference that lists too little
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


@dataclass(frozen=True, slots=True)
class Alarm:
    """A message that was posted to the webhook, and when."""

    at: datetime
    message: dict[str, Any]


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
    feed.row_limits.clear()
    feed.frozen.clear()
    feed.tokens["BBB"] = "token-of-BBB"
    (folder / "planion.yaml").write_text(SETTINGS.format(url=url, third="AM2028"), encoding="utf-8")
    truth.failing.clear()
    truth.not_fresh.clear()
    truth.conferences |= {MEANT}


def _print(looks: list[Look], alarms: list[Alarm], folder: Path) -> None:
    click.echo(" | ".join(["minute", "at   ", *NAMES, "wrong"]))
    for minute, look in enumerate(looks):
        seen = [look.seen.get(name, "-") for name in NAMES]
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
    plans = {key: plan(key, now) for key in (GOOD, BUSY, BROKEN, REFUSED, UNAUTHORIZED, MEANT)}
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
                    feed.status[BROKEN], feed.row_limits[REFUSED] = 500, ROW_LIMIT
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

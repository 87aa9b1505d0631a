"""Measures what scheduled refreshes cost in Dagster's storage, and what that makes in a year.

    .venv/bin/python scripts/measure_storage.py --conferences 100 --runs 672 --changes 7

Real runs of the job `refresh_active` on an instance of their own (SQLite), as quickly as they go, reading made-up
conferences from a server in this process; then the job that prunes, with a clock set ahead.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click
import dagster as dg

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.automation.prune import prune_runs
from planion_assets.defs.automation.run_tags import SCHEDULED
from planion_assets.defs.names import STANDALONE

ACCOUNT = "AAA"
A_DAY = 96  # runs, one every 15 minutes
MIB = 1 << 20


class _Feed(ThreadingHTTPServer):
    """Conferences of a few sessions each, whose content is a number that can be moved on."""

    def __init__(self, sessions: int) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.sessions = sessions
        self.version: dict[str, int] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}/feed/v1"


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Feed

    def do_GET(self) -> None:
        """All sessions of a conference on one page."""
        where = json.loads(parse_qs(urlsplit(self.path).query)["where"][0])
        version = self.server.version.get(where["conference"], 0)
        items = [
            {
                **where,
                "schedid": str(number),
                "sessionName": f"Session {number}, {version}",
                "session_updated_at": "2026-11-20 10:00:00",
                "startDate": "2099-11-03",
                "startTime": "07:30 pm",
                "rstartmins": 1170,
                "roomname": f"Room {number}",
                "published": True,
                "tracks": [],
                "speakers": [{"pslinkid": f"{number}-1", "pid": str(number), "role": "Presenter", "published": True}],
            }
            for number in range(self.server.sessions)
        ]
        meta = {"page": 1, "max_results": 100, "total": len(items)}
        body = json.dumps({"_items": items, "_meta": meta, "_links": {}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _size(home: Path) -> int:
    """Bytes on the disk, whole blocks counted."""
    done = subprocess.run(["du", "-s", "--block-size=1", home], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return int(done.stdout.split()[0])


def _run(instance: dg.DagsterInstance) -> None:
    job = defs.resolve_job_def("refresh_active")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    if not job.execute_in_process(instance=instance, run_config=quiet, tags={SCHEDULED: "active"}).success:
        raise SystemExit("a run failed")


def _line(what: str, size: float, count: int = 1) -> None:
    click.echo(f"{what:<62} {size / count / 1024:>10.1f} KiB")


@click.command()
@click.option("--conferences", default=100, show_default=True)
@click.option("--sessions", default=20, show_default=True, help="Sessions of each conference.")
@click.option("--runs", default=7 * A_DAY, show_default=True, help="Runs to make; 672 are a week.")
@click.option("--changes", default=7, show_default=True, help="Changes of each conference within those runs.")
def main(conferences: int, sessions: int, runs: int, changes: int) -> None:
    """Make the runs and print sizes."""
    place = Path(tempfile.mkdtemp(prefix="planion-storage-"))
    home = place / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    feed = _Feed(sessions)
    threading.Thread(target=feed.serve_forever, daemon=True).start()
    names = [f"C{number:03}" for number in range(conferences)]
    listed = [{"conference": name} for name in names]
    accounts = [{"account": ACCOUNT, "token_env": "PLANION_TOKEN_AAA", "conferences": listed}]
    config = {"feed": {"url": feed.url}, "data": str(place / "data"), "accounts": accounts}
    (place / "planion.yaml").write_text(json.dumps(config), encoding="utf-8")
    os.environ |= {"PLANION_CONFIG": str(place / "planion.yaml"), "PLANION_TOKEN_AAA": "x", "DAGSTER_HOME": str(home)}
    with dg.DagsterInstance.get() as instance:
        empty = _size(home)
        _run(instance)
        first = _size(home) - empty
        _line(f"first run, {conferences} conferences stored, each", first, conferences)
        started, before = time.monotonic(), _size(home)
        # The changes are spread evenly: a run has some of them or none.
        due, quiet_runs, quiet_bytes, changed = 0.0, 0, 0, 0
        for _ in range(runs):
            due += conferences * changes / runs
            now = int(due)
            due -= now
            for name in names[:now]:
                feed.version[name] = feed.version.get(name, 0) + 1
            names = names[now:] + names[:now]
            size = _size(home) if not now else 0
            _run(instance)
            changed += now
            if not now:
                quiet_runs += 1
                quiet_bytes += _size(home) - size
        grown = _size(home) - before
        click.echo(f"{runs} runs, {changed} changes, {(time.monotonic() - started) / runs:.2f} s a run")
        _line("a week like that" if runs == 7 * A_DAY else "these runs", grown)
        quiet = quiet_bytes / quiet_runs if quiet_runs else 0
        if quiet_runs:
            _line("a run that finds nothing new", quiet)
        if changed:
            _line("each change of a conference", grown - quiet * runs, changed)
        pruning = instance.get_run_records(limit=1)[0].dagster_run
        pruned = prune_runs(instance, load(), STANDALONE, pruning, datetime.now(UTC) + timedelta(days=2))
        click.echo(f"two days later: {pruned.quiet} quiet runs deleted; {_size(home) / MIB:.0f} MiB stay")
        pruned = prune_runs(instance, load(), STANDALONE, pruning, datetime.now(UTC) + timedelta(days=31))
        click.echo(
            f"31 days later: {pruned.old} runs deleted, {pruned.remaining} kept; {_size(home) / MIB:.0f} MiB stay"
        )
    click.echo(f"(the instance is in {home})")


if __name__ == "__main__":
    main()

"""How much faster two Celery workers refresh many conferences than one: cold and unchanged, on PostgreSQL.

    make test-engines  # once, for what it installs
    .venv/bin/python scripts/measure_workers.py --conferences 1000 --accounts 50

Prints the seconds from the first launch to the end of the last run, the most requests at once of an account, and the
ratio. Two free cores are needed for a figure that means anything: the feed runs in this process.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from planion_assets.config import load
from planion_assets.defs.automation.refresh_sensor import refresh_requests
from planion_assets.defs.names import STANDALONE
from planion_assets.freshness.shares import shares
from planion_assets.refresh.stores import store_of
from planion_assets_tests.engines.celery_workers import launcher, redis_server, worker
from planion_assets_tests.feed.server import TOKEN, Request, Response, ScriptedServer, item, page_of
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.postgres import needed_programs, postgres_server
from planion_assets_tests.run_processes import created_run

SESSIONS = 100
LATENCY = 0.02


class Feed(ScriptedServer):
    """Every conference has as many sessions; counts the requests of each account at once."""

    def __init__(self) -> None:
        super().__init__(self._page)
        self.most: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._counting = threading.Lock()

    def _page(self, request: Request) -> Response:
        owner = {name: request.where[name] for name in ("account", "conference")}
        with self._counting:
            self._now[owner["account"]] += 1
            self.most[owner["account"]] = max(self.most[owner["account"]], self._now[owner["account"]])
        time.sleep(LATENCY)
        speaker = {"pid": "7", "pslinkid": "70", "published": True, "role": "Chair"}
        rows = [item(str(n), published=True, speakers=[speaker], **owner) for n in range(SESSIONS)]
        try:
            return page_of(rows, request.page, size=request.size or 100)
        finally:
            with self._counting:
                self._now[owner["account"]] -= 1


def _refreshed(instance: dg.DagsterInstance, now: datetime) -> float:
    """The seconds that all runs of a tick take."""
    settings = load()
    found = shares(settings, store_of(settings), now, settings.refresh_runs)
    requests = refresh_requests(instance, settings, STANDALONE, now, lambda: found)
    if isinstance(requests, dg.SkipReason):
        raise SystemExit(str(requests.skip_message))
    started = time.monotonic()
    runs = [created_run(instance, "refresh_active", config=one.run_config or {}, tags=one.tags) for one in requests]
    for run in runs:
        instance.launch_run(run.run_id, None)  # type: ignore[arg-type]  # this launcher asks no code location
    while not all((noted := instance.get_run_by_id(run.run_id)) and noted.is_finished for run in runs):
        time.sleep(0.2)
    return time.monotonic() - started


def _measured(folder: Path, feed: Feed, workers: int, conferences: int, accounts: int) -> tuple[float, float]:
    """The seconds of a cold refresh and of an unchanged one."""
    listed = [
        {
            "account": f"A{number:02}",
            "token_env": "MEASURED_TOKEN",
            "conferences": [{"conference": f"C{one:04}"} for one in range(conferences) if one % accounts == number],
        }
        for number in range(accounts)
    ]
    folder.mkdir()
    os.chdir(folder)
    document = {"feed": {"url": feed.url}, "refresh_runs": workers, "accounts": listed}
    Path("planion.yaml").write_text(json.dumps(document))
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(folder / "redis"))
        server = stack.enter_context(postgres_server(needed_programs()))
        settings = {"storage": server.storage, "run_launcher": launcher(redis)}
        instance = stack.enter_context(instance_on_disk(folder / "home", settings))
        (folder / "home" / "dagster.yaml").write_text(json.dumps({**settings, "telemetry": {"enabled": False}}))
        for number in range(workers):
            stack.enter_context(worker(redis, f"worker{number}", folder))
        now = datetime.now(UTC)
        _refreshed(instance, now)  # what workers import once is not measured
        for path in (folder / "data").glob("*"):
            path.rename(folder / f"warm-{path.name}")
        cold = _refreshed(instance, now + timedelta(hours=1))
        return cold, _refreshed(instance, now + timedelta(hours=2))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conferences", type=int, default=200)
    parser.add_argument("--accounts", type=int, default=10)
    given = parser.parse_args()
    os.environ["MEASURED_TOKEN"] = TOKEN
    measured = {}
    with tempfile.TemporaryDirectory() as name, Feed() as feed:
        for workers in (1, 2):
            measured[workers] = _measured(Path(name, str(workers)), feed, workers, given.conferences, given.accounts)
            cold, unchanged = measured[workers]
            print(f"{workers} worker(s): cold {cold:.1f} s, unchanged {unchanged:.1f} s")  # noqa: T201
        os.chdir("/")
    ratios = [one / two for one, two in zip(measured[1], measured[2], strict=True)]
    print(f"two are {ratios[0]:.2f} times as fast cold, {ratios[1]:.2f} times unchanged")  # noqa: T201
    print(f"at most {max(feed.most.values())} requests of an account at once")  # noqa: T201


if __name__ == "__main__":
    main()

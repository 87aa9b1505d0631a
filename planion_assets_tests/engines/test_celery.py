"""A refresh in two runs, on Celery workers over Redis and PostgreSQL: what it stores, and what a dead worker costs."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.automation.refresh_sensor import refresh_requests
from planion_assets.defs.automation.run_tags import ACCOUNT
from planion_assets.defs.names import STANDALONE
from planion_assets.freshness.shares import shares
from planion_assets.refresh.stores import store_of
from planion_assets.sandbox import CONFERENCES, SPEAKERS_OF, TIMEZONES, TOKENS
from planion_assets.storage.store import NotStoredError, Store
from planion_assets.tables.catalog import TABLES
from planion_assets_tests.engines.celery_workers import launcher, redis_server, worker
from planion_assets_tests.engines.counting_feed import LATENCY, SLOW, CountingFeed
from planion_assets_tests.instances import instance_on_disk
from planion_assets_tests.postgres import needed_programs, postgres_server
from planion_assets_tests.run_processes import created_run
from planion_assets_tests.servers.seaweed import seaweed, seaweed_problem

pytestmark = pytest.mark.engines
CAP = 4
PATIENCE = 240.0
"""Seconds for a run on a machine that has other things to do."""
Launch = Callable[[datetime], "list[str]"]


def _settings(url: str, data: str, **more: Any) -> str:
    """A planion.yaml of the sandbox's conferences, read from that address in two runs."""
    accounts = [
        {
            "account": account,
            "token_env": f"TEST_TOKEN_{account.upper()}",
            "endpoints": ["sessions", *(["speakers"] if account in SPEAKERS_OF else [])],
            "conferences": [
                {"conference": name, "timezone": TIMEZONES.get((owner, name), "")}
                for owner, name in CONFERENCES
                if owner == account
            ],
        }
        for account in TOKENS
    ]
    feed = {"url": url, "max_requests_per_account": CAP}
    return json.dumps({"feed": feed, "data": data, "refresh_runs": 2, "accounts": accounts, **more})


def _until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"not in time: {what}"
        time.sleep(0.1)


def _tables(store: Store) -> dict[tuple[str, str], Any]:
    """Every stored table of every conference, but for what says when it was read."""
    found = {}
    for table in TABLES:
        for key in load().keys():
            with contextlib.suppress(NotStoredError):
                found[table.name, str(key)] = store.read(table.location, key)
    return found


@pytest.fixture
def feed(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingFeed]:
    for account, token in TOKENS.items():
        monkeypatch.setenv(f"TEST_TOKEN_{account.upper()}", token)
    with CountingFeed() as feed:
        yield feed


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with redis_server(tmp_path / "redis") as address:
        yield address


@pytest.fixture
def instance(tmp_path: Path, redis: str) -> Iterator[dg.DagsterInstance]:
    with postgres_server(needed_programs()) as server:
        settings = {"storage": server.storage, "run_launcher": launcher(redis)}
        with instance_on_disk(tmp_path / "home", settings) as instance:
            (tmp_path / "home" / "dagster.yaml").write_text(json.dumps({**settings, "telemetry": {"enabled": False}}))
            yield instance


def _tick(instance: dg.DagsterInstance, now: datetime) -> list[dg.DagsterRun]:
    """The runs that a tick requests, launched."""
    settings = load()

    def divided() -> list[tuple[str, ...]]:
        return shares(settings, store_of(settings), now, settings.refresh_runs)

    requests = refresh_requests(instance, settings, STANDALONE, now, divided)
    assert isinstance(requests, list), requests
    runs = [
        created_run(instance, "refresh_active", config=request.run_config or {}, tags=request.tags)
        for request in requests
    ]
    for run in runs:
        instance.launch_run(run.run_id, None)  # type: ignore[arg-type]  # this launcher asks no code location
    return runs


def _ended(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun | None:
    noted = instance.get_run_by_id(run.run_id)
    return noted if noted and noted.is_finished else None


def _accounts(runs: Iterable[dg.DagsterRun]) -> list[str]:
    return sorted(name for run in runs for name in run.tags[ACCOUNT].split(","))


@pytest.mark.parametrize("home", ["folder", "bucket"])
def test_two_workers_store_the_very_tables_of_a_local_run_also_where_one_of_them_dies(  # noqa: PLR0917 - fixtures
    home: str,
    workplace: Path,
    feed: CountingFeed,
    redis: str,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with contextlib.ExitStack() as stack:
        config, more, data = workplace / "planion.yaml", {}, "data"
        if home == "bucket":
            if problem := seaweed_problem():
                pytest.skip(problem)
            bucket = stack.enter_context(seaweed()).bucket("planion")
            for name, value in bucket.variables.items():
                monkeypatch.setenv(name, value)
            data, more = bucket.address, {"storage": dict(bucket.storage)}
        config.write_text(_settings(feed.url, data, **more))
        dying = stack.enter_context(worker(redis, "first", workplace))
        stack.enter_context(worker(redis, "second", workplace))
        now = datetime.now(UTC)
        feed.latency = SLOW
        runs = _tick(instance, now)
        assert len(runs) == 2
        _until(lambda: len({request.where["account"] for request in feed.requests}) > 1, "both workers read")
        os.killpg(dying.pid, signal.SIGKILL)
        feed.latency = LATENCY
        _until(lambda: any(_ended(instance, run) for run in runs), "the other worker ends its share")
        (lost,) = (run for run in runs if not _ended(instance, run))
        (surviving,) = (run for run in runs if run.run_id != lost.run_id)
        done = _ended(instance, surviving)
        assert done is not None
        assert done.is_success, "a share fails alone"

        # The accounts of the dead are left out until its run is known to have ended.
        stack.enter_context(worker(redis, "third", workplace))
        again = _tick(instance, now + timedelta(minutes=20))
        assert _accounts(again) == _accounts([surviving])
        instance.report_run_failed(lost)
        _until(lambda: all(_ended(instance, run) for run in again), "the accounts of the living")
        third = _tick(instance, now + timedelta(minutes=40))
        assert _accounts(third) == sorted(TOKENS)
        for run in third:
            _until(lambda run=run: _ended(instance, run) is not None, "all accounts")  # type: ignore[misc]
            assert _ended(instance, run).is_success  # type: ignore[union-attr]
        said = [entry.user_message for run in third for entry in instance.all_logs(run.run_id)]
        assert any(line.startswith("all 2 runs of this refresh: ") for line in said)

        assert set(feed.most) == set(TOKENS)
        assert max(feed.most.values()) <= CAP, feed.most
        stored = _tables(store_of(load()))
    config.write_text(_settings(feed.url, "local"))
    local = defs.resolve_job_def("refresh_active").execute_in_process(instance=instance)
    assert local.success
    expected = _tables(store_of(load()))
    assert stored.keys() == expected.keys()
    for place, table in expected.items():
        assert stored[place].equals(table), place

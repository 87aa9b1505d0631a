"""Everything that talks to Dagster's storage, on a real PostgreSQL server, and how many connections that takes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
import yaml
from click.testing import CliRunner
from sqlalchemy.pool import NullPool

from planion_assets.cli.main import main
from planion_assets.config import load
from planion_assets.defs.automation.prune import prune_runs
from planion_assets.defs.automation.run_tags import SCHEDULED
from planion_assets.defs.dagster_internals import kept_connections
from planion_assets.defs.names import STANDALONE
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.defs.automation.launching import OURS, THEIRS, Launcher, launching
from planion_assets_tests.pages import blocks
from planion_assets_tests.postgres import PostgresServer, needed_programs, postgres_server
from planion_assets_tests.runs import EMPTY, SINGLE, SMALL, refreshing

A_RUN = 16  # connections: six to open the instance, and a few that stay; one for each statement were 140 and more
SESSIONS = dg.AssetKey("sessions")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server(needed_programs()) as server:
        yield server


def _documented(server: PostgresServer) -> dict[str, Any]:
    """The dagster.yaml that the page shows, for this server."""
    (block,) = blocks("docs/how-to/run-on-postgresql.md", "yaml")
    settings: dict[str, Any] = yaml.safe_load(block)
    documented = settings["storage"]["postgres"]["postgres_db"]
    ours = server.storage["postgres"]["postgres_db"]
    assert documented.keys() == ours.keys()
    documented |= {name: ours[name] for name in ("username", "hostname", "port", "db_name")}
    return settings


@pytest.fixture(scope="module")
def launcher(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch, SandboxServer() as feed:
        patch.chdir(folder)
        for name, value in (("PLANION_SANDBOX", "1"), ("PLANION_FEED_URL", feed.url), ("PLANION_DATA", "data")):
            patch.setenv(name, value)
        patch.setenv("DAGSTER_PG_PASSWORD", "none")
        with refreshing(["raw_sessions", "sessions"]), launching(folder / "home", _documented(server)) as launcher:
            assert "Postgres" in type(launcher.instance.run_storage).__name__
            yield launcher


def _connections(server: PostgresServer, work: Callable[[], object]) -> int:
    before, _ = server.counts()
    work()
    return server.counts()[0] - before


@pytest.mark.long
def test_a_refresh_a_backfill_the_checks_a_tick_a_look_and_pruning(launcher: Launcher, server: PostgresServer) -> None:
    instance = launcher.instance

    def refresh(said: str) -> None:
        done = CliRunner(catch_exceptions=False).invoke(main, ["refresh", SINGLE])
        assert (done.exit_code, done.stderr) == (0, "")
        assert said in done.stdout

    first = _connections(server, lambda: refresh("0 unchanged, 1 changed"))
    second = _connections(server, lambda: refresh("1 unchanged, 0 changed"))
    command = {record.dagster_run.run_id for record in instance.get_run_records(limit=2)}
    (backfill,) = launcher.backfill([SESSIONS, dg.AssetKey("raw_sessions")], [SMALL, EMPTY])
    freshness = launcher.launch(OURS, "check_freshness")
    theirs = launcher.launch(THEIRS, "refresh", tags={"make": SINGLE})
    assert {run.status for run in (backfill, freshness, theirs)} == {dg.DagsterRunStatus.SUCCESS}
    assert instance.get_materialized_partitions(SESSIONS) == {SINGLE, SMALL, EMPTY}
    requests = launcher.look("refresh_active_conferences").run_requests or ()
    assert [request.tags[SCHEDULED] for request in requests] == ["all"]
    registered = launcher.look("configured_conferences").dynamic_partitions_requests or ()
    assert not [key for request in registered for key in request.partition_keys]
    pruning = launcher.launch(OURS, "prune")
    in_a_month = datetime.now(UTC) + timedelta(days=31)
    with kept_connections(instance):
        pruned = prune_runs(instance, load(), STANDALONE, pruning, in_a_month)
    left = {record.dagster_run.run_id for record in instance.get_run_records()}
    # The second refresh by the command reported nothing, the first has its conference's newest materializations.
    assert (pruned.old, pruned.remaining) == (2, 3)
    assert left - command == {backfill.run_id, freshness.run_id, theirs.run_id}
    assert len(left & command) == 1
    assert instance.get_materialized_partitions(SESSIONS) == {SINGLE, SMALL, EMPTY}
    assert first <= A_RUN
    assert second <= A_RUN


def _engines(instance: dg.DagsterInstance) -> list[sqlalchemy.Engine]:
    storages: list[Any] = [instance.run_storage, instance.event_log_storage, instance.schedule_storage]
    return [storage._engine for storage in storages]


def test_connections_are_kept_for_the_block_through_a_restart_of_the_server(
    launcher: Launcher, server: PostgresServer
) -> None:
    instance = launcher.instance
    before = _engines(instance)
    with kept_connections(instance):

        def ask() -> object:
            return instance.get_run_records(limit=1), instance.get_materialized_partitions(SESSIONS)

        ask()
        assert _connections(server, lambda: [ask() for _ in range(5)]) == 0
        server.restart()
        assert _connections(server, ask) == 2
        with kept_connections(instance):  # whoever is within another block changes nothing
            assert _connections(server, ask) == 0
        assert _connections(server, ask) == 0
    assert _engines(instance) == before
    assert {type(engine.pool) for engine in before} == {NullPool}
    assert _connections(server, ask) >= 2


def test_an_instance_that_its_host_has_optimized_is_left_as_it_is(launcher: Launcher, server: PostgresServer) -> None:
    with dg.DagsterInstance.from_ref(launcher.instance.get_ref()) as hosts:
        hosts.optimize_for_webserver(15000, 3600, 20)
        before = _engines(hosts)
        with kept_connections(hosts):
            assert _engines(hosts) == before
            hosts.get_run_records(limit=1)
        assert _engines(hosts) == before
        for engine in before:
            engine.dispose()

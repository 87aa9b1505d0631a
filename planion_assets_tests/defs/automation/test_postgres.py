"""Everything that talks to Dagster's storage, on a real PostgreSQL server."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.config import load
from planion_assets.defs.automation.prune import prune_runs
from planion_assets.defs.automation.run_tags import SCHEDULED
from planion_assets.defs.names import STANDALONE
from planion_assets.sandbox import SandboxServer
from planion_assets_tests.defs.automation.launching import OURS, THEIRS, Launcher, launching
from planion_assets_tests.postgres import programs, served
from planion_assets_tests.runs import EMPTY, SINGLE, SMALL

RANGE = {"dagster/asset_partition_range_start": SMALL, "dagster/asset_partition_range_end": EMPTY}


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    binaries = programs()
    if binaries is None:
        reason = "no PostgreSQL server is installed; on Debian: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch, SandboxServer() as feed, served(binaries) as storage:
        patch.chdir(folder)
        for name, value in (("PLANION_SANDBOX", "1"), ("PLANION_FEED_URL", feed.url), ("PLANION_DATA", "data")):
            patch.setenv(name, value)
        with launching(folder / "home", {"storage": storage}) as made:
            assert "Postgres" in type(made.instance.run_storage).__name__
            yield made


@pytest.mark.long
def test_a_refresh_a_range_the_checks_a_tick_a_look_and_pruning(launcher: Launcher) -> None:
    instance = launcher.instance
    for said in ("0 unchanged, 1 changed", "1 unchanged, 0 changed"):
        done = CliRunner(catch_exceptions=False).invoke(main, ["refresh", SINGLE])
        assert (done.exit_code, done.stderr) == (0, "")
        assert said in done.stdout
    command = {record.dagster_run.run_id for record in instance.get_run_records(limit=2)}
    over_range = launcher.launch(OURS, "refresh", tags=RANGE)
    freshness = launcher.launch(OURS, "check_freshness")
    theirs = launcher.launch(THEIRS, "refresh", tags={"make": SINGLE})
    assert {run.status for run in (over_range, freshness, theirs)} == {dg.DagsterRunStatus.SUCCESS}
    sessions = dg.AssetKey("sessions")
    assert instance.get_materialized_partitions(sessions) == {SINGLE, SMALL, EMPTY}
    requests = launcher.look("refresh_active_conferences").run_requests or ()
    assert [request.tags[SCHEDULED] for request in requests] == ["all"]
    registered = launcher.look("configured_conferences").dynamic_partitions_requests or ()
    assert not [key for request in registered for key in request.partition_keys]
    pruning = launcher.launch(OURS, "prune")
    pruned = prune_runs(instance, load(), STANDALONE, pruning, datetime.now(UTC) + timedelta(days=31))
    left = {record.dagster_run.run_id for record in instance.get_run_records()}
    # The second refresh by the command has told nothing, the first holds what Dagster knows of its conference.
    assert (pruned.old, pruned.kept) == (2, 3)
    assert left - command == {over_range.run_id, freshness.run_id, theirs.run_id}
    assert len(left & command) == 1
    assert instance.get_materialized_partitions(sessions) == {SINGLE, SMALL, EMPTY}

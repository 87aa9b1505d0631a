"""Faults of what the feed lists, in real runs: far fewer rows than are stored, and one schedid twice.

The first is refused byte for byte, and allowed once; of the second the newest is kept and a check warns.
"""

import json
import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.definitions import defs
from planion_assets.defs.resources import PlanionResource
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.refresh.shrink import has_shrunk
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import table
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import KEY, Request, Response, ScriptedServer, item, items, page_of
from planion_assets_tests.instances import copy_instance
from planion_assets_tests.runs import failure, files, materializations, only_checks, refreshing, run

CONFIG = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        endpoints: [sessions, speakers]
        conferences:
          - conference: AM2026
"""


def _uniqueness(result: dg.ExecuteInProcessResult) -> list[dg.AssetCheckEvaluation]:
    return [check for check in result.get_asset_check_evaluations() if check.check_name == "schedid_is_unique"]


class Feed:
    """The rows that a server lists, for a test to change."""

    def __init__(self) -> None:
        self.sessions: list[dict[str, Any]] = items(40)
        self.people: list[dict[str, Any]] = [item(None, pid=str(n)) for n in range(40)]
        self.faults: list[Response] = []

    def __call__(self, request: Request) -> Response:
        """A page of them, or the next of the faults."""
        if self.faults:
            return self.faults.pop(0)
        return page_of(self.people if request.path.endswith("/speakers") else self.sessions, request.page)


@pytest.fixture
def feed(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    """A feed of forty sessions and people, which the configuration of the workplace names."""
    feed = Feed()
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    with ScriptedServer(feed) as server:
        write_config(workplace, CONFIG.format(url=server.url))
        yield feed


def _refresh(*tables: str, allow_shrink: bool = False) -> Refreshed | Failed:
    """What a run does, without the cost of one."""
    planion = PlanionResource()
    options = partial(planion.options, allow_shrink=allow_shrink)
    with planion.client(KEY):
        (outcome,) = refresh([KEY], [table(name) for name in tables], planion.store(), planion.client, options)
    return outcome


@pytest.mark.parametrize(
    ("stored", "listed", "min_fraction", "refused"),
    [
        (40, 0, 0.5, True),
        (40, 19, 0.5, True),
        (40, 20, 0.5, False),
        (40, 400, 0.5, False),
        (1, 0, 0.5, True),
        (0, 0, 0.5, False),
        (0, 40, 0.5, False),
        (40, 39, 1, True),
        (40, 40, 1, False),
        (40, 1, 0, False),
        (40, 0, 0, True),
    ],
)
def test_no_rows_where_there_were_some_or_fewer_than_the_fraction_is_shrinking(
    stored: int, listed: int, min_fraction: float, refused: bool
) -> None:
    assert has_shrunk(stored, listed, min_fraction) == refused


@pytest.mark.usefixtures("only_tables")
def test_zero_rows_or_fewer_than_half_are_refused_and_allowed_once(
    workplace: Path, instance: dg.DagsterInstance, feed: Feed
) -> None:
    tables = ("raw_sessions", "sessions")
    _refresh(*tables)
    before = files(workplace / "data")
    feed.sessions = []
    none = _refresh(*tables)
    assert isinstance(none, Failed)
    assert "the feed lists 0 rows where 40 are stored, so 40 would be lost" in none.reason
    assert files(workplace / "data") == before
    feed.sessions = items(19)
    refused = run(instance, [str(KEY)], select=tables)
    description, _ = failure(refused)
    assert "the feed lists 19 rows where 40 are stored, so 21 would be lost" in description
    assert "planion refresh --allow-shrink 'AAA|AM2026'" in description
    assert materializations(refused) == {}
    assert files(workplace / "data") == before
    (typed,) = re.findall(r"with the config (\{.*\})", description)
    assert run(instance, [str(KEY)], select=tables, run_config=json.loads(typed)).success
    assert LocalStore(workplace / "data").footer("sessions", KEY).rows == 19
    # Once: the next run refuses again.
    feed.sessions = items(9)
    again = _refresh(*tables)
    assert isinstance(again, Failed)
    assert "so 10 would be lost" in again.reason


@pytest.mark.usefixtures("only_tables")
def test_the_command_does_what_the_message_says(workplace: Path, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_instance(workplace / ".dagster")
    monkeypatch.setenv("DAGSTER_HOME", str(workplace / ".dagster"))
    _refresh("raw_sessions", "sessions")
    before = files(workplace / "data")
    command = CliRunner(catch_exceptions=False)
    feed.sessions = items(5)
    with refreshing(("raw_sessions", "sessions")):
        refused = command.invoke(main, ["refresh"])
    assert refused.exit_code == 1
    assert "AAA|AM2026  failed: sessions of AAA|AM2026: the feed lists 5 rows where 40 are stored" in refused.stderr
    assert files(workplace / "data") == before
    (typed,) = re.findall(r"allow it once: planion (.*?), or in Dagster", refused.stderr)
    with refreshing(("raw_sessions", "sessions")):
        assert command.invoke(main, shlex.split(typed)).exit_code == 0
    assert LocalStore(workplace / "data").footer("sessions", KEY).rows == 5


def test_people_that_vanish_are_refused_while_the_sessions_go_on(workplace: Path, feed: Feed) -> None:
    tables = ("raw_sessions", "sessions", "raw_speakers", "speakers")
    _refresh(*tables)
    before = files(workplace / "data")
    feed.sessions, feed.people = items(41), []
    refused = _refresh(*tables)
    assert isinstance(refused, Refreshed)
    (problem,) = refused.problems
    assert "speakers of AAA|AM2026: the feed lists 0 rows where 40 are stored, so 40 would be lost" in problem
    store = LocalStore(workplace / "data")
    assert store.footer("sessions", KEY).rows == 41
    after = files(workplace / "data")
    for name, found in before.items():
        assert (found == after[name]) == name.startswith(
            ("raw_speakers", "speakers", "speaker_changes", "session_changes")
        )
    _refresh(*tables, allow_shrink=True)
    assert store.footer("speakers", KEY).rows == 0


def test_a_first_empty_conference_is_fine(workplace: Path, feed: Feed) -> None:
    for rows in (0, 0, 3):
        feed.sessions = items(rows)
        assert isinstance(_refresh("raw_sessions"), Refreshed)


@pytest.mark.parametrize(
    ("fraction", "said"), [("0.1", "0.1 lets go; "), ("0", "0 lets go, since one row must stay; ")]
)
def test_the_fraction_is_a_setting(workplace: Path, feed: Feed, fraction: str, said: str) -> None:
    path = workplace / "planion.yaml"
    path.write_text(path.read_text().replace("feed:\n", f"feed:\n  min_rows_kept: {fraction}\n", 1))
    _refresh("raw_sessions")
    feed.sessions = items(4)
    assert isinstance(_refresh("raw_sessions"), Refreshed)
    feed.sessions = []
    refused = _refresh("raw_sessions")
    assert isinstance(refused, Failed)
    assert f"`feed.min_rows_kept` of {said}" in refused.reason


def test_the_launchpad_explains_the_choice_and_no_choice_is_needed() -> None:
    for job in (defs.resolve_job_def("refresh"), defs.resolve_implicit_global_asset_job_def()):
        schema: Any = job.get_node_named("conference_tables").definition.config_schema
        fields = schema.config_type.fields
        assert list(fields) == ["allow_shrink"]
        assert "feed.min_rows_kept" in fields["allow_shrink"].description
        assert not fields["allow_shrink"].is_required
        assert fields["allow_shrink"].default_value is False


def test_the_same_schedid_twice_is_one_row_with_a_count_a_rejection_and_a_warning(
    workplace: Path, instance: dg.DagsterInstance, feed: Feed
) -> None:
    tables = ("raw_sessions", "sessions", "rejected_items")
    new, old = "2026-02-01 00:00:00", "2026-01-01 00:00:00"
    feed.sessions = [*items(30), item("0"), item("1")]
    feed.sessions += [item(str(n), session_updated_at=new, sessionName="kept") for n in range(100, 112)]
    feed.faults = [Response(b"", 503)]
    feed.sessions += [item(str(n), session_updated_at=old) for n in range(100, 112)]
    with only_checks("schedid_is_unique"):
        result = run(instance, [str(KEY)], select=tables)
    assert result.success
    materialized = materializations(result)
    assert materialized["raw_sessions", str(KEY)].metadata["retries"].value == "1"
    rows = {name: materialized[name, str(KEY)].metadata["dagster/partition_row_count"].value for name in tables}
    assert rows == {"raw_sessions": 56, "sessions": 42, "rejected_items": 12}
    assert {materialized[name, str(KEY)].metadata["duplicate_items"].value for name in tables} == {"2"}
    sessions = LocalStore(workplace / "data").read("sessions", KEY).to_pylist()
    assert {row["session_name"] for row in sessions if int(row["schedid"]) >= 100} == {"kept"}
    rejected = LocalStore(workplace / "data").read("rejected_items", KEY).to_pylist()
    assert {row["reason"] for row in rejected} == {"lost to a newer item of the same schedid"}
    assert {row["schedid"] for row in rejected} == {str(n) for n in range(100, 112)}
    (check,) = _uniqueness(result)
    assert (check.passed, check.severity, check.partition) == (False, dg.AssetCheckSeverity.WARN, str(KEY))
    offenders = check.metadata["offenders"]
    assert isinstance(offenders, dg.TableMetadataValue)
    assert check.metadata["found"].value == "12"
    assert [record.data["schedid"] for record in offenders.records] == [str(n) for n in range(100, 110)]

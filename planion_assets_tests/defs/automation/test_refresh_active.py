"""The scheduled refresh: which conferences it reads, what it reports, and how it fails."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from planion_assets.config import load
from planion_assets.definitions import defs
from planion_assets.defs.partitions import conferences
from planion_assets.freshness.survey import active
from planion_assets.sandbox import TOKENS, SandboxServer
from planion_assets.storage.local_store import LocalStore
from planion_assets_tests.conftest import write_config
from planion_assets_tests.runs import CORE, failure, materializations, refreshing

pytestmark = pytest.mark.usefixtures("only_tables")

CONFIG = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2037
            active_until: {until}
      - account: TOS
        token_env: PLANION_TOKEN_TOS
        conferences:
          - conference: WS2027
"""
FUTURE, PAST = "2099-12-31", "2020-12-31"
EMPTY, SINGLE = "AAA|AM2037", "TOS|WS2027"
PEOPLE = ("raw_speakers", "speakers", "rejected_people", "speaker_changes")
SHOWING = ("published_speakers", "published_session_speakers", "published_changes")
"""Published tables that show people."""
SOME = (*CORE, *PEOPLE, *SHOWING)


@pytest.fixture
def feed(workplace: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workplace with a file of settings over the sandbox feed."""
    for account in TOKENS:
        monkeypatch.setenv(f"PLANION_TOKEN_{account}", TOKENS[account])
    write_config(workplace, CONFIG.format(url=sandbox.url, until=FUTURE))
    return workplace


@pytest.fixture
def instance(instance: dg.DagsterInstance, request: pytest.FixtureRequest) -> Iterator[dg.DagsterInstance]:
    """An instance without events, and runs that build only a few tables."""
    tables = getattr(request, "param", CORE)
    instance.wipe_assets([dg.AssetKey(name) for name in tables])
    with refreshing(tables):
        yield instance


def _run(instance: dg.DagsterInstance, **which: Any) -> dg.ExecuteInProcessResult:
    config = {"ops": {"refresh_conferences": {"config": which}}}
    job = defs.resolve_job_def("refresh_active")
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)


def _log_text(result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> str:
    return " ".join(entry.user_message for entry in instance.all_logs(result.run_id))


def test_one_conference_that_fails_is_named_and_the_others_are_reported(
    feed: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANION_TOKEN_TOS", "wrong-token")
    result = _run(instance)
    assert result.success
    dagster_run = instance.get_run_records(limit=1)[0].dagster_run
    assert (dagster_run.status, dagster_run.tags["planion/failed"]) == (dg.DagsterRunStatus.FAILURE, "TOS/WS2027")
    messages = [entry.message for entry in instance.all_logs(dagster_run.run_id)]
    assert any(f"{SINGLE}: " in message for message in messages)
    assert not any("wrong-token" in message for message in messages)
    assert {key for _, key in materializations(result)} == {EMPTY}
    assert "1 read, 0 unchanged, 1 changed (AAA|AM2037), 1 failed (TOS|WS2027)" in _log_text(result, instance)


def test_a_configuration_mistake_is_the_reason_of_the_run(workplace: Path, instance: dg.DagsterInstance) -> None:
    write_config(workplace, CONFIG.format(url="nowhere", until=FUTURE))
    description, _ = failure(_run(instance))
    assert "planion.yaml: feed.url" in description


def test_names_that_are_none_of_a_configured_conference_are_said_and_the_others_are_read(
    feed: Path, instance: dg.DagsterInstance
) -> None:
    result = _run(instance, conferences=["WS2027", "TOS|WS2036", "", SINGLE])
    description, reasons = failure(result)
    assert "3 of 4 conferences failed" in description
    assert reasons["WS2027"].startswith("'WS2027' is not a partition key")
    assert "no conference 'WS2036' in account 'TOS'" in reasons["TOS|WS2036"]
    assert set(reasons) == {"WS2027", "TOS|WS2036", ""}
    assert {key for _, key in materializations(result)} == {SINGLE}
    assert set(instance.get_dynamic_partitions(str(conferences.name))) == {EMPTY, SINGLE}


def test_named_conferences_are_read_in_place_of_the_active_ones(
    feed: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    write_config(feed, CONFIG.format(url=sandbox.url, until=PAST))
    result = _run(instance, conferences=[EMPTY, EMPTY])
    assert {key for _, key in materializations(result)} == {EMPTY}
    assert "1 read, 0 unchanged, 1 changed (AAA|AM2037), 0 failed" in _log_text(result, instance)
    tags = instance.get_run_by_id(result.run_id).tags  # type: ignore[union-attr]
    assert (tags["planion/account"], tags["planion/conference"]) == ("AAA", "AM2037")


def test_the_launchpad_says_what_a_run_can_be_told() -> None:
    schema = defs.resolve_job_def("refresh_active").run_config_schema.config_type
    fields = schema.fields["ops"].config_type.fields["refresh_conferences"].config_type.fields["config"]  # type: ignore[attr-defined]
    settings = fields.config_type.fields
    assert set(settings) == {"ended_too", "accounts", "conferences", "allow_shrink"}
    assert all(field.description and not field.is_required for field in settings.values())


@pytest.mark.parametrize("instance", [SOME], indirect=True, ids=["people too"])
def test_what_changed_is_reported_and_nothing_else_and_tables_that_an_account_cannot_have_once(
    feed: Path, sandbox: SandboxServer, instance: dg.DagsterInstance
) -> None:
    plain = CONFIG.format(url=sandbox.url, until=FUTURE)
    asking = plain.replace("        conferences:", "        endpoints: [sessions, speakers]\n        conferences:", 1)
    write_config(feed, asking)
    first = materializations(_run(instance))
    assert set(first) == {(name, key) for name in SOME for key in (EMPTY, SINGLE)}
    assert {EMPTY, SINGLE} <= set(instance.get_dynamic_partitions(str(conferences.name)))
    # Nor is a table missing that the account cannot have.
    assert all(first[name, EMPTY].metadata["path"] for name in PEOPLE)
    assert all("do not name speakers" in str(first[name, SINGLE].metadata["reason"].value) for name in PEOPLE)
    assert all(first[name, SINGLE].metadata["included"].value is False for name in PEOPLE)
    for name in SOME:  # as Dagster's page of the asset counts them
        statuses = instance.get_status_by_partition(dg.AssetKey(name), [EMPTY, SINGLE], conferences)
        assert {key: status.value for key, status in (statuses or {}).items() if status} == {
            EMPTY: "MATERIALIZED",
            SINGLE: "MATERIALIZED",
        }
    assert materializations(_run(instance)) == {}

    assert sandbox.sandbox.advance(datetime.now(UTC))
    changed = materializations(_run(instance))
    assert ("sessions", SINGLE) in changed
    assert not set(PEOPLE) & {name for name, key in changed if key == SINGLE}
    # Once more where the account does not read them any longer, with the published tables that show them.
    write_config(feed, plain)
    after = materializations(_run(instance))
    assert set(after) == {(name, EMPTY) for name in (*PEOPLE, *SHOWING)}
    assert all("do not name speakers" in str(after[name, EMPTY].metadata["reason"].value) for name in PEOPLE)
    assert materializations(_run(instance)) == {}

    write_config(feed, CONFIG.format(url=sandbox.url, until=PAST))
    quiet = _run(instance)
    assert materializations(quiet) == {}
    assert "1 conferences are over and are read once a day" in _log_text(quiet, instance)
    assert "1 read, 1 unchanged, 0 changed, 0 failed" in _log_text(quiet, instance)
    # Nothing is planned for what nothing comes of: with a hundred conferences that would be megabytes a run.
    assert [e for e in instance.all_logs(quiet.run_id) if "PLANNED" in str(e.dagster_event_type)] == []

    # As after a run that died between a file and its event: what Dagster does not know is reported.
    instance.wipe_assets([dg.AssetKey(name) for name in SOME])
    assert sandbox.sandbox.advance(datetime.now(UTC))
    unknown = _run(instance, ended_too=True)
    assert "2 read, 1 unchanged, 1 changed" in _log_text(unknown, instance)

    def version(key: str, materialized: dict[tuple[str, str | None], dg.AssetMaterialization]) -> str:
        return (materialized["sessions", key].tags or {})["dagster/data_version"]

    assert version(SINGLE, materializations(unknown)) != version(SINGLE, changed)
    assert version(EMPTY, materializations(unknown)) == version(EMPTY, first)


@pytest.mark.parametrize(
    ("ends", "until", "is_over"),
    [
        (None, FUTURE, False),
        (None, PAST, True),
        (datetime(2020, 1, 2, 12), FUTURE, True),  # noqa: DTZ001 - local to the venue
        (datetime(2098, 1, 2, 12), FUTURE, False),  # noqa: DTZ001 - local to the venue
    ],
)
def test_a_conference_is_over_after_its_last_session_or_its_day(
    feed: Path, sandbox: SandboxServer, ends: datetime | None, until: str, is_over: bool
) -> None:
    write_config(feed, CONFIG.format(url=sandbox.url, until=until))
    settings = load()
    empty, single = settings.keys()
    store = LocalStore(Path(settings.data))
    times = pa.array([ends, None], pa.timestamp("us"))
    updated = pa.array([None, None], pa.timestamp("us", "UTC"))
    columns: dict[str, Any] = {"starts_at_local": times, "ends_at_local": times, "session_updated_at": updated}
    store.write("sessions", empty, pa.table(columns))
    # What is not stored cannot be over by its sessions.
    assert active(settings, store, settings.keys(), datetime.now(UTC)) == ([single] if is_over else [empty, single])

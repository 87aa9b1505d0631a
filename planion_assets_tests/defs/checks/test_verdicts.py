"""Verdicts in a real instance: each check failing and passing, what they say, and when they are given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.definitions import defs
from planion_assets.defs.checks.current_verdicts import current_verdicts
from planion_assets.defs.checks.evaluate import OFFENDERS, judge
from planion_assets.defs.latest_materializations import LatestMaterializations
from planion_assets.defs.names import STANDALONE
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.sandbox import TOKENS
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets.tables.quality.model import Check
from planion_assets.tables.rejected_items import OUTDATED
from planion_assets.tables.rejected_people import NO_PID
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, item, page_of
from planion_assets_tests.runs import failure, run

# No other test has these conferences, so that their verdicts in the instance are those of these tests.
BAD, CLEAN, NEW, SOONER, LATER = "AAA|BAD", "AAA|CLEAN", "AAA|NEW", "AAA|SOONER", "AAA|LATER"
CONFIG = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        endpoints: [sessions, speakers]
        conferences:
          - conference: BAD
          - conference: CLEAN
          - conference: NEW
          - conference: SOONER
          - conference: LATER
"""
DAY = "2026-05-01"
NAME = "Wilhelmina"


def _placed(schedid: str, start: str, end: str, room: str, *speakers: Any, **more: Any) -> dict[str, Any]:
    times = {"startDate": DAY, "startTime": start, "endTime": end, "roomname": room, "published": True}
    return item(schedid, **times, speakers=list(speakers), **more)


def _engaged(pslinkid: str, pid: str | None) -> dict[str, Any]:
    person = {"fname": NAME, "lname": NAME, "title": NAME}
    return {"pslinkid": pslinkid, "pid": pid, "role": "Presenter", "published": True, **person}


BAD_ITEMS: Sequence[Any] = [
    "no object",
    item(" ", sessionName="lost"),
    _placed("10", "09:00 am", "11:00 am", "A", _engaged("1", "1"), _engaged("2", "404"), _engaged("3", None)),
    _placed("11", "10:00 am", "12:00 pm", " a", _engaged("4", "1")),
    _placed("12", "10:00 am", "09:00 am", "B", endDate=DAY),
    _placed("13", "10:00 am", "11:00 am", "C", endDate="2026-05-03"),
    _placed("14", "10:00 am", "11:00 am", "D", **{"new | [field](x)\ud800": 1}),
    item("15", has_handouts="maybe", session_updated_at="2026-01-02 00:00:00"),
    item("15", has_handouts="maybe", session_updated_at="2026-01-01 00:00:00"),
    *(item(str(n), published=True) for n in range(20, 32)),
    item("33", endDate="9999-12-31"),
    item("40", speakers=[{"pslinkid": "5", "pid": "1"}]),
    _placed("42", "12:00 pm", "12:00 pm", "E"),
    item("41", published=True, speakers=[{**_engaged("6", "2"), "role": "Declined Session Chair"}]),
]
CLEAN_ITEMS: Sequence[Any] = [
    _placed("10", "09:00 am", "10:00 am", "A", _engaged("1", "1")),
    _placed("11", "10:00 am", "11:00 am", "A", _engaged("2", "1")),
]
FIRST_OFFENDERS: dict[str, dict[str, Any]] = {
    "schedid_is_present": {"schedid": None, "reason": "no usable schedid"},
    "schedid_is_unique": {"schedid": "15", "reason": OUTDATED},
    "nothing_is_rejected": {"schedid": "15", "reason": OUTDATED},
    "values_are_readable": {"schedid": "15", "table": "sessions", "column": "has_handouts", "values": 1},
    "fields_are_known": {"schedid": "14", "field": "new | [field](x)", "sessions": 1},
    "dates_are_plausible": {"schedid": "33", "column": "end_date", "date": "9999-12-31"},
    "session_ends_after_start": {"schedid": "12", "starts_at_local": f"{DAY} 10:00:00"},
    "session_has_length": {"schedid": "42", "ends_at_local": f"{DAY} 12:00:00"},
    "session_lasts_a_day_at_most": {"schedid": "13", "ends_at_local": "2026-05-03 11:00:00"},
    "published_session_is_placed": {"schedid": "20", "lacks": "date and room"},
    "room_is_not_double_booked": {"schedid": "11", "overlaps": "10", "room": "A"},
    "person_is_in_one_session_at_a_time": {"schedid": "11", "overlaps": "10", "pid": "1"},
    "links_have_session": {"schedid": "40", "pslinkid": "5", "pid": "1"},
    "links_have_person": {"schedid": "10", "pslinkid": "2", "pid": "404"},
    "roles_have_person": {"schedid": "10", "pslinkid": "3", "role": "Presenter"},
    "no_person_is_rejected": {"pid": None, "reason": NO_PID},
    "people_are_named": {"pid": "2"},
    "declined_is_not_published": {"schedid": "41", "pslinkid": "6", "role": "Declined Session Chair"},
}
OF_PEOPLE = {"links_have_person", "no_person_is_rejected", "people_are_named"}


def _answer(request: Request) -> Response:
    conference = request.where["conference"]
    items = BAD_ITEMS if conference == "BAD" else CLEAN_ITEMS
    if request.path.endswith("speakers"):
        items = [{"pid": "1", "fname": NAME}]
        items += [{"pid": "2"}, {"pid": " ", "fname": NAME}] if conference == "BAD" else []
    own = [
        entry | {"account": "AAA", "conference": conference} if isinstance(entry, dict) else entry for entry in items
    ]
    return page_of(own, request.page)


@pytest.fixture
def place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workplace with a configured feed of one conference in which everything is wrong, and one without fault."""
    monkeypatch.setenv("PLANION_TOKEN_AAA", TOKENS["AAA"])
    with ScriptedServer(_answer) as server:
        write_config(workplace, CONFIG.format(url=server.url))
        yield workplace


def _by_check(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str | None], dg.AssetCheckEvaluation]:
    # Those over all conferences have no partition (test_freshness.py).
    verdicts = [verdict for verdict in result.get_asset_check_evaluations() if verdict.partition]
    found = {(verdict.check_name, verdict.partition): verdict for verdict in verdicts}
    assert len(found) == len(verdicts)
    return found


def _refreshed(key: str) -> Refreshed:
    """The outcome of a refresh outside of any run, which leaves no event."""
    planion = PlanionResource()
    (outcome,) = refresh([ConferenceKey.parse(key)], TABLES, planion.store(), planion.client, planion.options)
    assert isinstance(outcome, Refreshed)
    return outcome


def _lose_session_40(folder: Path) -> None:
    """Take a session out of the stored file, whose footer goes on to name the snapshot it was made from."""
    store, key = LocalStore(folder / "data"), ConferenceKey.parse(BAD)
    stored = store.read("sessions", key)
    rest = stored.filter([schedid != "40" for schedid in stored["schedid"].to_pylist()])
    footer = store.footer("sessions", key)
    assert rest.num_rows == footer.rows - 1
    store.write("sessions", key, rest)


def _due(
    instance: dg.DagsterInstance,
    key: str,
    *,
    checks: Sequence[Check] = CHECKS,
    planned: Sequence[dg.AssetCheckKey] = (),
    reported: bool = False,
) -> dict[str, dg.AssetCheckEvaluation]:
    """The verdicts that a run started at this moment would give on a conference, by the name of the check."""
    verdicts = current_verdicts(instance, STANDALONE, checks)
    latest = LatestMaterializations(instance, ConferenceKey.parse(key), STANDALONE)
    due = judge(_refreshed(key), planned, verdicts, STANDALONE, reported=reported, checks=checks)
    return {judged.check.name: judged.verdict(latest, verdicts, STANDALONE) for judged in due}


def test_each_check_fails_where_it_must_and_passes_where_nothing_is_wrong(
    place: Path, instance: dg.DagsterInstance
) -> None:
    _refreshed(BAD)
    _lose_session_40(place)
    verdicts = {
        (name, key): verdict for key in (BAD, CLEAN) for name, verdict in _due(instance, key, reported=True).items()
    }
    assert set(verdicts) == {(check.name, key) for check in CHECKS for key in (BAD, CLEAN)}
    # What this one finds is a conference without any link, and so without what most others find.
    others = [check for check in CHECKS if check.name != "sessions_have_speakers"]
    assert set(FIRST_OFFENDERS) == {check.name for check in others}
    for check in others:
        clean, bad = verdicts[check.name, CLEAN], verdicts[check.name, BAD]
        assert (clean.passed, clean.metadata["found"].value, _offenders(clean)) == (True, "0", [])
        assert not bad.passed, check.name
        assert not bad.blocking
        assert bad.severity.value == check.severity.value
        assert bad.description == f"{check.finds}: {bad.metadata['found'].value}"
        first = _offenders(bad)[0]
        assert FIRST_OFFENDERS[check.name].items() <= first.items(), check.name
        assert tuple(first) == tuple(check.columns)
    placed = verdicts["published_session_is_placed", BAD]
    assert (placed.metadata["found"].value, len(_offenders(placed))) == ("13", OFFENDERS)
    assert NAME not in repr(verdicts)
    # A verdict never keeps a table from being written.
    store = LocalStore(place / "data")
    assert all(store.path(table.location, ConferenceKey.parse(BAD)).exists() for table in TABLES)


def _offenders(verdict: dg.AssetCheckEvaluation) -> list[dict[str, Any]]:
    table = verdict.metadata.get("offenders", dg.MetadataValue.table([], dg.TableSchema([])))
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_a_check_whose_tables_are_not_all_refreshed_is_not_evaluated(place: Path, instance: dg.DagsterInstance) -> None:
    _refreshed(BAD)
    names = {name for name, _ in _by_check(run(instance, [BAD], select=["sessions"], checks=True))}
    assert names == {check.name for check in CHECKS if {*check.reads, *check.reads_where_there} == {"sessions"}}
    assert len(names) >= 6


def test_a_table_that_the_conference_does_not_have_is_not_waited_for(place: Path, instance: dg.DagsterInstance) -> None:
    settings = place / "planion.yaml"
    settings.write_text(settings.read_text().replace("[sessions, speakers]", "[sessions]"))
    assert set(_due(instance, CLEAN, reported=True)) == {check.name for check in CHECKS} - OF_PEOPLE


def test_a_conference_that_fails_is_not_judged(place: Path, instance: dg.DagsterInstance) -> None:
    result = run(instance, ["AAA|AM1999", CLEAN], checks=True)
    assert "1 of 2 conferences failed" in failure(result)[0]
    assert {partition for _, partition in _by_check(result)} == {CLEAN}


def test_the_refresh_job_plans_no_check_and_judges_again_only_where_no_verdict_stands(
    place: Path, instance: dg.DagsterInstance
) -> None:
    everything = {check.name for check in CHECKS}
    assert set(_due(instance, NEW)) == everything
    instance.add_dynamic_partitions(str(conferences.name), [NEW])
    job = defs.resolve_job_def("refresh")
    result = job.execute_in_process(instance=instance, tags={"dagster/partition": NEW})
    assert result.success
    assert instance.all_logs(result.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED) == []
    found = instance.event_log_storage.get_asset_check_partition_info(
        [STANDALONE.check_key(check.table, check.name) for check in CHECKS]
    )
    infos = [info for info in found if info.partition_key == NEW]
    assert {info.check_key.name for info in infos} == everything
    # Dagster shows a verdict only as long as it is about the latest materialization.
    assert all(info.is_current for info in infos)
    assert set(_due(instance, NEW)) == set()
    # As in a run that reports its tables: Dagster shows the verdicts from before no longer.
    assert set(_due(instance, NEW, reported=True)) == everything
    assert set(_due(instance, NEW, planned=[STANDALONE.check_key(CHECKS[0].table, CHECKS[0].name)])) == {CHECKS[0].name}
    # As after a run that died before it judged.
    instance.report_runless_asset_event(dg.AssetMaterialization("rejected_items", partition=NEW))
    assert set(_due(instance, NEW)) == {check.name for check in CHECKS if check.table == "rejected_items"}


def test_a_check_of_another_version_judges_every_conference_once_more(
    place: Path, instance: dg.DagsterInstance
) -> None:
    (one,) = (check for check in CHECKS if check.name == "fields_are_known")
    two = replace(one, code_version="2")
    for check, judged, waiting in ((one, SOONER, LATER), (two, LATER, SOONER)):
        verdict = _due(instance, judged, checks=[check], reported=True)[check.name]
        # The verdict alone: without a materialization there is nothing else that could make it stale.
        instance.report_runless_asset_event(verdict)
        assert not _due(instance, judged, checks=[check])
        assert set(_due(instance, waiting, checks=[check])) == {check.name}

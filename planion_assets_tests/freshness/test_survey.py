"""What is known of conferences comes from footers, settings and notes; what cannot be known is said."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planion_assets.config import load
from planion_assets.freshness import rows
from planion_assets.freshness.survey import Surveyed, is_over, survey
from planion_assets.freshness.verdicts import Level, State
from planion_assets.keys import ConferenceKey
from planion_assets.storage.last_read import note_read
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import OtherSchemaError
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.conference_status import CONFERENCE_STATUS
from planion_assets.tables.model import Zones
from planion_assets_tests.freshness.stored import FETCHED, configure, store_conference, text

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def _survey(store: LocalStore) -> dict[str, Surveyed]:
    return {str(one.facts.key): one for one in survey(load({}, store.root.parent), store, NOW)}


def test_a_conference_that_is_configured_and_not_stored_is_never_read(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1")
    one = _survey(store)["AAA|C1"]
    assert (one.freshness.state, one.reading.state) == (State.NOT_STORED, State.NEVER_READ)


def test_a_conference_that_is_stored_and_not_configured_alarms_nobody(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1")
    store_conference(store, "GONE", [{"session_updated_at": "2001-01-01 00:00:00"}])
    one = _survey(store)["AAA|GONE"]
    assert {one.freshness.state, one.reading.state} == {State.NOT_CONFIGURED}
    assert rows.level(one) is Level.OK
    assert (one.facts.sessions, one.facts.newest) == (1, datetime(2001, 1, 1, tzinfo=UTC))


def test_a_broken_file_is_an_error_and_no_crash(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1", "C2")
    key = store_conference(store, "C1", [{}])
    store.path("sessions", key).write_bytes(b"PAR1 and then nothing")
    found = _survey(store)
    assert found["AAA|C1"].freshness.state is State.UNREADABLE
    assert "is not a readable Parquet file" in found["AAA|C1"].freshness.reason
    assert len(found) == 2


def test_the_newest_timestamp_is_found_whatever_the_order_nulls_and_row_groups(
    tmp_path: Path, store: LocalStore
) -> None:
    configure(tmp_path, "C1")
    newest = NOW - 5 * HOUR
    updated = ["", text(newest - HOUR), text(newest), "not a time", "1960-01-01 00:00:00"]
    key = store_conference(store, "C1", [{"session_updated_at": value} for value in updated])
    assert _survey(store)["AAA|C1"].facts.newest == newest
    path = store.path("sessions", key)
    pq.write_table(store.read("sessions", key), path, row_group_size=1)
    assert pq.read_metadata(path).num_row_groups == len(updated)
    one = _survey(store)["AAA|C1"]
    assert (one.facts.newest, one.freshness.state) == (newest, State.FRESH)


def test_sessions_without_timestamps_and_no_sessions_are_two_things(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1", "C2")
    store_conference(store, "C1", [{"session_updated_at": ""}, {"session_updated_at": None}])
    store_conference(store, "C2", [])
    found = _survey(store)
    assert found["AAA|C1"].freshness.state is State.NO_TIMESTAMPS
    assert found["AAA|C2"].freshness.state is State.NO_SESSIONS
    assert found["AAA|C2"].facts.sessions == 0


def test_a_file_without_statistics_is_not_taken_for_one_without_timestamps(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1", "C2")
    key = store_conference(store, "C1", [{"session_updated_at": text(NOW)}])
    pq.write_table(store.read("sessions", key), store.path("sessions", key), write_statistics=False)
    store.write("sessions", ConferenceKey("AAA", "C2"), pa.table({"schedid": ["1"]}))
    with pytest.raises(OtherSchemaError, match="has no statistics of column 'session_updated_at'"):
        store.statistics("sessions", key).min_max(["session_updated_at"])
    found = _survey(store)
    assert {one.freshness.state for one in found.values()} == {State.UNREADABLE}


def test_no_row_is_read(tmp_path: Path, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(tmp_path, "C1")
    store_conference(store, "C1", [{"session_updated_at": text(NOW)}])

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("rows were read")

    for name in ("read", "read_row_group", "read_row_groups", "iter_batches"):
        monkeypatch.setattr(pq.ParquetFile, name, refuse)
    assert _survey(store)["AAA|C1"].facts.newest == NOW


def test_an_unchanged_read_counts_and_a_lost_note_falls_back_on_the_files(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1")
    key = store_conference(store, "C1", [{}])
    assert _survey(store)["AAA|C1"].facts.last_read == FETCHED
    assert _survey(store)["AAA|C1"].reading.state is State.LATE
    note_read(store.files, key, NOW - timedelta(minutes=10))
    one = _survey(store)["AAA|C1"]
    assert (one.reading.state, one.facts.last_read) == (State.READ, NOW - timedelta(minutes=10))
    assert one.facts.last_change == FETCHED


def test_a_conference_is_over_by_its_sessions_or_by_the_setting(tmp_path: Path, store: LocalStore) -> None:
    times = {"startDate": "2026-11-24", "startTime": "09:00 am", "endTime": "10:00 am", "session_updated_at": ""}
    configure(
        tmp_path,
        "EAST, timezone: Asia/Tokyo",
        "WEST, timezone: America/Chicago",
        "ANYWHERE",
        "SET, active_until: 2026-11-23, timezone: UTC",
        "UNSTORED, active_until: 2026-11-01",
        "LATER, active_until: 2027-11-01",
    )
    for name in ("EAST", "WEST", "ANYWHERE"):
        store_conference(store, name, [times])
    store_conference(store, "SET", [{**times, "startDate": "2099-01-01"}])
    settings = load({}, tmp_path)
    over = {one.key.conference for one in store.stored(settings.keys()) if is_over(settings, one, NOW)}
    assert over == {"EAST", "SET", "UNSTORED"}
    found = _survey(store)
    assert found["AAA|UNSTORED"].reading.state is State.OVER
    assert found["AAA|EAST"].freshness.state is State.OVER
    assert found["AAA|WEST"].freshness.state is State.NO_TIMESTAMPS


def test_a_session_that_has_no_end_counts_by_its_start(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1, timezone: UTC")
    past = {"startDate": "2026-11-20", "startTime": "09:00", "endTime": "10:00"}
    store_conference(store, "C1", [past, {"startDate": "2026-11-30", "startTime": "09:00", "endTime": " "}])
    assert _survey(store)["AAA|C1"].facts.ends == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_the_zone_blamed_is_the_one_the_file_was_read_with(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1", more="feed: {timezone: UTC}")
    sessions = [{"session_updated_at": text(NOW)}]
    store_conference(store, "C1", sessions, zones=Zones(feed="America/Los_Angeles", venue="UTC"))
    one = _survey(store)["AAA|C1"]
    assert one.freshness.state is State.IN_THE_FUTURE
    assert "read in America/Los_Angeles, is 8 h in the future" in one.freshness.reason
    assert "UTC would fit" in one.freshness.reason


def test_limits_of_a_conference_go_before_those_of_the_file(tmp_path: Path, store: LocalStore) -> None:
    configure(
        tmp_path,
        "C1",
        "'C2', max_update_age: {warn: 4h, error: 7h}",
        more="max_update_age: {error: 5h}\nrefresh_interval: 1h",
    )
    for name in ("C1", "C2"):
        store_conference(store, name, [{"session_updated_at": text(NOW - 6 * HOUR)}], fetched_at=NOW - 2 * HOUR)
    found = _survey(store)
    assert [one.freshness.level for one in found.values()] == [Level.ERROR, Level.WARN]
    assert [rows.limit_hours(one) for one in found.values()] == [5.0, 4.0]
    assert [one.reading.state for one in found.values()] == [State.READ, State.READ]


def test_the_table_holds_every_conference_with_a_constant_schema(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "NEVER", "C1")
    rows.write(store, [], NOW)
    assert store.read(CONFERENCE_STATUS.location, None, schema_of(CONFERENCE_STATUS)).num_rows == 0
    speakers = [{"pslinkid": "1"}, {"pslinkid": "2"}]
    store_conference(store, "C1", [{"session_updated_at": text(NOW - 48 * HOUR), "speakers": speakers}])
    rows.write(store, survey(load({}, tmp_path), store, NOW), NOW)
    first, second = store.read(CONFERENCE_STATUS.location, None, schema_of(CONFERENCE_STATUS)).to_pylist()
    assert set(first) == {column.name for column in CONFERENCE_STATUS.columns}
    assert (first["conference"], first["level"], first["freshness"], first["links"]) == ("C1", "error", "stale", 2)
    assert (first["freshness_level"], first["reading_level"], first["age_hours"]) == ("warn", "error", 48.0)
    assert (first["checked_at"], first["last_change_at"], first["last_read_at"]) == (NOW, FETCHED, FETCHED)
    assert (second["conference"], second["reading"], second["sessions"]) == ("NEVER", "never read", None)


def test_writers_that_overlap_leave_one_whole_table(tmp_path: Path, store: LocalStore) -> None:
    configure(tmp_path, "C1", "C2")
    store_conference(store, "C1", [{"session_updated_at": text(NOW)}])
    surveyed = survey(load({}, tmp_path), store, NOW)
    rows.write(store, surveyed, NOW)
    seen: list[int] = []
    writers = [threading.Thread(target=lambda: [rows.write(store, surveyed, NOW) for _ in range(15)]) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.append(store.read(CONFERENCE_STATUS.location, None).num_rows)
    assert seen
    assert set(seen) == {2}
    assert [path.name for path in store.root.iterdir() if path.is_file()] == ["conference_status.parquet"]

"""Tables as they stood: each of fifty remembered states comes back, through changes of zone, of code and of columns."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.feed.limits import Clock
from planion_assets.refresh import run
from planion_assets.refresh.change_log import read
from planion_assets.refresh.former_tables import UnknownStateError, tables_as_of
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import Store, StoredConference
from planion_assets.tables.catalog import ASSETS, HISTORIES
from planion_assets.tables.model import Publication, Zones
from planion_assets.tables.sessions import SESSIONS
from planion_assets.tables.speaker_changes import SPEAKER_CHANGES
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, client_of, item, page_of
from planion_assets_tests.refresh.declarations import changeable

RECONSTRUCTED = (
    "sessions", "session_speakers", "speakers",
    "published_sessions", "published_session_speakers", "published_speakers",
)  # fmt: skip
WANTED = [one for one in ASSETS if one.name in (*RECONSTRUCTED, "raw_sessions", "raw_speakers") or one in HISTORIES]
_CLOCK = Clock(monotonic=time.monotonic, wall=time.time, wait=lambda _, seconds: None)
ZONES = (Zones(venue="America/Chicago"), Zones(venue="Europe/Berlin"), Zones("Asia/Tokyo", "America/Chicago"))
_OWNER = {"account": KEY.account, "conference": KEY.conference}


def _sessions(state: int) -> list[Any]:
    """Sessions that come, go, change and are unpublished, with people who do."""
    rows = []
    for number in range(6):
        links = [
            {
                "pslinkid": f"{number}{n}",
                "pid": str(n),
                "published": (state + n) % 3 > 0,
                **({"lname": f"N{n}"} if n else {}),
            }
            for n in range((state * 7 + number) % 4)
        ]
        more = {"roomname": f"R{(state + number) // 5}", "published": (state * 3 + number) % 4 > 0, "speakers": links}
        times = {"startDate": "2026-03-01", "startTime": "07:30 pm", "session_updated_at": "2026-01-01 00:00:00"}
        if (state + number) % 6:
            rows.append(item(str(number), **more, **times))
    return rows


def refreshed(
    store: Store, state: int, zones: Zones, *, keep: int = 100, endpoints: tuple[str, ...] = ("sessions", "speakers")
) -> Refreshed:
    """A refresh of everything at that state of the feed, which keeps so many files of each change log."""
    people = [
        {"pid": str(n), "fname": f"F{(state + n) // 2}", "bio": f"bio {(state + n) // 4}", **_OWNER}
        for n in range(1 + state % 3)
    ]

    def answer(request: Request) -> Response:
        return page_of(people if "speakers" in request.path else _sessions(state), request.page)

    options = RefreshOptions(zones=zones, endpoints=endpoints, allow_shrink=True, keep_change_files=keep)
    with LocalFeed(answer) as feed:
        (outcome,) = run.refresh([KEY], WANTED, store, lambda key: client_of(feed, clock=_CLOCK), lambda key: options)
    assert isinstance(outcome, Refreshed), outcome
    assert outcome.problems == ()
    return outcome


def _stored(store: LocalStore, but: str = "") -> dict[str, pa.Table]:
    return {one.name: store.read(one.location, KEY) for one in ASSETS if one.name in RECONSTRUCTED and one.name != but}


def _former(store: LocalStore, at: datetime) -> dict[str, pa.Table]:
    return {one.table.name: one.rows for one in tables_as_of(StoredConference(store, KEY), at, Publication())}


@pytest.fixture
def declared() -> Iterator[Any]:
    """Changes the declaration of `sessions` for one test."""
    with changeable(SESSIONS) as change:
        yield change


# Fifty states in `make soak`.
@pytest.mark.parametrize("keep", [2, pytest.param(100, marks=pytest.mark.soak)])
@pytest.mark.parametrize("states", [7, pytest.param(50, marks=pytest.mark.soak)])
def test_each_of_many_states_comes_back_though_files_are_compacted(
    tmp_path: Path, declared: Any, states: int, keep: int
) -> None:
    store, remembered = LocalStore(tmp_path), []
    before = datetime.now(UTC)
    for state in range(states):
        if state == states * 2 // 5:
            declared("code_version", "next")
        if state == states * 7 // 10:
            declared("columns", tuple(one for one in SESSIONS.columns if one.name != "adanotes"))
        refreshed(store, state if state % 5 else max(state - 1, 0), ZONES[state * 5 // states % 3], keep=keep)
        remembered.append((datetime.now(UTC), _stored(store)))
    causes = {history.name: set(read(store, KEY, history)["cause"].to_pylist()) for history in HISTORIES}
    assert causes["session_changes"] == {"feed", "restated"}
    assert len(store.log_parts("session_changes", KEY)) <= 2 * keep + 1
    for at, tables in reversed(remembered):
        found = _former(store, at)
        assert set(found) == set(RECONSTRUCTED)
        for name, rows in tables.items():
            assert found[name].equals(rows), (name, at)
    with pytest.raises(UnknownStateError, match=r"session_changes of AAA\|AM2026 tells of its tables since .* before"):
        _former(store, before)


def test_what_is_lost_cannot_be_told_of_and_what_came_after_it_can(grown: Any, tmp_path: Path) -> None:
    store, times = LocalStore(shutil.copytree(grown.folders[6], tmp_path / "six")), grown.times
    part = store.log_parts("session_changes", KEY)[2]
    (store.folder("session_changes", KEY) / part.name).unlink()
    assert set(_former(store, times[3])) == set(RECONSTRUCTED)
    with pytest.raises(UnknownStateError, match=r"changes 2 to 2 of session_changes of AAA\|AM2026 are lost"):
        _former(store, times[1])


def test_people_who_change_are_recorded_as_sessions_are(grown: Any) -> None:
    rows = read(LocalStore(grown.folders[6]), KEY, SPEAKER_CHANGES)
    assert {"added", "removed", "changed"} == set(rows["kind"].to_pylist())
    assert set(rows["entity"].to_pylist()) == {"person"}


def test_an_instant_in_the_future_is_the_present(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    refreshed(store, 1, ZONES[0])
    found = _former(store, datetime.now(UTC) + timedelta(days=1))
    assert all(found[name].equals(rows) for name, rows in _stored(store).items())


def test_before_people_were_read_none_are_shown_and_the_sessions_are_told_of_all_the_same(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    refreshed(store, 1, ZONES[0], endpoints=("sessions",))
    before, at = _stored(store, "speakers"), datetime.now(UTC)
    refreshed(store, 1, ZONES[0])
    found = _former(store, at)
    assert set(found) == set(RECONSTRUCTED) - {"speakers"}
    assert [name for name, rows in before.items() if not found[name].equals(rows)] == []
    assert {one["fname"] for one in found["published_session_speakers"].to_pylist()} == {None}
    assert "F0" in store.read("published/published_session_speakers", KEY)["fname"].to_pylist()


def test_a_table_that_another_tool_gave_other_types_is_written_again_and_its_log_begins_anew(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    refreshed(store, 1, ZONES[0])
    whole = store.read("sessions", KEY)
    large = [one.with_type(pa.large_string()) if one.type == pa.string() else one for one in whole.schema]
    store.write("sessions", KEY, whole.cast(pa.schema(large).with_metadata(whole.schema.metadata)))
    refreshed(store, 1, ZONES[1])
    assert store.read("sessions", KEY).schema.equals(whole.schema)
    assert [part.before for part in store.log_parts("session_changes", KEY)] == [NOTHING, NOTHING]

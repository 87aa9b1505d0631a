"""Refreshes into an object store: the tables of a folder, two requests for no change, nothing lost at any request."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from planion_assets.refresh.change_log import read
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Outcome, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage import object_store as object_store_module
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import HISTORIES, TABLES, table
from planion_assets.verify.conference_files import inspect
from planion_assets_tests.feed.server import KEY, LocalFeed, client_of, item, page_of
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

LOG = "session_changes"
FEW = [table(name) for name in ("raw_sessions", "published_sessions", "sessions")]
FEED = [[item(str(number)) for number in range(count)] for count in (3, 4, 3)]
"""Three states of the feed, of which the last is the first again."""


class _Died(BaseException):
    """A process has died."""


def _refresh(store: Store, state: int, tables: Any = (*FEW, *HISTORIES), *, keep: int = 100) -> Outcome:
    options = RefreshOptions(keep_change_files=keep)
    with LocalFeed(lambda request: page_of(FEED[state], request.page)) as feed:
        (outcome,) = refresh([KEY], tables, store, lambda key: client_of(feed), lambda key: options)
    return outcome


def _tables(store: Store) -> list[pa.Table]:
    """The rows of all tables and of the change log, without what differs with the time of day."""
    rows = read(store, KEY)
    timed = [name for name in rows.column_names if pa.types.is_timestamp(rows.schema.field(name).type)]
    return [*(store.read(one.location, KEY) for one in FEW), rows.drop_columns(timed)]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[list[pa.Table]]:
    """What a folder shows after each state of the feed."""
    store, tables = LocalStore(tmp_path_factory.mktemp("folder")), []
    for state in range(len(FEED)):
        assert isinstance(_refresh(store, state), Refreshed)
        tables.append(_tables(store))
    return tables


def test_an_object_store_shows_what_a_folder_shows(truth: list[list[pa.Table]]) -> None:
    store = object_store(MemoryObjects())
    for state, expected in enumerate(truth):
        outcome = _refresh(store, state)
        assert isinstance(outcome, Refreshed)
        assert outcome.state == "changed"
        assert {name: history.files for name, history in outcome.histories.items()} == {
            "session_changes": state + 1,
            "published_changes": state + 1,
        }
        assert _tables(store) == expected


def test_an_unchanged_conference_costs_two_requests_with_every_table_there_is() -> None:
    objects = MemoryObjects()
    store = object_store(objects)
    everything = (*TABLES, *HISTORIES)
    assert isinstance(_refresh(store, 0, everything), Refreshed)
    objects.requests.clear()
    outcome = _refresh(store, 0, everything)
    assert isinstance(outcome, Refreshed)
    assert outcome.state == "unchanged"
    assert [method for method, _ in objects.requests] == ["GET", "PUT"]


def test_tables_are_derived_without_the_feed() -> None:
    """And those that are left out stay known: nothing is left to be done then."""
    objects = MemoryObjects()
    store = object_store(objects)
    _refresh(store, 0, FEW[:1])
    derived = _refresh(store, 1, FEW[1:])
    assert isinstance(derived, Refreshed)
    assert derived.state == "derived"
    assert store.read("sessions", KEY).num_rows == 3
    objects.requests.clear()
    _refresh(store, 0, FEW)
    assert [method for method, _ in objects.requests] == ["GET", "PUT"]


def test_a_folder_that_was_copied_goes_on(tmp_path: Path, truth: list[list[pa.Table]]) -> None:
    """Its change log has no gap, and tables that are right already are written once more."""
    _refresh(LocalStore(tmp_path), 0)
    objects = MemoryObjects()
    for path in tmp_path.rglob("*.parquet"):
        objects.write(path.relative_to(tmp_path).as_posix(), path.read_bytes())
    store = object_store(objects)
    _refresh(store, 1)
    assert _tables(store) == truth[1]


def test_a_refresh_that_fails_is_noted(truth: list[list[pa.Table]]) -> None:
    store = object_store(MemoryObjects())
    _refresh(store, 0)
    with LocalFeed(lambda request: page_of([], request.page, total=7)) as feed:
        (outcome,) = refresh([KEY], FEW, store, lambda key: client_of(feed), lambda key: RefreshOptions())
    assert isinstance(outcome, Failed)
    noted = store.last_read(KEY).failure
    assert noted is not None
    assert noted.reason == outcome.reason
    assert _tables(store) == truth[0]


# Each request in `make soak`.
@pytest.mark.parametrize("each", [3, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_at_any_request_loses_nothing(truth: list[list[pa.Table]], each: int) -> None:
    """The refresh after it shows the feed, and has each change once."""
    objects = MemoryObjects()
    _refresh(object_store(objects), 0)
    began = {name: objects.content(name) for name in objects.names()}
    number, died = 0, True
    while died:
        objects = MemoryObjects()
        for name, content in began.items():
            objects.write(name, content)
        died = _dies(objects, number)
        outcome = _refresh(object_store(objects), 1)
        assert isinstance(outcome, Refreshed), outcome
        assert _tables(object_store(objects)) == truth[1], f"killed before request {number}"
        number += each
    assert number > 12


# Each request in `make soak`.
@pytest.mark.parametrize("each", [3, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_at_any_request_of_a_refresh_that_compacts_leaves_each_change_once(
    truth: list[list[pa.Table]], monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    """For every reader, whenever it looks; and the refresh after it deletes what is covered."""
    monkeypatch.setattr(object_store_module, "OWN_AFTER", timedelta(-1))
    objects = MemoryObjects()
    for state in (0, 1):
        _refresh(object_store(objects), state)
    began = {name: objects.content(name) for name in objects.names()}
    number, died, listed = each - 1, True, set()
    while died:
        objects = MemoryObjects()
        for name, content in began.items():
            objects.write(name, content)
        died = _dies(objects, number, state=2, keep=1)
        store = object_store(objects)
        sequences = read(store, KEY)["sequence"].to_pylist()
        assert sequences in (truth[1][-1]["sequence"].to_pylist(), truth[2][-1]["sequence"].to_pylist())
        listed.add((len(store.listed_parts(LOG, KEY)), len(store.log_parts(LOG, KEY))))
        assert isinstance(_refresh(store, 2, keep=1), Refreshed)
        assert _tables(store) == truth[2], f"killed before request {number}"
        if not died:
            assert [one for one in inspect(KEY, store, None).found.findings if one.name.startswith(LOG)] == []
            assert [(part.first, part.sequence) for part in store.listed_parts(LOG, KEY)] == [(0, 1), (2, 2)]
        number += each
    assert listed == {(2, 2), (3, 3), (4, 2), (2, 2)}


def test_a_file_of_the_last_hour_is_not_compacted_in_a_bucket() -> None:
    """A request of the dead could make it once more, and bring back what was struck since."""
    store = object_store(MemoryObjects())
    for state in (0, 1, 2, 1):
        _refresh(store, state, keep=1)
    assert [part.changes for part in store.log_parts(LOG, KEY)] == [1, 1, 1, 1]


def _dies(objects: MemoryObjects, number: int, *, state: int = 1, keep: int = 100) -> bool:
    """Let a refresh die before its request of that number, which is after the one before; whether it has so many."""
    asked = [0]

    def die(method: str, name: str) -> None:
        asked[0] += 1
        if asked[0] > number:
            raise _Died

    objects.before = die
    try:
        _refresh(object_store(objects), state, keep=keep)
    except _Died:
        return True
    finally:
        objects.before = lambda method, name: None
    return False


def test_two_refreshes_at_once_never_mix(truth: list[list[pa.Table]]) -> None:
    """The slower one finds that it has lost, begins again and ends with what the feed has then."""
    objects = MemoryObjects()
    store = object_store(objects)
    _refresh(store, 0)
    overtaken: list[Outcome] = []

    def overtake(method: str, name: str) -> None:
        if name.startswith(".staged/") and not overtaken:
            objects.before = lambda method, name: None
            overtaken.append(_refresh(store, 1))

    objects.before = overtake
    outcome = _refresh(store, 1)
    assert isinstance(outcome, Refreshed)
    assert outcome.state == "unchanged"
    assert _tables(store) == truth[1]

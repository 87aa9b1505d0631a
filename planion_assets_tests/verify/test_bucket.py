"""Verification where tables lie in an object store: damage is found and mended, a refresh under way is no damage."""

import pytest

from planion_assets.config import Config, load
from planion_assets.feed.client import FeedClient
from planion_assets.guide import without_see
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.object_store import ObjectStore
from planion_assets.tables.catalog import TABLES
from planion_assets.verify.findings import Verified
from planion_assets.verify.verification import verify
from planion_assets_tests.feed.server import KEY, TOKEN, ScriptedServer, item, page_of
from planion_assets_tests.refresh.other_feed_methods import Feed
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

OPTIONS = RefreshOptions()


def _refreshed(store: ObjectStore, *rooms: str) -> None:
    items = [item(str(number), roomname=room) for number, room in enumerate(rooms)]
    with (
        ScriptedServer(lambda request: page_of(items, request.page)) as server,
        FeedClient(server.url, TOKEN) as client,
    ):
        (outcome,) = refresh([KEY], TABLES, store, lambda _: client, lambda _: OPTIONS)
    assert isinstance(outcome, Refreshed), outcome


@pytest.fixture
def objects() -> MemoryObjects:
    found = MemoryObjects()
    _refreshed(object_store(found), "Hall A", "Hall B")
    _refreshed(object_store(found), "Hall A", "Hall C")
    return found


@pytest.fixture
def settings() -> Config:
    account = {"account": KEY.account, "token_env": "T", "conferences": [{"conference": KEY.conference}]}
    return load(given={"accounts": [account]})


def _verified(objects: MemoryObjects, settings: Config, *, repair: bool = False) -> list[Verified]:
    return list(verify(settings, object_store(objects), repair=repair))


def _damages(found: list[Verified]) -> dict[str, str]:
    assert [one.failure for one in found if one.failure] == []
    return {finding.name: finding.problem for one in found for finding in one.damages}


def test_what_a_refresh_leaves_is_right_and_nothing_is_written_by_looking(
    objects: MemoryObjects, settings: Config
) -> None:
    objects.requests.clear()
    assert _damages(_verified(objects, settings)) == {}
    assert {method for method, _ in objects.requests} == {"GET", "LIST", "HEAD"}


def test_damage_of_any_kind_is_named_by_its_object_and_mended(objects: MemoryObjects, settings: Config) -> None:
    name = f"{KEY.account}/{KEY.conference}.parquet"
    whole = {table: objects.content(f"{table}/{name}") for table in ("sessions", "published/published_sessions")}
    objects.write(f"sessions/{name}", b"PAR1")
    objects.write(f"published/published_sessions/{name}", objects.content(f"raw_sessions/{name}"))
    objects.store.delete(f"session_speakers/{name}")
    objects.write("sessions/notes.txt", b"mine")
    found = _damages(_verified(objects, settings))
    assert set(found) == {
        f"sessions/{name}",
        f"published/published_sessions/{name}",
        f"session_speakers/{name}",
        "sessions/notes.txt",
    }
    assert _damages(_verified(objects, settings, repair=True)) == {}
    assert _damages(_verified(objects, settings)) == {}
    assert objects.content(".damaged/sessions/notes.txt") == b"mine"
    # Equal rows of another commit.
    assert all(objects.content(f"{table}/{name}") != content for table, content in whole.items())


def test_public_tables_show_people_after_a_repair_without_a_head() -> None:
    objects, feed = MemoryObjects(), Feed()
    feed.listed = {
        "sessions": [item("1", published=True, speakers=[{"pid": "7", "pslinkid": "1", "published": True}])],
        "speakers": [{"pid": "7", "bio": "Life"}],
    }
    assert isinstance(feed.refreshed(object_store(objects), tuple(feed.listed), wanted=TABLES), Refreshed)
    account = {"account": KEY.account, "token_env": "T", "endpoints": list(feed.listed)}
    settings = load(given={"accounts": [{**account, "conferences": [{"conference": KEY.conference}]}]})
    table = "published/published_speakers"
    rows = object_store(objects).read(table, KEY)
    assert rows["bio_text"].to_pylist() == ["Life"]
    objects.store.delete(f".heads/{KEY.account}/{KEY.conference}.json")
    objects.write(f"{table}/{KEY.account}/{KEY.conference}.parquet", b"PAR1")
    assert list(_damages(_verified(objects, settings, repair=True))) == [f".heads/{KEY.account}/{KEY.conference}.json"]
    assert object_store(objects).read(table, KEY) == rows


def test_a_refresh_that_commits_while_it_is_looked_at_is_said_to_be_at_work(
    objects: MemoryObjects, settings: Config
) -> None:
    looks = iter([True])

    def refresh_at_first_read(method: str, name: str) -> None:
        if method == "GET" and name.startswith("sessions/") and next(looks, False):
            _refreshed(object_store(objects), "Hall A", "Hall D")

    objects.before = refresh_at_first_read
    (found,) = (one for one in _verified(objects, settings) if one.key)
    assert found.failure
    assert without_see(found.failure) == "AAA|AM2026 was being written by a refresh; let it end, then try again"

"""A method of the feed that only settings name: read as sessions are, and its failures are its own.

In this process, without a connection; over HTTP and through Dagster in `cli/test_other_endpoints.py`.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.stored_endpoints import stored_endpoints
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import Store
from planion_assets.tables.catalog import TABLES, tables_of
from planion_assets.tables.endpoint_tables import endpoint_tables
from planion_assets_tests.feed.server import KEY, Request, Response, item, page_of
from planion_assets_tests.refresh.other_feed_methods import FEW, Feed, entry
from planion_assets_tests.runs import files
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def _done(outcome: Refreshed | Failed) -> Refreshed:
    assert isinstance(outcome, Refreshed), outcome
    return outcome


def _titles(store: Store, method: str) -> list[str]:
    rows = store.read(method, KEY).to_pylist()
    return sorted(row["value"] for row in rows if row["field"] == "title")


@pytest.mark.parametrize("status", [403, 404])
def test_one_that_the_contract_leaves_out_is_said_and_the_others_are_read(
    feed: Feed, store: LocalStore, status: int
) -> None:
    feed.listed["abstracts"] = Response(b"", status)
    outcome = _done(feed.refreshed(store))
    assert outcome.problems == ()
    assert {one.table.name for one in outcome.skipped} == {"raw_abstracts", "abstracts"}
    for one in outcome.skipped:
        assert one.reason.startswith(
            f"the contract does not include abstracts: GET /feed/v1/abstracts of {KEY}, page 1"
        )
    assert _titles(store, "eposters") == list("012345")
    assert {path.name for path in store.root.iterdir()} >= {"raw_eposters", "eposters"}
    assert not {path.name for path in store.root.iterdir()} & {"raw_abstracts", "abstracts"}


def test_one_that_the_contract_has_left_out_since_keeps_its_tables(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    before = {name: found for name, found in files(store.root).items() if "abstracts" in name}
    feed.listed["abstracts"] = Response(b"", 403)
    assert len(_done(feed.refreshed(store)).skipped) == 2
    assert {name: found for name, found in files(store.root).items() if "abstracts" in name} == before


def test_one_is_asked_for_as_the_vendor_spells_it_and_stored_under_a_safe_name(feed: Feed, store: LocalStore) -> None:
    methods = ("sessions", "ePosters", "Session-Files")
    feed.listed |= {"ePosters": [entry(1)], "Session-Files": [entry(2), entry(3)]}
    for _ in range(2):
        _done(feed.refreshed(store, methods, wanted=(*FEW, *tables_of(methods)[len(TABLES) :])))
    assert len(feed.asked("ePosters")) == len(feed.asked("Session-Files")) == 3, "two walks, and one that equals them"
    assert feed.asked("eposters") == feed.asked("session_files") == []
    assert {path.name for path in store.root.iterdir()} >= {
        *("raw_eposters", "eposters", "raw_session_files", "session_files"),
    }
    assert (_titles(store, "eposters"), _titles(store, "session_files")) == (["1"], ["2", "3"])
    assert stored_endpoints(store) == ["eposters", "session_files"]
    assert tables_of((*methods, *stored_endpoints(store))) == tables_of(methods)


def test_one_that_fails_is_named_and_changes_no_file_while_the_others_go_on(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    before = {name: found for name, found in files(store.root).items() if "abstracts" in name}
    feed.listed |= {"abstracts": Response(b"<html>", 500), "eposters": [entry(9)] * 5 + [entry(8)]}
    feed.listed["sessions"] = [item("1"), item("2"), item("3")]
    outcome = _done(feed.refreshed(store))
    (problem,) = outcome.problems
    assert f"GET /feed/v1/abstracts of {KEY}, page 1" in problem
    assert outcome.changed
    assert _titles(store, "eposters") == ["8", "9"]
    assert {name: found for name, found in files(store.root).items() if "abstracts" in name} == before
    assert store.last_read(KEY).failure


def test_where_the_sessions_fail_no_other_method_is_asked_for(feed: Feed, store: LocalStore) -> None:
    feed.listed["sessions"] = Response(b"", 500)
    assert isinstance(feed.refreshed(store), Failed)
    assert feed.asked("abstracts") == feed.asked("eposters") == []


@pytest.mark.parametrize("left", [0, 1, 2])
def test_one_that_shrinks_is_refused_until_a_person_allows_it(feed: Feed, store: LocalStore, left: int) -> None:
    _done(feed.refreshed(store))
    before = files(store.root / "abstracts")
    feed.listed["abstracts"] = [entry(number) for number in range(left)]
    (problem,) = _done(feed.refreshed(store)).problems
    assert f"abstracts of {KEY}: the feed lists {left} rows where 6 are stored, so {6 - left} would be lost" in problem
    assert files(store.root / "abstracts") == before
    assert _done(feed.refreshed(store, allow_shrink=True)).problems == ()
    assert len(_titles(store, "abstracts")) == left


def test_one_that_is_edited_within_reason_is_stored(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    feed.listed["abstracts"] = [entry(number) for number in (0, 1, 2, 7)]
    assert _done(feed.refreshed(store)).problems == ()
    assert _titles(store, "abstracts") == ["0", "1", "2", "7"]


def test_one_that_changes_under_every_walk_is_refused(feed: Feed, store: LocalStore) -> None:
    numbers = itertools.count()

    def answer(request: Request) -> Response:
        if request.path.endswith("/abstracts"):
            return page_of([entry(next(numbers))], request.page)
        return Feed._page(feed, request)

    feed._answer = answer
    (problem,) = _done(feed.refreshed(store)).problems
    assert f"abstracts of {KEY}: no two of 4 walks in a row agree" in problem
    assert not (store.root / "abstracts").exists()


def test_one_is_believed_after_two_walks_that_agree_and_then_after_one(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    assert len(feed.asked("abstracts")) == 2
    before = files(store.root)
    outcome = _done(feed.refreshed(store))
    assert len(feed.asked("abstracts")) == 3
    assert (outcome.state, [one.table.name for one in outcome.tables if one.written]) == ("unchanged", [])
    after = files(store.root)
    assert {name for name in before | after if before.get(name) != after.get(name)} <= {".status/AAA/AM2026.json"}


@pytest.mark.parametrize("stranger", [{"account": "BBB"}, {"conference": "AM2027"}, {"account": None}])
def test_an_item_of_another_conference_is_refused(feed: Feed, store: LocalStore, stranger: dict[str, Any]) -> None:
    feed.listed["abstracts"] = [entry(0), entry(1, **stranger)]
    (problem,) = _done(feed.refreshed(store)).problems
    assert f"abstracts of {KEY}: item 2 of page 1 has" in problem
    assert not (store.root / "raw_abstracts").exists()


def test_items_may_say_nothing_of_their_owner_and_be_of_any_shape(feed: Feed, store: LocalStore) -> None:
    feed.listed["abstracts"] = [{"title": "0"}, "x", None, [], {}, {"title": "0", "_id": "1"}, 7]
    assert _done(feed.refreshed(store)).problems == ()
    assert store.footer("raw_abstracts", KEY).rows == 7
    assert store.footer("abstracts", KEY).rows == 6


def test_several_pages_are_read(feed: Feed, store: LocalStore) -> None:
    feed.listed["abstracts"] = [entry(number) for number in range(250)]
    assert _done(feed.refreshed(store)).problems == ()
    assert len(_titles(store, "abstracts")) == 250


def test_a_name_that_is_taken_out_is_not_asked_for_and_its_tables_stay(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    before, asked = files(store.root), len(feed.asked("abstracts"))
    outcome = _done(feed.refreshed(store, ("sessions", "eposters")))
    reason = "the account's `endpoints` do not name abstracts, so the feed is not asked for them"
    assert {one.table.name: one.reason for one in outcome.skipped} == {"raw_abstracts": reason, "abstracts": reason}
    assert len(feed.asked("abstracts")) == asked
    assert {name: found for name, found in files(store.root).items() if name[0] != "."} == {
        name: found for name, found in before.items() if name[0] != "."
    }


def test_the_changes_of_sessions_know_nothing_of_it(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    feed.listed["abstracts"] = [entry(number, title="Other") for number in range(6)]
    outcome = _done(feed.refreshed(store))
    assert outcome.changed
    assert outcome.changes is None
    assert {name: history.files for name, history in outcome.histories.items()} == {"session_changes": 1}


def test_the_table_of_fields_is_made_of_what_is_stored(feed: Feed, store: LocalStore) -> None:
    _done(feed.refreshed(store))
    (store.root / "abstracts" / "AAA" / "AM2026.parquet").unlink()
    asked = len(feed.requests)
    outcome = _done(feed.refreshed(store, wanted=endpoint_tables("abstracts")[1:]))
    assert len(feed.requests) == asked
    assert [one.table.name for one in outcome.tables] == ["abstracts"]
    assert _titles(store, "abstracts") == list("012345")


def test_an_object_store_has_what_a_folder_has(feed: Feed, store: LocalStore) -> None:
    bucket = object_store(MemoryObjects())
    for titles in ("abc", "abd"):
        feed.listed["abstracts"] = [entry(number, title=title) for number, title in enumerate(titles)]
        for home in (store, bucket):
            assert _done(feed.refreshed(home)).problems == ()
        for name in ("raw_abstracts", "abstracts", "raw_eposters", "eposters"):
            assert bucket.read(name, KEY).equals(store.read(name, KEY)), name
        assert _titles(bucket, "abstracts") == list(titles)


def test_an_unchanged_conference_costs_a_bucket_two_requests(feed: Feed) -> None:
    objects = MemoryObjects()
    bucket = object_store(objects)
    _done(feed.refreshed(bucket))
    objects.requests.clear()
    assert _done(feed.refreshed(bucket)).state == "unchanged"
    assert [method for method, _ in objects.requests] == ["GET", "PUT"]


def test_what_is_stored_is_exactly_what_came(feed: Feed, store: LocalStore) -> None:
    items = [entry(0, authors=[{"name": "É"}], score=1.50), entry(1, title=" padded ")]
    feed.listed["abstracts"] = items
    _done(feed.refreshed(store))
    payloads = store.read("raw_abstracts", KEY)["payload"].to_pylist()
    assert sorted(map(str, payloads)) == sorted(json.dumps(one) for one in items)

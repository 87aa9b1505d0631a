"""What a run reports to Dagster: all to a person who asks, only what is not known yet where runs come by themselves."""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import dagster as dg
import pytest

from planion_assets.defs.events.policy import SKIP_UNCHANGED
from planion_assets.defs.partitions import conferences
from planion_assets.defs.resources import PlanionResource
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import ASSETS
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import Request, Response, ScriptedServer, page_of
from planion_assets_tests.runs import failure, files, materializations, run

pytestmark = pytest.mark.usefixtures("only_tables")

HISTORY = ("raw_sessions", "sessions", "session_changes")
QUIET = {SKIP_UNCHANGED: "true"}
CONFIG = """
    feed:
      url: {url}
      max_attempts: 1
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
"""
_numbers = count()


class _Feed:
    """Conferences of a session each, whose names no earlier test has used; tests change `rooms` and `broken`."""

    def __init__(self, folder: Path) -> None:
        self.names = [f"E{next(_numbers)}" for _ in range(3)]
        self.keys = [f"AAA|{name}" for name in self.names]
        self.rooms = dict.fromkeys(self.names, "A")
        self.broken: set[str] = set()
        self.server = ScriptedServer(self._answer)
        lines = "".join(f"          - conference: {name}\n" for name in self.names)
        write_config(folder, CONFIG.format(url=self.server.url) + lines)

    def walks(self) -> list[str]:
        """The conferences that have been walked, a name for each walk; forgets them."""
        walked = [str(request.where["conference"]) for request in self.server.requests]
        self.server.requests.clear()
        return walked

    def _answer(self, request: Request) -> Response:
        name = str(request.where["conference"])
        if name in self.broken:
            return Response(b"{}", 403)
        session = {"account": "AAA", "conference": name, "schedid": "1", "roomname": self.rooms[name]}
        return page_of([session], request.page)


@pytest.fixture
def feed(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Feed]:
    monkeypatch.setenv("PLANION_TOKEN_AAA", "a-token")
    feed = _Feed(workplace)
    with feed.server:
        yield feed


def _quiet(instance: dg.DagsterInstance, feed: _Feed, **tags: str) -> dg.ExecuteInProcessResult:
    return run(instance, feed.keys, select=HISTORY, more_tags={**QUIET, **tags})


def _statuses(instance: dg.DagsterInstance, feed: _Feed) -> set[str]:
    found = set()
    for name in HISTORY:
        statuses = instance.get_status_by_partition(dg.AssetKey(name), feed.keys, conferences)
        assert statuses is not None
        found |= {str(status.value if status else None) for status in statuses.values()}
    return found


def _log(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(entry.user_message for entry in instance.all_logs(result.run_id))


def test_an_unchanged_conference_costs_one_walk_and_one_that_fails_costs_the_good_ones_neither_status_nor_report(
    workplace: Path, feed: _Feed, instance: dg.DagsterInstance
) -> None:
    assert run(instance, feed.keys, select=HISTORY).success
    before = files(workplace / "data")
    feed.walks()
    result = _quiet(instance, feed)
    assert result.success
    assert sorted(feed.walks()) == feed.names
    assert materializations(result) == {}
    assert "3 read, 3 unchanged, 0 changed, 0 failed" in _log(instance, result)
    assert files(workplace / "data") == before
    assert _statuses(instance, feed) == {"MATERIALIZED"}
    single = run(instance, feed.keys[:1], select=HISTORY, more_tags=QUIET)
    assert single.success
    assert materializations(single) == {}
    feed.broken = {feed.names[1]}
    failed = _quiet(instance, feed)
    good = {(name, key) for name in HISTORY for key in (feed.keys[0], feed.keys[2])}
    assert set(failure(failed)[1]) == {feed.keys[1]}
    assert set(materializations(failed)) == good
    assert f"2 read, 2 unchanged, 0 changed, 1 failed ({feed.keys[1]})" in _log(instance, failed)
    feed.broken = set()
    mended = _quiet(instance, feed)
    assert set(materializations(mended)) >= {(name, feed.keys[1]) for name in HISTORY}
    assert _statuses(instance, feed) == {"MATERIALIZED"}
    assert materializations(_quiet(instance, feed)) == {}


def test_a_changed_conference_alone_is_reported_with_what_changed(feed: _Feed, instance: dg.DagsterInstance) -> None:
    first = materializations(run(instance, feed.keys, select=HISTORY))
    assert "sessions_added" not in first["sessions", feed.keys[0]].metadata
    feed.rooms[feed.names[2]] = "B"
    result = _quiet(instance, feed)
    materialized = materializations(result)
    assert set(materialized) == {(name, feed.keys[2]) for name in HISTORY}
    for event in materialized.values():
        counts = {name: value.value for name, value in event.metadata.items() if re.match("(sessions|links)_", name)}
        assert counts.pop("sessions_changed") == "1"
        assert counts == dict.fromkeys(
            ("sessions_added", "sessions_removed", "links_added", "links_removed", "links_changed"), "0"
        )
    changes = materialized["session_changes", feed.keys[2]]
    assert (changes.metadata["files"].value, changes.metadata["rows_in_newest_file"].value) == ("2", "1")
    assert "roomname" in str(changes.metadata["preview"].value)
    assert f"3 read, 2 unchanged, 1 changed ({feed.keys[2]}), 0 failed" in _log(instance, result)
    versions = [(e["session_changes", feed.keys[2]].tags or {})["dagster/data_version"] for e in (first, materialized)]
    assert versions[0] != versions[1]


def test_whoever_asks_for_a_partition_gets_it_reported(feed: _Feed, instance: dg.DagsterInstance) -> None:
    both, one = feed.keys[:2], feed.keys[:1]
    assert run(instance, both, select=HISTORY).success
    backfill = {**QUIET, "dagster/backfill": "abc"}
    asked: list[tuple[list[str], dict[str, str]]] = [(both, {}), (one, {SKIP_UNCHANGED: "false"}), (both, backfill)]
    for keys, tags in asked:
        materialized = materializations(run(instance, keys, select=HISTORY, more_tags=tags))
        assert set(materialized) == {(name, key) for name in HISTORY for key in keys}
        assert {event.metadata["sessions_changed"].value for event in materialized.values()} == {"0"}


def test_what_dagster_does_not_know_is_reported_though_every_file_is_right(
    feed: _Feed, instance: dg.DagsterInstance
) -> None:
    _refresh_unseen(feed)
    assert set(materializations(_quiet(instance, feed))) == {(name, key) for name in HISTORY for key in feed.keys}
    feed.rooms[feed.names[0]] = "B"
    _refresh_unseen(feed)
    materialized = materializations(_quiet(instance, feed))
    assert set(materialized) == {(name, feed.keys[0]) for name in HISTORY}
    assert not materialized["sessions", feed.keys[0]].metadata["written"].value


def _refresh_unseen(feed: _Feed, texts: Sequence[str] = (), names: Sequence[str] = HISTORY) -> None:
    """What a run does that dies before it reports, or that another instance knows of."""
    planion = PlanionResource()
    wanted = [declared for declared in ASSETS if declared.name in names]
    keys = [ConferenceKey.parse(text) for text in texts or feed.keys]
    outcomes = list(refresh(keys, wanted, planion.store(), planion.client, planion.options))
    assert all(isinstance(outcome, Refreshed) for outcome in outcomes)


def test_what_changed_is_recorded_though_nobody_selected_it_and_no_history_to_show_says_what_to_do(
    workplace: Path, feed: _Feed, instance: dg.DagsterInstance
) -> None:
    description, _ = failure(run(instance, feed.keys[:1], select=["session_changes"]))
    assert f"no session_changes of {feed.keys[0]} is stored at" in description
    assert "materialize raw_sessions first" in description
    _refresh_unseen(feed, feed.keys[:1], ["raw_sessions"])
    feed.rooms[feed.names[0]] = "B"
    _refresh_unseen(feed, feed.keys[:1], ["raw_sessions"])
    materialized = materializations(run(instance, feed.keys[:1], select=["session_changes"]))
    assert materialized["session_changes", feed.keys[0]].metadata["rows_in_newest_file"].value == "1"
    assert feed.walks() == [feed.names[0]] * 4


def test_a_stored_file_that_cannot_be_shown_fails_its_conference_alone(
    workplace: Path, feed: _Feed, instance: dg.DagsterInstance
) -> None:
    _refresh_unseen(feed)
    folder = LocalStore(workplace / "data").folder("session_changes", ConferenceKey.parse(feed.keys[1]))
    next(folder.iterdir()).write_bytes(b"PAR1")
    result = run(instance, feed.keys, select=HISTORY)
    description, metadata = failure(result)
    assert list(metadata) == [feed.keys[1]]
    assert "is not a readable Parquet file" in description
    assert {partition for _, partition in materializations(result)} == {feed.keys[0], feed.keys[2]}

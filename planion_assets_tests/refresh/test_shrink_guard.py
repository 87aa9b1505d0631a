"""A feed that lists every item and empties tables all the same is refused, whatever became of the items.

What is stored is compared byte for byte. What the feed lists is in `assets/test_listed.py`.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planion_assets.definitions import defs
from planion_assets.feed.client import FeedClient
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.refresh.run import refresh
from planion_assets.refresh.shrink import SMALL_LOSS
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.catalog import table
from planion_assets.tables.model import Table
from planion_assets_tests.conftest import write_config
from planion_assets_tests.feed.server import KEY, LocalFeed, Request, Response, ScriptedServer, client_of, item, page_of
from planion_assets_tests.runs import failure, files, materializations, run

Row = dict[str, Any]
Edit = Callable[[Row, int], Any]
SESSIONS, LINKS = "sessions", "session_speakers"
PUBLISHED, PUBLISHED_LINKS = "published_sessions", "published_session_speakers"
COUNTED = (SESSIONS, LINKS, PUBLISHED, PUBLISHED_LINKS, "speakers")
GUARDED = tuple(table(name) for name in ("raw_sessions", "raw_speakers", *COUNTED))
FULL = (6, 12, 6, 12, 6)
LIMIT = "more than `feed.min_rows_kept` of 0.5 lets go"

CONFIG = """
    feed:
      url: {url}
    accounts:
      - account: AAA
        token_env: PLANION_TOKEN_AAA
        conferences:
          - conference: AM2026
"""


class Feed(LocalFeed):
    """Six published sessions with two published speakers each, and six people; tests edit the items."""

    def __init__(self) -> None:
        self.sessions: list[Any] = []
        self.people: list[Any] = []
        self.serve()
        super().__init__(self.page)

    def __enter__(self) -> "Feed":
        super().__enter__()
        return self

    def serve(self, edit: Edit = lambda row, number: row, *, person: Edit = lambda row, number: row) -> None:
        """List these items, each as an edit makes it."""
        self.sessions = [edit(_session(number), number) for number in range(6)]
        self.people = [person(item(None, pid=str(number)), number) for number in range(6)]

    def page(self, request: Request) -> Response:
        """The answer to a request."""
        return page_of(self.people if request.path.endswith("/speakers") else self.sessions, request.page)


def _session(number: int) -> Row:
    speakers = [{"pid": str(place), "pslinkid": f"{number}{place}", "published": True} for place in range(2)]
    return item(str(number), published=True, speakers=speakers)


def _with(**fields: Any) -> Edit:
    return lambda row, number: {**row, **fields}


def _without(name: str) -> Edit:
    return lambda row, number: {key: value for key, value in row.items() if key != name}


def _renamed(name: str, other: str) -> Edit:
    return lambda row, number: {other if key == name else key: value for key, value in row.items()}


def _linked(**fields: Any) -> Edit:
    """Each engagement with these fields."""
    return lambda row, number: {**row, "speakers": [{**link, **fields} for link in row["speakers"]]}


def _first(count: int, edit: Edit) -> Edit:
    """The edit of the first items only."""
    return lambda row, number: edit(row, number) if number < count else row


@pytest.fixture
def feed() -> Iterator[Feed]:
    with Feed() as server:
        yield server


@pytest.fixture
def _served(feed: Feed, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The feed at an address, which the settings name, for runs of Dagster."""
    monkeypatch.setenv("PLANION_TOKEN_AAA", "token")
    with ScriptedServer(feed.page) as server:
        write_config(workplace, CONFIG.format(url=server.url))
        yield


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def _refresh(
    feed: Feed, store: LocalStore, tables: tuple[Table, ...] = GUARDED, *, allow_shrink: bool = False
) -> Refreshed | Failed:
    def opened(_: Any) -> FeedClient:
        return reading

    options = RefreshOptions(endpoints=("sessions", "speakers"), allow_shrink=allow_shrink)
    with client_of(feed) as reading:
        (outcome,) = refresh([KEY], tables, store, opened, lambda _: options)
    return outcome


def _stored(store: LocalStore) -> tuple[int, ...]:
    return tuple(store.footer(table(name).location, KEY).rows for name in COUNTED)


def _tables(*names: str) -> tuple[Table, ...]:
    return tuple(table(name) for name in names)


LOST = {
    "no schedid": (_without("schedid"), (0, 0, 0, 0), "6 of 6 items are rejected (6 no usable schedid)"),
    "schedid under another name": (_renamed("schedid", "id_of_schedule"), (0, 0, 0, 0), "6 no usable schedid"),
    "schedid is blank": (_with(schedid=" "), (0, 0, 0, 0), "6 no usable schedid"),
    "schedid is a list": (_with(schedid=["1"]), (0, 0, 0, 0), "6 no usable schedid"),
    "schedid is an object": (_with(schedid={"a": 1, "b": 2}), (0, 0, 0, 0), "6 no usable schedid"),
    "most without schedid": (_first(4, _without("schedid")), (2, 4, 2, 4), "4 of 6 items are rejected"),
    "items are no objects": (lambda row, number: f"text {number}", (0, 0, 0, 0), "6 not an object"),
    "one schedid for all": (
        lambda row, number: {**row, "schedid": "7", "sessionName": str(number)},
        (1, 2, 1, 2),
        "5 of 6 items are rejected (5 lost to another item of the same schedid, neither being newer)",
    ),
    "no speakers": (_without("speakers"), (6, 0, 6, 0), "`speakers` is missing in 6 of 6 sessions"),
    "speakers under another name": (_renamed("speakers", "Faculty"), (6, 0, 6, 0), "`speakers` is missing in 6 of 6"),
    "speakers are null": (_with(speakers=None), (6, 0, 6, 0), "`speakers` is empty in 6 of 6 sessions"),
    "speakers are empty": (_with(speakers=[]), (6, 0, 6, 0), "`speakers` is empty in 6 of 6 sessions"),
    "speakers are text": (_with(speakers="A. Person"), (6, 0, 6, 0), "`speakers` is no list in 6 of 6 sessions"),
    "speakers are a number": (_with(speakers=12), (6, 0, 6, 0), "`speakers` is no list in 6 of 6 sessions"),
    "most without speakers": (_first(4, _without("speakers")), (6, 4, 6, 4), "`speakers` is missing in 4 of 6"),
    "sessions are unpublished": (_with(published=False), (6, 12, 0, 0), "sessions would keep 6 of 6 rows"),
    "published is gone": (_without("published"), (6, 12, 0, 0), "session_speakers would keep 12 of 12 rows"),
    "published is unreadable": (
        _with(published="perhaps"),
        (6, 12, 0, 0),
        "6 values of sessions.published cannot be read;",
    ),
    "engagements are unpublished": (_linked(published=None), (6, 12, 6, 0), "published_sessions would keep 6 of 6"),
    "most are unpublished": (_first(4, _with(published=0)), (6, 12, 2, 4), "sessions would keep 6 of 6 rows"),
}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Feed, LocalStore]]:
    """A feed and what is stored of it, for tests that leave both as they were: refusals do."""
    store = LocalStore(tmp_path_factory.mktemp("full") / "data")
    with Feed() as server:
        assert isinstance(_refresh(server, store), Refreshed)
        assert _stored(store) == FULL
        yield server, store


@pytest.mark.parametrize("name", LOST)
def test_what_would_empty_a_table_is_refused_with_counts_and_reason(full: tuple[Feed, LocalStore], name: str) -> None:
    feed, store = full
    edit, left, reason = LOST[name]
    before = files(store.root)
    feed.serve(edit)
    refused = _refresh(feed, store)
    assert isinstance(refused, Failed)
    assert files(store.root) == before
    assert "\n" not in refused.reason
    assert refused.reason.startswith("sessions of AAA|AM2026: 6 items of the feed would shrink ")
    for table_name, rows, after in zip(COUNTED, FULL, left, strict=False):
        lost = after < rows / 2
        sentence = (
            f"{table_name} from {rows} to {after} rows" if lost else f"{table_name} would keep {after} of {rows} rows"
        )
        assert sentence in refused.reason
    assert LIMIT in refused.reason
    assert reason in refused.reason


@pytest.mark.parametrize("name", ["no schedid", "speakers are text", "published is gone"])
def test_it_is_allowed_once_and_is_then_what_is_compared_with(feed: Feed, store: LocalStore, name: str) -> None:
    edit, left, _ = LOST[name]
    _refresh(feed, store)
    feed.serve(edit)
    assert isinstance(_refresh(feed, store, allow_shrink=True), Refreshed)
    assert _stored(store) == (*left, 6)
    assert isinstance(_refresh(feed, store), Refreshed)


KEEP = {
    "half without schedid": (_first(3, _without("schedid")), (3, 6, 3, 6)),
    "half unpublished": (_first(3, _with(published=False)), (6, 12, 3, 6)),
}


@pytest.mark.parametrize("name", KEEP)
def test_as_much_as_the_setting_asks_for_is_stored(feed: Feed, store: LocalStore, name: str) -> None:
    edit, left = KEEP[name]
    _refresh(feed, store)
    feed.serve(edit)
    assert isinstance(_refresh(feed, store), Refreshed)
    assert _stored(store) == (*left, 6)


def test_a_few_engagements_or_published_rows_may_go_and_more_may_not(feed: Feed, store: LocalStore) -> None:
    few = [{"pid": str(n), "pslinkid": str(n), "published": True} for n in range(SMALL_LOSS + 1)]

    def serve(links: list[Row], published: bool) -> None:
        feed.serve(
            lambda row, number: {**row, "published": published and number == 0, "speakers": links * (not number)}
        )

    serve(few, True)
    _refresh(feed, store)
    assert _stored(store) == (6, SMALL_LOSS + 1, 1, SMALL_LOSS + 1, 6)
    serve([], True)
    assert f"session_speakers from {SMALL_LOSS + 1} to 0 rows" in getattr(_refresh(feed, store), "reason", "")
    serve(few[:1], True)
    assert isinstance(_refresh(feed, store), Refreshed)
    serve([], False)
    assert isinstance(_refresh(feed, store), Refreshed)
    assert _stored(store) == (6, 0, 0, 0, 6)


def test_the_only_session_must_stay_usable(feed: Feed, store: LocalStore) -> None:
    feed.sessions = [item("1")]
    _refresh(feed, store)
    feed.sessions = [item(None)]
    assert "sessions from 1 to 0 rows" in getattr(_refresh(feed, store), "reason", "")


def test_people_who_cannot_be_used_any_more_are_refused_while_the_sessions_go_on(feed: Feed, store: LocalStore) -> None:
    _refresh(feed, store)
    before = files(store.root)
    feed.serve(_with(sessionName="other"), person=_without("pid"))
    outcome = _refresh(feed, store)
    assert isinstance(outcome, Refreshed)
    (problem,) = outcome.problems
    assert problem.startswith("speakers of AAA|AM2026: 6 items of the feed would shrink speakers from 6 to 0 rows")
    assert "6 of 6 items are rejected (6 no usable pid)" in problem
    after = files(store.root)
    for name in ("raw_speakers", "speakers"):
        assert after[f"{name}/AAA/AM2026.parquet"] == before[f"{name}/AAA/AM2026.parquet"]
    assert after["sessions/AAA/AM2026.parquet"] != before["sessions/AAA/AM2026.parquet"]
    assert not getattr(_refresh(feed, store, allow_shrink=True), "problems", "failed")
    assert _stored(store) == (6, 12, 6, 12, 0)


@pytest.mark.parametrize("table_name", ["raw_sessions", "published_sessions"])
def test_a_refresh_of_some_tables_is_measured_by_all_that_show_the_stored_snapshot(
    feed: Feed, store: LocalStore, table_name: str
) -> None:
    _refresh(feed, store)
    before = files(store.root)
    feed.serve(_without("speakers"))
    wanted = _tables(*dict.fromkeys(("raw_sessions", table_name)))
    assert "session_speakers from 12 to 0 rows" in getattr(_refresh(feed, store, wanted), "reason", "")
    assert files(store.root) == before
    # Tables that were left behind on purpose hold nobody up.
    feed.serve(_with(sessionName="other"))
    assert isinstance(_refresh(feed, store, wanted), Refreshed)
    feed.serve(_without("speakers"))
    assert isinstance(_refresh(feed, store, wanted), Refreshed)


@pytest.mark.parametrize("read", [False, True])
def test_other_code_that_makes_less_of_the_same_snapshot_is_refused(feed: Feed, store: LocalStore, read: bool) -> None:
    _refresh(feed, store)
    before = files(store.root)
    other = replace(table(LINKS), records=lambda sessions: (), code_version="other")
    wanted = (*_tables("raw_sessions")[: int(read)], *_tables(SESSIONS), other)
    refused = _refresh(feed, store, wanted)
    assert isinstance(refused, Failed)
    whose = "of the feed" if read else "that are stored"
    assert f"6 items {whose} would shrink session_speakers from 12 to 0 rows" in refused.reason
    assert ("the feed has not changed" in refused.reason) == read
    assert files(store.root) == before
    assert isinstance(_refresh(feed, store, wanted, allow_shrink=True), Refreshed)
    assert store.footer(LINKS, KEY).rows == 0


def test_a_table_that_is_not_stored_or_cannot_be_read_guards_nothing(feed: Feed, store: LocalStore) -> None:
    feed.serve(_without("schedid"))
    assert isinstance(_refresh(feed, store), Refreshed)
    feed.serve()
    _refresh(feed, store)
    for name in COUNTED:
        path = store.path(table(name).location, KEY)
        path.write_bytes(b"PAR1")
    feed.serve(_without("schedid"))
    assert isinstance(_refresh(feed, store), Refreshed)
    assert _stored(store) == (0, 0, 0, 0, 6)


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("job", ["refresh_active", "a partition"])
def test_a_run_names_the_config_that_allows_it_in_a_run_of_the_same_kind(
    feed: Feed, workplace: Path, instance: dg.DagsterInstance, job: str
) -> None:
    select = ("raw_sessions", SESSIONS, LINKS)

    def launched(config: dict[str, Any] | None = None) -> dg.ExecuteInProcessResult:
        if job == "a partition":
            return run(instance, [str(KEY)], select=select, run_config=config, checks=True)
        job_definition = defs.resolve_job_def(job)
        return job_definition.execute_in_process(instance=instance, run_config=config, raise_on_error=False)

    assert isinstance(_refresh(feed, LocalStore(workplace / "data"), _tables(*select)), Refreshed)
    before = files(workplace / "data")
    feed.serve(_without("speakers"))
    refused = launched()
    description, reasons = failure(refused)
    assert "session_speakers from 12 to 0 rows" in description
    assert list(reasons) == [str(KEY)]
    assert materializations(refused) == {}
    assert files(workplace / "data") == before
    (typed,) = re.findall(r"with the config (\{.*\})", description)
    assert ("a run of the job refresh_active with" in description) == (job == "refresh_active")
    config = json.loads(typed)
    assert config["ops"].get("refresh_conferences", {}).get("config", {}).get("conferences", [str(KEY)]) == [str(KEY)]
    allowed = launched(config)
    assert allowed.success
    assert LocalStore(workplace / "data").footer(LINKS, KEY).rows == 0
    (verdict,) = (v for v in allowed.get_asset_check_evaluations() if v.check_name == "sessions_have_speakers")
    assert (verdict.passed, verdict.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert verdict.metadata["found"].value == "6"


def test_an_unchanged_refresh_counts_nothing(feed: Feed, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _refresh(feed, store)
    opened: list[str] = []
    statistics = LocalStore.statistics

    def noted(self: LocalStore, name: str, key: Any) -> Any:
        opened.append(name)
        return statistics(self, name, key)

    monkeypatch.setattr(LocalStore, "statistics", noted)
    assert isinstance(_refresh(feed, store), Refreshed)
    each = [(name, len(list(found))) for name, found in itertools.groupby(sorted(opened))]
    # The people are looked at once more for the tables that show them, and whether there are any; sessions for their
    # newest.
    more = {"raw_sessions": 1, "raw_speakers": 3, "sessions": 1}
    assert each == sorted((one.location, 1 + more.get(one.name, 0)) for one in GUARDED)

"""The files of `session_changes`: whatever stops a refresh, no change is lost, told twice, or told and not stored."""

import contextlib
import itertools
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planion_assets.feed.item import walk_digest
from planion_assets.refresh import change_log
from planion_assets.refresh.build import BuiltFiles
from planion_assets.refresh.change_log import LOGS
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Changes, Content
from planion_assets.refresh.plan import plan_refresh
from planion_assets.refresh.record import changes_to_record
from planion_assets.refresh.step_notes import notes_of
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.local_writer import LocalWriter
from planion_assets.storage.log_parts import NOTHING
from planion_assets.storage.store import LogPart, NotStoredError, Pieces, Provenance, StagedFile, Writer
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.diff import ENTITIES, Counts
from planion_assets.tables.arrow.schemas import schema_of
from planion_assets.tables.raw_sessions import RAW_SESSIONS
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.disk_steps import refreshed_until
from planion_assets_tests.feed.server import KEY, ScriptedServer, content_digest, item, page_of
from planion_assets_tests.tables.arrow.applied import applied
from planion_assets_tests.tables.items import Item

READ_AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
State = list[dict[str, Any]]


def _content(state: State, before: State | None, number: int = 0) -> Content:
    items = [Item(content) for content in state]
    fetched_at = READ_AT + timedelta(minutes=number)
    return Content(items, _digest(state), fetched_at, _READING, 0, None if before is None else _digest(before))


def _digest(state: State) -> str:
    return walk_digest(content_digest(content) for content in state)


_READING: Any = object()  # that there was one is all that matters here


def _store_raw(store: LocalStore, content: Content) -> None:
    provenance = Provenance(content.digest, content.fetched_at, RAW_SESSIONS.fingerprint)
    rows = Pieces.of(build_table(RAW_SESSIONS, KEY, content.items).data)
    store.write(RAW_SESSIONS.location, KEY, rows.with_notes(provenance, "{}", ""))


def _record(store: LocalStore, state: State, before: State | None, number: int = 0) -> Changes | None:
    with store.writer(KEY, LOGS) as writer:
        return _commit(writer, _content(state, before, number))


def _commit(writer: Writer, content: Content) -> Changes | None:
    plan = plan_refresh([RAW_SESSIONS], content, writer, RefreshOptions(allow_shrink=True), footers={})
    to_record = changes_to_record(plan, BuiltFiles({}), writer, READ_AT)
    provenance = Provenance(content.digest, content.fetched_at, RAW_SESSIONS.fingerprint)
    rows = build_table(RAW_SESSIONS, KEY, content.items).data
    raw = [writer.stage(RAW_SESSIONS.location, rows, provenance)] if content.changed else []
    writer.commit_snapshot(raw, to_record.parts)
    return to_record.changes


def _folder(store: LocalStore) -> Path:
    return store.folder(SESSION_CHANGES.location, KEY)


def _names(store: LocalStore) -> list[str]:
    return sorted(path.name for path in _folder(store).iterdir())


def _check(store: LocalStore, states: list[State], rows_since: int = 0) -> list[str]:
    """That the published files are one chain over states in their order, and lead exactly from each to the next.

    Looks into the files from number `rows_since` on. Returns the digests that the chain passes, which end with the
    stored snapshot.
    """
    by_digest = {_digest(state): state for state in states}
    parts = store.log_parts(SESSION_CHANGES.location, KEY)
    assert [part.sequence for part in parts] == list(range(len(parts)))
    passed: list[str] = []
    for part in parts:
        assert part.before == (passed[-1][:12] if passed else NOTHING)
        passed.append(next(digest for digest in by_digest if digest.startswith(part.after)))
    order = list(by_digest)
    assert [order.index(digest) for digest in passed] == sorted(order.index(digest) for digest in passed)
    for part, (before, after) in zip(parts[1:], itertools.pairwise(passed), strict=True):
        if part.sequence < rows_since:
            continue
        rows = pq.read_table(_folder(store) / part.name)
        assert set(rows["snapshot_before"].to_pylist()) <= {before}
        assert set(rows["snapshot_after"].to_pylist()) <= {after}
        assert set(rows["sequence"].to_pylist()) <= {part.sequence}
        for table in ENTITIES.values():
            old, new = (
                build_table(table, KEY, [Item(c) for c in by_digest[digest]]).data for digest in (before, after)
            )
            assert applied(table, old, rows).equals(new)
    provenance = store.footer(RAW_SESSIONS.location, KEY).provenance
    assert provenance is not None
    assert passed[-1] == provenance.snapshot
    return passed


ONE: State = [item("1", roomname="A", speakers=[{"pslinkid": "7"}]), item("2")]
TWO: State = [item("1", roomname="B", speakers=[{"pslinkid": "7"}, {"pslinkid": "8"}])]
THREE: State = [item("1", roomname="C"), item("3")]


@pytest.mark.parametrize("spoil", ["no JSON", "no payload"])
def test_a_stored_snapshot_that_cannot_be_compared_with_begins_another_chain(tmp_path: Path, spoil: str) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    raw = store.read(RAW_SESSIONS.location, KEY)
    column = raw.column_names.index("payload")
    raw = raw.remove_column(column)
    if spoil == "no JSON":
        raw = raw.add_column(column, "payload", pa.array(["{"] * raw.num_rows))
    provenance = Provenance(_digest(ONE), READ_AT, "x")
    store.write(RAW_SESSIONS.location, KEY, Pieces.of(raw).with_notes(provenance, "{}", ""))
    assert _record(store, TWO, ONE, 1) == Changes(None, None)
    assert [part.before for part in store.log_parts(SESSION_CHANGES.location, KEY)] == [NOTHING, NOTHING]
    assert change_log.read(store, KEY).num_rows == 0
    assert _record(store, THREE, TWO, 2) not in (None, Changes(None, None))


def test_the_last_file_tells_how_much_the_feed_changed_on_the_last_days(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    day = 24 * 60  # minutes
    for number, (before, after) in enumerate(itertools.pairwise([None, ONE, TWO, THREE, ONE])):
        assert after is not None
        _record(store, after, before, number=(0, 0, day, 3 * day)[number])
    log = SESSION_CHANGES.location
    files = [store.read_log(log, KEY, part) for part in store.log_parts(log, KEY)]
    first, second, third, fourth = (file.num_rows for file in files)
    assert first == 0 < min(second, third, fourth)
    days = [note.days for file in files for note in notes_of(file.schema.metadata)]
    assert days == [(0,), (second,), (third, second), (fourth, 0, third, second)]
    # Of files that become one, the last says it for all.
    notes = notes_of(change_log.compacted_rows(SESSION_CHANGES, files).schema.metadata)
    assert [note.days for note in notes] == [(), (), (), days[-1]]
    assert [note.sequence for note in notes] == [0, 1, 2, 3]


# Every fifth step is met by one of them; each by either in `make soak`.
@pytest.mark.parametrize(
    ("ways", "each"),
    [
        (("kill", "raise"), 5),
        pytest.param(("kill", "raise"), 1, marks=pytest.mark.soak),
        pytest.param(("raise", "kill"), 1, marks=pytest.mark.soak),
    ],
)
def test_stopped_at_any_step_no_change_is_lost_or_repeated_though_the_feed_moves_on(
    tmp_path: Path, ways: tuple[str, str], each: int
) -> None:
    store, states = LocalStore(tmp_path), [ONE]
    stopped = 0
    with ScriptedServer(lambda request: page_of(states[-1], request.page)) as server:
        assert refreshed_until("never", 0, server.url, tmp_path) == 0
        for step in itertools.count(step=each):
            # A state for each refresh, so that each is met once.
            states.append([*TWO, item(f"a{step}")])
            how = ways[stopped % 2]
            ended = refreshed_until(how, step, server.url, tmp_path)
            if ended == 0:
                break
            assert ended == (-signal.SIGKILL if how == "kill" else 1)
            stopped += 1
            published = _published(store)
            states.append([*THREE, item(f"b{step}")])
            assert refreshed_until("never", 0, server.url, tmp_path) == 0
            assert set(published) <= set(_published(store))
            passed = _check(store, states, len(published) - 1)
            assert passed[-1] == _digest(states[-1])
            assert _names(store) == _published(store), "nothing is left over"
    assert step >= 10, "writing a change, the raw table and two tables are more steps than that"


def _published(store: LocalStore) -> list[str]:
    return [part.name for part in store.log_parts(SESSION_CHANGES.location, KEY)]


def test_a_conference_without_history_says_what_to_do(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    absent = r"no session_changes of AAA\|AM2026 is stored at .*materialize raw_se"
    with pytest.raises(NotStoredError, match=absent):
        change_log.read(store, KEY)
    with store.writer(KEY, LOGS) as writer, pytest.raises(NotStoredError, match=absent):
        change_log.latest_change(writer)


def test_a_first_snapshot_has_a_file_without_rows_and_each_change_adds_one(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert _record(store, ONE, None) == Changes(None, None)
    first = _names(store)
    assert first == [f"00000000-{NOTHING}-{_digest(ONE)[:12]}.parquet"]
    assert change_log.read(store, KEY).num_rows == 0
    assert _record(store, ONE, ONE) is None
    assert _names(store) == first
    before = (_folder(store) / first[0]).read_bytes()
    assert _record(store, TWO, ONE, 1) == Changes(Counts(removed=1, changed=1), Counts(added=1))
    assert _record(store, ONE, TWO, 2) == Changes(Counts(added=1, changed=1), Counts(removed=1))
    assert (_folder(store) / first[0]).read_bytes() == before
    rows = change_log.read(store, KEY)
    assert rows.schema.equals(schema_of(SESSION_CHANGES), check_metadata=True)
    assert set(zip(rows["sequence"].to_pylist(), rows["detected_at"].to_pylist(), strict=True)) == {
        (1, READ_AT + timedelta(minutes=1)),
        (2, READ_AT + timedelta(minutes=2)),
    }
    newest = change_log.latest_change(LocalWriter(store, KEY))
    assert (newest.version, newest.files) == (LogPart(2, _digest(TWO)[:12], _digest(ONE)[:12]).name[:-8], 3)
    assert set(newest.load()["sequence"].to_pylist()) == {2}


def test_a_change_that_no_table_shows_has_a_file_without_rows_so_that_the_chain_is_whole(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    same = [content | {"updated_at": "2026-01-01 00:00:00"} for content in ONE]
    _record(store, ONE, None)
    assert _record(store, same, ONE) == Changes(Counts(), Counts())
    assert _check(store, [ONE, same]) == [_digest(ONE), _digest(same)]


def test_what_was_stored_before_there_was_a_history_begins_one_though_nothing_changes(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    _store_raw(store, _content(ONE, None))
    assert _record(store, ONE, ONE) is None
    assert _check(store, [ONE]) == [_digest(ONE)]


def test_a_snapshot_that_cannot_be_read_breaks_the_chain_where_everyone_sees_it(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    store.path(RAW_SESSIONS.location, KEY).write_bytes(b"PAR1")
    assert _record(store, TWO, ONE) == Changes(None, None)
    assert [part.before for part in store.log_parts(SESSION_CHANGES.location, KEY)] == [NOTHING, NOTHING]
    assert change_log.read(store, KEY).num_rows == 0


@pytest.mark.parametrize("deleted", [1, 2])
def test_after_files_that_somebody_deleted_the_chain_begins_anew(tmp_path: Path, deleted: int) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    _record(store, TWO, ONE)
    for name in _names(store)[-deleted:]:
        (_folder(store) / name).unlink()
    assert _record(store, THREE, TWO) == Changes(None, None)
    assert [part.before for part in store.log_parts(SESSION_CHANGES.location, KEY)] == [NOTHING] * (3 - deleted)
    assert change_log.read(store, KEY).num_rows == 0


def test_a_refresh_that_failed_after_the_snapshot_was_replaced_has_changed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    commit = LocalWriter.commit

    def refused_after(writer: LocalWriter, staged: StagedFile) -> None:
        commit(writer, staged)
        raise OSError(5, "the folder cannot be synced")

    def refused(_: LocalWriter, __: StagedFile) -> None:
        raise OSError(28, "the disk is full")

    monkeypatch.setattr(LocalWriter, "commit", refused_after)
    with pytest.raises(OSError, match="cannot be synced"):
        _record(store, TWO, ONE)
    assert _check(store, [ONE, TWO]) == [_digest(ONE), _digest(TWO)]
    monkeypatch.setattr(LocalWriter, "commit", refused)
    with pytest.raises(OSError, match="full"):
        _record(store, THREE, TWO)
    assert _check(store, [ONE, TWO]) == [_digest(ONE), _digest(TWO)]
    assert len(_names(store)) == 2


def test_files_of_others_in_the_folder_are_left_alone_and_not_read(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    for name in ("notes.txt", "00000009-x-y.parquet", ".hidden", "1-a-b.parquet"):
        (_folder(store) / name).write_text("mine")
    _record(store, TWO, ONE)
    assert [part.sequence for part in store.log_parts(SESSION_CHANGES.location, KEY)] == [0, 1]
    assert "notes.txt" in _names(store)


def test_a_file_from_before_a_column_was_added_is_read_with_null(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    _record(store, ONE, None)
    _record(store, TWO, ONE)
    path = _folder(store) / store.log_parts(SESSION_CHANGES.location, KEY)[1].name
    pq.write_table(pq.read_table(path).drop_columns(["position"]), path)
    rows = change_log.read(store, KEY)
    assert rows.schema.equals(schema_of(SESSION_CHANGES))
    assert rows["position"].null_count == rows.num_rows > 0


_STATES: list[State] = [
    [item(name, roomname=room, speakers=[{"pslinkid": name}] * links)]
    for name, room, links in itertools.product("12", "AB", (0, 2))
]
_STEPS = st.lists(st.tuples(st.integers(0, len(_STATES) - 1), st.sampled_from(["", "before raw", "after raw"])))


class _Died(BaseException):
    """The process is killed."""


class _Mortal(LocalWriter):
    """A writer that may be killed `at` a step; of what it left nothing is brought to an end."""

    at = ""

    def commit(self, staged: StagedFile) -> None:
        if self.at == "before raw":
            raise _Died
        super().commit(staged)
        if self.at == "after raw":
            raise _Died

    def recover(self, log: str, raw: str) -> None:
        if not self.at:
            super().recover(log, raw)


@given(_STEPS)
def test_over_any_sequence_of_states_and_deaths_the_history_is_that_of_what_was_stored(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    store = LocalStore(tmp_path_factory.mktemp("store"))
    stored: list[State] = []
    for number, (index, death) in enumerate(steps):
        before = stored[-1] if stored else None
        content = _content(_STATES[index], before, number)
        writer = _Mortal(store, KEY)
        writer.recover(*next(iter(LOGS.items())))
        writer.at = death
        with contextlib.suppress(_Died):
            _commit(writer, content)
        if death != "before raw" and content.changed:
            stored.append(_STATES[index])
    LocalWriter(store, KEY).recover(*next(iter(LOGS.items())))
    parts, digests = store.log_parts(SESSION_CHANGES.location, KEY), [_digest(state)[:12] for state in stored]
    assert [part.after for part in parts] == digests
    assert [part.before for part in parts[1:]] == digests[:-1]
    for table in ENTITIES.values() if stored else ():
        first, last = (build_table(table, KEY, [Item(content) for content in stored[n]]).data for n in (0, -1))
        assert applied(table, first, change_log.read(store, KEY)).equals(last)

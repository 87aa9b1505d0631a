"""Tables in an object store: what a head tells, who wins, what is left of the dead, and what is asked of the store."""

import io
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from obstore.exceptions import GenericError

from planion_assets.keys import ConferenceKey
from planion_assets.storage import staged_objects
from planion_assets.storage.errors import (
    LockedError,
    NotStoredError,
    ObjectStoreError,
    OtherSchemaError,
    StoreError,
    SupersededError,
)
from planion_assets.storage.file_names import table_file
from planion_assets.storage.head import FORMAT, Head, head_of_json
from planion_assets.storage.head_objects import get_head, head_name
from planion_assets.storage.log_parts import NOTHING, LogPart
from planion_assets.storage.object_files import ObjectFiles
from planion_assets.storage.object_probe import PASSED
from planion_assets.storage.object_store import ObjectStore
from planion_assets.storage.object_writer import ObjectWriter
from planion_assets.storage.parquet_file import Pieces, Provenance
from planion_assets.storage.staged_objects import STAGED
from planion_assets.storage.writer import NewPart
from planion_assets_tests.storage.memory_objects import URL, MemoryObjects, object_store
from planion_assets_tests.storage.object_world import EPOCH, KEY, LOG, PUBLIC, RAW, REST, TABLES

ODD = ConferenceKey("A.", "../A&B+C#%25 é")
HEAD = head_name(KEY)
DIGESTS = {letter: letter.lower() * 12 for letter in "ABC"}


def rows_of(letter: str) -> pa.Table:
    times = pa.array([EPOCH, None], pa.timestamp("us", "UTC"))
    return pa.table({"letter": [letter, letter], "at": times})


def commit(writer: ObjectWriter, letter: str, *, before: str | None = None) -> None:
    """Stage three tables and put the raw one and a change in their places."""
    provenance = Provenance(DIGESTS[letter], EPOCH, "1")
    staged = [writer.stage(table, rows_of(letter), provenance, pages="[]") for table in TABLES]
    end = writer.log_end(LOG)
    part = LogPart(end.following, DIGESTS[before] if before else NOTHING, DIGESTS[letter])
    change = NewPart(LOG, RAW, part, Pieces(rows_of(letter).schema, [rows_of(letter)]))
    writer.commit_snapshot(staged[:1], [change])
    writer.commit_all(staged[1:2])
    writer.commit_all(staged[2:])


def write(store: ObjectStore, letter: str, key: ConferenceKey = KEY, before: str | None = None) -> None:
    with store.writer(key, {LOG: RAW}) as writer:
        commit(writer, letter, before=before)
        writer.note_read(EPOCH)


def _letters(store: ObjectStore) -> list[str]:
    return [store.read(table, KEY)["letter"][0].as_py() for table in TABLES]


# A writer ------------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_and_nothing_else_is_left(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    assert _letters(store) == ["A", "A", "A"]
    assert [part.name for part in store.log_parts(LOG, KEY)] == [f"00000000-{NOTHING}-{DIGESTS['A']}.parquet"]
    assert store.last_read(KEY).read_at == EPOCH
    log = f"{LOG}/AAA/2024/00000000-{NOTHING}-{DIGESTS['A']}.parquet"
    assert objects.names() == {*(table_file(table, KEY) for table in TABLES), log, HEAD, PASSED}


def test_an_unchanged_conference_costs_two_requests(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    objects.requests.clear()
    with store.writer(KEY, {LOG: RAW}) as writer:
        for table in TABLES:
            provenance = writer.footer(table).provenance
            assert provenance is not None
            assert provenance.snapshot == DIGESTS["A"]
        assert writer.log_end(LOG).following == 1
        writer.note_read(EPOCH + timedelta(hours=1))
    assert objects.requests == [("GET", HEAD), ("PUT", HEAD)]
    assert store.last_read(KEY).read_at == EPOCH + timedelta(hours=1)


def test_who_loses_a_race_changes_nothing(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    with store.writer(KEY, {LOG: RAW}) as slow:
        write(store, "B", before="A")
        before = {name: objects.content(name) for name in objects.names()}
        with pytest.raises(SupersededError):
            commit(slow, "C", before="A")
    assert {name: objects.content(name) for name in objects.names()} == before


def test_a_writer_that_commits_twice_leaves_nothing(store: ObjectStore, objects: MemoryObjects) -> None:
    """One endpoint after the other; a note of a failure comes between each two steps."""
    with store.writer(KEY, {LOG: RAW}) as writer:
        for raw, letter in (("raw", "A"), ("raw_speakers", "B")):
            store.note_failure(KEY, EPOCH, letter)
            staged = writer.stage(raw, rows_of(letter), Provenance(DIGESTS[letter], EPOCH, "1"))
            store.note_failure(KEY, EPOCH, letter)
            writer.commit_snapshot([staged])
            assert writer.footer(raw) == staged.footer
        store.note_failure(KEY, EPOCH, "last")
        before = writer.note_read(EPOCH)
    assert before.failure is not None
    assert before.failure.attempts == 5
    assert store.last_read(KEY).failure is None
    assert set(get_head(store.files, KEY).head.tables) == {"raw", "raw_speakers"}
    assert not objects.names(STAGED)


def test_who_is_overtaken_after_its_commit_ends_well(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its change is recorded, and its tables are not put over the newer ones."""
    placed = ObjectWriter._place_snapshot

    def overtaken(self: ObjectWriter, new: Any) -> None:
        placed(self, new)
        monkeypatch.undo()
        write(store, "B", before="A")

    monkeypatch.setattr(ObjectWriter, "_place_snapshot", overtaken)
    write(store, "A")
    assert _letters(store) == ["B", "B", "B"]
    assert [part.sequence for part in store.log_parts(LOG, KEY)] == [0, 1]


def test_a_failure_noted_while_a_writer_is_at_work_is_kept(store: ObjectStore) -> None:
    with store.writer(KEY, {LOG: RAW}) as writer:
        store.note_failure(KEY, EPOCH, "before the commit")
        commit(writer, "A")
        store.note_failure(KEY, EPOCH, "after it")
    noted = store.last_read(KEY).failure
    assert noted is not None
    assert (noted.reason, noted.attempts) == ("after it", 2)
    assert set(get_head(store.files, KEY).head.tables) == set(TABLES)


def test_a_table_that_could_not_be_written_is_written_again(store: ObjectStore, objects: MemoryObjects) -> None:
    """The head does not know it, and knows the others."""

    def refuse(method: str, name: str) -> None:
        if method == "PUT" and name.startswith(PUBLIC):
            raise GenericError("Server returned non-2xx status code: 503 Service Unavailable: <Code>SlowDown</Code>")

    objects.before = refuse
    with pytest.raises(ObjectStoreError, match="fewer requests"):
        write(store, "A")
    objects.before = lambda method, name: None
    with store.writer(KEY, {LOG: RAW}) as writer:
        assert writer.footer(RAW).rows == 2
        with pytest.raises(NotStoredError):
            writer.footer(PUBLIC)
    assert not objects.names(STAGED)


def test_without_the_right_to_delete_tables_are_written_all_the_same(
    store: ObjectStore, objects: MemoryObjects, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(method: str, name: str) -> None:
        if method == "DELETE":
            raise GenericError("Server returned non-2xx status code: 403 Forbidden: <Code>AccessDenied</Code>")

    objects.before = refuse
    write(store, "A")
    write(store, "B", before="A")
    assert _letters(store) == ["B", "B", "B"]
    assert "no right to delete" in caplog.text
    assert len(objects.names(STAGED)) == 4


def test_a_table_replaced_by_hand_is_not_compared_with(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    other = io.BytesIO()
    Pieces(rows_of("C").schema, [rows_of("C")]).write(other)
    objects.write(table_file(RAW, KEY), other.getvalue())
    with store.writer(KEY, {LOG: RAW}) as writer:
        with pytest.raises(NotStoredError, match="another file"):
            writer.read(RAW)


def test_tables_without_a_head_are_taken_over(store: ObjectStore, objects: MemoryObjects) -> None:
    """As after a copy of a folder into a bucket, or the loss of heads: numbers of changes go on, versions too."""
    write(store, "A")
    objects.store.delete(HEAD)
    write(store, "B")
    write(store, "C", before="B")
    assert _letters(store) == ["C", "C", "C"]
    assert [part.sequence for part in store.log_parts(LOG, KEY)] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_table_without_a_head_is_replaced(store: ObjectStore, objects: MemoryObjects, content: bytes) -> None:
    for table in TABLES:
        objects.write(table_file(table, KEY), content)
    write(store, "A")
    assert _letters(store) == ["A", "A", "A"]


# What the dead leave -------------------------------------------------------------------------------------------------


class _Died(BaseException):
    pass


def _dead_writer(store: ObjectStore, objects: MemoryObjects, at: str) -> None:
    """One that dies before the first write of an object whose name begins so."""

    def die(method: str, name: str) -> None:
        if (name.startswith(at) and method == "PUT") or objects.before is not die:
            raise _Died

    objects.before = die
    with pytest.raises(_Died):
        write(store, "A")
    objects.before = lambda method, name: None


def test_the_next_writer_completes_a_commit(store: ObjectStore, objects: MemoryObjects) -> None:
    _dead_writer(store, objects, f"{RAW}/")
    assert not objects.names(LOG)
    with store.writer(KEY, {LOG: RAW}) as writer:
        assert writer.read(RAW)["letter"][0].as_py() == "A"
    assert [part.sequence for part in store.log_parts(LOG, KEY)] == [0]


def test_a_commit_whose_staged_objects_were_taken_away_is_written_again(
    store: ObjectStore, objects: MemoryObjects
) -> None:
    """As by a rule of the bucket that removes old objects: the change log then begins anew."""
    _dead_writer(store, objects, f"{RAW}/")
    objects.store.delete(sorted(objects.names(STAGED)))
    with store.writer(KEY, {LOG: RAW}) as writer:
        with pytest.raises(NotStoredError):
            writer.footer(RAW)
        assert writer.log_end(LOG).following == 0
        commit(writer, "B")
        writer.note_read(EPOCH)
    assert _letters(store) == ["B", "B", "B"]


def test_what_the_dead_staged_goes_after_an_hour(
    store: ObjectStore, objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dead_writer(store, objects, HEAD)
    staged = objects.names(STAGED)
    assert len(staged) == 2
    assert not any(name.endswith(".parquet") for name in staged)
    write(store, "A")
    assert objects.names(STAGED) == staged, "whoever it is may be at work still"
    monkeypatch.setattr(staged_objects, "OWN_AFTER", timedelta(0))
    write(store, "B", before="A")
    assert not objects.names(STAGED)


def test_a_sweep_takes_what_no_commit_waits_for(
    store: ObjectStore, objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dead_writer(store, objects, f"{RAW}/")
    awaited = objects.names(STAGED)
    orphan = f"{STAGED}/BBB/2024/0123/raw.staged"
    objects.write(orphan, b"")
    objects.write(f"{STAGED}/nobody's", b"")
    store.sweep(TABLES)
    write(store, "B", ODD)
    assert orphan in objects.names(STAGED), "it is less than a day old"
    monkeypatch.setattr(staged_objects, "SWEPT_AFTER", timedelta(0))
    store.sweep(TABLES)
    write(store, "C", ODD, before="B")
    assert objects.names(STAGED) == awaited


def test_who_stages_for_too_long_begins_again(
    store: ObjectStore, objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged_objects, "STAGED_WITHIN", timedelta(0))
    with pytest.raises(SupersededError, match="took so long"):
        write(store, "A")
    assert HEAD not in objects.names()


# Heads ---------------------------------------------------------------------------------------------------------------


def test_a_head_is_read_as_it_was_written(store: ObjectStore) -> None:
    with store.writer(KEY, {LOG: RAW}) as writer:
        commit(writer, "A")
        store.note_failure(KEY, EPOCH, "dünn \u202e \n")
        writer.note_read(EPOCH, "the speakers failed")
        head = writer.head
    assert head_of_json(head.to_json(), "here", lambda table: store.address(table, KEY)) == head


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format": 1}', b'{"format": "1"}', b"1" * 5000]
)
def test_what_is_no_head_is_taken_for_none(
    store: ObjectStore, objects: MemoryObjects, caplog: pytest.LogCaptureFixture, no_collection: None, text: bytes
) -> None:
    write(store, "A")
    objects.write(HEAD, text)
    write(store, "B")
    assert _letters(store) == ["B", "B", "B"]
    assert "is no head of a conference" in caplog.text


@pytest.mark.parametrize("part", ["version", "nonce", "commit", "last_read", "pending", "logs", "tables"])
@pytest.mark.parametrize("wrong", [-1, True, "?", [1], {"raw": 1}, {"raw": {}}])
def test_a_head_with_a_wrong_part_is_none(store: ObjectStore, part: str, wrong: object) -> None:
    content = json.loads(Head(3, "nonce", "commit").to_json())
    if part in ("nonce", "commit") and wrong == "?":
        wrong = None
    if part == "last_read" and isinstance(wrong, dict):
        wrong = None
    with pytest.raises(ValueError, match="is no head"):
        head_of_json(json.dumps({**content, part: wrong}).encode(), "here", str)


def test_a_head_of_newer_code_is_left_alone(store: ObjectStore, objects: MemoryObjects) -> None:
    content = Head().to_json().replace(b'"format":%d' % FORMAT, b'"format":%d' % (FORMAT + 1))
    objects.write(HEAD, content)
    with pytest.raises(StoreError, match="update planion_assets"):
        write(store, "A")
    with pytest.raises(StoreError, match="update planion_assets"):
        store.note_failure(KEY, EPOCH, "no")
    assert objects.content(HEAD) == content


def test_what_a_head_tells_of_a_table_is_what_its_file_tells(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    (by_head,) = store.stored([KEY])
    objects.requests.clear()
    footer = by_head.footer(RAW)
    statistics = by_head.statistics(RAW)
    assert statistics.footer == footer
    assert statistics.min_max(["at"]) == {"at": (EPOCH, EPOCH)}
    assert statistics.nulls("at") == 1
    assert len(objects.requests) <= 1
    of_file = store.footer(RAW, KEY)
    assert footer.has_schema(rows_of("A").schema)
    assert not footer.has_schema(rows_of("A").drop(["at"]).schema)
    values = [
        getattr(footer, name) for name in ("address", "size", "rows", "provenance", "unreadable", "pages", "version")
    ]
    assert values == [
        getattr(of_file, name) for name in ("address", "size", "rows", "provenance", "unreadable", "pages", "version")
    ]
    assert of_file.version > 0
    with pytest.raises(OtherSchemaError, match="'letter'"):
        statistics.min_max(["letter"])


def test_of_a_table_that_the_head_does_not_know_the_file_is_read(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    objects.store.delete(HEAD)
    (stored,) = store.stored([KEY])
    assert stored.footer(RAW).rows == 2
    assert stored.statistics(RAW).min_max(["at"]) == {"at": (EPOCH, EPOCH)}
    assert stored.statistics(RAW).nulls("at") == 1
    with pytest.raises(NotStoredError):
        stored.footer("nothing")


def test_a_head_that_cannot_be_read_fails_its_own_conference_alone(store: ObjectStore, objects: MemoryObjects) -> None:
    def refuse(method: str, name: str) -> None:
        if name == HEAD:
            raise GenericError("Server returned non-2xx status code: 403 Forbidden: ")

    objects.before = refuse
    refused, other = store.stored([KEY, ODD])
    with pytest.raises(ObjectStoreError, match="no right to read"):
        refused.last_read()
    assert other.last_read().read_at is None


def test_heads_are_read_many_at_once(store: ObjectStore, objects: MemoryObjects) -> None:
    """And given in the order that is asked for."""
    together = threading.Barrier(30)

    def wait(method: str, name: str) -> None:
        together.wait(10)

    objects.before = wait
    keys = [ConferenceKey("AAA", str(number)) for number in range(60)]
    assert [stored.key for stored in store.stored(keys)] == keys


def test_conferences_that_were_never_refreshed_cost_one_listing_of_a_table_and_no_request_each(
    store: ObjectStore, objects: MemoryObjects
) -> None:
    store.write("sessions", KEY, rows_of("A"))
    objects.requests.clear()
    keys = [KEY, *(ConferenceKey("AAA", str(number)) for number in range(5))]
    known, *unrefreshed = store.stored(keys)
    assert known.footer("sessions").rows == 2
    for stored in unrefreshed:
        with pytest.raises(
            NotStoredError, match=f"no table sessions of AAA.{stored.key.conference} is stored at s3://"
        ):
            stored.footer("sessions")
        with pytest.raises(NotStoredError):
            stored.statistics("sessions").min_max(["at"])
        with pytest.raises(NotStoredError):
            stored.statistics("sessions").nulls("at")
    assert len(objects.requests) == len(keys) + 2, objects.requests


# The object store ----------------------------------------------------------------------------------------------------


class _Unconditional(MemoryObjects):
    """Writes under no condition of that kind, and says nothing."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind

    def write(self, path: str, content: bytes, mode: Any = "overwrite") -> Any:
        return super().write(path, content, "overwrite" if isinstance(mode, self.kind) else mode)


class _WithoutTags(MemoryObjects):
    def write(self, path: str, content: bytes, mode: Any = "overwrite") -> Any:
        super().write(path, content, mode)
        return {"e_tag": None, "version": None}


@pytest.mark.parametrize(
    ("objects", "how"),
    [
        (_Unconditional(str), "If-None-Match"),
        (_Unconditional(dict), "If-Match"),
        (_WithoutTags(), "no ETag"),
    ],
)
def test_a_store_without_conditional_writes_is_refused(objects: MemoryObjects, how: str) -> None:
    store = object_store(objects)
    for _ in range(2):
        with pytest.raises(ObjectStoreError, match=f"does not honour conditional writes: .*{how}"):
            write(store, "A")
        with pytest.raises(ObjectStoreError, match="does not honour"):
            store.note_failure(KEY, EPOCH, "no")
    assert not objects.names()


def test_a_store_is_looked_at_once(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    objects.requests.clear()
    write(object_store(objects), "A", ODD)
    assert [name for _, name in objects.requests if name.startswith(".status")] == [PASSED]


# Removal, verification, other files ----------------------------------------------------------------------------------


def test_a_writer_under_way_loses_to_a_removal(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    with store.writer(KEY, {LOG: RAW}) as slow:
        with store.removal(KEY, TABLES):
            objects.store.delete([table_file(table, KEY) for table in TABLES])
        with pytest.raises(SupersededError):
            commit(slow, "B", before="A")
    assert not any(name.startswith(TABLES) for name in objects.names())


def test_a_writer_that_has_committed_brings_nothing_back(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    with store.writer(KEY, {LOG: RAW}) as slow:
        staged = [slow.stage(table, rows_of("B"), Provenance(DIGESTS["B"], EPOCH, "1")) for table in TABLES]
        slow.commit_snapshot(staged[:1])
        with store.removal(KEY, TABLES):
            objects.store.delete([*(table_file(table, KEY) for table in TABLES), store.note_file(KEY)])
            objects.store.delete(store.leftovers(store.note_file(KEY)))
        slow.commit_all(staged[1:])
    assert not any(name.startswith((*TABLES, ".heads", STAGED)) for name in objects.names())


def test_files_that_a_repair_sets_aside_are_known_no_more(store: ObjectStore, objects: MemoryObjects) -> None:
    write(store, "A")
    with store.writer(KEY, {}):
        assert store.files.set_aside(table_file(REST, KEY)) == f".damaged/{table_file(REST, KEY)}"
    head = get_head(store.files, KEY).head
    assert set(head.tables) == {RAW, PUBLIC}
    assert not head.logs


def test_what_is_read_while_a_refresh_changes_it_is_told(store: ObjectStore) -> None:
    write(store, "A")
    with store.undisturbed(KEY):
        store.note_failure(KEY, EPOCH, "a note changes no table")
    with pytest.raises(LockedError, match="being written"), store.undisturbed(KEY):
        write(store, "B", before="A")


def test_files_are_listed_moved_and_removed(store: ObjectStore, objects: MemoryObjects) -> None:
    files: ObjectFiles = store.files
    assert files.address("a/b") == f"{URL}/a/b"
    assert files.newest("a") == 0
    for name in ("a/b/c", "a/b/d", "a/.e", "f"):
        files.overwrite(name, name.encode())
    files.replace("f", lambda file: file.write(b"1"))
    assert set(files.list("a")) == {"a/b/c", "a/b/d", "a/.e"}
    assert set(files.folders("")) == {"a"}
    assert set(files.folders("a")) == {"a/b"}
    assert files.size("a/b/c") == 5
    assert datetime.fromtimestamp(files.newest("a") / 1e9).date() == datetime.now().date()  # noqa: DTZ005, DTZ006
    assert not files.create("f", b"other")
    assert [files.set_aside("f"), files.create("f", b"2"), files.set_aside("f")] == [".damaged/f", True, ".damaged/f.2"]
    files.delete_folder("a")
    files.delete("a/b/c")
    assert objects.names() == {".damaged/f", ".damaged/f.2"}
    assert store.keys(RAW) == []
    write(store, "A", ODD)
    assert store.keys(PUBLIC) == [ODD]
    with files.open(table_file(RAW, ODD)) as file:
        assert file.size() == files.size(table_file(RAW, ODD))
    with pytest.raises(FileNotFoundError):
        files.read("nothing")

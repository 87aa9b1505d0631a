"""Files of change logs in an object store that are rewritten and compacted, by two writers, and without rights."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from obstore.exceptions import GenericError

from planion_assets.storage.head import Head, Pending, head_of_json
from planion_assets.storage.head_objects import get_head
from planion_assets.storage.log_parts import LogPart
from planion_assets.storage.object_store import ObjectStore
from planion_assets.storage.object_writer import ObjectWriter
from planion_assets.storage.parquet_file import Pieces, version_in
from planion_assets.storage.staged_objects import STAGED
from planion_assets_tests.storage.memory_objects import MemoryObjects
from planion_assets_tests.storage.object_world import EPOCH, KEY, LOG, RAW
from planion_assets_tests.storage.test_object_store import commit, rows_of, write


def _rewritten(letter: str) -> Pieces:
    return Pieces(rows_of(letter).schema, [rows_of(letter)])


@pytest.fixture
def part(store: ObjectStore) -> LogPart:
    """The first file of a change log."""
    write(store, "A")
    (part,) = store.log_parts(LOG, KEY)
    return part


@pytest.fixture
def slow(store: ObjectStore, part: LogPart) -> Iterator[ObjectWriter]:
    """A writer that has committed what follows that file, and is not at its end."""
    with store.writer(KEY, {LOG: RAW}) as writer:
        commit(writer, "B", before="A")
        yield writer


def test_of_two_writers_that_rewrite_a_file_of_a_change_log_the_later_commit_stays(
    store: ObjectStore, objects: MemoryObjects, part: LogPart, slow: ObjectWriter
) -> None:
    """Whichever writes last: each has left out all that those before it have."""
    with store.writer(KEY, {LOG: RAW}) as fast:
        commit(fast, "C", before="B")
        slow.rewrite_part(LOG, part, _rewritten("B"))
        assert store.read_log(LOG, KEY, part)["letter"][0].as_py() == "B"
        fast.rewrite_part(LOG, part, _rewritten("C"))
        before = objects.content(f"{LOG}/AAA/2024/{part.name}")
        slow.rewrite_part(LOG, part, _rewritten("B"))
    assert slow.note_read(EPOCH).failure is None
    assert objects.content(f"{LOG}/AAA/2024/{part.name}") == before
    assert store.read_log(LOG, KEY, part)["letter"][0].as_py() == "C"
    assert version_in(store.log_metadata(LOG, KEY, part)) == get_head(store.files, KEY).head.version


def test_a_file_that_another_writer_has_deleted_does_not_come_back_by_being_rewritten(
    store: ObjectStore, objects: MemoryObjects, part: LogPart, slow: ObjectWriter
) -> None:
    write(store, "C", before="B")
    objects.store.delete(f"{LOG}/AAA/2024/{part.name}")
    slow.rewrite_part(LOG, part, _rewritten("B"))
    assert [one.sequence for one in store.log_parts(LOG, KEY)] == [1, 2]


def _compacting(store: ObjectStore, writer: ObjectWriter) -> None:
    writer.compact(LOG, store.log_parts(LOG, KEY)[:-1], _rewritten("D"))


@pytest.fixture
def three(store: ObjectStore) -> ObjectStore:
    """A change log of three files."""
    for letter, before in (("A", None), ("B", "A"), ("C", "B")):
        write(store, letter, before=before)
    return store


def test_a_compaction_takes_one_commit_and_the_head_counts_the_files(
    three: ObjectStore, objects: MemoryObjects
) -> None:
    version, tables = get_head(three.files, KEY).head.version, get_head(three.files, KEY).head.tables
    with three.writer(KEY, {LOG: RAW}) as writer:
        _compacting(three, writer)
    assert [(one.first, one.sequence) for one in three.listed_parts(LOG, KEY)] == [(0, 1), (2, 2)]
    head = get_head(three.files, KEY).head
    assert (head.version, head.tables, head.pending) == (version + 1, tables, None)
    assert (head.logs[LOG].files, head.logs[LOG].following, head.logs[LOG]) == (2, 3, three.log_end(LOG, KEY))
    assert not objects.names(STAGED)


def test_who_was_overtaken_compacts_nothing(three: ObjectStore) -> None:
    with three.writer(KEY, {LOG: RAW}) as slow:
        write(three, "A", before="C")
        _compacting(three, slow)
    assert [one.changes for one in three.listed_parts(LOG, KEY)] == [1, 1, 1, 1]


def test_without_the_right_to_delete_readers_pass_over_what_is_compacted(
    three: ObjectStore, objects: MemoryObjects, caplog: pytest.LogCaptureFixture
) -> None:
    """And refreshes go on; once it may be deleted it is."""

    def refuse(method: str, name: str) -> None:
        if method == "DELETE":
            raise GenericError("Server returned non-2xx status code: 403 Forbidden: <Code>AccessDenied</Code>")

    objects.before = refuse
    with three.writer(KEY, {LOG: RAW}) as writer:
        _compacting(three, writer)
    assert "files that are compacted are left: " in caplog.text
    write(three, "A", before="C")
    assert [(one.first, one.sequence) for one in three.log_parts(LOG, KEY)] == [(0, 1), (2, 2), (3, 3)]
    assert len(three.listed_parts(LOG, KEY)) == 5
    objects.before = lambda method, name: None
    with three.writer(KEY, {LOG: RAW}) as writer:
        _compacting(three, writer)
    assert [(one.first, one.sequence) for one in three.listed_parts(LOG, KEY)] == [(0, 2), (3, 3)]


def test_a_head_that_waits_for_a_deletion_is_read_back_and_one_of_older_code_waits_for_none(store: ObjectStore) -> None:
    pending = Pending({"raw": "a"}, {"log": "b"}, ("c", "d"))
    text = Head(version=1, pending=pending).to_json()
    assert head_of_json(text, "here", str).pending == pending
    older = json.loads(text)
    del older["pending"]["covered"]
    assert head_of_json(json.dumps({**older, "format": 1}).encode(), "here", str).pending == replace(
        pending, covered=()
    )

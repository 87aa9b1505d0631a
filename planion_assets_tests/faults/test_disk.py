"""A disk that refuses at any step leaves whole files and a reason; the next refresh brings every table to one state."""

import errno
import os
import re
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from planion_assets.feed.item import walk_digest
from planion_assets.keys import ConferenceKey
from planion_assets.refresh.outcomes import Failed, Refreshed
from planion_assets.storage.atomic_write import REMEDIES
from planion_assets.storage.local_store import LocalStore
from planion_assets.storage.store import WRITER
from planion_assets.tables.model import Table
from planion_assets_tests.faults.conference import (
    WRITTEN,
    Conference,
    contents,
    leftovers,
    refreshed,
    refreshed_in_child,
    snapshot_of,
)
from planion_assets_tests.faults.small_disk import NO_NAMESPACE, refresh_on_small_disk
from planion_assets_tests.faults.steps import STEPS, at_step
from planion_assets_tests.feed.server import KEY, content_digest
from planion_assets_tests.forks import run

ERRNOS = ("ENOSPC", "EIO", "EACCES", "EROFS")


def _places(turn: int, turns: int) -> list[tuple[Table, str]]:
    """A share of all write steps, every step of every table: each share has every step and every table."""
    return [
        (table, step)
        for position, table in enumerate(WRITTEN)
        for number, step in enumerate(STEPS)
        if (position + number) % turns == turn
    ]


@pytest.fixture
def conference() -> Iterator[Conference]:
    with Conference() as conference:
        yield conference


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "data")


def _digest(conference: Conference) -> str:
    return walk_digest(content_digest(row) for row in conference.rows(conference.number))


def _check_prefix(
    store: LocalStore, before: dict[str, bytes], digest: str, published: int, where: tuple[str, str]
) -> None:
    """So many tables show the state of `digest`, those after them are byte for byte old."""
    for number, each in enumerate(WRITTEN):
        if number < published:
            assert snapshot_of(store, each) == digest, (each.name, where)
        else:
            assert store.path(each.location, KEY).read_bytes() == before[each.location], (each.name, where)


# A third of the places, some of each table and of each step; the others in `make soak`.
@pytest.mark.parametrize("third", [0, *(pytest.param(third, marks=pytest.mark.soak) for third in (1, 2))])
@pytest.mark.parametrize("name", ERRNOS)
def test_a_disk_that_refuses_at_every_write_step_leaves_whole_files_and_the_next_run_repairs(
    store: LocalStore, conference: Conference, name: str, third: int
) -> None:
    number = getattr(errno, name)
    assert isinstance(refreshed(store, conference.server.url), Refreshed)

    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    for table, step in _places(3 * ERRNOS.index(name) + third, 3 * len(ERRNOS)):
        conference.advance()
        before = contents(store)
        with at_step(step, store.path(table.location, KEY).parent, refuse) as met:
            outcome = refreshed(store, conference.server.url)
        assert met, (table.name, step)
        assert isinstance(outcome, Failed)
        path = store.path(table.location, KEY)
        assert outcome.reason == (
            f"the disk refused {path}: {os.strerror(number)}; {REMEDIES[number].text}, then refresh again; "
            f"see `planion explain {REMEDIES[number].heading}`"
        )
        # The tables before the one that met the fault are published, except those that public changes are derived from.
        published = WRITTEN.index(table) + (step == "sync_folder")
        if table.public and step not in ("rename", "sync_folder"):
            published = 0
        _check_prefix(store, before, _digest(conference), published, (table.name, step))
        assert leftovers(store.root) == []
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        assert {snapshot_of(store, each) for each in WRITTEN} == {_digest(conference)}


# A sixth of the places, with every step and every table; each in `make soak`.
@pytest.mark.long
@pytest.mark.parametrize("turns", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_SIGKILL_at_every_write_step_leaves_whole_files_and_the_next_run_cleans_and_repairs(
    store: LocalStore, conference: Conference, turns: int
) -> None:
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    for table, step in _places(0, turns):
        conference.advance()
        before = contents(store)
        folder = store.path(table.location, KEY).parent
        with refreshed_in_child(conference.server.url, store.root, step, folder) as child:
            assert child.wait() == -signal.SIGKILL, (table.name, step)
        place = WRITTEN.index(table)
        if step in ("rename", "sync_folder"):
            published = place + (step == "sync_folder")
            staged = len(WRITTEN) - published
        else:  # all files are built before any is published
            published, staged = 0, place + (step in ("write", "flush", "fsync"))
        _check_prefix(store, before, _digest(conference), published, (table.name, step))
        assert len(leftovers(store.root)) == staged, (table.name, step)
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        assert leftovers(store.root) == [], (table.name, step)
        assert {snapshot_of(store, each) for each in WRITTEN} == {_digest(conference)}


def test_a_lock_that_the_disk_refuses_is_a_reason_and_nothing_is_read(
    store: LocalStore, conference: Conference
) -> None:
    store.root.mkdir()
    (store.root / ".locks").touch()
    outcome = refreshed(store, conference.server.url)
    assert isinstance(outcome, Failed)
    assert re.match(r"the disk refused \S+/\.locks/\S+: (Not a directory|File exists); move away", outcome.reason)
    assert conference.server.requests == []


def test_a_file_in_place_of_a_folder_is_named_and_the_next_run_repairs(
    store: LocalStore, conference: Conference
) -> None:
    store.root.mkdir()
    (store.root / "sessions").touch()
    outcome = refreshed(store, conference.server.url)
    assert isinstance(outcome, Failed)
    assert re.match(r"the disk refused \S+/sessions/AAA/AM2026.parquet: Not a directory; move away", outcome.reason)
    (store.root / "sessions").unlink()
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    assert {snapshot_of(store, each) for each in WRITTEN} == {_digest(conference)}


@pytest.mark.parametrize("room", [0, 100, 1000])
def test_a_file_that_may_not_grow_leaves_the_old_one(store: LocalStore, conference: Conference, room: int) -> None:
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    before = contents(store)
    conference.advance()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        outcome = refreshed(store, conference.server.url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert isinstance(outcome, Failed)
    # The first file that is built.
    assert re.match(r"the disk refused \S+/raw_sessions/\S+\.parquet: File too large; raise", outcome.reason)
    assert contents(store) == before
    assert leftovers(store.root) == []


def test_a_full_and_a_read_only_disk_in_earnest(tmp_path: Path) -> None:
    done = run(refresh_on_small_disk, str(tmp_path))
    if done.returncode == NO_NAMESPACE:
        pytest.skip("this machine gives processes no mount namespace of their own")
    assert done.returncode == 0, done.stderr
    full, read_only, repaired = done.stdout.splitlines()
    assert re.match(r"the disk refused \S+: No space left on device; make room there, then refresh again", full)
    assert re.match(r"the disk refused \S+: Read-only file system; mount it for writing", read_only)
    assert repaired == "one snapshot"


def test_leftovers_of_a_conference_that_nobody_refreshes_are_removed_by_the_next_run_of_any(
    store: LocalStore, conference: Conference
) -> None:
    for table in WRITTEN:
        folder = store.path(table.location, ConferenceKey("BBB", "OLD")).parent
        folder.mkdir(parents=True)
        (folder / ".OLD.parquet.0123456789ab.tmp").write_bytes(b"personal data")
        (folder / ".. .parquet.tmp").touch()  # of nobody's making
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    assert leftovers(store.root) == [".. .parquet.tmp"] * len(WRITTEN)


def test_the_file_that_a_living_writer_has_begun_is_not_taken_away(store: LocalStore, conference: Conference) -> None:
    other = ConferenceKey("BBB", "BUSY")
    folder = store.path("sessions", other).parent
    with store.exclusive(WRITER, other, ["sessions"]):
        folder.mkdir(parents=True)
        (folder / ".BUSY.parquet.0123456789ab.tmp").touch()
        assert isinstance(refreshed(store, conference.server.url), Refreshed)
        assert leftovers(store.root) == [".BUSY.parquet.0123456789ab.tmp"]
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    assert leftovers(store.root) == []


def test_whoever_is_unpublished_leaves_the_public_tables_before_others_are_written(
    store: LocalStore, conference: Conference
) -> None:
    assert isinstance(refreshed(store, conference.server.url), Refreshed)
    conference.advance()

    def refuse() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with at_step("open", store.root / "sessions", refuse):
        assert isinstance(refreshed(store, conference.server.url), Failed)
    for table in WRITTEN:
        assert (snapshot_of(store, table) == _digest(conference)) == (table.public or not table.upstream), table.name

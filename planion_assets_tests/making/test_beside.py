"""Many conferences, whose tables are made in another process: the same files, and no failure where that is gone."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from planion_assets.making import beside, makers
from planion_assets.making.beside import Beside
from planion_assets.outcomes import Failed, Refreshed
from planion_assets.store import Store
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.catalog import table as table_of
from planion_assets_tests.faults.conference import leftovers, shown
from planion_assets_tests.many import KEYS, Many, children_of, coming, refreshed

TABLES_OF_SESSIONS = [table for table in TABLES if table.endpoint == "sessions"]


@pytest.fixture
def feed() -> Iterator[Many]:
    with Many() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The conferences whose tables the process beside this one has made."""
    found: list[str] = []
    make = Beside.make

    def noted(self: Beside, order: Any, store: Store) -> Any:
        answer = make(self, order, store)
        found.append(order.key.conference)
        return answer

    monkeypatch.setattr(Beside, "make", noted)
    return found


def _contents(store: Store) -> dict[str, bytes]:
    return {str(path.relative_to(store.root)): path.read_bytes() for path in store.root.rglob("*.parquet")}


def _gone(processes: list[int]) -> bool:
    return not any(Path(f"/proc/{process}").exists() for process in processes)


def _wait_for(what: Callable[[], Any]) -> Any:
    """What it gives once that is something."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.005)
    raise AssertionError("it never came")


def test_a_process_that_is_killed_while_it_makes_tables_fails_nothing(
    feed: Many, store: Store, asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    feed.sessions = 200
    before = set(children_of(os.getpid()))

    def kill() -> None:
        child = _wait_for(lambda: set(children_of(os.getpid())) - before)
        _wait_for(lambda: leftovers(store.root))
        os.kill(child.pop(), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with caplog.at_level(logging.WARNING):
        outcomes = refreshed(store, feed.url)
    killer.join()
    assert [outcome for outcome in outcomes if isinstance(outcome, Failed)] == []
    assert len(asked) < len(KEYS)
    assert "are made here, for the process beside this one is gone: it ended (exit status -9" in caplog.text
    for key in KEYS:
        assert len({shown(store, table, key) for table in TABLES_OF_SESSIONS}) == 1
    assert refreshed(store, feed.url)  # which sweeps
    assert leftovers(store.root) == []


def test_a_process_that_cannot_be_started_or_ends_at_once_fails_nothing(
    feed: Many, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number, (name, value, told) in enumerate(
        (
            (sys, ("executable", "/no/python"), "it could not be started: [Errno 2]"),
            (beside, ("_PROGRAM", "planion_assets.no_such_program"), "it ended (exit status"),
        )
    ):
        with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
            patch.setattr(name, *value)
            outcomes = refreshed(Store(tmp_path / str(number)), feed.url)
        assert [outcome for outcome in outcomes if isinstance(outcome, Failed)] == []
        assert told in caplog.text


def test_a_disk_that_refuses_a_table_is_told_as_ever_and_those_before_it_are_in_their_places(
    feed: Many, store: Store, asked: list[str]
) -> None:
    in_the_way = [store.path("session_tracks", key) for key in KEYS]
    for folder in in_the_way:
        folder.mkdir(parents=True)
    outcomes = refreshed(store, feed.url)
    assert sorted(asked) == [key.conference for key in KEYS]
    for outcome, path in zip(outcomes, in_the_way, strict=True):
        assert isinstance(outcome, Failed)
        assert outcome.reason.startswith(f"the disk refused {path}: Is a directory; move away what is in the place of")
        for name in ("raw_sessions", "published_sessions", "sessions", "session_speakers"):
            assert shown(store, table_of(name), outcome.key)
        assert not store.path("session_credits", outcome.key).exists()
    assert leftovers(store.root) == []
    for folder in in_the_way:
        folder.rmdir()
    assert all(isinstance(outcome, Refreshed) for outcome in refreshed(store, feed.url))


def test_the_files_are_those_that_are_made_here(
    feed: Many, store: Store, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = refreshed(store, feed.url)
    assert sorted(asked) == [key.conference for key in KEYS]
    asked.clear()
    here = Store(tmp_path / "here")
    monkeypatch.setattr(makers, "MANY", len(KEYS) + 1)
    others = refreshed(here, feed.url)
    assert asked == []
    assert _rows(store) == _rows(here)
    assert len(_contents(store)) == len(KEYS) * (len(TABLES_OF_SESSIONS) + 1)
    for outcome, other in zip(outcomes, others, strict=True):
        assert isinstance(outcome, Refreshed)
        assert isinstance(other, Refreshed)
        for stored, twin in zip(outcome.tables, other.tables, strict=True):
            assert stored.written
            assert stored.data.equals(twin.data)
            assert stored.load(["account"]).column_names == ["account"]
            assert stored.footer == store.footer(stored.table.location, outcome.key)
    assert leftovers(store.root) == []


def _rows(store: Store) -> dict[str, Any]:
    """Every table by conference, without the instant at which it was read."""
    return {
        f"{table.name} of {key}": store.read(table.location, key).to_pylist()
        for table in TABLES_OF_SESSIONS
        for key in KEYS
    }


def test_of_unchanged_conferences_nothing_is_made_and_no_process_started(
    feed: Many, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed(store, feed.url)
    before = _contents(store)
    monkeypatch.setattr(Beside, "start", None)
    outcomes = refreshed(store, feed.url)
    assert [outcome.state for outcome in outcomes if isinstance(outcome, Refreshed)] == ["unchanged"] * len(KEYS)
    assert _contents(store) == before


def test_a_large_conference_is_made_here(
    feed: Many, store: Store, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(makers, "LARGE", 2)
    assert all(isinstance(outcome, Refreshed) for outcome in refreshed(store, feed.url))
    assert asked == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_it_ends_with_the_process_that_started_it_and_leaves_whole_files(
    feed: Many, store: Store, number: signal.Signals
) -> None:
    feed.sessions = 100
    command = [sys.executable, "-m", "planion_assets_tests.many", str(store.root), feed.url]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        children = _wait_for(partial(children_of, process.pid))
        _wait_for(lambda: leftovers(store.root))
        os.killpg(process.pid, number)  # as a terminal does
        said = process.communicate()[1].decode()
    assert process.returncode == -number
    assert said.count("Traceback") == (number == signal.SIGINT), "its own, and none of the process beside it"
    assert "gone" not in said
    _wait_for(partial(_gone, children))
    for key in store.keys("raw_sessions"):
        for table in TABLES_OF_SESSIONS:
            if store.path(table.location, key).exists():
                assert shown(store, table, key)
    assert all(isinstance(outcome, Refreshed) for outcome in refreshed(store, feed.url))
    assert leftovers(store.root) == []
    for key in KEYS:
        assert len({shown(store, table, key) for table in TABLES_OF_SESSIONS}) == 1


def test_it_is_the_program_of_this_process_whatever_lies_in_the_folder_one_is_in(
    feed: Many, store: Store, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in ("secrets.py", "planion_assets.py"):
        Path(name).write_text("raise SystemExit('another program')")
    # Where only this process looks for modules.
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "found_by_the_test.py").write_text("from planion_assets.making.process import main\nmain()\n")
    monkeypatch.setattr(beside, "_PROGRAM", "found_by_the_test")
    assert all(isinstance(outcome, Refreshed) for outcome in refreshed(store, feed.url))
    assert sorted(asked) == [key.conference for key in KEYS]


def test_one_that_hangs_keeps_nobody_who_stops(feed: Many, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_END_WITHIN", 0.3)
    feed.sessions = 100
    before = set(children_of(os.getpid()))
    with coming(store, feed.url) as outcomes:
        next(outcomes)
        (child,) = set(children_of(os.getpid())) - before
        os.kill(child, signal.SIGSTOP)
        started = time.monotonic()
        outcomes.close()
    assert time.monotonic() - started < 5
    assert not Path(f"/proc/{child}").exists()
    assert refreshed(store, feed.url)
    assert leftovers(store.root) == []

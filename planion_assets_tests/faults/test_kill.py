"""Killed at any moment, a refresh leaves whole files of true states, none older than the one it replaced.

`make soak` runs it; `make test` kills at chosen steps (`test_disk.py`, `refresh/test_change_log.py`).
"""

import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planion_assets.config import load
from planion_assets.feed.item import walk_digest
from planion_assets.feed.page import parse_page
from planion_assets.keys import ConferenceKey
from planion_assets.refresh import change_log
from planion_assets.sandbox import json_text
from planion_assets.storage.local_store import LocalStore
from planion_assets.tables.arrow.builder import build_table
from planion_assets.tables.arrow.diff import ENTITIES
from planion_assets.tables.catalog import TABLES
from planion_assets.tables.model import Zones
from planion_assets.tables.session_changes import SESSION_CHANGES
from planion_assets_tests.faults.conference import leftovers
from planion_assets_tests.faults.refreshes import Refreshes, refreshes_of, wait_for_request
from planion_assets_tests.feed.server import content_digest
from planion_assets_tests.recording_server import RecordingServer
from planion_assets_tests.runs import SMALL
from planion_assets_tests.tables.arrow.applied import applied

KEY = ConferenceKey.parse(SMALL)
KILLS = 200
_BY_NAME = {table.name: table for table in TABLES}


class _Feed:
    """The sandbox's conference, moved on state by state; each state is known by its digest."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.states: dict[str, list[str]] = {"sessions": [], "speakers": []}
        self.first = server.sandbox.items(KEY.account, KEY.conference)
        self._note()

    def advance(self) -> None:
        """Move the content on."""
        self.server.sandbox.advance(datetime.now(UTC))
        self._note()

    def _note(self) -> None:
        sandbox = self.server.sandbox
        for endpoint, read in (("sessions", sandbox.items), ("speakers", sandbox.speakers)):
            items = read(KEY.account, KEY.conference)
            self.states[endpoint].append(walk_digest(content_digest(item) for item in items))


def _check(store: LocalStore, states: dict[str, list[str]], seen: dict[str, int]) -> None:
    """Every stored file opens, holds a state that the feed had, and none before the one seen there before.

    The history passes such states in order, and ends with the stored one or with what a hidden file leads to it from.
    """
    for table in TABLES:
        data = store.read(table.location, KEY)
        data.validate(full=True)
        provenance = store.footer(table.location, KEY).provenance
        assert provenance is not None
        number = states[table.endpoint].index(provenance.snapshot)
        assert number >= seen.get(table.name, 0)
        seen[table.name] = number
        if table.name == "raw_sessions":
            parts = store.log_parts(SESSION_CHANGES.location, KEY)
            passed = [_numbered(part.after, states["sessions"]) for part in parts]
            assert [part.before for part in parts[1:]] == [states["sessions"][n][:12] for n in passed[:-1]]
            assert passed == sorted(set(passed))
            hidden = list(store.folder(SESSION_CHANGES.location, KEY).glob(f"*-{provenance.snapshot[:12]}.*.pending"))
            assert passed[-1] == number or hidden
        if not table.upstream:
            assert walk_digest(str(digest) for digest in data["digest"].to_pylist()) == provenance.snapshot


def _numbered(beginning: str, digests: list[str]) -> int:
    """The number of the state whose digest begins so."""
    return next(number for number, digest in enumerate(digests) if digest.startswith(beginning))


@pytest.mark.soak
def test_killed_at_random_moments_every_file_stays_whole_and_none_gets_older(
    configured: Path, sandbox: RecordingServer
) -> None:
    with refreshes_of([SMALL]) as refreshes:
        _kill_and_check(configured, sandbox, refreshes, KILLS)


def _kill_and_check(configured: Path, sandbox: RecordingServer, refreshes: Refreshes, kills: int) -> None:
    feed = _Feed(sandbox)
    store = LocalStore(configured / "data")
    seen: dict[str, int] = {}
    assert refreshes.run() == 0
    feed.advance()
    started = time.monotonic()
    assert refreshes.run() == 0
    took = time.monotonic() - started
    moments = random.Random(kills)  # noqa: S311 - moments, not secrets
    killed = attempts = 0
    while killed < kills:
        attempts += 1
        assert attempts < 3 * kills, f"only {killed} of {attempts} refreshes were still running"
        feed.advance()

        def moment(early: bool = attempts % 2 == 0) -> None:
            # Half of the kills at any moment, half while the snapshot is read and the tables are written.
            if early:
                time.sleep(moments.uniform(0, 0.8 * took))
            else:
                wait_for_request(sandbox)
                time.sleep(moments.uniform(0, 0.2))

        killed += refreshes.run(moment) == -signal.SIGKILL
        _check(store, feed.states, seen)
    assert refreshes.run() == 0
    _check(store, feed.states, seen)
    latest = {
        name: feed.states[table.endpoint].index(feed.states[table.endpoint][-1]) for name, table in _BY_NAME.items()
    }
    assert seen == latest, "the next refresh brings every table up"
    assert leftovers(configured) == [], "and cleans up"
    assert store.log_parts(SESSION_CHANGES.location, KEY)[-1].after == feed.states["sessions"][-1][:12]
    assert not list(store.folder(SESSION_CHANGES.location, KEY).glob(".*")), "nothing is left over"
    configuration = load()
    zones = Zones(configuration.feed.timezone, configuration.conference(KEY).timezone)
    items = parse_page(json_text({"_items": feed.first}).encode(), 1).items
    for declared in ENTITIES.values():
        data = build_table(declared, KEY, items, zones).data
        assert applied(declared, data, change_log.read(store, KEY)).equals(store.read(declared.location, KEY))

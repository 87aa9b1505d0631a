"""Hundreds of refreshes into an object store, killed or refused at random requests: nothing is lost or told twice.

`make soak` runs it and shows its figures; SOAK_SEED=... begins as an earlier one did. The objects lie in memory, where
a death can be put before any request.
"""

import contextlib
import os
import random
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from obstore.exceptions import GenericError

from planion_assets.feed.client import FeedClient
from planion_assets.refresh.change_log import LOGS
from planion_assets.refresh.conference import refresh_conference
from planion_assets.refresh.options import RefreshOptions
from planion_assets.refresh.outcomes import Failed, Outcome
from planion_assets.storage import object_store as object_store_module
from planion_assets.tables.catalog import HISTORIES, TABLES
from planion_assets.tables.model import Zones
from planion_assets_tests.faults.truth import Truth
from planion_assets_tests.feed.server import KEY, TOKEN, ScriptedServer, item, page_of
from planion_assets_tests.storage.memory_objects import MemoryObjects, object_store

KILLS = 200
SECONDS = 600
REQUESTS = 40  # of a refresh that writes every table, about
OPTIONS = RefreshOptions(Zones(venue="America/New_York"), keep_change_files=2)


class _SmallFeed:
    """A feed of three sessions that differ from state to state: what is at stake is the order of requests."""

    def __init__(self) -> None:
        self.number = 0

    def items(self, account: str, conference: str) -> list[dict[str, Any]]:
        """The sessions."""
        speakers = [{"pslinkid": "7", "pid": "1", "role": f"Role {self.number}", "published": True}]
        return [item(str(n), roomname=f"Room {self.number + n}", speakers=speakers) for n in range(3)]

    def speakers(self, account: str, conference: str) -> list[dict[str, Any]]:
        """Nobody."""
        return []

    def advance(self, now: datetime) -> None:
        """Another state."""
        self.number += 1


class _KilledError(BaseException):
    """The process is no more."""


class _Fate:
    """What happens to one refresh at one of its requests: it is killed, after which it asks for nothing, or refused."""

    def __init__(self, luck: random.Random) -> None:
        self.left = luck.randrange(REQUESTS)
        self.kind = luck.choice(["killed"] * 6 + ["refused", "spared"])
        self.met = False

    def __call__(self, method: str, name: str) -> None:
        """Before a request."""
        self.left -= 1
        if self.kind == "killed" and self.left < 0:
            self.met = True
            raise _KilledError
        if self.kind == "refused" and self.left == 0:
            self.met = True
            raise GenericError("503 SlowDown")


def _refresh(objects: MemoryObjects, url: str, fate: _Fate | None = None) -> Outcome | None:
    """One refresh by a process of its own; None where it was killed."""
    objects.before = fate or (lambda method, name: None)
    try:
        with FeedClient(url, TOKEN) as client, contextlib.suppress(_KilledError):
            store = object_store(objects)
            return refresh_conference(KEY, TABLES, store, lambda _: client, lambda _: OPTIONS, given_up=lambda: False)
        return None
    finally:
        objects.before = lambda method, name: None


@pytest.mark.soak
def test_soak_in_an_object_store(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store_module, "OWN_AFTER", timedelta(-1))  # so that files are compacted at once
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    luck, objects = random.Random(seed), MemoryObjects()  # noqa: S311 - faults, not secrets
    counted: Counter[str] = Counter()
    started = time.monotonic()
    changes: dict[str, int] = {}
    feed = _SmallFeed()
    with ScriptedServer(lambda request: page_of(feed.items(KEY.account, KEY.conference), request.page)) as server:
        truth = Truth(feed, KEY, OPTIONS.zones)
        while counted["killed"] < KILLS and time.monotonic() - started < SECONDS:
            truth.advance()
            fate = _Fate(luck)
            outcome = _refresh(objects, server.url, fate)
            counted[fate.kind if fate.met else "whole"] += 1
            if not fate.met:
                assert not isinstance(outcome, Failed), outcome
            store = object_store(objects)
            truth.check(store)
            if luck.random() < 0.3:
                assert not isinstance(_refresh(objects, server.url), Failed)
                truth.check(store)
                assert truth.is_latest()
                changes = {log: truth.check_log(store, log, raw) for log, raw in LOGS.items() if raw == "raw_sessions"}
    with capsys.disabled():
        print(f"\nseed {seed}: {counted.total()} refreshes in {time.monotonic() - started:.0f} s: {dict(counted)}")
        print(f"{truth.compared} stored tables compared with the state they say they show; recorded: {changes}")
    assert counted["killed"] == KILLS
    assert {history.location for history in HISTORIES} >= set(LOGS)
